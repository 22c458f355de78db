// The body of `add-checkpoint` (C2SP tlog-witness), read by witnesses and written by logs. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "merkle/merkle.hpp"

namespace parmana::witness {

/// More than any consistency proof of a tree within 2^53−1 needs.
inline constexpr std::size_t kProofLinesMax = 63;
/// The old size line, all lines of a proof, and a note.
inline constexpr std::size_t kRequestBytesMax = 68 * 1024;
/// Media type of the body of a conflict: a tree size, decimal, and a newline.
inline constexpr std::string_view kSizeMediaType = "text/x.tlog.size";

struct Request {
    merkle::TreeSize old_size;
    merkle::Proof proof;
    std::string checkpoint;  // a signed note
};

std::string render(const Request& request);
/// The lines before the note; the note itself is taken as it is. Errors: member_invalid.
Result<Request> parse_request(std::string_view body);

/// `GET` there gives the newest checkpoint that the witness cosigned: a slash, the SHA-256 of the origin in
/// hexadecimal digits, `/checkpoint`.
std::string checkpoint_path(std::string_view origin);

}  // namespace parmana::witness
