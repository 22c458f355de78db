// Release manifests (docs/formats/release.md), as far as they say which runtimes may decide.
import { Invalid, fromUtf8, toHex } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { findUnsigned, type Signed } from "./dsse.js";
import { Fields } from "./fields.js";
import type { History } from "./history.js";
import { canonical, parse } from "./json.js";
import type { Judgement } from "./report.js";

const RELEASE_TYPE = "application/vnd.parmana.release+json";
const MEMBERS = ["artifacts", "counter", "format", "runtimeHashes", "version"];

/** What a statement says of the release that admits the runtime: its hash in hexadecimal, or null in development. */
export interface SaidRelease {
    readonly digest: string | null;
}

function readName(fields: Fields, name: string): string {
    const text = fields.string(name);
    return /^[A-Za-z0-9_+~][A-Za-z0-9._+~-]{0,127}$/.test(text)
        ? text
        : fields.invalid(name, "a plain file name");
}

function readHash(fields: Fields, name: string, value: unknown = fields.any(name)): string {
    const isHash = typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
    return isHash ? value : fields.invalid(name, "`sha256:` and 64 hexadecimal digits");
}

function readArtifacts(fields: Fields): string[] {
    const paths: string[] = [];
    for (const value of fields.array("artifacts")) {
        const artifact: Fields = Fields.open(value, "/artifacts", ["digest", "path", "size"]);
        readHash(artifact, "digest");
        const path = readName(artifact, "path");
        artifact.unsigned("size");
        const before = paths.at(-1);
        if (before !== undefined && path <= before) artifact.invalid("path", "in ascending order");
        paths.push(path);
    }
    if (paths.length === 0) fields.invalid("artifacts", "at least one");
    return paths;
}

/** A manifest: its version, and the hashes of the runtimes that it admits. */
export interface ReleaseManifest {
    readonly version: string;
    readonly runtimeHashes: readonly string[];
}

/** Reads a manifest: canonical and closed. Throws Invalid. */
export function parseReleaseManifest(bytes: Uint8Array): ReleaseManifest {
    const text = fromUtf8(bytes);
    const document = parse(text);
    const fields: Fields = Fields.open(document, "/", MEMBERS, ["previous", "sbom"]);
    if (canonical(document) !== text) throw new Invalid("the release manifest is not in canonical form");
    fields.constant("format", "parmana-release/1");
    const artifacts = readArtifacts(fields);
    if (fields.integer("counter") < 1) fields.invalid("counter", "positive");
    if (fields.has("previous")) readHash(fields, "previous");
    const runtimeHashes = fields.array("runtimeHashes").map((hash) => readHash(fields, "runtimeHashes", hash));
    if (runtimeHashes.length === 0) fields.invalid("runtimeHashes", "at least one");
    if (runtimeHashes.some((hash, i) => i > 0 && hash <= (runtimeHashes[i - 1] ?? "")))
        fields.invalid("runtimeHashes", "in ascending order, each once");
    if (fields.has("sbom")) {
        const sbom = Fields.open(fields.any("sbom"), "/sbom", ["digest", "path"]);
        readHash(sbom, "digest");
        if (artifacts.includes(readName(sbom, "path"))) fields.invalid("sbom", "another file than the artifacts");
    }
    return { version: readName(fields, "version"), runtimeHashes };
}

/** What is said, enclosed, and asked of them. */
export interface Admission {
    /** Null in statements of before there were releases. */
    readonly said: SaidRelease | null;
    /** Of the statement, in hexadecimal. */
    readonly runtimeDigest: string;
    readonly enclosed: Signed | null;
    readonly trust: History | null;
    readonly index: number;
}

async function findFault(
    { runtimeDigest, trust, index }: Admission,
    enclosed: Signed,
    version: { words: string },
): Promise<string | null> {
    try {
        const manifest = parseReleaseManifest(enclosed.payload);
        version.words = manifest.version;
        if (!manifest.runtimeHashes.includes(`sha256:${runtimeDigest}`))
            return `release ${manifest.version} does not admit the runtime`;
    } catch (error) {
        if (error instanceof Invalid) return error.message;
        throw error;
    }
    if (trust === null) return null;
    if (enclosed.payloadType !== RELEASE_TYPE) return "what is signed is of another type";
    return trust.findUnsignedEver(enclosed.signatures, index, (root) =>
        root.keys.release.size === 0
            ? Promise.resolve("the trust root has no release key")
            : findUnsigned(enclosed, root.keys.release, root.thresholds.release),
    );
}

/** A release that was in force admits the runtime, or there was none to ask. */
export async function judgeRelease(a: Admission): Promise<Judgement> {
    const failed = (detail: string): Judgement => ({ outcome: "failed", detail });
    const open: Judgement = { outcome: "not_judged", detail: "no trust root was given" };
    const digest = a.said?.digest ?? null;
    if (digest === null) {
        if (a.enclosed !== null) return failed("a release is enclosed that the statement does not name");
        if (a.trust === null) return open;
        if (a.said !== null && a.trust.at(a.index).keys.release.size > 0)
            return failed("the trust root asks for a release, and the runtime decided without one");
        const development = "DEVELOPMENT: no release admits the runtime, and the trust root asks for none";
        return { outcome: "passed", detail: a.said ? development : "decided before there were releases" };
    }
    if (a.enclosed === null) return failed("the release that the statement names is not enclosed");
    if (toHex(await sha256(a.enclosed.payload)) !== digest)
        return failed("the enclosed release is not the one that the statement names");
    const version = { words: "" };
    const fault = await findFault(a, a.enclosed, version);
    if (fault !== null) return failed(fault);
    if (a.trust === null) return open;
    return { outcome: "passed", detail: `release ${version.words} admits the runtime, sha256:${digest}` };
}
