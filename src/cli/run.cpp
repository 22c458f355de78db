// The one adapter of CLI11: its exceptions end here.
#include <cstdio>

#include "base/secret.hpp"
#include "cli/chosen.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

void add_data(CLI::App* command, std::string& data) {
    command->add_option("--data", data, "the data directory")->required();
}

/// What remembers the newest head outside the data directory, for whatever signs one.
void add_outside(CLI::App* command, std::string& high_water, std::string& witnesses) {
    command->add_option(
        "--high-water", high_water,
        "a file outside the data directory that remembers the newest head: a restored older copy of "
        "the directory is refused");
    command->add_option("--witnesses", witnesses,
                        "a C2SP tlog-policy file: witnesses that cosign each head, and their quorum");
}

/// Arguments of every command, and the one that was chosen.
struct Chosen {
    InitArguments init;
    ServeArguments serve;
    LogCheckpointArguments log_checkpoint;
    EvaluateArguments evaluate;
    VerifyArguments verify;
    std::vector<std::string> check_paths;
    PolicyTestArguments policy_test;
    PolicyFmtArguments policy_fmt;
    PolicySignArguments policy_sign;
    PolicyVerifyArguments policy_verify;
    PolicyBuildArguments policy_build;
    PolicyExplainArguments policy_explain;
    EvidenceArguments evidence;
    TrustExportArguments trust_export;
    KeysGenerateArguments keys_generate;
    std::string key_file;
    LogExportArguments log_export;
    LogProofArguments log_proof;
    BackupArguments backup;
    WitnessArguments witness;
    std::string data;
    bool json = false;
    Command run;
};

void add_directory_commands(CLI::App& app, Chosen& chosen) {
    auto* init =
        app.add_subcommand("init", "make a new data directory with fresh keys; refuses an existing one");
    add_data(init, chosen.init.data);
    init->add_flag("--demo", chosen.init.demo,
                   "sign, install and activate sample policies, and allow derived identities");
    init->add_option("--keys", chosen.init.keys,
                     "keep the keys here; a complete key set that is there is used");
    init->add_flag("--encrypt", chosen.init.encrypt,
                   "encrypt the keys that are made, under the passphrase in the file that "
                   "PARMANA_KEY_PASSPHRASE_FILE names");
    init->callback([&chosen] { chosen.run = [&chosen] { return cli::init(chosen.init); }; });

    auto* serve = app.add_subcommand("serve", "serve the data directory over HTTP on loopback");
    add_data(serve, chosen.serve.data);
    serve->add_option("--listen", chosen.serve.listen, "ADDRESS:PORT; port 0 lets the system choose")
        ->capture_default_str();
    add_outside(serve, chosen.serve.high_water, chosen.serve.witnesses);
    serve->callback([&chosen] { chosen.run = [&chosen] { return cli::serve(chosen.serve); }; });

    auto* evaluate =
        app.add_subcommand("evaluate", "dry run: what would be decided; nothing is consumed or logged");
    add_data(evaluate, chosen.evaluate.data);
    evaluate->add_option("--policy", chosen.evaluate.policy, "ID@VERSION")->required();
    evaluate->add_option("--signals", chosen.evaluate.signals, "a JSON object or JSON lines; `-` reads stdin")
        ->required();
    evaluate->add_option("--action", chosen.evaluate.action,
                         "a JSON file: the action that bound signals must agree with");
    evaluate->add_flag("--json", chosen.evaluate.json, "one JSON object a line");
    evaluate->callback([&chosen] { chosen.run = [&chosen] { return cli::evaluate(chosen.evaluate); }; });
}

