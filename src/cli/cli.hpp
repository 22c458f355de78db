// The command line: one function a command, each from parsed arguments to an exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace parmana::cli {

/// Parses the arguments and runs the command. Returns the exit code: 0, or the code's from the table.
int run(int argc, char** argv);

struct InitArguments {
    std::string data;
    bool demo = false;
    std::string keys;
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
Result<int> policy_list(const std::string& data);

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

Result<int> version(bool json);
Result<int> openapi();

/// Writes to the file, or to stdout when `path` is empty. Errors: io_failed.
Status write_output(const std::string& path, std::string_view content);
void print(std::string_view text);

}  // namespace parmana::cli
