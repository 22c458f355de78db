// After a key was used and went, its bytes are nowhere in the memory of the process: looked for in
// /proc/self/mem.
#include <fcntl.h>

#include <cstring>
#include <functional>
#include <vector>

#include "base/sanitized.hpp"
#include "crypto/scratch_test.hpp"

namespace parmana::crypto {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 20;

// A pattern that stands nowhere as it is: what is kept is its exclusive or with a mask.
class Hidden {
  public:
    Hidden(const char* name, std::string_view pattern) : name_(name), masked_(pattern.size(), '\0') {
        SystemEntropy entropy;
        mask_.resize(pattern.size());
        entropy.fill(reinterpret_cast<std::uint8_t*>(mask_.data()), mask_.size());
        for (std::size_t at = 0; at < pattern.size(); ++at)
            masked_[at] = static_cast<char>(pattern[at] ^ mask_[at]);
    }

    std::size_t size() const { return mask_.size(); }
    const std::string& name() const { return name_; }
    std::size_t count_in(std::string_view memory) const {
        std::size_t found = 0;
        const char first = static_cast<char>(masked_[0] ^ mask_[0]);
        const char* at = memory.data();
        const char* const end = at + memory.size();
        while (at + size() <= end) {
            at = static_cast<const char*>(std::memchr(at, first, static_cast<std::size_t>(end - at)));
            if (at == nullptr || at + size() > end) break;
            found += stands_at(at) ? 1 : 0;
            ++at;
        }
        return found;
    }

  private:
    bool stands_at(const char* memory) const {
        for (std::size_t i = 0; i < size(); ++i) {
            if ((memory[i] ^ mask_[i]) != masked_[i]) return false;
        }
        return true;
    }

    std::string name_, masked_, mask_;
};

// Where each pattern stands, counted over all memory of the process. The window that copies go through is
// wiped.
std::vector<std::size_t> count_everywhere(const std::vector<Hidden>& patterns) {
    std::vector<std::size_t> counts(patterns.size());
    std::string window(kWindowBytes, '\0');
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::size_t after = 0;
        const std::size_t begin = std::stoul(line, &after, 16);
        const std::size_t end = std::stoul(line.substr(after + 1), nullptr, 16);
        if (line.find("[vsyscall]") != std::string::npos || line.find("[vvar]") != std::string::npos)
            continue;
        const auto window_begin = reinterpret_cast<std::size_t>(window.data());
        for (std::size_t at = begin; at < end;) {
            const std::size_t wanted = std::min(kWindowBytes, end - at);
            const ssize_t got = ::pread(memory, window.data(), wanted, static_cast<off_t>(at));
            if (got <= 0) break;
            const std::string_view seen(window.data(), static_cast<std::size_t>(got));
            const bool itself = at < window_begin + kWindowBytes && window_begin < at + seen.size();
            for (std::size_t i = 0; i < patterns.size() && !itself; ++i)
                counts[i] += patterns[i].count_in(seen);
            wipe(window);
            at += seen.size() < wanted || wanted == end - at ? seen.size()
                                                             : seen.size() - 256;  // patterns may straddle
        }
    }
    ::close(memory);
    return counts;
}

std::vector<Hidden> patterns_of(const Secret<32>& key, std::string_view passphrase) {
    std::string base64, hex;
    base64.reserve(64);
    append_base64(base64, key.expose());
    hex = to_hex(key.expose());
    std::vector<Hidden> out;
    out.emplace_back("raw", key.expose().substr(8));  // the first bytes of a slot that is free are a link
    out.emplace_back("base64", std::string_view(base64).substr(0, 40));
    out.emplace_back("hex", hex);
    out.emplace_back("passphrase", passphrase);
    wipe(base64);
    wipe(hex);
    return out;
}

class Wipe : public Scratch {
  protected:
    /// Makes a key file by `write`, and returns what to look for; whatever stood in memory is gone.
    std::vector<Hidden> make(const std::function<Status(const Secret<32>&, const SecretText&)>& write) {
        SystemEntropy entropy;
        const auto key = generate_secret(entropy);
        SecretText passphrase;
        for (std::size_t at = 0; at < 24; ++at)
            passphrase.data()[at] = static_cast<std::uint8_t>('a' + key.data()[at] % 26);
        passphrase.set_size(24);
        EXPECT_TRUE(write_passphrase(passphrase));
        EXPECT_TRUE(write(key, passphrase));
        return patterns_of(key, passphrase.expose());
    }
    bool write_passphrase(const SecretText& passphrase) const {
        const int file = ::open(path("passphrase").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        const ssize_t written = ::write(file, passphrase.expose().data(), passphrase.size());
        return ::close(file) == 0 && written == static_cast<ssize_t>(passphrase.size());
    }
    void expect_nothing(const std::vector<Hidden>& patterns, const char* when) const {
        const auto counts = count_everywhere(patterns);
        for (std::size_t i = 0; i < patterns.size(); ++i)
            EXPECT_EQ(counts[i], 0u) << patterns[i].name() << " " << when;
    }
    void use_and_look(const std::vector<Hidden>& patterns) const {
#ifdef PARMANA_SANITIZED
        GTEST_SKIP() << "the memory of a sanitized program is too large to look through";
#endif
        expect_nothing(patterns, "after it was made");
        {
            const auto signer = open_signer(path(), "attestation", PassphraseSource(path("passphrase")));
            ASSERT_TRUE(signer) << signer.error().detail;
            for (int turn = 0; turn < 3; ++turn)
                ASSERT_TRUE((*signer)->sign("message " + std::to_string(turn)));
            const auto counts = count_everywhere(patterns);
            EXPECT_GE(counts[0], 1u) << "this test does not see what it looks for";
            for (std::size_t i = 1; i < patterns.size(); ++i)
                EXPECT_EQ(counts[i], 0u) << patterns[i].name() << " while the key is in use";
        }
        expect_nothing(patterns, "after it went");
    }
};

TEST_F(Wipe, APlainKeyIsGoneWithItsSigner) {
    use_and_look(make([this](const Secret<32>& key, const SecretText&) {
        return write_key_file(path(), "attestation", key);
    }));
}

TEST_F(Wipe, AnEncryptedKeyAndItsPassphraseAreGoneWithTheSigner) {
    use_and_look(make([this](const Secret<32>& key, const SecretText& passphrase) {
        SystemEntropy entropy;
        return write_encrypted_key_file(path(), "attestation", key, passphrase, entropy);
    }));
}

TEST_F(Wipe, AFileThatIsRefusedLeavesNothing) {
#ifdef PARMANA_SANITIZED
    GTEST_SKIP() << "the memory of a sanitized program is too large to look through";
#endif
    const auto patterns = make([this](const Secret<32>& key, const SecretText&) {
        return write_key_file(path(), "attestation", key);
    });
    EXPECT_FALSE(open_signer(path(), "log", PassphraseSource()));
    ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
    EXPECT_FALSE(open_signer(path(), "attestation", PassphraseSource()));
    expect_nothing(patterns, "after it was refused");
}

}  // namespace
}  // namespace parmana::crypto