void add_bulk_commands(CLI::App& app, CLI::App& log, Chosen& chosen) {
    auto* exported = log.add_subcommand(
        "export", "a range of the ledger as JSON lines, with the proof that nothing of it is missing");
    add_data(exported, chosen.log_export.data);
    exported->add_option("--from", chosen.log_export.from,
                         "index of the first entry; 0 when nothing is said");
    exported->add_option("--to", chosen.log_export.to,
                         "index behind the last entry; the size of the published head when nothing is said");
    exported
        ->add_option("--level", chosen.log_export.level,
                     "full, or statements: without records, signals and policies")
        ->check(CLI::IsMember({"full", "statements"}))
        ->capture_default_str();
    exported->add_option("--out", chosen.log_export.out, "write to this file instead of stdout");
    exported->callback([&chosen] { chosen.run = [&chosen] { return log_export(chosen.log_export); }; });

    auto* fsck =
        log.add_subcommand("fsck", "recompute everything in the data directory; exit 1 with findings");
    add_data(fsck, chosen.data);
    fsck->add_flag("--json", chosen.json, "the report as JSON");
    fsck->callback([&chosen] { chosen.run = [&chosen] { return log_fsck(chosen.data, chosen.json); }; });

    auto* proof =
        log.add_subcommand("proof", "an inclusion proof of one entry, or a consistency proof, as JSON");
    add_data(proof, chosen.log_proof.data);
    proof->add_option("ENTRY", chosen.log_proof.entry,
                      "its index, or the identity that it consumed (execution:7 for the identity 7)");
    auto* size = proof->add_option("--size", chosen.log_proof.size, "in the tree over so many entries");
    auto* from = proof->add_option("--from", chosen.log_proof.from, "consistency: the smaller size");
    from->excludes(size);
    proof->add_option("--to", chosen.log_proof.to, "consistency: the larger size")->needs(from);
    proof->callback([&chosen] { chosen.run = [&chosen] { return log_proof(chosen.log_proof); }; });

    auto* backup = app.add_subcommand(
        "backup",
        "copy the data directory as it is under the published head into one tar file; also beside a server");
    add_data(backup, chosen.backup.data);
    backup->add_option("--out", chosen.backup.out, "the file; it must not be there yet")->required();
    backup->add_flag("--with-keys", chosen.backup.with_keys, "with the keys: keep the file as safe as them");
    backup->callback([&chosen] { chosen.run = [&chosen] { return cli::backup(chosen.backup); }; });
}

void add_proof_commands(CLI::App& app, Chosen& chosen) {
    auto* verify =
        app.add_subcommand("verify",
                           "check an evidence file, an attestation or an export of the ledger offline: 0 "
                           "valid, 1 invalid, 2 unreadable, 3 not fully judged");
    verify->add_option("FILE", chosen.verify.file)->required();
    verify->add_option("--trust", chosen.verify.trust, "the trust root that you pinned");
    verify->add_option("--witnesses", chosen.verify.witnesses,
                       "a C2SP tlog-policy file: the witnesses whose cosignatures must be there");
    verify->add_option("--since", chosen.verify.since,
                       "the note of a head that you hold from elsewhere: it must be of the same log");
    verify->add_option("--at", chosen.verify.at,
                       "judge the expiry of the trust root at this time, not at that of the checkpoint");
    verify->add_flag("--json", chosen.verify.json, "the report as JSON");
    verify->callback([&chosen] { chosen.run = [&chosen] { return run_verify(chosen.verify); }; });

    auto* evidence =
        app.add_subcommand("evidence", "the evidence file of one execution; also beside a running server");
    evidence->add_option("ID", chosen.evidence.id)->required();
    add_data(evidence, chosen.evidence.data);
    evidence
        ->add_option("--format", chosen.evidence.format,
                     "json; or for tools of others: sigstore (a bundle v0.3), tlog-proof (of C2SP)")
        ->check(CLI::IsMember({"json", "sigstore", "tlog-proof"}))
        ->capture_default_str();
    evidence->add_option("--out", chosen.evidence.out, "write to this file instead of stdout");
    evidence->callback([&chosen] { chosen.run = [&chosen] { return cli::evidence(chosen.evidence); }; });

    auto* log = app.add_subcommand("log", "the ledger")->require_subcommand(1);
    auto* checkpoint =
        log->add_subcommand("checkpoint", "publish and print a signed checkpoint over all entries");
    add_data(checkpoint, chosen.log_checkpoint.data);
    add_outside(checkpoint, chosen.log_checkpoint.high_water, chosen.log_checkpoint.witnesses);
    checkpoint->callback(
        [&chosen] { chosen.run = [&chosen] { return cli::log_checkpoint(chosen.log_checkpoint); }; });
    auto* key = log->add_subcommand("key", "the verifier key of the log, for witnesses and their policies");
    add_data(key, chosen.data);
    key->callback([&chosen] { chosen.run = [&chosen] { return log_key(chosen.data); }; });
    add_bulk_commands(app, *log, chosen);

    auto* trust = app.add_subcommand("trust", "the trust root")->require_subcommand(1);
    add_trust_commands(*trust, chosen.run);
    auto* exported =
        trust->add_subcommand("export", "what a verifier pins; prints its fingerprint on stderr");
    add_data(exported, chosen.trust_export.data);
    exported
        ->add_option("--format", chosen.trust_export.format,
                     "json; pem for the keys of one role; sigstore (a trusted root v0.2) for the log keys")
        ->check(CLI::IsMember({"json", "pem", "sigstore"}))
        ->capture_default_str();
    exported->add_option("--role", chosen.trust_export.role, "a role of the trust root; for pem")
        ->check(CLI::IsMember({"approver", "attestation", "log", "policy", "release", "root", "witness"}));
    exported->add_option("--out", chosen.trust_export.out, "write to this file instead of stdout");
    exported->callback([&chosen] { chosen.run = [&chosen] { return trust_export(chosen.trust_export); }; });
}

