#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "crypto/key_file.hpp"
#include "witness/state.hpp"
#include "witness/witness.hpp"

namespace parmana::witness {
namespace {

constexpr std::string_view kFormat = "parmana-witness 1\n";
constexpr std::string_view kPurpose = "witness";
constexpr std::size_t kSmallFileBytesMax = 4096;

std::string key_file(const std::string& path) {
    return path + "/witness.key";
}

Status check_format(disk::Disk& disk) {
    const auto text = disk.read("format", kSmallFileBytesMax);
    if (!text) return fail(Code::data_missing, "there is no witness here: `format` cannot be read");
    if (*text == kFormat) return {};
    if (text->starts_with("parmana-witness "))
        return fail(Code::data_newer, "the directory was written by a newer program");
    return fail(Code::data_missing, "`format` is not that of a witness");
}

Result<note::VerifierKey> read_verifier_key(disk::Disk& disk) {
    const std::string text = TRY(disk.read("verifier-key", kSmallFileBytesMax));
    auto key = note::parse_verifier_key(std::string_view(text).substr(0, text.find('\n')));
    if (!text.ends_with('\n') || !key || key->type != note::KeyType::cosignature)
        return fail(Code::data_corrupt, "`verifier-key` is not the key of a witness");
    return key;
}

}  // namespace

Result<std::string> init(const std::string& path, const std::string& name, Entropy& entropy) {
    const auto seed = crypto::generate_secret(entropy);
    const std::string key =
        note::verifier_key(name, crypto::make_ed25519_signer(seed)->public_key(), note::KeyType::cosignature);
    const auto read_back = note::parse_verifier_key(key);
    if (!read_back || read_back->name != name)
        return fail(Code::usage,
                    "`" + name + "` is not a name of a key: it has a space or a plus sign, or none");
    if (::mkdir(path.c_str(), 0700) != 0) {
        return fail(errno == EEXIST ? Code::data_exists : Code::io_failed,
                    "`" + path + "` cannot be made: " + std::strerror(errno));
    }
    const auto disk = TRY(disk::open_disk(path));
    TRY(crypto::write_key_file(key_file(path), kPurpose, seed));
    TRY(disk->replace("verifier-key", key + "\n"));
    TRY(create_state(*disk));
    // The mark of a finished directory comes last: without it nothing opens what an interrupted init left.
    TRY(disk->replace("format", kFormat));
    return key;
}

Result<Directory> Directory::open(const std::string& path) {
    Directory out;
    out.path_ = path;
    auto disk = disk::open_disk(path);
    if (!disk) return fail(Code::data_missing, "`" + path + "` is not the directory of a witness");
    out.disk_ = *std::move(disk);
    TRY(check_format(*out.disk_));
    out.key_ = TRY(read_verifier_key(*out.disk_));
    return out;
}

Status Directory::lock() {
    lock_ = TRY(disk::lock_directory(path_));
    return {};
}

Result<std::unique_ptr<crypto::Signer>> Directory::signer() const {
    auto signer =
        TRY(crypto::open_signer(key_file(path_), kPurpose, crypto::PassphraseSource::from_environment()));
    if (signer->public_key() != key_.key)
        return fail(Code::key_invalid, "`" + key_file(path_) + "` is not the key of this directory");
    return signer;
}

Status add_log(Directory directory, const std::string& verifier_key) {
    const note::VerifierKey key = TRY(note::parse_verifier_key(verifier_key));
    TRY(directory.lock());
    return add_log(directory.disk(), key);
}

}  // namespace parmana::witness
