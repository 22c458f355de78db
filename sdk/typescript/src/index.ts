// @parmana/verifier: verifies evidence of Parmana offline, in Node and in browsers.
export { Invalid } from "./bytes.js";
export { Unsupported } from "./crypto.js";
export {
    VERDICT,
    VERDICT_COMMAND,
    exitCode,
    humanReport,
    integrity,
    printable,
    reportJson,
    results,
    type Check,
    type Finding,
    type Judgement,
    type Outcome,
    type Report,
    type Summary,
} from "./report.js";
export { parseTime, timeInWords } from "./time.js";
export { parseTrustRoot, type Keys, type Past, type Role, type TrustRoot } from "./trust.js";
export { verify, type Options } from "./verify.js";
export { parseWitnessPolicy, type WitnessPolicy } from "./witness_policy.js";
