// SHA-256, HMAC, Ed25519 under the strict profile, DSSE, trees, notes: against published and shared vectors.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import test from "node:test";
import { hex, load, vectors } from "./support.mjs";
import { Key, consistency, inclusion, keys, treeRoot } from "./world.mjs";

const { checkPublicKey, hmacSha256, sha256, verifySignature } = await load("crypto");
const { preAuthenticationEncoding } = await load("dsse");
const { Invalid, fromBase64, toHex, utf8 } = await load("bytes");
const { hashLeaf, verifyConsistency, verifyInclusion } = await load("merkle");
const note = await load("note");

const admits = (key) => {
    try {
        checkPublicKey(key);
        return true;
    } catch (error) {
        assert.ok(error instanceof Invalid);
        return false;
    }
};

test("SHA-256 and HMAC are those of the platform", async () => {
    assert.equal(
        toHex(await sha256("ab", Uint8Array.of(99))),
        createHash("sha256").update("abc").digest("hex"),
    );
    const key = new Uint8Array(32).fill(7);
    assert.equal(toHex(await hmacSha256(key, utf8("x"))), createHmac("sha256", key).update("x").digest("hex"));
});

test("RFC 8032 §7.1", async () => {
    const rows = [
        [
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
                "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
    ];
    for (const [key, message, signature] of rows) {
        assert.ok(await verifySignature(hex(key), hex(message), hex(signature)));
        for (const at of [0, 31, 32, 63]) {
            const altered = hex(signature);
            altered[at] ^= 1;
            assert.equal(await verifySignature(hex(key), hex(message), altered), false, `byte ${at}`);
        }
        assert.equal(await verifySignature(hex(key), hex(`${message}00`), hex(signature)), false);
    }
});

test("keys that may not be registered", () => {
    const rows = [
        "0100000000000000000000000000000000000000000000000000000000000000", // the identity
        "0100000000000000000000000000000000000000000000000000000000000080", // the same with a sign
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // 1 + p: not canonical
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
        "0000000000000000000000000000000000000000000000000000000000000000", // order 4
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
        "9158312a9a8d6e3b34c891d6d61444f8b8211c5117ebad15bdb0bd68b07e0245", // a good key plus a point of order 8
        "0200000000000000000000000000000000000000000000000000000000000000", // no point
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];
    for (const row of rows) assert.equal(admits(hex(row)), false, row);
    for (const key of Object.values(keys)) assert.ok(admits(new Uint8Array(key.public)));
    assert.equal(admits(new Uint8Array(31)), false);
});

test("the shared vectors of strict Ed25519", async () => {
    const shared = vectors("ed25519_strict");
    if (shared === null) return;
    for (const row of shared.cases) {
        const key = hex(row.public);
        const good = admits(key) && (await verifySignature(key, hex(row.message_hex), hex(row.sig)));
        assert.equal(good, row.expect === "accept", `${row.name}: ${row.why}`);
    }
});

test("the shared vectors of DSSE", async () => {
    const shared = vectors("dsse_pae");
    if (shared === null) return;
    const key = hex(shared.ed25519_public);
    for (const row of shared.cases) {
        const message = preAuthenticationEncoding(
            row.payloadType,
            new Uint8Array(Buffer.from(row.payload_b64, "base64")),
        );
        assert.equal(toHex(message), row.pae_hex);
        assert.ok(await verifySignature(key, message, fromBase64(row.ed25519_sig_b64)));
    }
});

test("the shared vectors of RFC 6962", async () => {
    const shared = vectors("rfc6962");
    if (shared === null) return;
    const leaf = await Promise.all(shared.entries.map((row) => hashLeaf(row.entry)));
    shared.entries.forEach((row, i) => assert.equal(toHex(leaf[i]), row.leaf_hash));
    const roots = new Map(shared.trees.map((tree) => [tree.size, hex(tree.root_hex)]));
    let proofs = 0;
    for (const tree of shared.trees) {
        for (const row of tree.inclusion) {
            const proof = (row.proof ?? row.hashes ?? row.path).map(hex);
            assert.ok(
                await verifyInclusion(row.index, tree.size, leaf[row.index], proof, roots.get(tree.size)),
            );
            assert.equal(
                await verifyInclusion(
                    row.index,
                    tree.size,
                    leaf[row.index],
                    [...proof, proof[0] ?? leaf[0]],
                    roots.get(tree.size),
                ),
                false,
            );
            ++proofs;
        }
        for (const row of tree.consistency) {
            const from = row.from ?? row.first ?? row.old ?? row.old_size;
            const proof = (row.proof ?? row.hashes ?? row.path).map(hex);
            assert.ok(
                await verifyConsistency(from, tree.size, proof, roots.get(from), roots.get(tree.size)),
                `${from} to ${tree.size}`,
            );
            ++proofs;
        }
    }
    assert.ok(proofs > 180, `${proofs} proofs`);
    for (const row of shared.negative_inclusion) {
        const good = await verifyInclusion(
            row.index,
            row.size,
            hex(row.leaf_hash),
            row.proof.map(hex),
            hex(row.root),
        );
        assert.equal(good, row.valid, row.why);
    }
});

test("every proof of a small tree, and none of its neighbours", async () => {
    const leaves = Array.from({ length: 20 }, (_, i) => new Uint8Array(32).fill(i + 1));
    for (let size = 1; size <= leaves.length; ++size) {
        const tree = leaves.slice(0, size);
        const root = treeRoot(tree);
        for (let index = 0; index < size; ++index) {
            const proof = inclusion(index, tree);
            assert.ok(await verifyInclusion(index, size, leaves[index], proof, root));
            assert.equal(
                await verifyInclusion(index ^ 1, size, leaves[index], proof, root),
                size === 1 && index === 1,
            );
            if (proof.length > 0)
                assert.equal(await verifyInclusion(index, size, leaves[index], proof.slice(1), root), false);
        }
        for (let from = 0; from <= size; ++from) {
            const proof = consistency(from, tree);
            const fromRoot = treeRoot(tree.slice(0, from));
            assert.ok(await verifyConsistency(from, size, proof, fromRoot, root), `${from} to ${size}`);
            assert.equal(await verifyConsistency(from, size, [...proof, fromRoot], fromRoot, root), false);
            assert.equal((await verifyConsistency(from, size, proof, leaves[0], root)) && from !== 1, false);
        }
    }
});

test("positions beyond 32 bits", async () => {
    const leaf = new Uint8Array(32).fill(9);
    const size = 2 ** 53 - 1;
    // The last of 2^53 − 1 leaves: a proof of left siblings only, one for each bit that is set.
    let root = leaf;
    const proof = [];
    for (let level = 0; level < 52; ++level) {
        proof.push(new Uint8Array(32).fill(level));
        root = await sha256(Uint8Array.of(1), proof[level], root);
    }
    assert.ok(await verifyInclusion(size - 1, size, leaf, proof, root));
    assert.equal(await verifyInclusion(size - 2, size, leaf, proof, root), false);
});

test("the shared vectors of notes", async () => {
    const shared = vectors("notes");
    if (shared === null) return;
    const log = await note.parseVerifierKey(shared.log.vkey);
    const witness = await note.parseVerifierKey(shared.witness.vkey);
    assert.deepEqual(
        [log.name, log.type, witness.name, witness.type],
        [shared.log.name, 1, shared.witness.name, 4],
    );
    assert.equal(toHex(witness.key), shared.witness.public);
    const example = await note.parseVerifierKey(shared.spec_example.vkey);
    assert.ok(await note.isSignedBy(note.parseNote(shared.spec_example.note), example.name, example.key));
    for (const row of shared.checkpoints) {
        const read = note.parseNote(row.note);
        assert.equal(read.text, row.body);
        assert.equal(note.parseCheckpoint(read.text).size, row.size);
        assert.ok(await note.isSignedBy(read, log.name, log.key));
        assert.equal(await note.isSignedBy(read, log.name, witness.key), false);
        const line = read.signatures.find((signature) => signature.name === witness.name);
        assert.ok(await note.isCosignedBy(read, line, witness.name, witness.key));
        assert.equal(`time ${note.cosignatureTime(line)}`, row.cosigned_message.split("\n")[1]);
        const other = note.parseNote(row.note.replace("\n", "/other\n"));
        assert.equal(await note.isCosignedBy(other, line, witness.name, witness.key), false);
    }
});

test("verifier keys have one spelling", async () => {
    const good = new Key(21).verifierKey("w.example", 4);
    assert.equal((await note.parseVerifierKey(good)).name, "w.example");
    const parts = good.split("+");
    const rows = [
        "",
        "w",
        `x${good}`,
        `${good} `,
        good.replace(/\+[0-9a-f]/, "+g"),
        good.replace("+", ""),
        `${good}==`,
        new Key(21).verifierKey("", 4),
        new Key(21).verifierKey("a b", 4),
        new Key(21).verifierKey("w", 2),
        parts[0],
    ];
    for (const row of rows) await assert.rejects(note.parseVerifierKey(row), Invalid, row);
});

test("notes are read strictly", () => {
    const line = `— a ${Buffer.alloc(68).toString("base64")}\n`;
    const good = `text\n\n${line}`;
    assert.equal(note.parseNote(good).text, "text\n");
    assert.equal(note.parseNote(`t\n\nu\n\n${line}`).text, "t\n\nu\n");
    assert.equal(note.parseNote(`text\n\n${line.repeat(16)}`).signatures.length, 16);
    const rows = [
        "",
        "text\n",
        `text\n${line}`,
        "text\n\n",
        good.slice(0, -1),
        `${good}\n`,
        good.replace("—", "-"),
        good.replace(" a ", " "),
        good.replace(" a ", " a+b "),
        good.replace(" a ", " a\u00a0b "),
        good.replace("AAA=\n", "AAB=\n"),
        good.replace("AAA=\n", "AAA\n"),
        `te\txt\n\n${line}`,
        `te\u0000\n\n${line}`,
        `text\n\n${line.repeat(17)}`,
        `${"x".repeat(65_536)}\n\n${line}`,
        `text\n\n— a AAAAAA==\n`,
        good.replace(" a ", "  "),
    ];
    for (const row of rows) assert.throws(() => note.parseNote(row), Invalid, JSON.stringify(row.slice(0, 80)));
    const root = Buffer.alloc(32).toString("base64");
    assert.equal(note.parseCheckpoint(`o\n0\n${root}\n`).size, 0);
    for (const text of [
        `o\n01\n${root}\n`,
        `o\n-1\n${root}\n`,
        `o\n1\n${root}`,
        `o\n1\n${root}\n\n`,
        `\n1\n${root}\n`,
        `o\n1\n${root}x\n`,
        `o\n9007199254740992\n${root}\n`,
        `o\n1e3\n${root}\n`,
        `o p\n1\n${root}\n`,
        `o\n1\n`,
        `o\n\n${root}\n`,
    ]) {
        assert.throws(() => note.parseCheckpoint(text), Invalid, JSON.stringify(text));
    }
});
