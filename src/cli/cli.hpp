// The command line: one function a command, each from parsed arguments to an exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime/governance.hpp"

namespace parmana::cli {

/// Parses the arguments and runs the command. Returns the exit code: 0, or the code's from the table.
int run(int argc, char** argv);

struct InitArguments {
    std::string data;
    bool demo = false;
    std::string keys;
    bool encrypt = false;
};
Result<int> init(const InitArguments& arguments);

struct LogCheckpointArguments {
    std::string data;
    std::string high_water;
    std::string witnesses;
};

struct ServeArguments {
    std::string data;
    std::string listen = "127.0.0.1:3000";
    std::string high_water;
    std::string witnesses;
};
Result<int> serve(const ServeArguments& arguments);

struct EvaluateArguments {
    std::string data;
    std::string policy;   // ID@VERSION
    std::string signals;  // a file, or `-`
    std::string action;   // a file, or empty
    bool json = false;
};
/// 0 when every input was decided, 1 when one was refused.
Result<int> evaluate(const EvaluateArguments& arguments);

/// 0 without findings, 1 with.
Result<int> policy_check(const std::vector<std::string>& paths);

struct PolicyBuildArguments {
    std::string file;
    std::string out;     // a file; policy.json beside the source when it is empty
    bool check = false;  // write nothing, and end with 1 when the file differs
};
Result<int> policy_build(const PolicyBuildArguments& arguments);

struct PolicyExplainArguments {
    std::string file;
    std::string signals;  // a file, or empty
    std::string action;   // a file, or empty
};
/// With signals: 0 when they are decided, 1 when they are refused.
Result<int> policy_explain(const PolicyExplainArguments& arguments);

struct PolicyTestArguments {
    std::vector<std::string> paths;
    unsigned coverage_percent = 0;
    bool json = false;
    std::string junit;  // a file to write, or empty
};
/// 0 when all tests passed, there were some, and they cover enough.
Result<int> policy_test(const PolicyTestArguments& arguments);
struct PolicyFmtArguments {
    std::vector<std::string> paths;
    bool check = false;
};
/// 1 with findings, or, for `check`, with a file that differs.
Result<int> policy_fmt(const PolicyFmtArguments& arguments);

struct PolicySignArguments {
    std::string file;  // a policy, or a bundle that needs one more signature
    std::string data;  // sign with the policy key of this directory and install
    std::string key;   // or: a key file, and
    std::string out;   // the bundle to write
    std::optional<std::int64_t> counter;
    std::string runtime_version;            // the least that will do, or empty
    std::vector<std::string> capabilities;  // that are required
};
Result<int> policy_sign(const PolicySignArguments& arguments);
struct PolicyVerifyArguments {
    std::string file;
    std::string trust;
    bool json = false;
};
/// 0 good, 1 a check failed, 3 not fully judged.
Result<int> policy_verify(const PolicyVerifyArguments& arguments);
/// Every policy that is installed or ever governed, and whether it does.
Result<int> policy_list(const std::string& data, bool json);

struct PolicyChangeArguments {
    std::string data;
    std::string policy;             // ID@VERSION; of a rollback also ID
    std::vector<std::string> keep;  // versions that go on governing beside it
    std::string expires;            // RFC 3339, or empty
    std::string order;              // a file: what approvers signed
    std::string write_order;        // a file: write what they have to sign, and change nothing
};
Result<int> policy_activate(const PolicyChangeArguments& arguments);
Result<int> policy_deactivate(const PolicyChangeArguments& arguments);
Result<int> policy_rollback(const PolicyChangeArguments& arguments);
struct PolicyApproveArguments {
    std::string order;
    std::string key;
    std::string out;  // the order itself when it is empty
};
Result<int> policy_approve(const PolicyApproveArguments& arguments);
/// Through the server that holds the directory, or directly when none does.
Result<std::string> request_change(const std::string& data, const runtime::ChangeRequest& request);
/// What it answers, in words.
std::string change_sentence(const std::string& done);
/// The signing key in a key file of this purpose.
Result<std::unique_ptr<dsse::SigningKey>> open_key(const std::string& file, std::string_view purpose);

struct EvidenceArguments {
    std::string id;
    std::string data;
    std::string format = "json";
    std::string out;
};
Result<int> evidence(const EvidenceArguments& arguments);

Result<int> log_checkpoint(const LogCheckpointArguments& arguments);
Result<int> log_key(const std::string& data);

struct LogExportArguments {
    std::string data;
    std::optional<std::uint64_t> from, to;
    std::string level = "full";
    std::string out;
};
Result<int> log_export(const LogExportArguments& arguments);
/// 0 when everything is as it must be, 1 with findings.
Result<int> log_fsck(const std::string& data, bool json);
struct LogProofArguments {
    std::string data;
    std::string entry;  // an index or an identity; of inclusion
    std::optional<std::uint64_t> size;
    std::optional<std::uint64_t> from, to;  // of consistency
};
Result<int> log_proof(const LogProofArguments& arguments);
struct BackupArguments {
    std::string data;
    std::string out;
    bool with_keys = false;
};
Result<int> backup(const BackupArguments& arguments);

struct WitnessArguments {
    std::string data;
    std::string name;     // of init
    std::string log_key;  // of add-log: a verifier key
    std::string listen = "127.0.0.1:3100";
};
Result<int> witness_init(const WitnessArguments& arguments);
Result<int> witness_add_log(const WitnessArguments& arguments);
Result<int> witness_key(const WitnessArguments& arguments);
Result<int> witness_serve(const WitnessArguments& arguments);

struct TrustExportArguments {
    std::string data;
    std::string format = "json";
    std::string role;
    std::string out;
};
Result<int> trust_export(const TrustExportArguments& arguments);

/// What makes the next draft of a root out of another, or the first one.
struct TrustEditArguments {
    std::string root;  // a signed root, or a draft
    std::string tenant = "default";
    std::string origin;
    std::string expires;
    std::vector<std::string> keys;        // of init: ROLE=FILE
    std::vector<std::string> thresholds;  // ROLE=N
    std::optional<std::int64_t> activation_approvals;
    std::optional<std::uint64_t> in_force_from;  // the entry that put `root` in force
    std::string role;
    std::string key;     // a file: a public key
    std::string key_id;  // of the key that goes, or its beginning
    std::optional<std::uint64_t> compromised_from;
    std::string out;
};
Result<int> trust_init(const TrustEditArguments& arguments);
Result<int> trust_add_key(const TrustEditArguments& arguments);
Result<int> trust_renew(const TrustEditArguments& arguments);
Result<int> trust_revoke(const TrustEditArguments& arguments);
Result<int> trust_rotate(const TrustEditArguments& arguments);
struct TrustSignArguments {
    std::string root;
    std::string key;
    std::string before;  // the version before, whose root keys may sign as well
    std::string out;     // the draft itself when it is empty
};
Result<int> trust_sign(const TrustSignArguments& arguments);
struct TrustVerifyArguments {
    std::vector<std::string> files;  // one version behind the other
    std::string held;
    std::string at;
};
/// 0 when each follows and the newest has not expired, 1 otherwise.
Result<int> trust_verify(const TrustVerifyArguments& arguments);
struct TrustShowArguments {
    std::string file;
    std::string data;
};
Result<int> trust_show(const TrustShowArguments& arguments);
struct TrustActivateArguments {
    std::string root;
    std::string data;
};
Result<int> trust_activate(const TrustActivateArguments& arguments);
struct ReleaseActivateArguments {
    std::string release;
    std::string data;
};
Result<int> release_activate(const ReleaseActivateArguments& arguments);
struct KeysRotateArguments {
    std::string data;
    std::string role;
    std::optional<std::uint64_t> compromised_from;
};
/// A fresh key, the next root signed with the root key at hand, and that in force.
Result<int> keys_rotate(const KeysRotateArguments& arguments);
struct KeysGenerateArguments {
    std::string role;
    std::string data;  // one of the two
    std::string out;
    std::string pkcs11;     // the URI of a key that a token makes, or empty
    bool existing = false;  // the token has the key already
    bool encrypt = false;
};
Result<int> keys_generate(const KeysGenerateArguments& arguments);
Result<int> keys_list(const std::string& data, bool json);
/// The public key of a private key file, as PEM.
Result<int> keys_public(const std::string& file);

struct ReleaseManifestArguments {
    std::string executable;
    std::string version;
    std::int64_t counter = 0;
    std::string previous;  // a release, or empty
    bool keep_previous = false;
    std::vector<std::string> artifacts;
    std::vector<std::string> admitted;  // further runtime hashes
    std::string sbom;                   // a file, or empty
    std::string out;
};
/// Runs the executable, to ask it for its runtime manifest.
Result<int> release_manifest(const ReleaseManifestArguments& arguments);
struct ReleaseSignArguments {
    std::string file;
    std::string key;
    std::string out;  // `file` when it is empty
};
Result<int> release_sign(const ReleaseSignArguments& arguments);
struct ReleaseVerifyArguments {
    std::string file;
    std::string trust;       // or empty
    std::string previous;    // the release before, or empty
    std::string artifacts;   // their directory, or empty
    std::string runtime;     // a runtime hash, or empty
    std::string executable;  // what is asked for its runtime hash, or empty
    bool json = false;
};
/// 0 valid, 1 invalid, 3 not fully judged.
Result<int> release_verify(const ReleaseVerifyArguments& arguments);

Result<int> version(bool json);
Result<int> openapi();

/// Writes to the file, or to stdout when `path` is empty. Errors: io_failed.
Status write_output(const std::string& path, std::string_view content);
void print(std::string_view text);

}  // namespace parmana::cli
