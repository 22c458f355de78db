// Commands of the policy author.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "authoring/check.hpp"
#include "cli/cli.hpp"
#include "cli/policy_source.hpp"
#include "runtime/runtime.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

/// The inputs in a text: one JSON object, or one on each line.
std::vector<std::string> inputs_of(const std::string& text) {
    if (json::parse(text)) return {text};
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end > begin) lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

Result<std::string> read_input(const std::string& path) {
    if (path != "-") return read_small_file(path);
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

std::string refusal_json(const Error& error) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("code").string(wire_name(error.code)).name("detail").string(error.detail);
    writer.name("pointer").string(error.pointer).name("wouldRefuse").boolean(true).end();
    return out;
}

std::string human_line(const std::string& result) {
    const auto document = json::parse(result);
    const auto text = [&document](std::string_view name) {
        return std::string(document->root().find(name)->string());
    };
    return text("wouldDecide") + " by rule `" + text("rule") + "`: " + text("reason");
}

}  // namespace

Result<int> policy_check(const std::vector<std::string>& paths) {
    std::size_t findings = 0;
    for (const std::string& file : TRY(find_policies(paths))) {
        const std::string source = TRY(read_small_file(file));
        const authoring::Examination seen =
            is_yaml(file) ? authoring::check_yaml(source) : authoring::check_json(source);
        for (const authoring::Finding& found : seen.findings) {
            print(file + ":" + std::to_string(found.line) + ":" + std::to_string(found.column) + ": " +
                  found.message + "\n");
        }
        findings += seen.findings.size();
    }
    if (findings == 0) print("no findings\n");
    return findings == 0 ? 0 : 1;
}

Result<int> policy_build(const PolicyBuildArguments& arguments) {
    const std::string json = TRY(build_policy(arguments.file, TRY(read_small_file(arguments.file))));
    const std::string out =
        arguments.out.empty()
            ? (std::filesystem::path(arguments.file).parent_path() / std::string(bundle::kPolicyFile))
                  .string()
            : arguments.out;
    if (!arguments.check) {
        TRY(write_output(out, json));
        return 0;
    }
    const auto there = read_small_file(out);
    if (there && *there == json) return 0;
    print("`" + out + "` is not what `" + arguments.file + "` builds to\n");
    return 1;
}

Result<int> evaluate(const EvaluateArguments& arguments) {
    const std::size_t at = arguments.policy.find('@');
    if (at == std::string::npos) return fail(Code::usage, "`--policy` must be ID@VERSION");
    const auto data = TRY(runtime::DataDirectory::open(arguments.data));
    const auto policies = TRY(data.load_policies()).as_set();
    bool refused = false;
    const std::string action = arguments.action.empty() ? "" : TRY(read_small_file(arguments.action));
    for (const std::string& signals : inputs_of(TRY(read_input(arguments.signals)))) {
        std::string body = action.empty() ? "{" : "{\"action\":" + action + ",";
        body += "\"policyId\":";
        append_json_string(body, arguments.policy.substr(0, at));
        body += ",\"policyVersion\":";
        append_json_string(body, arguments.policy.substr(at + 1));
        body += ",\"signals\":" + signals + "}";
        const auto result = runtime::simulate(body, policies);
        refused = refused || !result;
        if (arguments.json) {
            print((result ? *result : refusal_json(result.error())) + "\n");
        } else if (result) {
            print(human_line(*result) + "\n");
        } else {
            print("refused: " + std::string(wire_name(result.error().code)) + ": " + result.error().detail +
                  "\n");
        }
    }
    return refused ? 1 : 0;
}

}  // namespace parmana::cli
