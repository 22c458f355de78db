// Strict I-JSON in, JCS out.
import assert from "node:assert/strict";
import test from "node:test";
import { hex, load, vectors } from "./support.mjs";

const { canonical, parse, Real } = await load("json");
const { Invalid, fromBase64, fromHex, fromUtf8, toBase64, utf8 } = await load("bytes");
const spelled = (text) => canonical(parse(text));

test("accepted texts have their canonical form", () => {
    const rows = [
        ["0.10", "0.1"],
        ["1e-7", "1e-7"],
        ["0.000001", "0.000001"],
        ["4.50e2", "450"],
        ["-0", "0"],
        ["-0.0e-0", "0"],
        ["9007199254740991", "9007199254740991"],
        ["-9007199254740991", "-9007199254740991"],
        ["1E21", "1e+21"],
        [" [ 1 , [ ] , { } ] \r\n\t", "[1,[],{}]"],
        ['"\\u0000\\u001F\\/\\b\\u007f"', '"\\u0000\\u001f/\\b\u007f"'],
        ['{"\\ufb33":1,"\\ud83d\\ude00":2}', '{"\u{1f600}":2,"\ufb33":1}'],
        ['"\u2028\uffff"', '"\u2028\uffff"'],
        ["1.7976931348623157e308", "1.7976931348623157e+308"],
        ["5e-324", "5e-324"],
        ["0e999999", "0"],
        ['{"__proto__":1,"constructor":2}', '{"__proto__":1,"constructor":2}'],
        ["[true,false,null]", "[true,false,null]"],
    ];
    for (const [text, form] of rows) assert.equal(spelled(text), form, text);
});

test("a number with fraction or exponent is no integer", () => {
    for (const text of ["1.0", "1e0", "-0", "0.0"]) assert.ok(parse(text) instanceof Real, text);
    for (const text of ["1", "0", "-7"]) assert.equal(typeof parse(text), "number", text);
});

test("everything else is refused", () => {
    const rows = [
        "",
        " ",
        "\ufeff1",
        "1 2",
        "{}}",
        "[1,]",
        "[,1]",
        '{"a":1,}',
        "{,}",
        "{a:1}",
        "'a'",
        "01",
        "-",
        "+1",
        ".5",
        "5.",
        "1e",
        "1e+",
        "1.e1",
        "0x1",
        "NaN",
        "Infinity",
        "tru",
        "nul",
        "True",
        "[1 2]",
        '{"a" 1}',
        '{"a"}',
        "[",
        "{",
        '"',
        '"a',
        '"\n"',
        '"\t"',
        '"\\x"',
        '"\\u12"',
        '"\\u12G4"',
        '"\\ud800"',
        '"\\udc00"',
        '"\\ud800\\u0041"',
        '"\\ud800x"',
        '"\\udc00\\ud800"',
        '"\ud800"',
        '"\udc00"',
        '"\ud800x"',
        "9007199254740992",
        "-9007199254740992",
        "1e400",
        "-1e400",
        "1e-400",
        "1e20",
        "9007199254740993.0",
        '{"a":1,"a":1}',
        '{"a":1,"\\u0061":2}',
        '{"":0,"":0}',
        "\u00a01",
        "/**/1",
        "1//",
        "[".repeat(65) + "]".repeat(65),
    ];
    for (const text of rows) assert.throws(() => parse(text), Invalid, JSON.stringify(text));
    assert.equal(spelled("[".repeat(64) + "]".repeat(64)), "[".repeat(64) + "]".repeat(64));
});

test("a container has at most 10,000 members", () => {
    const array = (count) => `[${Array(count).fill("0").join(",")}]`;
    const object = (count) => `{${Array.from({ length: count }, (_, i) => `"${i}":0`).join(",")}}`;
    for (const make of [array, object]) {
        parse(make(10_000));
        assert.throws(() => parse(make(10_001)), Invalid);
    }
});

test("a refusal names byte offset, line and column", () => {
    assert.throws(() => parse('{"é":\n 01}'), /at offset 9 \(line 2, column 3\)$/);
});

test("the shared vectors of JCS", () => {
    const shared = vectors("jcs");
    if (shared === null) return;
    for (const { ieee754_hex, jcs, error } of shared.numbers) {
        const value = Buffer.from(ieee754_hex, "hex").readDoubleBE();
        if (error) assert.ok(!Number.isFinite(value));
        else assert.equal(canonical(new Real(value)), jcs);
    }
    let refused = 0;
    for (const row of shared.texts) {
        try {
            assert.equal(spelled(row.in), row.out, row.in);
        } catch (error) {
            // Numbers that change by being read, or that JCS spells as an integer beyond ±(2^53 − 1), are refused.
            assert.match(error.message, /is outside/, row.in);
            ++refused;
        }
    }
    assert.ok(refused <= 3, `${refused} texts refused`);
    for (const row of shared.must_reject) {
        const bytes = row.in_hex === undefined ? utf8(row.in) : hex(row.in_hex);
        assert.throws(() => parse(fromUtf8(bytes)), Invalid, row.why);
        if (row.in_hex === undefined) assert.throws(() => parse(row.in), Invalid, row.why);
    }
    for (const row of shared.lossy) {
        if (row.in.includes(".")) assert.equal(spelled(row.in), row.jcs);
        else assert.throws(() => parse(row.in), Invalid, row.in);
    }
});

test("base64 and hexadecimal have one spelling", () => {
    for (const size of [0, 1, 2, 3, 4, 31, 32, 33]) {
        const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 89 + 200) & 255);
        assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
        assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
    }
    for (const text of [
        "A",
        "AA",
        "AAA",
        "AA=",
        "AB==",
        "AAB=",
        "A===",
        "====",
        "AA==AA==",
        "AA-_",
        "AAA\n",
        " AAA",
        "AAé=",
    ]) {
        assert.equal(fromBase64(text), null, text);
    }
    for (const text of ["0", "0G", "AB", "0x"]) assert.equal(fromHex(text), null, text);
});
