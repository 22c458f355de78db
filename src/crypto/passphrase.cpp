#include <cstdlib>

#include "crypto/key_file.hpp"
#include "crypto/secret_file.hpp"

namespace parmana::crypto {
namespace {

constexpr const char* kCredential = "parmana-passphrase";

Result<SecretText> one_line(SecretText text, const std::string& path) {
    std::string_view line = text.expose();
    if (line.ends_with('\n')) line.remove_suffix(1);
    text.set_size(line.size());
    if (line.empty()) return fail(Code::key_invalid, "`" + path + "` is empty");
    if (line.find('\n') != std::string_view::npos)
        return fail(Code::key_invalid, "`" + path + "` has more than one line");
    return text;
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

Result<SecretText> read_passphrase_file(const std::string& path) {
    return one_line(TRY(read_secret_file(path, "passphrase file", Exposure::owner_only)), path);
}

PassphraseSource PassphraseSource::from_environment() {
    return PassphraseSource(environment("PARMANA_KEY_PASSPHRASE_FILE"));
}

Result<SecretText> PassphraseSource::read() const {
    if (!file_.empty()) return read_passphrase_file(file_);
    const std::string directory = environment("CREDENTIALS_DIRECTORY");
    if (!directory.empty()) {
        const std::string path = directory + "/" + kCredential;
        auto text = read_secret_file(path, "credential", Exposure::credential);
        if (text) return one_line(*std::move(text), path);
        if (text.error().code != Code::data_missing) return text;
    }
    return fail(Code::key_locked,
                "a passphrase is needed, and neither `key_passphrase_file` nor the credential "
                "`parmana-passphrase` gives one");
}

}  // namespace parmana::crypto
