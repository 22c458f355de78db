// Signed policy bundles (docs/formats/bundle.md), as far as they can be judged without compiling the policy.
import { Invalid, fromBase64, fromUtf8, toHex } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { parseSigned, type Signed } from "./dsse.js";
import { Fields } from "./fields.js";
import { canonical, parse, type Json } from "./json.js";

/** Payload type of a signed manifest. */
export const MANIFEST_TYPE = "application/vnd.parmana.policy-bundle+json";
const RULES = "parmana-rules/1";
const CEL = "parmana-cel/1";
const SCHEMA_VERSIONS: readonly string[] = ["1.0.0", "1.1.0"];
const POLICY_BYTES_MAX = 1024 * 1024;

/** A bundle: the signed manifest and its files. */
export interface Bundle {
    readonly envelope: Signed;
    readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What identifies a policy. */
export interface PolicyIdentity {
    readonly id: string;
    readonly version: string;
    readonly profile: string;
    readonly schemaVersion: string;
}

/** A policy document, not compiled: its identity, and SHA-256 of JCS(`signalsSchema`) in hexadecimal. */
export interface PolicyDocument extends PolicyIdentity {
    readonly schemaDigest: string;
}

/** The policy is in a language profile or a schema that is not known here: it can neither be right nor wrong. */
export class OfAnotherDay extends Error {
    override readonly name = "OfAnotherDay";
}

/** Reads `{"envelope":…,"files":{path: base64}}`. Throws Invalid. */
export function parseBundle(value: Json, where: string): Bundle {
    const fields: Fields = Fields.open(value, where, ["envelope", "files"]);
    const envelope = parseSigned(fields.any("envelope"), `${where}/envelope`);
    const files = new Map<string, Uint8Array>();
    for (const [path, content] of fields.object("files")) {
        const bytes = typeof content === "string" ? fromBase64(content) : null;
        files.set(path, bytes ?? fields.invalid("files", "canonical base64 each"));
    }
    return { envelope, files };
}

/** Whether a text is a policy id: 1 to 128 letters, digits, `_` or `-`. */
export function isPolicyId(text: string): boolean {
    return /^[A-Za-z0-9_-]{1,128}$/.test(text);
}

/** Whether a text is a policy version: SemVer 2.0.0, at most 32 bytes. */
export function isPolicyVersion(text: string): boolean {
    const number = "(?:0|[1-9][0-9]*)";
    const pre = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
    const build = "[0-9A-Za-z-]+";
    const pattern = `^${number}\\.${number}\\.${number}(?:-${pre}(?:\\.${pre})*)?(?:\\+${build}(?:\\.${build})*)?$`;
    return text.length <= 32 && new RegExp(pattern).test(text);
}

function isPath(text: string): boolean {
    return text.length <= 255 && /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/.test(text);
}

function readIdentity(fields: Fields): { id: string; version: string } {
    const id = fields.string("policyId");
    const version = fields.string("policyVersion");
    if (!isPolicyId(id)) fields.invalid("policyId", "1 to 128 letters, digits, `_` or `-`");
    if (!isPolicyVersion(version)) fields.invalid("policyVersion", "a semantic version of at most 32 bytes");
    return { id, version };
}

/** What a program must be or have so that the policy may govern in it. */
export interface Requirements {
    readonly capabilities: readonly string[];
    readonly runtimeVersion: string | null;
}

/** What a manifest says. `parmana-bundle/1` had neither counter (it is 0) nor requirements. */
export interface Manifest extends PolicyIdentity {
    readonly counter: number;
    readonly requirements: Requirements;
    readonly files: ReadonlyMap<string, string>;
}

const MANIFEST = ["files", "format", "languageProfile", "policyId", "policyVersion", "schemaVersion"];

function readRequirements(value: Json): Requirements {
    const fields: Fields = Fields.open(value, "/requirements", [], ["capabilities", "runtimeVersion"]);
    const capabilities: string[] = [];
    for (const name of fields.has("capabilities") ? fields.array("capabilities") : []) {
        if (typeof name !== "string" || !/^[a-z][a-z0-9.-]{0,63}$/.test(name))
            fields.invalid("capabilities", "names of lower-case letters, digits, `.` and `-`");
        const before = capabilities.at(-1);
        if (before !== undefined && name <= before) fields.invalid("capabilities", "in ascending order");
        capabilities.push(name);
    }
    if (fields.has("capabilities") && capabilities.length === 0) fields.invalid("capabilities", "not empty");
    const runtimeVersion = fields.has("runtimeVersion") ? fields.string("runtimeVersion") : null;
    if (runtimeVersion !== null && !isPolicyVersion(runtimeVersion))
        fields.invalid("runtimeVersion", "a semantic version of at most 32 bytes");
    return { capabilities, runtimeVersion };
}

/** What only `parmana-bundle/2` has, where the manifest is of it. */
function readTerms(fields: Fields): { counter: number; requirements: Requirements } {
    const second = fields.has("counter");
    if (second !== fields.has("requirements"))
        throw new Invalid("`counter` and `requirements` stand together");
    fields.constant("format", second ? "parmana-bundle/2" : "parmana-bundle/1");
    if (!second) return { counter: 0, requirements: { capabilities: [], runtimeVersion: null } };
    const counter = fields.integer("counter");
    if (counter < 1) fields.invalid("counter", "positive");
    return { counter, requirements: readRequirements(fields.any("requirements")) };
}

/** Reads a manifest of either format. Throws Invalid. */
export function readManifest(bytes: Uint8Array): Manifest {
    const text = fromUtf8(bytes);
    const document = parse(text);
    const fields: Fields = Fields.open(document, "/", MANIFEST, ["counter", "requirements"]);
    if (canonical(document) !== text) throw new Invalid("it is not in canonical form");
    const terms = readTerms(fields);
    const files = new Map<string, string>();
    let before = "";
    for (const value of fields.array("files")) {
        const file: Fields = Fields.open(value, "/files", ["digest", "path"]);
        const digest = /^sha256:([0-9a-f]{64})$/.exec(file.string("digest"))?.[1];
        if (digest === undefined) file.invalid("digest", "`sha256:` and 64 hexadecimal digits");
        const path = file.string("path");
        if (!isPath(path)) file.invalid("path", "a relative path of plain ASCII parts");
        if (files.size > 0 && path <= before) file.invalid("path", "in ascending order");
        files.set(path, digest);
        before = path;
    }
    const profile = fields.string("languageProfile");
    return { ...readIdentity(fields), ...terms, profile, schemaVersion: fields.string("schemaVersion"), files };
}

const DOCUMENT = ["policyId", "policyVersion", "rules", "schemaVersion", "signalsSchema"];

/**
 * The identity of a policy document and the digest of its schema. Its rules are not compiled. Throws Invalid when it
 * has no identity, a member that no policy has, or another shape than its profile says.
 */
export async function readPolicy(bytes: Uint8Array): Promise<PolicyDocument> {
    if (bytes.length > POLICY_BYTES_MAX) throw new Invalid(`the policy is over ${POLICY_BYTES_MAX} bytes`);
    const document = parse(fromUtf8(bytes));
    const isCel = document instanceof Map && document.has("languageProfile");
    const fields: Fields = isCel
        ? Fields.open(
              document,
              "/",
              [...DOCUMENT, "hitPolicy", "languageProfile"],
              ["boundSignals", "description", "priorities", "variables"],
          )
        : Fields.open(document, "/", DOCUMENT, ["description"]);
    const profile = isCel ? fields.constant("languageProfile", CEL) : RULES;
    const schemaVersion = fields.constant("schemaVersion", isCel ? "1.1.0" : "1.0.0");
    if (fields.has("description")) fields.string("description");
    fields.array("rules");
    const schema = canonical(fields.object("signalsSchema"));
    return { ...readIdentity(fields), profile, schemaVersion, schemaDigest: toHex(await sha256(schema)) };
}

/**
 * The policy of a bundle: its manifest is valid, its files are those of the manifest, and `policy.json` has the
 * manifest's identity. Signatures are not looked at. Throws Invalid, and OfAnotherDay for a profile or
 * a schema that is not known here.
 */
export async function openFiles(bundle: Bundle): Promise<PolicyDocument> {
    let manifest: Manifest;
    try {
        manifest = readManifest(bundle.envelope.payload);
    } catch (error) {
        if (error instanceof Invalid) throw new Invalid(`the manifest is not valid: ${error.message}`);
        throw error;
    }
    for (const [path, bytes] of bundle.files) {
        const expected = manifest.files.get(path);
        if (expected === undefined) throw new Invalid(`\`${path}\` is not in the manifest`);
        if (toHex(await sha256(bytes)) !== expected)
            throw new Invalid(`\`${path}\` is not the file that was signed`);
    }
    for (const path of manifest.files.keys()) {
        if (!bundle.files.has(path)) throw new Invalid(`\`${path}\` is missing from the bundle`);
    }
    if (manifest.profile !== RULES && manifest.profile !== CEL) {
        throw new OfAnotherDay(`\`${manifest.profile}\` is not a known language profile`);
    }
    if (!SCHEMA_VERSIONS.includes(manifest.schemaVersion)) {
        throw new OfAnotherDay(`the schema version \`${manifest.schemaVersion}\` is not known`);
    }
    const source = bundle.files.get("policy.json");
    if (source === undefined) throw new Invalid("the bundle has no `policy.json`");
    const policy = await readPolicy(source);
    if (
        policy.id !== manifest.id ||
        policy.version !== manifest.version ||
        policy.profile !== manifest.profile ||
        policy.schemaVersion !== manifest.schemaVersion
    ) {
        throw new Invalid("the policy in the bundle is not the one that the manifest names");
    }
    return policy;
}
