// Commands of the keepers of root keys: files in, files out; none of them needs a data directory.
#include <algorithm>
#include <fstream>

#include "civil/civil.hpp"
#include "cli/cli.hpp"
#include "runtime/governance.hpp"
#include "trust/history.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

using trust::Role;

Result<Role> role_of(const std::string& name) {
    const auto role = trust::role_from_wire(name);
    if (!role) return fail(Code::usage, "`" + name + "` is not a role");
    return *role;
}

/// `ROLE=VALUE`.
Result<std::pair<Role, std::string>> split(const std::string& option) {
    const std::size_t at = option.find('=');
    if (at == std::string::npos) return fail(Code::usage, "`" + option + "` must be ROLE=VALUE");
    return std::pair(TRY(role_of(option.substr(0, at))), option.substr(at + 1));
}

Status add_key(trust::RootContent& content, Role role, const std::string& file) {
    const auto key = TRY(crypto::public_key_from_pem(TRY(read_small_file(file))));
    content.roles[role].keys.emplace(dsse::key_id(key), key);
    return {};
}

Status set_thresholds(trust::RootContent& content, const std::vector<std::string>& options) {
    for (const std::string& option : options) {
        const auto [role, text] = TRY(split(option));
        const auto count = json::parse(text);
        if (!count || !count->root().is(json::Type::integer))
            return fail(Code::usage, "a threshold is a number");
        content.roles[role].threshold = count->root().integer();
    }
    return {};
}

/// What is changed: a draft in its place, or a signed root to its next version.
Result<trust::RootContent> editable(const TrustEditArguments& arguments) {
    const std::string text = TRY(read_small_file(arguments.root));
    const auto root = trust::Root::parse(text);
    if (root) {
        if (root->version() > 1 && !arguments.in_force_from)
            return fail(Code::usage,
                        "say with `--in-force-from` which entry put this root in force (`parmana trust "
                        "show --data DIR`)");
        return trust::successor_of(*root, arguments.in_force_from.value_or(0));
    }
    return TRY(trust::parse_document(text)).content;
}

Status write_draft(trust::RootContent content, const TrustEditArguments& arguments) {
    TRY(set_thresholds(content, arguments.thresholds));
    if (!arguments.expires.empty()) content.expires = arguments.expires;
    if (arguments.activation_approvals) content.activation_approvals = *arguments.activation_approvals;
    const std::string text = trust::render(trust::draft(std::move(content)));
    // Whatever it says is read once more, as everybody else will.
    TRY(trust::parse_document(text));
    return write_output(arguments.out, text + "\n");
}

/// The id of a key in the role that begins like this.
Result<std::string> find_key(const trust::RootContent& content, Role role, const std::string& begin) {
    const auto& keys = content.members(role).keys;
    const auto is_it = [&begin](const auto& key) { return key.first.starts_with(begin); };
    if (begin.size() < 8 || std::count_if(keys.begin(), keys.end(), is_it) != 1)
        return fail(Code::usage,
                    "`" + begin + "` is not (the first 8 digits or more of) the id of one key in this role");
    return std::find_if(keys.begin(), keys.end(), is_it)->first;
}

Status revoke(trust::RootContent& content, const TrustEditArguments& arguments) {
    const Role role = TRY(role_of(arguments.role));
    const std::string id = TRY(find_key(content, role, arguments.key_id));
    content.roles[role].keys.erase(id);
    if (arguments.compromised_from) content.compromised[id] = *arguments.compromised_from;
    return {};
}

std::string describe(const trust::RootContent& content) {
    std::string out = "version " + std::to_string(content.version) + " for tenant " + content.tenant.value() +
                      ", origin " + content.origin.value() + "\nexpires " + content.expires + "\n";
    if (content.activation_approvals > 0)
        out += "activation needs " + std::to_string(content.activation_approvals) + " approvers\n";
    for (const Role role : trust::kRoles) {
        const auto& members = content.members(role);
        if (members.keys.empty()) continue;
        out += std::string(trust::wire_name(role)) + ": " + std::to_string(members.threshold) + " of " +
               std::to_string(members.keys.size()) + "\n";
        for (const auto& [id, key] : members.keys)
            out += "  " + id + "\n";
    }
    for (const auto& [id, from] : content.compromised)
        out += "compromised from entry " + std::to_string(from) + " on: " + id + "\n";
    return out;
}

