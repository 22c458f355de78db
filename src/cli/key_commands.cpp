// Commands that make and look at private keys.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/cli.hpp"
#include "crypto/key_file.hpp"
#include "runtime/data_directory.hpp"

namespace parmana::cli {
namespace {

namespace fs = std::filesystem;

using runtime::DataDirectory;

constexpr std::string_view kKeySuffix = ".key";
constexpr std::size_t kIdDigits = 16;

/// The public key of a file: beside it under the same name.
std::string public_path(const std::string& path) {
    const bool named = path.ends_with(kKeySuffix);
    return (named ? path.substr(0, path.size() - kKeySuffix.size()) : path) + ".pub";
}

Status check_free(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0) return {};
    return fail(Code::io_failed, "`" + path + "` exists, and is never overwritten");
}

/// A key that is made and not yet in a file: in memory, or in a token under its URI.
struct FreshKey {
    Secret<32> secret;
    std::optional<crypto::PublicKey> public_key;  // absent for `blind`
};

Result<FreshKey> make(const KeysGenerateArguments& arguments) {
    FreshKey key;
    if (!arguments.pkcs11.empty()) {
        key.public_key = TRY(arguments.existing ? crypto::find_pkcs11_key(arguments.pkcs11)
                                                : crypto::generate_pkcs11_key(arguments.pkcs11));
        return key;
    }
    SystemEntropy entropy;
    key.secret = crypto::generate_secret(entropy);
    if (arguments.role != crypto::kBlindPurpose)
        key.public_key = crypto::make_ed25519_signer(key.secret)->public_key();
    return key;
}

Status write(const FreshKey& key, const KeysGenerateArguments& arguments, const std::string& path,
             const crypto::PassphraseSource& passphrases) {
    if (!arguments.pkcs11.empty())
        return crypto::write_pkcs11_key_file(path, arguments.role, *key.public_key, arguments.pkcs11);
    if (!arguments.encrypt) return crypto::write_key_file(path, arguments.role, key.secret);
    SystemEntropy entropy;
    return crypto::write_encrypted_key_file(path, arguments.role, key.secret, TRY(passphrases.read()),
                                            entropy);
}

/// Where the key goes: as it was said, or under its role and its id.
std::string path_of(const FreshKey& key, const KeysGenerateArguments& arguments,
                    const std::string& directory) {
    if (!arguments.out.empty()) return arguments.out;
    const std::string id = key.public_key ? "-" + dsse::key_id(*key.public_key).substr(0, kIdDigits) : "";
    return directory + "/" + arguments.role + id + std::string(kKeySuffix);
}

struct Listed {
    std::string file;
    crypto::KeyFileFacts facts;
    std::string id;  // empty for a key without a public half
    bool trusted;
};

bool is_trusted(const trust::Root& root, const crypto::KeyFileFacts& facts, const std::string& id) {
    const auto role = trust::role_from_wire(facts.purpose);
    return role && root.find(*role, id).has_value();
}

Result<std::vector<Listed>> list_keys(const DataDirectory& data) {
    std::error_code error;
    std::vector<Listed> out;
    for (const auto& entry : fs::directory_iterator(data.keys_path(), error)) {
        const std::string path = entry.path().string();
        if (!path.ends_with(kKeySuffix)) continue;
        auto facts = TRY(crypto::examine_key_file(path));
        Listed listed{path, std::move(facts), "", false};
        if (listed.facts.public_key) listed.id = dsse::key_id(*listed.facts.public_key);
        listed.trusted = is_trusted(data.trust().newest(), listed.facts, listed.id);
        out.push_back(std::move(listed));
    }
    if (error) return fail(Code::io_failed, "`" + data.keys_path() + "` cannot be read");
    std::ranges::sort(out, {}, &Listed::file);
    return out;
}

std::string render_json(const std::vector<Listed>& keys) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("keys").array();
    for (const Listed& key : keys) {
        writer.object().name("file").string(key.file);
        if (!key.id.empty()) writer.name("keyId").string(key.id);
        writer.name("kind").string(crypto::word_of(key.facts.kind)).name("role").string(key.facts.purpose);
        if (!key.id.empty()) writer.name("trusted").boolean(key.trusted);
        writer.end();
    }
    writer.end().end();
    return out + "\n";
}

}  // namespace

Result<int> keys_generate(const KeysGenerateArguments& arguments) {
    if (arguments.data.empty() == arguments.out.empty())
        return fail(Code::usage, "either `--data` or `--out` says where the key goes");
    if (arguments.encrypt && !arguments.pkcs11.empty())
        return fail(Code::usage, "a key in a token is not in a file that could be encrypted");
    if (arguments.existing && arguments.pkcs11.empty())
        return fail(Code::usage, "`--existing` is for keys in a token");
    if (arguments.role == crypto::kBlindPurpose && !arguments.pkcs11.empty())
        return fail(Code::usage, "a token signs, and `blind` signs nothing");
    crypto::PassphraseSource passphrases = crypto::PassphraseSource::from_environment();
    std::string directory;
    if (arguments.out.empty()) {
        const auto data = TRY(DataDirectory::open(arguments.data));
        directory = data.keys_path();
        passphrases = data.passphrases();
    } else {
        // Before a token makes a key that nothing would refer to.
        TRY(check_free(arguments.out));
        TRY(check_free(public_path(arguments.out)));
    }
    const FreshKey key = TRY(make(arguments));
    const std::string path = path_of(key, arguments, directory);
    TRY(write(key, arguments, path, passphrases));
    if (key.public_key) {
        TRY(write_output(public_path(path), crypto::to_pem(*key.public_key)));
        print("key id:      " + dsse::key_id(*key.public_key) + "\n");
    }
    print("private key: " + path + "\n");
    if (key.public_key) print("public key:  " + public_path(path) + "\n");
    return 0;
}

Result<int> keys_list(const std::string& data_path, bool as_json) {
    const std::vector<Listed> keys = TRY(list_keys(TRY(DataDirectory::open(data_path))));
    if (as_json) {
        print(render_json(keys));
        return 0;
    }
    for (const Listed& key : keys) {
        print(key.facts.purpose + " " + (key.id.empty() ? "-" : key.id) + " " +
              std::string(crypto::word_of(key.facts.kind)) + " " + key.file +
              (key.id.empty() ? ""
               : key.trusted  ? " in the trust root"
                              : " not in the trust root") +
              "\n");
    }
    return 0;
}

Result<int> keys_public(const std::string& file) {
    const auto facts = TRY(crypto::examine_key_file(file));
    if (!facts.public_key) return fail(Code::key_invalid, "the key of `" + file + "` has no public half");
    print(crypto::to_pem(*facts.public_key));
    return 0;
}

}  // namespace parmana::cli
