// Bytes and their spellings. Byte strings are std::string and std::string_view throughout; a SHA-256
// value is a Digest (32 bytes). Decoders are strict: one value has one accepted spelling.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parmana {

using Digest = std::array<std::uint8_t, 32>;

/// The bytes of a fixed-size array as a view; valid while the array lives.
template <std::size_t N>
std::string_view view_of(const std::array<std::uint8_t, N>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), N};
}

/// The first N bytes of `bytes`, which must have exactly N; otherwise nothing.
template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> array_from(std::string_view bytes) {
    if (bytes.size() != N) return std::nullopt;
    std::array<std::uint8_t, N> out;
    for (std::size_t i = 0; i < N; ++i)
        out[i] = static_cast<std::uint8_t>(bytes[i]);
    return out;
}

/// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
/// Accepts lower-case digits only, an even number of them.
std::optional<std::string> from_hex(std::string_view text);

/// Standard alphabet with padding (RFC 4648 §4).
std::string to_base64(std::string_view bytes);
void append_base64(std::string& out, std::string_view bytes);
/// Accepts only the canonical spelling: padded, no white space, unused bits zero.
std::optional<std::string> from_base64(std::string_view text);

/// Lower-case base32 without padding (RFC 4648 §6 alphabet), used in derived execution identities.
std::string to_base32(std::string_view bytes);

/// `sha256:` and 64 lower-case hexadecimal digits: the one wire spelling of a hash.
std::string to_wire(const Digest& digest);
std::optional<Digest> digest_from_wire(std::string_view text);

void append_u16(std::string& out, std::uint16_t value);  // big-endian, as the two below
void append_u32(std::string& out, std::uint32_t value);
void append_u64(std::string& out, std::uint64_t value);
/// Read big-endian from the front of `bytes`; the caller has checked the size (an INVARIANT does too).
std::uint16_t read_u16(std::string_view bytes);
std::uint32_t read_u32(std::string_view bytes);
std::uint64_t read_u64(std::string_view bytes);

/// A JSON string literal with the escapes of RFC 8785 §3.2.2.2; `text` must be valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// One reference token of a JSON pointer, escaped (RFC 6901 §3), with its leading slash.
std::string pointer_token(std::string_view name);

}  // namespace parmana
