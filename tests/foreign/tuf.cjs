// The client of tuf-js as a judge of chains of trust roots: `node tuf.cjs PACKAGES`.
//
// Each line of stdin is a case as JSON: {"held", "served"}: the root that the client has, and what a repository on
// loopback has behind it, all in base64. Each line of stdout is what the client makes of it: {"accepted", "version",
// "why"}. It updates itself as from any repository. Ours has no other metadata than roots, so behind the last root it finds a
// timestamp that is none, and says so: that is the end of a chain that it accepted, for which it looks at expiry first.
'use strict';
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const readline = require('readline');

const packages = path.join(path.resolve(process.argv[2]), 'node_modules');
const { Updater } = require(path.join(packages, 'tuf-js'));
const { version } = require(path.join(packages, 'tuf-js/package.json'));
console.error(`tuf-js ${version}, node ${process.version}`);

const THE_END = 'TypeError: signed is not defined';

async function judge(url, { held }) {
    const metadataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'parmana-tuf-'));
    const own = path.join(metadataDir, 'root.json');
    try {
        fs.writeFileSync(own, Buffer.from(held, 'base64'));
        const updater = new Updater({ metadataDir, metadataBaseUrl: url });
        const why = await updater.refresh().then(
            () => 'the repository has more than roots',
            (error) => `${error.constructor.name}: ${error.message}`,
        );
        const reached = JSON.parse(fs.readFileSync(own, 'utf8')).signed.version;
        return { accepted: why === THE_END, version: reached, why };
    } catch (error) {
        return { accepted: false, version: 0, why: `${error.constructor.name}: ${error.message}` };
    } finally {
        fs.rmSync(metadataDir, { recursive: true });
    }
}

let served = new Map();
const server = http.createServer((request, response) => {
    const body = served.get(request.url);
    response.writeHead(body === undefined ? 404 : 200);
    response.end(body);
});

async function main() {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${server.address().port}`;
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const one = JSON.parse(line);
        const first = JSON.parse(Buffer.from(one.held, 'base64')).signed.version + 1;
        served = new Map(one.served.map((root, i) => [`/${first + i}.root.json`, Buffer.from(root, 'base64')]));
        served.set('/timestamp.json', Buffer.from('{}'));
        console.log(JSON.stringify(await judge(url, one)));
    }
    server.close();
}

main();