void add_key_commands(CLI::App& app, Chosen& chosen) {
    auto* keys = app.add_subcommand("keys", "private keys")->require_subcommand(1);
    auto* generate = keys->add_subcommand(
        "generate", "make a private key file, and beside it the public key as PEM; never overwrites");
    generate->add_option("--role", chosen.keys_generate.role, "what the key is for")
        ->check(CLI::IsMember(
            {"attestation", "log", "policy", "root", "approver", "release", "witness", "blind"}))
        ->required();
    generate->add_option("--data", chosen.keys_generate.data,
                         "into the key directory of this data directory");
    generate->add_option("--out", chosen.keys_generate.out, "into this file");
    generate->add_flag(
        "--encrypt", chosen.keys_generate.encrypt,
        "under the configured passphrase (`key_passphrase_file`, PARMANA_KEY_PASSPHRASE_FILE, or the "
        "credential `parmana-passphrase`)");
    generate->add_option("--pkcs11", chosen.keys_generate.pkcs11,
                         "an RFC 7512 URI: the token makes the key and keeps it, the file only names it");
    generate->add_flag("--existing", chosen.keys_generate.existing,
                       "with --pkcs11: the token has the key already, and only the file is made");
    generate->callback([&chosen] { chosen.run = [&chosen] { return keys_generate(chosen.keys_generate); }; });

    add_rotation(*keys, chosen.run);
    auto* list = keys->add_subcommand("list", "the key files of a data directory; needs no passphrase");
    add_data(list, chosen.data);
    list->add_flag("--json", chosen.json, "as JSON");
    list->callback([&chosen] { chosen.run = [&chosen] { return keys_list(chosen.data, chosen.json); }; });

    auto* shown = keys->add_subcommand("public", "print the public key of a private key file as PEM");
    shown->add_option("FILE", chosen.key_file)->required();
    shown->callback([&chosen] { chosen.run = [&chosen] { return keys_public(chosen.key_file); }; });
}

