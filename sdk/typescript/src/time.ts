// Times as text (RFC 3339), and in words.

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
function daysFromDate(year: number, month: number, day: number): number {
    // Years begin in March here, so that a leap day is the last of its year.
    const shifted = month > 2 ? year : year - 1;
    const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
    const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
    return shifted * 365 + leapDays + dayOfYear - 719468;
}

const FIRST = daysFromDate(1, 1, 1) * 86400;
const LAST = daysFromDate(10000, 1, 1) * 86400 - 1;

/** Unix seconds of a time in RFC 3339, without its fraction; null for a text that is none in the years 1 to 9999. */
export function parseTime(text: string): bigint | null {
    const parts =
        /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|([+-])(\d{2}):(\d{2}))$/.exec(text);
    if (parts === null) return null;
    const number = (i: number) => Number(parts[i] ?? "0");
    const [year, month, day] = [number(1), number(2), number(3)];
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    if (day < 1 || day > days || number(4) > 23 || number(8) > 23) return null;
    if (number(5) > 59 || number(6) > 59 || number(9) > 59) return null;
    const offset = (number(8) * 60 + number(9)) * (parts[7] === "-" ? -60 : 60);
    const clock = (number(4) * 60 + number(5)) * 60 + number(6);
    const seconds = daysFromDate(year, month, day) * 86400 + clock - offset;
    return seconds < FIRST || seconds > LAST ? null : BigInt(seconds);
}

/** A time for people: UTC in ISO 8601 where there is a calendar for it. */
export function timeInWords(seconds: bigint): string {
    return seconds <= 253402300799n
        ? new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z")
        : `${seconds} seconds after 1970`;
}
