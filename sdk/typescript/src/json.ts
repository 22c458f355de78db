// Strict I-JSON in, JCS (RFC 8785) out, as docs/formats/json.md says.
import { Invalid, utf8 } from "./bytes.js";

/** The deepest nesting that is read. */
export const DEPTH_MAX = 64;
/** Members or elements of one container. */
export const MEMBERS_MAX = 10_000;

/** A number that was not written as an integer: `1.0`, `1e3` and `-0` are of this kind. */
export class Real {
    /** Holds the value as binary64. */
    constructor(readonly value: number) {}
}

/** A JSON object; names are unique. */
export type JsonObject = ReadonlyMap<string, Json>;
/** A JSON value. A `number` was written as an integer within ±(2^53 − 1); every other number is a Real. */
export type Json = null | boolean | string | number | Real | readonly Json[] | JsonObject;

const kEscapes: ReadonlyMap<string, string> = new Map([
    ['"', '"'],
    ["\\", "\\"],
    ["/", "/"],
    ["b", "\b"],
    ["f", "\f"],
    ["n", "\n"],
    ["r", "\r"],
    ["t", "\t"],
]);
const kPlain = /[^"\\\u0000-\u001f\ud800-\udfff]*/y;
const kNumber = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

class Reader {
    private at = 0;
    private depth = 0;

    constructor(private readonly text: string) {}

    run(): Json {
        this.skipSpace();
        const value = this.readValue();
        this.skipSpace();
        if (this.at !== this.text.length) this.refuse("expected the end of the text");
        return value;
    }

    private refuse(what: string, at = this.at): never {
        const before = this.text.slice(0, at);
        const line = before.split("\n");
        const column = utf8(line[line.length - 1] ?? "").length + 1;
        const early = at >= this.text.length ? "the text ends early, " : "";
        throw new Invalid(
            `${early}${what} at offset ${utf8(before).length} (line ${line.length}, column ${column})`,
        );
    }

    private peek(): string {
        return this.text.charAt(this.at);
    }

    private skipSpace(): void {
        while (this.at < this.text.length && " \n\r\t".includes(this.peek())) ++this.at;
    }

    private readValue(): Json {
        switch (this.peek()) {
            case "{":
                return this.readObject();
            case "[":
                return this.readArray();
            case '"':
                return this.readString();
            case "t":
                return this.readWord("true", true);
            case "f":
                return this.readWord("false", false);
            case "n":
                return this.readWord("null", null);
            default:
                return this.readNumber();
        }
    }

    private readWord<T>(word: string, value: T): T {
        if (!this.text.startsWith(word, this.at)) this.refuse("expected a value");
        this.at += word.length;
        return value;
    }

    private readNumber(): number | Real {
        kNumber.lastIndex = this.at;
        const match = kNumber.exec(this.text);
        if (match === null) this.refuse(this.peek() === "-" ? "expected a digit" : "expected a value");
        const spelled = match[0];
        const start = this.at;
        this.at += spelled.length;
        // The longest number stops before a half-written fraction or exponent.
        if (match[2] === undefined && /[eE]/.test(this.peek())) this.refuse("expected a digit", this.at + 1);
        if (match[1] === undefined && match[2] === undefined && this.peek() === ".") {
            this.refuse("expected a digit", this.at + 1);
        }
        const value = Number(spelled);
        const isInteger = match[1] === undefined && match[2] === undefined && spelled !== "-0";
        if (isInteger) {
            if (!Number.isSafeInteger(value)) this.refuse("an integer is outside ±(2^53−1)", start);
            return value;
        }
        const isZero = !/[1-9]/.test(spelled.split(/[eE]/)[0] ?? "");
        if (!Number.isFinite(value) || (value === 0 && !isZero)) {
            this.refuse("a number is outside the range of binary64", start);
        }
        const magnitude = Math.abs(value);
        if (magnitude > Number.MAX_SAFE_INTEGER && magnitude < 1e21) {
            this.refuse("a number is an integer outside ±(2^53−1)", start);
        }
        return new Real(value);
    }

    private open(): void {
        if (this.depth === DEPTH_MAX) this.refuse("too many levels");
        ++this.depth;
        ++this.at;
        this.skipSpace();
    }

    private close(): void {
        --this.depth;
        ++this.at;
    }

    private readArray(): Json[] {
        const out: Json[] = [];
        this.open();
        while (this.peek() !== "]") {
            if (out.length > 0) {
                if (this.peek() !== ",") this.refuse("expected `,` or `]`");
                ++this.at;
                this.skipSpace();
            }
            if (out.length === MEMBERS_MAX) this.refuse("too many elements");
            out.push(this.readValue());
            this.skipSpace();
        }
        this.close();
        return out;
    }

    private readObject(): JsonObject {
        const out = new Map<string, Json>();
        this.open();
        while (this.peek() !== "}") {
            if (out.size > 0) {
                if (this.peek() !== ",") this.refuse("expected `,` or `}`");
                ++this.at;
                this.skipSpace();
            }
            const start = this.at;
            if (this.peek() !== '"') this.refuse("expected a member name");
            if (out.size === MEMBERS_MAX) this.refuse("too many members");
            const name = this.readString();
            if (out.has(name)) this.refuse(`a second member ${quoted(name)}`, start);
            this.skipSpace();
            if (this.peek() !== ":") this.refuse("expected `:`");
            ++this.at;
            this.skipSpace();
            out.set(name, this.readValue());
            this.skipSpace();
        }
        this.close();
        return out;
    }

    private readString(): string {
        let out = "";
        let run = ++this.at;
        for (;;) {
            kPlain.lastIndex = this.at;
            kPlain.test(this.text);
            this.at = kPlain.lastIndex;
            const unit = this.text.charCodeAt(this.at);
            if (unit === 0x22) break;
            if (Number.isNaN(unit)) this.refuse('expected `"`');
            if (unit < 0x20) this.refuse("expected no control character");
            if (unit === 0x5c) {
                out += this.text.slice(run, this.at) + this.readEscape();
                run = this.at;
            } else {
                if (isLow(unit) || !isLow(this.text.charCodeAt(this.at + 1)))
                    this.refuse("expected well-formed UTF-8");
                this.at += 2;
            }
        }
        out += this.text.slice(run, this.at);
        ++this.at;
        return out;
    }

    private readEscape(): string {
        ++this.at;
        if (this.peek() === "u") return this.readCodePoint();
        const meant = kEscapes.get(this.peek());
        if (meant === undefined) this.refuse("expected an escape");
        ++this.at;
        return meant;
    }

    private readCodePoint(): string {
        const first = this.readUnit();
        if (isLow(first)) this.refuse("expected the first half of a surrogate pair");
        if (first < 0xd800 || first > 0xdbff) return String.fromCharCode(first);
        if (!this.text.startsWith("\\u", this.at)) this.refuse("expected the second half of a surrogate pair");
        ++this.at;
        const second = this.readUnit();
        if (!isLow(second)) this.refuse("expected the second half of a surrogate pair");
        return String.fromCharCode(first, second);
    }

    /** The four digits behind the `u` that stands at the position. */
    private readUnit(): number {
        const digits = this.text.slice(this.at + 1, this.at + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.refuse("expected a hexadecimal digit", this.at + 1);
        this.at += 5;
        return parseInt(digits, 16);
    }
}

function isLow(unit: number): boolean {
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/** A name for a message: escaped, and not longer than a person reads. */
export function quoted(name: string): string {
    const literal = JSON.stringify(name).slice(1, -1);
    return literal.length > 64 ? `\`${literal.slice(0, 64)}…\`` : `\`${literal}\``;
}

/** Reads one text strictly (docs/formats/json.md, "In"). Throws Invalid with offset, line and column. */
export function parse(text: string): Json {
    return new Reader(text).run();
}

function writeString(text: string): string {
    // JSON.stringify escapes as JCS does, as long as the text is well-formed, which the reader has seen to.
    return JSON.stringify(text);
}

/** RFC 8785: sorted by UTF-16 code units, numbers as ECMAScript writes them, shortest escapes. */
export function canonical(value: Json): string {
    if (value === null || typeof value === "boolean") return String(value);
    if (typeof value === "number") return String(value);
    if (typeof value === "string") return writeString(value);
    if (value instanceof Real) return String(value.value === 0 ? 0 : value.value);
    if (isObject(value)) {
        const names = [...value.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        return `{${names.map((name) => `${writeString(name)}:${canonical(value.get(name) ?? null)}`).join(",")}}`;
    }
    return `[${value.map(canonical).join(",")}]`;
}

/** Whether a value is an object. */
export function isObject(value: Json): value is JsonObject {
    return value instanceof Map;
}

/** Whether a value is an array. */
export function isArray(value: Json): value is readonly Json[] {
    return Array.isArray(value);
}

/** An object of plain members, for what this package writes. */
export function object(members: Readonly<Record<string, Json>>): JsonObject {
    return new Map(Object.entries(members));
}
