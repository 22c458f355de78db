// SHA-256 and HMAC-SHA-256 on OpenSSL's provider interface. The algorithm is fetched once and every
// thread keeps one context: a fetch or an allocation for each of the short hashes of a tree would
// cost more than the hash. The system's openssl.cnf is not read, so that no file outside the
// program decides what is computed.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/invariant.hpp"
#include "crypto/crypto.hpp"

namespace parmana::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;
using Block = std::array<std::uint8_t, kBlockBytes>;

const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm = [] {
        // No clean-up at exit either: a thread that still hashes then must not lose its context.
        INVARIANT(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr) == 1);
        const EVP_MD* fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        INVARIANT(fetched != nullptr);
        return fetched;
    }();
    return algorithm;
}

EVP_MD_CTX* make_context() {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    INVARIANT(context != nullptr);
    INVARIANT(EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1);
    return context;
}

// Restarts a context on the algorithm it was made with; the provider's state is reused.
void restart(EVP_MD_CTX* context) {
    INVARIANT(EVP_DigestInit_ex2(context, nullptr, nullptr) == 1);
}

void add(EVP_MD_CTX* context, std::string_view bytes) {
    INVARIANT(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

Digest finish_context(EVP_MD_CTX* context) {
    Digest digest;
    unsigned int size = 0;
    INVARIANT(EVP_DigestFinal_ex(context, digest.data(), &size) == 1 && size == digest.size());
    return digest;
}

EVP_MD_CTX* thread_context() {
    struct Context {
        EVP_MD_CTX* handle = make_context();
        Context() = default;
        Context(const Context&) = delete;
        Context& operator=(const Context&) = delete;
        ~Context() { EVP_MD_CTX_free(handle); }
    };
    thread_local const Context context;
    return context.handle;
}

Block padded_key(std::string_view key, std::uint8_t pad) {
    Block block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i)
        block[i] ^= static_cast<std::uint8_t>(key[i]);
    return block;
}

}  // namespace

Digest sha256(std::string_view bytes) {
    EVP_MD_CTX* context = thread_context();
    restart(context);
    add(context, bytes);
    return finish_context(context);
}

Digest sha256(std::initializer_list<std::string_view> parts) {
    EVP_MD_CTX* context = thread_context();
    restart(context);
    for (const std::string_view part : parts)
        add(context, part);
    return finish_context(context);
}

Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts) {
    Digest short_key;
    if (key.size() > kBlockBytes) {
        short_key = sha256(key);
        key = view_of(short_key);
    }
    Block inner_key = padded_key(key, 0x36);
    Block outer_key = padded_key(key, 0x5c);
    EVP_MD_CTX* context = thread_context();
    restart(context);
    add(context, view_of(inner_key));
    for (const std::string_view part : parts)
        add(context, part);
    const Digest inner = finish_context(context);
    const Digest mac = sha256({view_of(outer_key), view_of(inner)});
    OPENSSL_cleanse(inner_key.data(), inner_key.size());
    OPENSSL_cleanse(outer_key.data(), outer_key.size());
    OPENSSL_cleanse(short_key.data(), short_key.size());
    return mac;
}

Sha256::Sha256() : context_(make_context()) {}
Sha256::~Sha256() {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

void Sha256::update(std::string_view bytes) {
    add(static_cast<EVP_MD_CTX*>(context_), bytes);
}

Digest Sha256::finish() {
    auto* context = static_cast<EVP_MD_CTX*>(context_);
    const Digest digest = finish_context(context);
    restart(context);
    return digest;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace parmana::crypto
