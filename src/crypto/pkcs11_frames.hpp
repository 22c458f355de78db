// What the server and parmana-pkcs11 say to each other over a socket pair: frames of a 32-bit big-endian
// length, one byte that says what it is, and so many bytes less one. The server asks, parmana-pkcs11 answers
// each question once:
//
//   open URI, generate URI  →  key (32 bytes)            the first question, once
//   sign MESSAGE            →  signature (64 bytes)
//   any of them             →  refused TEXT              what the token says
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace parmana::crypto {

inline constexpr std::size_t kPkcs11FrameBytesMax = 2 * 1024 * 1024;

enum class Pkcs11Word : char {
    open = 'O',
    generate = 'G',
    sign = 'S',
    key = 'k',
    signature = 's',
    refused = 'r'
};

struct Pkcs11Frame {
    Pkcs11Word word;
    std::string body;
};

/// Errors: signer_unavailable when the other side is gone, does not take it within `timeout_ms` (-1: ever),
/// or the body is too long.
Status write_frame(int socket, Pkcs11Word word, std::string_view body, int timeout_ms);
/// Errors: signer_unavailable when the other side is gone, does not answer in time or says something else.
Result<Pkcs11Frame> read_frame(int socket, int timeout_ms);

}  // namespace parmana::crypto