std::string describe_signatures(const trust::RootDocument& document) {
    const auto& keys = document.content.members(Role::root).keys;
    std::string out = "signatures: " + std::to_string(document.signatures.size()) + "\n";
    for (const dsse::KeySignature& one : document.signatures) {
        const auto key = keys.find(one.key_id);
        const bool good = key != keys.end() && crypto::verify(key->second, document.message, one.signature);
        out += "  " + one.key_id +
               (key == keys.end() ? " (not a root key of this version)"
                : good            ? ""
                                  : " (bad)") +
               "\n";
    }
    return out;
}

/// The next root, with this key in the place of the only one in its role.
Result<trust::RootContent> replaced(const trust::History& trust, const KeysRotateArguments& arguments,
                                    const dsse::SigningKey& fresh) {
    const Role role = TRY(role_of(arguments.role));
    trust::RootContent next = trust::successor_of(trust.newest(), trust.newest_from());
    auto& keys = next.roles[role].keys;
    if (keys.size() != 1)
        return fail(Code::usage, "the role has " + std::to_string(keys.size()) +
                                     " keys: `parmana trust rotate` says which");
    if (arguments.compromised_from) next.compromised[keys.begin()->first] = *arguments.compromised_from;
    keys = {{fresh.id(), fresh.public_key()}};
    return next;
}

}  // namespace

Result<std::unique_ptr<dsse::SigningKey>> open_key(const std::string& file, std::string_view purpose) {
    return std::make_unique<dsse::SigningKey>(
        TRY(crypto::open_signer(file, purpose, crypto::PassphraseSource::from_environment())));
}

namespace {

/// How a key is kept here, at either of its places (runtime/key_ring.hpp); plain when it is not here.
crypto::KeyKind kind_of(const std::string& directory, const std::string& role, const std::string& id) {
    for (const std::string& name : {runtime::key_file_name(role, id), role + ".key"}) {
        const auto facts = crypto::examine_key_file(directory + "/" + name);
        if (facts && facts->public_key && dsse::key_id(*facts->public_key) == id) return facts->kind;
    }
    return crypto::KeyKind::plain;
}

/// The key that comes is kept as the one that goes was.
Status keep_as(crypto::KeyKind kind, const std::string& file, const std::string& role,
               const Secret<32>& secret, const runtime::DataDirectory& data) {
    if (kind == crypto::KeyKind::plain) return crypto::write_key_file(file, role, secret);
    if (kind == crypto::KeyKind::pkcs11)
        return fail(Code::usage,
                    "the key is in a token: `parmana keys generate --pkcs11` makes the next one there, "
                    "and `parmana trust rotate` names it");
    SystemEntropy entropy;
    return crypto::write_encrypted_key_file(file, role, secret, TRY(data.passphrases().read()), entropy);
}

}  // namespace

Result<int> keys_rotate(const KeysRotateArguments& arguments) {
    const auto data = TRY(runtime::DataDirectory::open(arguments.data));
    const trust::Root& newest = data.trust().newest();
    const auto root_key =
        TRY(runtime::KeyRing(data.keys_path(), data.passphrases()).find(Role::root, newest));
    SystemEntropy entropy;
    const Secret<32> secret = crypto::generate_secret(entropy);
    const dsse::SigningKey fresh(crypto::make_ed25519_signer(secret));
    trust::RootDocument next = trust::draft(TRY(replaced(data.trust(), arguments, fresh)));
    TRY(trust::add_signature(next, *root_key, &newest.content()));
    if (arguments.role == trust::wire_name(Role::root)) TRY(trust::add_signature(next, fresh));
    const std::string text = trust::render(next);
    const auto signed_root = trust::Root::parse(text);
    const Status follows = signed_root ? trust::check_successor(newest, *signed_root)
                                       : Status(std::unexpected(signed_root.error()));
    if (!follows) {
        return fail(follows.error().code,
                    follows.error().detail +
                        "; with root keys elsewhere there are `parmana trust rotate` and `sign`");
    }
    // The key first: what the root names is there before the root is. If we stop here, it is named by
    // nothing.
    const std::string file = data.keys_path() + "/" + runtime::key_file_name(arguments.role, fresh.id());
    const auto& old = newest.keys(TRY(role_of(arguments.role)));
    TRY(keep_as(kind_of(data.keys_path(), arguments.role, old.begin()->first), file, arguments.role, secret,
                data));
    TRY(write_output(file.substr(0, file.size() - 4) + ".pub", crypto::to_pem(fresh.public_key())));
    const std::string done = TRY(request_change(
        arguments.data, {.what = runtime::ChangeRequest::What::root_activate, .document = text}));
    print("key id:      " + fresh.id() + "\nprivate key: " + file + "\n" + change_sentence(done));
    return 0;
}

