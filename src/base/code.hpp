// The one closed table of codes: every failure that a caller can see has a row here, and the wire, the
// command line, the OpenAPI document and docs/reference/codes.md are all written from it.
// A code is never renamed and never reused.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace parmana {

// X(code as on the wire, HTTP status, exit code of the command line, sentence)
#define PARMANA_CODES(X)                                                                              \
    X(json_malformed, 400, 2, "the text is not strict I-JSON")                                        \
    X(json_duplicate_member, 400, 2, "an object has two members of the same name")                    \
    X(yaml_malformed, 400, 2, "the text is not YAML of the kind that is read here")                   \
    X(number_not_exact, 400, 2, "a number has no exact representation")                               \
    X(member_unknown, 400, 2, "an object has a member that is not defined for it")                    \
    X(member_missing, 400, 2, "a required member is missing")                                         \
    X(member_invalid, 400, 2, "a member has the wrong type or form")                                  \
    X(execution_id_invalid, 400, 2, "the execution identity is not well formed")                      \
    X(execution_id_required, 400, 2, "the request names no execution identity")                       \
    X(idempotency_key_invalid, 400, 2, "the Idempotency-Key has too little or malformed content")     \
    X(query_invalid, 400, 2, "a query parameter is unknown or has an unknown value")                  \
    X(request_malformed, 400, 2, "the HTTP request is malformed")                                     \
    X(host_not_allowed, 403, 2, "the Host header does not name this server")                          \
    X(origin_not_allowed, 403, 2, "the Origin header names another site")                             \
    X(checkpoint_unsigned, 403, 2, "the checkpoint has no valid signature by a key of its log")       \
    X(route_unknown, 404, 2, "there is nothing at this path")                                         \
    X(log_unknown, 404, 2, "the witness does not know this log")                                      \
    X(execution_unknown, 404, 2, "no execution has this identity")                                    \
    X(verification_unknown, 404, 2, "nothing is known of a verification of this name")                \
    X(method_not_allowed, 405, 2, "the path does not take this method")                               \
    X(not_exportable, 406, 2, "the evidence cannot be spelled in the format that was asked for")      \
    X(request_timeout, 408, 2, "the request did not arrive in time")                                  \
    X(execution_identity_consumed, 409, 2, "the execution identity was used by this same request")    \
    X(execution_identity_conflict, 409, 2, "the execution identity was used by another request")      \
    X(checkpoint_conflict, 409, 2, "a witness holds another checkpoint of this log")                  \
    X(body_too_large, 413, 2, "the body is over the limit")                                           \
    X(media_type_unsupported, 415, 2, "the body is not application/json")                             \
    X(signal_missing, 422, 2, "a declared signal is missing")                                         \
    X(signal_type, 422, 2, "a signal is not of its declared type")                                    \
    X(signal_range, 422, 2, "a signal is outside its declared range, length or values")               \
    X(signal_unknown, 422, 2, "a signal is not declared by the policy")                               \
    X(signal_unbound, 422, 2, "a signal is not what the action says that it is bound to")             \
    X(policy_unknown, 422, 2, "no policy has this identity and version")                              \
    X(policy_unsigned, 422, 2, "the policy has no valid signature by a policy key")                   \
    X(policy_altered, 422, 2, "the policy is not the one that was signed")                            \
    X(policy_superseded, 422, 2, "a newer version of the policy is active")                           \
    X(policy_inactive, 422, 2, "this version of the policy does not govern")                          \
    X(policy_invalid, 422, 2, "the policy document is not a valid policy")                            \
    X(release_invalid, 422, 2, "the release manifest is not valid")                                   \
    X(release_unsigned, 422, 2, "the release is not signed by enough release keys")                   \
    X(runtime_unknown, 422, 2, "no release admits this runtime")                                      \
    X(runtime_incompatible, 422, 2, "the policy requires what this program is not or has not")        \
    X(schema_unknown, 422, 2, "the version of policy documents is not known to this program")         \
    X(evaluation_error, 422, 2, "the policy could not be evaluated on these signals")                 \
    X(cost_exceeded, 422, 2, "the evaluation is over its cost limit")                                 \
    X(consistency_unproven, 422, 2, "the checkpoint is not proven to extend the one before it")       \
    X(headers_too_large, 431, 2, "the header section is over the limit")                              \
    X(internal, 500, 2, "an internal check failed; nothing was admitted")                             \
    X(store_unavailable, 503, 2, "the store cannot commit")                                           \
    X(storage_full, 503, 2, "the store is at its limit")                                              \
    X(overloaded, 503, 2, "too many requests are waiting")                                            \
    X(outcome_unknown, 503, 2, "the commit may or may not have happened; read the execution")         \
    X(snapshot_stale, 503, 2, "policies or keys changed while this was decided; nothing was entered") \
    X(not_included, 503, 2, "the entry is committed but not yet under a signed checkpoint")           \
    X(rollback_detected, 500, 2, "the ledger is older than a head that was published from it")        \
    X(witness_unavailable, 503, 2, "a witness does not answer")                                       \
    X(witness_refused, 503, 2, "a witness answers, and not with a cosignature")                       \
    X(key_invalid, 500, 2, "a key or key file is not acceptable")                                     \
    X(key_file_exposed, 500, 2, "a key file can be read by others")                                   \
    X(key_locked, 500, 2, "a key file is encrypted, and no passphrase is given")                      \
    X(key_passphrase_wrong, 500, 2, "the passphrase does not open the key file")                      \
    X(signer_unavailable, 503, 2, "the token with a signing key does not sign")                       \
    X(trust_invalid, 500, 2, "the trust root is not valid")                                           \
    X(trust_expired, 500, 2, "the trust root has expired")                                            \
    X(approval_missing, 500, 2, "too few approvers signed the order for this change")                 \
    X(rollback_refused, 500, 2, "a document older than one that was in force is refused")             \
    X(profile_unknown, 500, 3, "the policy language profile is not known to this program")            \
    X(data_exists, 500, 2, "the data directory already exists")                                       \
    X(data_missing, 500, 2, "there is no data directory here")                                        \
    X(data_locked, 500, 2, "another process holds the data directory")                                \
    X(data_corrupt, 500, 2, "the data directory is damaged")                                          \
    X(data_newer, 500, 2, "the data directory was written by a newer format")                         \
    X(configuration_invalid, 500, 2, "the configuration is not valid")                                \
    X(listen_refused, 500, 2, "the server does not listen there without authentication")              \
    X(io_failed, 500, 2, "an operation of the system failed")                                         \
    X(usage, 500, 2, "the command line is not valid")

enum class Code : std::uint8_t {
#define X(code, http, exit, sentence) code,
    PARMANA_CODES(X)
#undef X
};

/// One row of the table. `wire` is the spelling on every surface; `http_status` is the answer's status;
/// `exit_code` is what the command line ends with; `sentence` is the problem's title.
struct CodeRow {
    Code code;
    std::string_view wire;
    int http_status;
    int exit_code;
    std::string_view sentence;
};

/// All rows, in the order of the enumeration.
std::span<const CodeRow> code_table();
const CodeRow& row_of(Code code);
std::string_view wire_name(Code code);
/// The code with this wire spelling, or nothing.
std::optional<Code> code_from_wire(std::string_view wire);

}  // namespace parmana