void add_source_commands(CLI::App& policy, Chosen& chosen) {
    auto* test =
        policy.add_subcommand("test", "run the `tests.yaml` beside each policy; exit 1 when one fails");
    test->add_option("PATH", chosen.policy_test.paths, "policy files, or directories that hold them")
        ->required();
    test->add_flag("--json", chosen.policy_test.json, "the report as JSON");
    test->add_option("--junit", chosen.policy_test.junit, "write the report to this file as JUnit XML, too");
    test->add_option("--require-coverage", chosen.policy_test.coverage_percent,
                     "percent of rules and outcomes of conditions that the tests of each policy must cover")
        ->check(CLI::Range(0, 100));
    test->callback([&chosen] { chosen.run = [&chosen] { return policy_test(chosen.policy_test); }; });

    auto* fmt =
        policy.add_subcommand("fmt", "bring policy.yaml and tests.yaml into their one layout, in place");
    fmt->add_option("PATH", chosen.policy_fmt.paths, "files, or directories that hold them")->required();
    fmt->add_flag("--check", chosen.policy_fmt.check, "change nothing; list what differs and exit 1");
    fmt->callback([&chosen] { chosen.run = [&chosen] { return policy_fmt(chosen.policy_fmt); }; });
}

void add_bundle_commands(CLI::App& policy, Chosen& chosen) {
    PolicySignArguments& signing = chosen.policy_sign;
    auto* sign = policy.add_subcommand("sign",
                                       "sign a policy: with the policy key of a data directory and install "
                                       "it, which lets nothing govern yet (`activate`); or with "
                                       "a key file, into a bundle that others sign too");
    sign->add_option("FILE", signing.file, "a policy, or a bundle that needs one more signature")->required();
    sign->add_option("--data", signing.data, "the data directory");
    sign->add_option("--key", signing.key, "a key file for `policy`, where there is no data directory");
    sign->add_option("--out", signing.out,
                     "write the bundle to this file; a bundle is signed in place without");
    sign->add_option("--counter", signing.counter,
                     "rises with every bundle of a policy; one more than the highest that is installed when "
                     "nothing is said");
    sign->add_option("--require-runtime", signing.runtime_version, "the least version of the program");
    sign->add_option("--require-capability", signing.capabilities,
                     "a capability of the program (GET /runtime/capabilities); may be repeated");
    sign->callback([&chosen] { chosen.run = [&chosen] { return policy_sign(chosen.policy_sign); }; });

    auto* verify = policy.add_subcommand(
        "verify", "check a bundle offline: 0 good, 1 not, 2 unreadable, 3 not fully judged");
    verify->add_option("BUNDLE", chosen.policy_verify.file)->required();
    verify->add_option("--trust", chosen.policy_verify.trust, "the trust root that you pinned")->required();
    verify->add_flag("--json", chosen.policy_verify.json, "the report as JSON");
    verify->callback([&chosen] { chosen.run = [&chosen] { return policy_verify(chosen.policy_verify); }; });
}

void add_policy_commands(CLI::App& app, Chosen& chosen) {
    auto* policy = app.add_subcommand("policy", "policy authoring and life cycle")->require_subcommand(1);
    auto* check =
        policy->add_subcommand("check", "findings with file, line and column; exit 1 when there are any");
    check
        ->add_option("PATH", chosen.check_paths,
                     "policy files, or directories that hold policy.yaml or policy.json files")
        ->required();
    check->callback([&chosen] { chosen.run = [&chosen] { return policy_check(chosen.check_paths); }; });

    auto* build =
        policy->add_subcommand("build", "write the canonical JSON that runs, from the YAML that people read");
    build->add_option("FILE", chosen.policy_build.file)->required();
    build->add_option("--out", chosen.policy_build.out,
                      "write to this file instead of policy.json beside the source");
    build->add_flag("--check", chosen.policy_build.check,
                    "write nothing; exit 1 when the file is not what would be built");
    build->callback([&chosen] { chosen.run = [&chosen] { return policy_build(chosen.policy_build); }; });

    auto* explain =
        policy->add_subcommand("explain", "a policy in words and CEL, and why it decides what it does");
    explain->add_option("FILE", chosen.policy_explain.file)->required();
    explain->add_option("--signals", chosen.policy_explain.signals,
                        "a JSON file: say what is decided on it, and why");
    explain->add_option("--action", chosen.policy_explain.action,
                        "a JSON file: the action that bound signals must agree with");
    explain->callback(
        [&chosen] { chosen.run = [&chosen] { return policy_explain(chosen.policy_explain); }; });

    add_bundle_commands(*policy, chosen);
    add_source_commands(*policy, chosen);

    auto* list = policy->add_subcommand(
        "list", "every policy that is installed or ever governed, and whether it does");
    add_data(list, chosen.data);
    list->add_flag("--json", chosen.json, "the report as JSON");
    list->callback([&chosen] { chosen.run = [&chosen] { return policy_list(chosen.data, chosen.json); }; });
    add_change_commands(*policy, chosen.run);
}

