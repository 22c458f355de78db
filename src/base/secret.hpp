// Secret<N>: N bytes that cannot be copied or printed and are wiped when they go.
#pragma once

#include <string.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace parmana {

template <std::size_t N>
class Secret {
  public:
    Secret() = default;
    ~Secret() { explicit_bzero(bytes_.data(), N); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            other.wipe();
        }
        return *this;
    }

    std::uint8_t* data() { return bytes_.data(); }
    const std::uint8_t* data() const { return bytes_.data(); }
    static constexpr std::size_t size() { return N; }
    /// For handing to a primitive; the view must not outlive the secret or be stored.
    std::string_view expose() const { return {reinterpret_cast<const char*>(bytes_.data()), N}; }

  private:
    void wipe() { explicit_bzero(bytes_.data(), N); }

    std::array<std::uint8_t, N> bytes_{};
};

/// Wipes a text buffer that held a secret.
inline void wipe(std::string& text) {
    explicit_bzero(text.data(), text.size());
}

}  // namespace parmana
