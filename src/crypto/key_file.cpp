// The three kinds of key files, as the header and docs/formats/keys.md say.
#include "crypto/key_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "crypto/pkcs11_signer.hpp"
#include "crypto/pkcs11_uri.hpp"
#include "crypto/seal.hpp"
#include "crypto/secret_file.hpp"

namespace parmana::crypto {
namespace {

constexpr std::string_view kFirstWords[] = {"PARMANA-KEY-1", "PARMANA-ENCRYPTED-KEY-1",
                                            "PARMANA-PKCS11-KEY-1"};
constexpr std::size_t kPurposeBytesMax = 64;
constexpr std::string_view kNoPublicKey = "-";

/// A key file as it was parsed. Members of another kind are empty.
struct KeyFile {
    std::string path;
    KeyFileFacts facts;
    Secret<32> plain;
    SealTerms terms;
    std::string additional_data;
    std::string sealed;
    std::string uri;
};

bool valid_purpose(std::string_view purpose) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
    return !purpose.empty() && purpose.size() <= kPurposeBytesMax && std::ranges::all_of(purpose, allowed);
}

Status check_purpose(std::string_view purpose) {
    if (valid_purpose(purpose)) return {};
    return fail(Code::key_invalid, "`" + std::string(purpose) + "` is not a purpose of a key");
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t begin = 0; begin <= line.size();) {
        const std::size_t end = std::min(line.find(' ', begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

/// One spelling: no sign, no leading zero.
std::optional<std::uint32_t> number_of(std::string_view word) {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), number);
    if (parsed.ec != std::errc() || std::to_string(number) != word) return std::nullopt;
    return number;
}

std::optional<std::string> bytes_of(std::string_view word, std::size_t size) {
    auto bytes = from_base64(word);
    if (bytes && bytes->size() != size) bytes.reset();
    return bytes;
}

/// False when the word is neither a public key nor, for a purpose without one, its absence.
bool read_public_key(std::string_view word, KeyFileFacts& facts) {
    if (facts.purpose == kBlindPurpose) return word == kNoPublicKey;
    const auto bytes = bytes_of(word, sizeof(PublicKey));
    if (!bytes) return false;
    facts.public_key = PublicKey(*array_from<32>(*bytes));
    return true;
}

bool read_plain(const std::vector<std::string_view>& words, KeyFile& file) {
    if (words.size() != 3) return false;
    auto bytes = from_base64(words[2]);
    if (!bytes) return false;
    WipedText decoded;
    decoded.text.swap(*bytes);
    if (decoded.text.size() != Secret<32>::size()) return false;
    std::memcpy(file.plain.data(), decoded.text.data(), Secret<32>::size());
    if (file.facts.purpose != kBlindPurpose)
        file.facts.public_key = make_ed25519_signer(file.plain)->public_key();
    return true;
}

bool read_encrypted(const std::vector<std::string_view>& words, std::string_view line, KeyFile& file) {
    if (words.size() != 8 || !read_public_key(words[2], file.facts)) return false;
    const auto passes = number_of(words[3]), kibibytes = number_of(words[4]);
    const auto salt = bytes_of(words[5], kSaltBytes), nonce = bytes_of(words[6], kNonceBytes);
    const auto sealed = bytes_of(words[7], kSealedBytes);
    if (!passes || !kibibytes || !salt || !nonce || !sealed) return false;
    file.terms = {{*passes, *kibibytes}, *salt, *nonce, {}};
    file.additional_data = line.substr(0, line.size() - words[7].size());
    file.sealed = *sealed;
    return within_bounds(file.terms.cost);
}

bool read_reference(const std::vector<std::string_view>& words, KeyFile& file) {
    if (words.size() != 4 || file.facts.purpose == kBlindPurpose || !read_public_key(words[2], file.facts))
        return false;
    file.uri = words[3];
    return parse_pkcs11_uri(file.uri).has_value();
}

Result<KeyFile> read_file(const std::string& path) {
    const SecretText text = TRY(read_secret_file(path, "key file", Exposure::owner_only));
    std::string_view line = text.expose();
    const auto malformed = [&] { return fail(Code::key_invalid, "`" + path + "` is not a key file"); };
    if (!line.ends_with('\n')) return malformed();
    line.remove_suffix(1);
    const std::vector<std::string_view> words = words_of(line);
    const auto* first = std::ranges::find(kFirstWords, words[0]);
    if (first == std::end(kFirstWords) || words.size() < 3 || !valid_purpose(words[1])) return malformed();
    KeyFile file;
    file.path = path;
    file.facts.purpose = words[1];
    file.facts.kind = static_cast<KeyKind>(first - std::begin(kFirstWords));
    const bool read = file.facts.kind == KeyKind::plain       ? read_plain(words, file)
                      : file.facts.kind == KeyKind::encrypted ? read_encrypted(words, line, file)
                                                              : read_reference(words, file);
    if (!read) return malformed();
    return file;
}

Result<KeyFile> read_file_for(const std::string& path, std::string_view purpose) {
    TRY(check_purpose(purpose));
    KeyFile file = TRY(read_file(path));
    if (file.facts.purpose != purpose) {
        return fail(Code::key_invalid, "the key file `" + path + "` is for `" + file.facts.purpose +
                                           "`, not for `" + std::string(purpose) + "`");
    }
    return file;
}

Result<Secret<32>> secret_of(KeyFile file, const PassphraseSource& passphrases) {
    if (file.facts.kind == KeyKind::plain) return std::move(file.plain);
    auto passphrase = passphrases.read();
    if (!passphrase)
        return fail(passphrase.error().code, "`" + file.path + "`: " + passphrase.error().detail);
    file.terms.additional_data = file.additional_data;
    auto secret = unseal(file.sealed, *passphrase, file.terms);
    if (!secret) return fail(secret.error().code, "`" + file.path + "`: " + secret.error().detail);
    return secret;
}

std::string start_of_line(KeyKind kind, std::string_view purpose) {
    return std::string(kFirstWords[static_cast<std::size_t>(kind)]) + " " + std::string(purpose) + " ";
}

std::string public_word(std::string_view purpose, const Secret<32>& key) {
    if (purpose == kBlindPurpose) return std::string(kNoPublicKey);
    return to_base64(view_of(make_ed25519_signer(key)->public_key().value()));
}

std::string fresh_bytes(Entropy& entropy, std::size_t size) {
    std::string bytes(size, '\0');
    entropy.fill(reinterpret_cast<std::uint8_t*>(bytes.data()), size);
    return bytes;
}

}  // namespace

std::string_view word_of(KeyKind kind) {
    constexpr std::string_view kWords[] = {"plain", "encrypted", "pkcs11"};
    return kWords[static_cast<std::size_t>(kind)];
}

Result<KeyFileFacts> examine_key_file(const std::string& path) {
    return TRY(read_file(path)).facts;
}

Status write_key_file(const std::string& path, std::string_view purpose, const Secret<32>& key) {
    TRY(check_purpose(purpose));
    const std::string start = start_of_line(KeyKind::plain, purpose);
    WipedText line;
    line.text.reserve(limits::kKeyFileBytesMax);  // a text that grows leaves its shorter self behind
    line.text.append(start);
    append_base64(line.text, key.expose());
    line.text.push_back('\n');
    return write_secret_file(path, line.text);
}

Status write_encrypted_key_file(const std::string& path, std::string_view purpose, const Secret<32>& key,
                                const SecretText& passphrase, Entropy& entropy) {
    TRY(check_purpose(purpose));
    SealTerms terms{kSealCost, fresh_bytes(entropy, kSaltBytes), fresh_bytes(entropy, kNonceBytes), {}};
    const std::string start = start_of_line(KeyKind::encrypted, purpose) + public_word(purpose, key) + " " +
                              std::to_string(terms.cost.passes) + " " + std::to_string(terms.cost.kibibytes) +
                              " " + to_base64(terms.salt) + " " + to_base64(terms.nonce) + " ";
    terms.additional_data = start;
    return write_secret_file(path, start + to_base64(TRY(seal(key, passphrase, terms))) + "\n");
}

Status write_pkcs11_key_file(const std::string& path, std::string_view purpose, const PublicKey& key,
                             const std::string& uri) {
    TRY(check_purpose(purpose));
    if (purpose == kBlindPurpose) return fail(Code::key_invalid, "a token signs, and `blind` signs nothing");
    TRY(parse_pkcs11_uri(uri));
    return write_secret_file(
        path, start_of_line(KeyKind::pkcs11, purpose) + to_base64(view_of(key.value())) + " " + uri + "\n");
}

Result<PublicKey> generate_pkcs11_key(const std::string& uri) {
    TRY(parse_pkcs11_uri(uri));
    return generate_in_token(TRY(pkcs11_program()), uri);
}

Result<PublicKey> find_pkcs11_key(const std::string& uri) {
    TRY(parse_pkcs11_uri(uri));
    return TRY(start_pkcs11_signer(TRY(pkcs11_program()), uri))->public_key();
}

Result<std::unique_ptr<Signer>> open_signer(const std::string& path, std::string_view purpose,
                                            const PassphraseSource& passphrases) {
    if (purpose == kBlindPurpose) return fail(Code::key_invalid, "`blind` signs nothing");
    KeyFile file = TRY(read_file_for(path, purpose));
    const auto claimed = file.facts.public_key;
    auto signer = file.facts.kind == KeyKind::pkcs11
                      ? TRY(start_pkcs11_signer(TRY(pkcs11_program()), file.uri))
                      : make_ed25519_signer(TRY(secret_of(std::move(file), passphrases)));
    if (signer->public_key() != claimed)
        return fail(Code::key_invalid, "`" + path + "` names another public key than that of its key");
    return signer;
}

Result<Secret<32>> read_key_file(const std::string& path, std::string_view purpose,
                                 const PassphraseSource& passphrases) {
    KeyFile file = TRY(read_file_for(path, purpose));
    if (file.facts.kind == KeyKind::pkcs11)
        return fail(Code::key_invalid, "the key of `" + path + "` is in a token, and cannot be read");
    return secret_of(std::move(file), passphrases);
}

}  // namespace parmana::crypto
