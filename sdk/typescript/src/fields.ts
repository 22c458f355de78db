// Reading closed objects: every member is asked for by name, and what nobody asked for is an error.
import { Invalid, fromBase64, fromHex } from "./bytes.js";
import { isArray, isObject, quoted, type Json, type JsonObject } from "./json.js";

/** An object of which the members are known. Every reader throws Invalid for a member of another type. */
export class Fields {
    private constructor(private readonly members: JsonObject) {}

    /** Throws Invalid when `value` is no object, has a member that is in neither list, or lacks a required one. */
    static open(
        value: Json,
        where: string,
        required: readonly string[],
        optional: readonly string[] = [],
    ): Fields {
        if (!isObject(value)) throw new Invalid(`\`${where}\` must be an object`);
        for (const name of value.keys()) {
            if (required.includes(name) || optional.includes(name)) continue;
            throw new Invalid(`${quoted(name)} is not a member of this object`);
        }
        for (const name of required) {
            if (!value.has(name)) throw new Invalid(`\`${name}\` is missing`);
        }
        return new Fields(value);
    }

    /** Whether an optional member is there. */
    has(name: string): boolean {
        return this.members.has(name);
    }

    /** The member, of any type. */
    any(name: string): Json {
        return this.members.get(name) ?? null;
    }

    /** A string. */
    string(name: string): string {
        const value = this.any(name);
        return typeof value === "string" ? value : this.invalid(name, "a string");
    }

    /** A string with this value and no other. */
    constant(name: string, expected: string): string {
        const value = this.string(name);
        return value === expected ? value : this.invalid(name, `\`${expected}\``);
    }

    /** An integer, written as one. */
    integer(name: string): number {
        const value = this.any(name);
        return typeof value === "number" ? value : this.invalid(name, "an integer");
    }

    /** An integer that is not negative. */
    unsigned(name: string): number {
        const value = this.integer(name);
        return value >= 0 ? value : this.invalid(name, "zero or positive");
    }

    /** True or false. */
    boolean(name: string): boolean {
        const value = this.any(name);
        return typeof value === "boolean" ? value : this.invalid(name, "true or false");
    }

    /** An array. */
    array(name: string): readonly Json[] {
        const value = this.any(name);
        return isArray(value) ? value : this.invalid(name, "an array");
    }

    /** An object. */
    object(name: string): JsonObject {
        const value = this.any(name);
        return isObject(value) ? value : this.invalid(name, "an object");
    }

    /** Bytes in canonical base64; with `size`, exactly so many. */
    base64(name: string, size?: number): Uint8Array {
        const what = size === undefined ? "canonical base64" : `the base64 of ${size} bytes`;
        return fromBase64(this.string(name), size) ?? this.invalid(name, what);
    }

    /** Bytes in lower-case hexadecimal. */
    hex(name: string, size: number): Uint8Array {
        return (
            fromHex(this.string(name), size) ?? this.invalid(name, `${2 * size} lower-case hexadecimal digits`)
        );
    }

    /** An array of SHA-256 hashes in canonical base64. */
    hashes(name: string): Uint8Array[] {
        return this.array(name).map((value) => {
            const hash = typeof value === "string" ? fromBase64(value, 32) : null;
            return hash ?? this.invalid(name, "the base64 of 32 bytes each");
        });
    }

    /** Throws Invalid: the member must be something else. */
    invalid(name: string, mustBe: string): never {
        throw new Invalid(`\`${name}\` must be ${mustBe}`);
    }
}
