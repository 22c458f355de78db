// Heads: checkpoints with the time of the log and the cosignatures of witnesses (C2SP tlog-cosignature).
#include <algorithm>

#include "note/key_name.hpp"

namespace parmana::note {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kLinesMax = 16;

std::unexpected<Error> invalid(std::string_view what) {
    return fail(Code::member_invalid, "the checkpoint is not one of a governed log: " + std::string(what));
}

std::string cosigned_message(std::string_view text, UnixSeconds time) {
    std::string out = "cosignature/v1\ntime " + std::to_string(time.value()) + "\n";
    out += text;
    return out;
}

bool strictly_ascending(const std::vector<SignatureLine>& lines) {
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (render(lines[i - 1]) >= render(lines[i])) return false;
    }
    return true;
}

}  // namespace

Result<std::string> cosign(std::string_view text, std::string_view name, const crypto::Signer& signer,
                           UnixSeconds time) {
    if (time.value() < 0) return invalid("the time is before 1970");
    const crypto::Signature signature = TRY(signer.sign(cosigned_message(text, time)));
    std::string blob;
    append_u64(blob, static_cast<std::uint64_t>(time.value()));
    blob += view_of(signature.value());
    return render({std::string(name), key_hint(name, signer.public_key(), KeyType::cosignature), blob});
}

std::optional<UnixSeconds> verify_cosignature(std::string_view text, const SignatureLine& line,
                                              std::string_view name, const crypto::PublicKey& key) {
    if (line.name != name || line.key_hint != key_hint(name, key, KeyType::cosignature)) return std::nullopt;
    if (line.signature.size() != kTimeBytes + kSignatureBytes) return std::nullopt;
    const std::uint64_t seconds = read_u64(line.signature);
    if (seconds > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    const UnixSeconds time(static_cast<std::int64_t>(seconds));
    const auto signature = signature_from(std::string_view(line.signature).substr(kTimeBytes));
    if (!signature || !crypto::verify(key, cosigned_message(text, time), *signature)) return std::nullopt;
    return time;
}

Result<Head> parse_head(std::string_view note) {
    Note parsed = TRY(parse_note(note));
    Checkpoint checkpoint = TRY(parse_checkpoint(parsed.text));
    auto& lines = parsed.signatures;
    if (lines.size() < 2) return invalid("it has no signature of the log, or no time");
    Head out{std::move(checkpoint), std::move(parsed.text), std::move(lines[0]), std::move(lines[1]), {}};
    out.witnesses.assign(std::make_move_iterator(lines.begin() + 2), std::make_move_iterator(lines.end()));
    const auto is_cosignature = [](const SignatureLine& line) {
        return line.signature.size() == kTimeBytes + kSignatureBytes;
    };
    const auto is_of_a_witness = [&](const SignatureLine& line) {
        return is_cosignature(line) && line.name != out.checkpoint.origin;
    };
    if (out.log.name != out.checkpoint.origin || out.log.signature.size() != kSignatureBytes) {
        return invalid("the first line is not a signature of the log");
    }
    if (out.time.name != out.checkpoint.origin || !is_cosignature(out.time)) {
        return invalid("the second line is not a cosignature of the log");
    }
    if (!std::all_of(out.witnesses.begin(), out.witnesses.end(), is_of_a_witness)) {
        return invalid("a further line is not a cosignature of a witness");
    }
    if (!strictly_ascending(out.witnesses)) return invalid("the cosignatures of witnesses are not in order");
    return out;
}

Result<std::string> sign_head(const Checkpoint& checkpoint, const crypto::Signer& signer, UnixSeconds time) {
    std::string note = TRY(sign_checkpoint(checkpoint, signer));
    note += TRY(cosign(checkpoint_body(checkpoint), checkpoint.origin, signer, time));
    return note;
}

Result<std::string> add_cosignatures(std::string_view note, std::span<const std::string> lines) {
    if (lines.empty()) return std::string(note);
    const Head head = TRY(parse_head(note));
    std::string added = head.text + "\n";
    for (const std::string& line : lines)
        added += line;
    std::vector<SignatureLine> witnesses = head.witnesses;
    const Note further = TRY(parse_note(added));
    for (const SignatureLine& line : further.signatures) {
        const bool is_there = std::any_of(witnesses.begin(), witnesses.end(), [&](const SignatureLine& other) {
            return other.name == line.name && other.key_hint == line.key_hint;
        });
        if (!is_there) witnesses.push_back(line);
    }
    std::vector<std::string> all;
    for (const SignatureLine& line : witnesses)
        all.push_back(render(line));
    std::sort(all.begin(), all.end());
    if (all.size() + 2 > kLinesMax) return invalid("it has too many cosignatures");
    std::string out = head.text + "\n" + render(head.log) + render(head.time);
    for (const std::string& line : all)
        out += line;
    TRY(parse_head(out));
    return out;
}

}  // namespace parmana::note