Result<int> trust_init(const TrustEditArguments& arguments) {
    trust::RootContent content{
        trust::Tenant(arguments.tenant), trust::Origin(arguments.origin), arguments.expires, {}};
    for (const std::string& option : arguments.keys) {
        const auto [role, file] = TRY(split(option));
        TRY(add_key(content, role, file));
    }
    const auto& log_keys = content.members(Role::log).keys;
    if (arguments.origin.empty() && !log_keys.empty())
        content.origin = trust::default_origin(log_keys.begin()->second);
    TRY(write_draft(std::move(content), arguments));
    return 0;
}

Result<int> trust_add_key(const TrustEditArguments& arguments) {
    auto content = TRY(editable(arguments));
    TRY(add_key(content, TRY(role_of(arguments.role)), arguments.key));
    TRY(write_draft(std::move(content), arguments));
    return 0;
}

Result<int> trust_revoke(const TrustEditArguments& arguments) {
    auto content = TRY(editable(arguments));
    TRY(revoke(content, arguments));
    TRY(write_draft(std::move(content), arguments));
    return 0;
}

Result<int> trust_rotate(const TrustEditArguments& arguments) {
    auto content = TRY(editable(arguments));
    TRY(revoke(content, arguments));
    TRY(add_key(content, TRY(role_of(arguments.role)), arguments.key));
    TRY(write_draft(std::move(content), arguments));
    return 0;
}

Result<int> trust_renew(const TrustEditArguments& arguments) {
    TRY(write_draft(TRY(editable(arguments)), arguments));
    return 0;
}

Result<int> trust_sign(const TrustSignArguments& arguments) {
    auto document = TRY(trust::parse_document(TRY(read_small_file(arguments.root))));
    std::optional<trust::Root> before;
    if (!arguments.before.empty()) before = TRY(trust::Root::parse(TRY(read_small_file(arguments.before))));
    const auto key = TRY(open_key(arguments.key, "root"));
    TRY(trust::add_signature(document, *key, before ? &before->content() : nullptr));
    TRY(write_output(arguments.out.empty() ? arguments.root : arguments.out, trust::render(document) + "\n"));
    return 0;
}

Result<int> trust_verify(const TrustVerifyArguments& arguments) {
    trust::Root held = TRY(trust::Root::parse(TRY(read_small_file(arguments.held))));
    SystemClock clock;
    UnixSeconds at = to_seconds(clock.now());
    if (!arguments.at.empty()) {
        const auto time = civil::parse_rfc3339(arguments.at);
        if (!time) return fail(Code::usage, "`--at` must be a time (RFC 3339)");
        at = UnixSeconds(time->seconds);
    }
    const auto refuse = [](const std::string& file, const Error& why) {
        print(file + ": INVALID: " + std::string(wire_name(why.code)) + ": " + why.detail + "\n");
        return 1;
    };
    for (const std::string& file : arguments.files) {
        auto next = trust::Root::parse(TRY(read_small_file(file)));
        const Status follows =
            next ? trust::check_successor(held, *next) : Status(std::unexpected(next.error()));
        if (!follows) return refuse(file, follows.error());
        held = *std::move(next);
        print(file + ": version " + std::to_string(held.version()) + " follows, " +
              to_wire(held.fingerprint()) + "\n");
    }
    // As TUF does: of a chain only the newest must not have expired.
    if (held.expires() <= at)
        return refuse(arguments.files.back(),
                      {Code::trust_expired, "it expired at " + held.content().expires});
    return 0;
}

Result<int> trust_show(const TrustShowArguments& arguments) {
    if (!arguments.file.empty()) {
        const auto document = TRY(trust::parse_document(TRY(read_small_file(arguments.file))));
        print(describe(document.content) + describe_signatures(document) + "fingerprint " +
              to_wire(crypto::sha256(document.message)) + "\n");
        return 0;
    }
    const auto data = TRY(runtime::DataDirectory::open(arguments.data));
    for (const auto& [root, from] : data.trust().all()) {
        print(describe(root->content()) + "fingerprint " + to_wire(root->fingerprint()) +
              "\nin force from entry " + std::to_string(from) + " on\n" +
              (root == &data.trust().newest() ? "" : "\n"));
    }
    return 0;
}

Result<int> trust_activate(const TrustActivateArguments& arguments) {
    const std::string done =
        TRY(request_change(arguments.data, {.what = runtime::ChangeRequest::What::root_activate,
                                            .document = TRY(read_small_file(arguments.root))}));
    print(change_sentence(done));
    return 0;
}

}  // namespace parmana::cli
