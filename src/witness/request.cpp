#include "witness/request.hpp"

#include <optional>

#include "note/note.hpp"

namespace parmana::witness {
namespace {

constexpr std::string_view kOld = "old ";

std::unexpected<Error> malformed(std::string_view what) {
    return fail(Code::member_invalid, "the request is not well formed: " + std::string(what));
}

std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

}  // namespace

std::string render(const Request& request) {
    std::string out(kOld);
    out += std::to_string(request.old_size.value()) + "\n";
    for (const Digest& hash : request.proof) {
        append_base64(out, view_of(hash));
        out.push_back('\n');
    }
    return out + "\n" + request.checkpoint;
}

Result<Request> parse_request(std::string_view body) {
    const auto first = take_line(body);
    if (!first || !first->starts_with(kOld)) return malformed("it does not begin with the old size");
    const auto size = note::parse_tree_size(first->substr(kOld.size()));
    if (!size) return malformed("the old size is not a decimal number within 2^53-1");
    Request out{*size, {}, {}};
    while (true) {
        const auto line = take_line(body);
        if (!line) return malformed("there is no empty line before the checkpoint");
        if (line->empty()) break;
        if (out.proof.size() == kProofLinesMax) return malformed("the proof has more than 63 hashes");
        const auto bytes = from_base64(*line);
        const auto hash = bytes ? array_from<32>(*bytes) : std::nullopt;
        if (!hash) return malformed("a line of the proof is not canonical base64 of 32 bytes");
        out.proof.push_back(*hash);
    }
    out.checkpoint = body;
    return out;
}

std::string checkpoint_path(std::string_view origin) {
    return "/" + to_hex(view_of(crypto::sha256(origin))) + "/checkpoint";
}

}  // namespace parmana::witness
