// Any bytes through the reader. What it accepts has a canonical form that is read back to itself;
// what it refuses, it refuses the same way twice, and nothing is wrong before the offset it names;
// and another reader accepts and refuses the same texts, but for what our contract adds.
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/invariant.hpp"
#include "json/json.hpp"

namespace parmana::json {
namespace {

std::size_t offset_of(const Error& error) {
    constexpr std::string_view kBefore = " at offset ";
    const std::size_t at = error.detail.rfind(kBefore);
    INVARIANT(at != std::string::npos);
    std::size_t offset = 0;
    std::from_chars(error.detail.data() + at + kBefore.size(), error.detail.data() + error.detail.size(),
                    offset);
    return offset;
}

void check_accepted(const Document& document) {
    const std::string once = canonical(document.root());
    const auto again = parse(once);
    INVARIANT(again.has_value());
    INVARIANT(canonical(again->root()) == once);
    INVARIANT(is_canonical(*again));
    INVARIANT(is_canonical(document) == (document.text() == once));
}

void check_refused(std::string_view text, const Error& error) {
    const auto again = parse(text);
    INVARIANT(!again.has_value() && again.error() == error);
    INVARIANT(is_utf8(error.detail) && error.detail.find('\n') == std::string::npos);
    const std::size_t offset = offset_of(error);
    INVARIANT(offset <= text.size());
    const auto before = parse(text.substr(0, offset));
    if (before) return;
    INVARIANT(before.error().code == Code::json_malformed && offset_of(before.error()) == offset);
}

// The other reader skips a byte order mark, takes a zero byte for the end, and knows no limits, no
// repeated names and no inexact numbers.
bool is_comparable(std::string_view text, const Result<Document>& read) {
    if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos) return false;
    if (read) return true;
    return read.error().code == Code::json_malformed && !read.error().detail.starts_with("too many");
}

}  // namespace
}  // namespace parmana::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parmana;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = json::parse(text);
    if (read) {
        INVARIANT(read->text() == text);
        json::check_accepted(*read);
    } else {
        json::check_refused(text, read.error());
    }
    if (json::is_comparable(text, read)) INVARIANT(nlohmann::json::accept(text) == read.has_value());
    return 0;
}
