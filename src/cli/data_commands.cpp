// Commands that make, serve and read a data directory.
#include <cstdio>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>

#include "bulk/bulk.hpp"
#include "cli/cli.hpp"
#include "interchange/interchange.hpp"
#include "runtime/build_facts.hpp"
#include "runtime/runtime.hpp"
#include "server/routes.hpp"
#include "server/server.hpp"

namespace parmana::cli {
namespace {

using runtime::DataDirectory;

Result<std::string> render_pem(const trust::Root& root, const std::string& role_name) {
    const auto role = trust::role_from_wire(role_name);
    if (!role) return fail(Code::usage, "`--format pem` needs `--role`");
    std::string out;
    for (const auto& [id, key] : root.keys(*role))
        out += crypto::to_pem(key);
    return out;
}

Result<std::string> spell(const verify::Evidence& evidence, const std::string& format,
                          const trust::History& trust) {
    if (format == "sigstore") return interchange::sigstore_bundle(evidence, trust);
    if (format == "tlog-proof") return interchange::tlog_proof(evidence, trust);
    return verify::render(evidence);
}

Result<std::string> spell(const trust::History& trust, const std::string& format, const std::string& role) {
    if (format == "pem") return render_pem(trust.newest(), role);
    if (format == "sigstore") return interchange::sigstore_trusted_root(trust);
    return trust.newest().text();
}

/// Opened directly, for when no server holds the directory.
Result<std::string> publish_directly(DataDirectory data, const LogCheckpointArguments& arguments) {
    SystemClock clock;
    SystemEntropy entropy;
    auto runtime = TRY(runtime::Runtime::open(
        std::move(data), clock, entropy,
        {.high_water = arguments.high_water, .witnesses = arguments.witnesses, .on_failure = {}}));
    std::promise<Result<tlog::Published>> done;
    runtime->checkpoint([&done](Result<tlog::Published> published) { done.set_value(std::move(published)); });
    return TRY(done.get_future().get()).note;
}

}  // namespace

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

Status write_output(const std::string& path, std::string_view content) {
    if (path.empty()) {
        print(content);
        return {};
    }
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << content;
    file.close();
    if (!file) return fail(Code::io_failed, "`" + path + "` cannot be written");
    return {};
}

Result<int> init(const InitArguments& arguments) {
    SystemClock clock;
    SystemEntropy entropy;
    runtime::InitOptions options{.demo = arguments.demo,
                                 .keys_directory = std::nullopt,
                                 .passphrases = crypto::PassphraseSource::from_environment(),
                                 .encrypt = arguments.encrypt};
    if (!arguments.keys.empty()) options.keys_directory = arguments.keys;
    TRY(runtime::init_data_directory(arguments.data, options, clock, entropy));
    const auto data = TRY(DataDirectory::open(arguments.data));
    print("data directory:         " + data.path() + "\nkeys:                   " + data.keys_path() +
          "\norigin:                 " + data.trust().origin().value() +
          "\ntrust root fingerprint: " + to_wire(data.trust().newest().fingerprint()) +
          "\nThe root and policy keys are not needed for serving: move root.key (and, between signings, "
          "policy.key) "
          "to a safe place.\n");
    return 0;
}

Result<int> serve(const ServeArguments& arguments) {
    TRY(server::serve(TRY(DataDirectory::open(arguments.data)),
                      {arguments.listen, arguments.high_water, arguments.witnesses}));
    return 0;
}

Result<int> evidence(const EvidenceArguments& arguments) {
    const auto id = TRY(decide::parse_execution_id(arguments.id));
    const auto data = TRY(DataDirectory::open(arguments.data));
    SystemEntropy entropy;
    const auto open = TRY(bulk::open_ledger(data, entropy));
    const auto gathered = runtime::gather_evidence(data, *open.ledger, *open.log, id);
    if (!gathered && gathered.error().code == Code::not_included) {
        return fail(Code::not_included, gathered.error().detail + "; run `parmana log checkpoint --data " +
                                            arguments.data + "` first");
    }
    if (!gathered) return std::unexpected(gathered.error());
    const std::string text = TRY(spell(*gathered, arguments.format, data.trust()));
    TRY(write_output(arguments.out, text));
    return 0;
}

Result<int> log_checkpoint(const LogCheckpointArguments& arguments) {
    auto data = TRY(DataDirectory::open(arguments.data));
    auto note = publish_directly(std::move(data), arguments);
    if (!note && note.error().code == Code::data_locked)
        note = server::ask_server(arguments.data, "checkpoint");
    print(TRY(std::move(note)));
    return 0;
}

Result<int> log_key(const std::string& data_path) {
    const auto data = TRY(DataDirectory::open(data_path));
    const trust::Root& root = data.trust().newest();
    for (const auto& [id, key] : root.keys(trust::Role::log))
        print(note::verifier_key(root.origin().value(), key) + "\n");
    return 0;
}

Result<int> trust_export(const TrustExportArguments& arguments) {
    const auto data = TRY(DataDirectory::open(arguments.data));
    const std::string text = TRY(spell(data.trust(), arguments.format, arguments.role));
    TRY(write_output(arguments.out, text));
    std::fprintf(stderr, "trust root fingerprint: %s\n",
                 to_wire(data.trust().newest().fingerprint()).c_str());
    return 0;
}

Result<int> version(bool json) {
    const attest::RuntimeFacts facts = TRY(runtime::runtime_facts());
    const std::string manifest = attest::runtime_manifest(facts);
    const std::string hash = to_wire(attest::runtime_hash(manifest).value());
    if (json) {
        std::string out;
        json::Writer(out).object().name("manifest").raw(manifest).name("runtimeHash").string(hash).end();
        print(out + "\n");
    } else {
        print("parmana " + facts.version + "\nruntime hash: " + hash +
              "\nrevision:     " + facts.source_revision + "\ncompiler:     " + facts.compiler + "\n");
    }
    return 0;
}

Result<int> openapi() {
    print(server::openapi_document() + "\n");
    return 0;
}

}  // namespace parmana::cli
