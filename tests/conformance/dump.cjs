// node dump.cjs PACKAGES DIRECTORY: writes the suites of @bufbuild/cel-spec as DIRECTORY/*.json. PACKAGES is the
// directory that has node_modules.
const fs = require("node:fs");
const path = require("node:path");

const [packages, directory] = process.argv.slice(2);
fs.mkdirSync(directory, { recursive: true });
for (const suite of ["conformance", "parsing", "checking", "comprehension"]) {
    const file = require.resolve(`@bufbuild/cel-spec/testdata/${suite}.js`, { paths: [packages] });
    fs.writeFileSync(path.join(directory, `${suite}.json`), JSON.stringify(require(file).tests));
}