void add_witness_commands(CLI::App& app, Chosen& chosen) {
    auto* witness =
        app.add_subcommand("witness", "a witness: it cosigns what logs prove that they only appended to")
            ->require_subcommand(1);
    auto* init = witness->add_subcommand("init",
                                         "make the directory of a witness with a fresh key, and print its "
                                         "verifier key; refuses an existing one");
    add_data(init, chosen.witness.data);
    init->add_option("--name", chosen.witness.name,
                     "the name in its cosignatures, by custom a URL without scheme: witness.example/w1")
        ->required();
    init->callback([&chosen] { chosen.run = [&chosen] { return witness_init(chosen.witness); }; });

    auto* add_log = witness->add_subcommand("add-log", "witness a log from the next start on");
    add_data(add_log, chosen.witness.data);
    add_log->add_option("VKEY", chosen.witness.log_key, "the verifier key of the log (`parmana log key`)")
        ->required();
    add_log->callback([&chosen] { chosen.run = [&chosen] { return witness_add_log(chosen.witness); }; });

    auto* key = witness->add_subcommand("key", "the verifier key, for the policies of logs and verifiers");
    add_data(key, chosen.witness.data);
    key->callback([&chosen] { chosen.run = [&chosen] { return witness_key(chosen.witness); }; });

    auto* serve = witness->add_subcommand("serve", "answer logs and monitors over HTTP on loopback");
    add_data(serve, chosen.witness.data);
    serve->add_option("--listen", chosen.witness.listen, "ADDRESS:PORT; port 0 lets the system choose")
        ->capture_default_str();
    serve->callback([&chosen] { chosen.run = [&chosen] { return witness_serve(chosen.witness); }; });
}

void add_other_commands(CLI::App& app, Chosen& chosen) {
    app.add_subcommand("openapi", "print the OpenAPI 3.1 document")->callback([&chosen] {
        chosen.run = openapi;
    });
    auto* version = app.add_subcommand("version", "version, runtime hash and build facts");
    version->add_flag("--json", chosen.json, "the runtime manifest as JSON");
    version->callback([&chosen] { chosen.run = [&chosen] { return cli::version(chosen.json); }; });
}

}  // namespace

int run(int argc, char** argv) {
    keep_memory_private();  // whatever the command is: most of them open keys
    CLI::App app("Parmana decides whether an action may run, lets it run at most once, and proves it.",
                 "parmana");
    app.require_subcommand(1);
    Chosen chosen;
    add_directory_commands(app, chosen);
    add_proof_commands(app, chosen);
    add_policy_commands(app, chosen);
    add_witness_commands(app, chosen);
    add_key_commands(app, chosen);
    auto* release =
        app.add_subcommand("release", "what a release consists of, and which runtimes may decide");
    add_release_commands(*release->require_subcommand(1), chosen.run);
    add_other_commands(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : row_of(Code::usage).exit_code;
    }
    auto result = chosen.run();
    if (result && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)) {
        result = fail(Code::io_failed, "the output could not be written");
    }
    if (result) return *result;
    const Error& error = result.error();
    std::fprintf(stderr, "parmana: %s: %s%s%s\n", std::string(wire_name(error.code)).c_str(),
                 error.detail.c_str(), error.pointer.empty() ? "" : " at ", error.pointer.c_str());
    return row_of(error.code).exit_code;
}

}  // namespace parmana::cli
