// Commands that change what is decided with: through the server that holds the data directory, or directly.
#include <filesystem>

#include "attest/order.hpp"
#include "bulk/bulk.hpp"
#include "cli/cli.hpp"
#include "cli/policy_bundle.hpp"
#include "runtime/runtime.hpp"
#include "server/server.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

using runtime::ChangeRequest;

Result<std::string> change_directly(runtime::DataDirectory data, const ChangeRequest& request) {
    SystemClock clock;
    SystemEntropy entropy;
    const auto runtime =
        TRY(runtime::Runtime::open(std::move(data), clock, entropy, {.decides = false, .on_failure = {}}));
    return runtime->governance().change(request);
}

/// ID@VERSION, or ID alone where that is enough.
struct Named {
    std::string id;
    std::string version;
};
Named split(const std::string& policy) {
    const std::size_t at = policy.find('@');
    if (at == std::string::npos) return {policy, {}};
    return {policy.substr(0, at), policy.substr(at + 1)};
}

Result<int> change_policy(const PolicyChangeArguments& arguments, ChangeRequest::What what) {
    ChangeRequest request{.what = what};
    const Named named = split(arguments.policy);
    request.policy_id = named.id;
    request.policy_version = named.version;
    request.keep = arguments.keep;
    request.expires = arguments.expires;
    request.only_order = !arguments.write_order.empty();
    if (!arguments.order.empty()) request.order = TRY(read_small_file(arguments.order));
    const std::string done = TRY(request_change(arguments.data, request));
    if (request.only_order) {
        TRY(write_output(arguments.write_order, done + "\n"));
    } else {
        print(change_sentence(done));
    }
    return 0;
}

}  // namespace

std::string change_sentence(const std::string& done) {
    const auto document = json::parse(done);
    return std::string(document->root().find("what")->string()) + ", with entry " +
           std::to_string(document->root().find("entry")->integer()) + "\n";
}

Result<std::string> request_change(const std::string& data_path, const ChangeRequest& request) {
    auto data = TRY(runtime::DataDirectory::open(data_path));
    auto done = change_directly(std::move(data), request);
    if (!done && done.error().code == Code::data_locked)
        done = server::ask_server(data_path, "change " + runtime::render(request));
    return done;
}

Result<int> policy_activate(const PolicyChangeArguments& arguments) {
    PolicyChangeArguments named = arguments;
    const auto data = TRY(runtime::DataDirectory::open(arguments.data));
    if (std::filesystem::is_regular_file(arguments.policy)) {
        const auto bundle = TRY(read_bundle_for_activation(arguments.policy));
        const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
        TRY(data.install(bundle));
        named.policy = manifest.policy_id.value() + "@" + manifest.policy_version.value();
    }
    const Named policy = split(named.policy);
    if (policy.version.empty()) return fail(Code::usage, "name the policy as ID@VERSION, or a bundle file");
    // What people read says what runs: compiled once more, by whoever lets it govern.
    if (const auto installed = data.installed_policy(policy.id, policy.version))
        TRY(check_source(installed->files));
    return change_policy(named, ChangeRequest::What::policy_activate);
}

Result<int> policy_deactivate(const PolicyChangeArguments& arguments) {
    if (split(arguments.policy).version.empty()) return fail(Code::usage, "name the policy as ID@VERSION");
    return change_policy(arguments, ChangeRequest::What::policy_deactivate);
}

Result<int> policy_rollback(const PolicyChangeArguments& arguments) {
    return change_policy(arguments, ChangeRequest::What::policy_rollback);
}

Result<int> policy_approve(const PolicyApproveArguments& arguments) {
    const auto key = TRY(open_key(arguments.key, "approver"));
    const std::string order = TRY(attest::approve(TRY(read_small_file(arguments.order)), *key));
    TRY(write_output(arguments.out.empty() ? arguments.order : arguments.out, order + "\n"));
    return 0;
}

Result<int> policy_list(const std::string& path, bool json) {
    const auto data = TRY(runtime::DataDirectory::open(path));
    SystemEntropy entropy;
    const auto open = TRY(bulk::open_ledger(data, entropy));
    const auto book = TRY(runtime::read_policy_book(*open.ledger));
    const std::string report = runtime::policy_report(TRY(data.load_policies()), book, data.trust());
    if (json) {
        print(report + "\n");
        return 0;
    }
    const auto document = json::parse(report);
    for (const json::Value row : document->root().find("policies")->elements()) {
        const auto text = [&row](std::string_view name) {
            const auto member = row.find(name);
            return member ? std::string(member->string()) : std::string();
        };
        std::string line = text("policyId") + "@" + text("policyVersion") + " " + text("state");
        if (row.find("policyHash")) line += " " + text("policyHash");
        if (const auto fault = row.find("fault"))
            line += " does not govern: " + std::string(fault->find("code")->string()) + ": " +
                    std::string(fault->find("detail")->string());
        print(line + "\n");
    }
    return 0;
}

Result<int> release_activate(const ReleaseActivateArguments& arguments) {
    const std::string done =
        TRY(request_change(arguments.data, {.what = ChangeRequest::What::release_activate,
                                            .document = TRY(read_small_file(arguments.release))}));
    print(change_sentence(done));
    return 0;
}

}  // namespace parmana::cli
