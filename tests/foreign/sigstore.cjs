// The verifiers of sigstore-js as judges: `node sigstore.cjs PACKAGES`.
//
// Each line of stdin is a case as JSON: {"bundle", "keys": {hint: base64 of an SPKI}, "root", "threshold"}. Each
// line of stdout is what both majors say: {"3": {"accepted", "why"}, "4": …}. Not a judgement of ours: whatever one
// of them throws is its refusal.
'use strict';
const path = require('path');
const readline = require('readline');

const packages = path.join(path.resolve(process.argv[2]), 'node_modules');
const { TrustedRoot } = require(path.join(packages, '@sigstore/protobuf-specs'));

const majors = {};
for (const [verifier, bundle] of [['3', '4'], ['4', '5']]) {
    majors[verifier] = {
        ...require(path.join(packages, `sigstore-verify-${verifier}`)),
        ...require(path.join(packages, `sigstore-bundle-${bundle}`)),
    };
    for (const name of [`sigstore-verify-${verifier}`, `sigstore-bundle-${bundle}`]) {
        const { name: full, version } = require(path.join(packages, name, 'package.json'));
        console.error(`${full} ${version}, node ${process.version}`);
    }
}

function judge(major, { bundle, keys, root, threshold = 1 }) {
    try {
        const known = {};
        for (const [hint, spki] of Object.entries(keys)) known[hint] = { rawBytes: Buffer.from(spki, 'base64') };
        const material = major.toTrustMaterial(TrustedRoot.fromJSON(root), known);
        const verifier = new major.Verifier(material, { tlogThreshold: threshold, timestampThreshold: 0 });
        verifier.verify(major.toSignedEntity(major.bundleFromJSON(bundle)));
        return { accepted: true, why: '' };
    } catch (error) {
        const fields = error.fields ? ` ${error.fields}` : '';
        return { accepted: false, why: `${error.code ?? error.constructor.name}: ${error.message}${fields}` };
    }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const one = JSON.parse(line);
    const said = Object.fromEntries(Object.entries(majors).map(([name, major]) => [name, judge(major, one)]));
    console.log(JSON.stringify(said));
});
