// Checkpoints (C2SP tlog-checkpoint), and their signature by a log.
#include <charconv>
#include <optional>

#include "base/limits.hpp"
#include "note/key_name.hpp"
#include "note/note.hpp"

namespace parmana::note {
namespace {

constexpr std::uint64_t kSizeMax = limits::kExactIntegerMax;

std::unexpected<Error> invalid(std::string detail) {
    return fail(Code::member_invalid, "the checkpoint is not valid: " + std::move(detail));
}

// Takes a line with its newline from the front and gives it without; nothing if no newline is left.
std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

}  // namespace

std::optional<merkle::TreeSize> parse_tree_size(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    if (!whole || leading_zero || size > kSizeMax) return std::nullopt;
    return merkle::TreeSize(size);
}

std::string checkpoint_body(const Checkpoint& checkpoint) {
    std::string body = checkpoint.origin + "\n" + std::to_string(checkpoint.size.value()) + "\n";
    append_base64(body, view_of(checkpoint.root.value()));
    body.push_back('\n');
    return body;
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const crypto::Signer& signer) {
    std::string note = checkpoint_body(checkpoint);
    // A head that our own reader refuses is never signed.
    TRY(parse_checkpoint(note));
    const crypto::Signature signature = TRY(signer.sign(note));
    note.push_back('\n');
    note += render({checkpoint.origin, key_hint(checkpoint.origin, signer.public_key(), KeyType::log),
                    std::string(view_of(signature.value()))});
    return note;
}

Result<Checkpoint> parse_checkpoint(std::string_view body) {
    const auto origin = take_line(body);
    const auto size_line = take_line(body);
    const auto root_line = take_line(body);
    if (!root_line || !body.empty()) return invalid("it does not have three lines");
    if (!valid_key_name(*origin)) return invalid("the origin is not a name of a key");
    const auto size = parse_tree_size(*size_line);
    if (!size) return invalid("the size is not a decimal number within 2^53-1");
    const auto root_bytes = from_base64(*root_line);
    const auto root = root_bytes ? array_from<32>(*root_bytes) : std::nullopt;
    if (!root) return invalid("the root is not canonical base64 of 32 bytes");
    return Checkpoint{std::string(*origin), *size, merkle::Root(*root)};
}

Result<Checkpoint> open_checkpoint(std::string_view note, const crypto::PublicKey& key) {
    const Note parsed = TRY(parse_note(note));
    Checkpoint checkpoint = TRY(parse_checkpoint(parsed.text));
    const std::uint32_t hint = key_hint(checkpoint.origin, key, KeyType::log);
    bool signed_by_key = false;
    for (const SignatureLine& line : parsed.signatures) {
        if (line.name != checkpoint.origin || line.key_hint != hint) continue;
        const auto signature = signature_from(line.signature);
        if (!signature || !crypto::verify(key, parsed.text, *signature)) {
            return invalid("the signature by the key of `" + checkpoint.origin + "` is wrong");
        }
        signed_by_key = true;
    }
    if (!signed_by_key) return invalid("there is no signature by the key of `" + checkpoint.origin + "`");
    return checkpoint;
}

}  // namespace parmana::note
