// Secret<N>: N bytes that cannot be copied or printed. They stand on pages that are never swapped out (as far
// as RLIMIT_MEMLOCK lets) and that no core dump has, and are wiped when they go; moving one moves no byte.
#pragma once

#include <string.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/invariant.hpp"

namespace parmana {

/// Of a process that opens private keys, before it does: no core dump, and no other process of the same user
/// can read its memory. /proc/PID then belongs to root.
void keep_memory_private();

/// What Secret stands on. Any thread.
namespace secret_pages {

inline constexpr std::size_t kBytesMax = 8192;

/// Zeros. `size` is at most kBytesMax; the process stops when there is no memory.
std::uint8_t* take(std::size_t size);
/// Wipes. `size` as it was taken.
void give_back(std::uint8_t* bytes, std::size_t size);

}  // namespace secret_pages

template <std::size_t N>
class Secret {
  public:
    Secret() : bytes_(secret_pages::take(N)) {}
    ~Secret() {
        if (bytes_ != nullptr) secret_pages::give_back(bytes_, N);
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    /// What was moved from may only be assigned to, or go.
    Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
    Secret& operator=(Secret&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }

    std::uint8_t* data() {
        INVARIANT(bytes_ != nullptr);
        return bytes_;
    }
    const std::uint8_t* data() const {
        INVARIANT(bytes_ != nullptr);
        return bytes_;
    }
    static constexpr std::size_t size() { return N; }
    /// For handing to a primitive; the view must not outlive the secret or be stored.
    std::string_view expose() const { return {reinterpret_cast<const char*>(data()), N}; }

  private:
    static_assert(N <= secret_pages::kBytesMax);
    std::uint8_t* bytes_;
};

/// A text of any size up to a limit, kept as a Secret.
class SecretText {
  public:
    static constexpr std::size_t kBytesMax = secret_pages::kBytesMax;

    std::uint8_t* data() { return bytes_.data(); }
    std::size_t size() const { return size_; }
    /// Of what was written to data(). At most kBytesMax.
    void set_size(std::size_t size) {
        INVARIANT(size <= kBytesMax);
        size_ = size;
    }
    std::string_view expose() const { return bytes_.expose().substr(0, size_); }

  private:
    Secret<kBytesMax> bytes_;
    std::size_t size_ = 0;
};

/// Wipes a text buffer that held a secret.
inline void wipe(std::string& text) {
    explicit_bzero(text.data(), text.size());
}

}  // namespace parmana
