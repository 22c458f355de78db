#include <charconv>

#include "bulk/bulk.hpp"
#include "verify/wire.hpp"

namespace parmana::bulk {
namespace {

std::int64_t number(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

std::optional<std::uint64_t> as_index(const std::string& text) {
    std::uint64_t index = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, index);
    if (error != std::errc() || at != end) return std::nullopt;
    return index;
}

Result<std::uint64_t> index_of(const OpenLedger& open, const std::string& entry) {
    constexpr std::string_view kPrefix = "execution:";
    if (const auto index = as_index(entry)) return *index;
    const std::string_view name = entry;
    const auto id =
        TRY(decide::parse_execution_id(name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name));
    const auto found = TRY(open.ledger->find(id));
    if (!found) return fail(Code::execution_unknown, "no execution has the identity `" + id.value() + "`");
    return (*found)->index.value();
}

}  // namespace

Result<std::string> prove_inclusion(const OpenLedger& open, const std::string& entry,
                                    std::optional<std::uint64_t> size) {
    const merkle::LeafIndex index(TRY(index_of(open, entry)));
    const merkle::TreeSize in(size.value_or(open.log->published_size().value()));
    const auto proof = TRY(open.log->prove_inclusion_in(index, in));
    const auto note = TRY(open.log->note_at(in));
    std::string out;
    json::Writer writer(out);
    writer.object();
    if (note) writer.name("checkpoint").string(*note);
    verify::write_hashes(writer, "hashes", proof);
    writer.name("leaf").string(to_base64(view_of(open.log->leaves(index, 1).front().value())));
    writer.name("logIndex").integer(number(index.value())).name("treeSize").integer(number(in.value())).end();
    return out;
}

Result<std::string> prove_consistency(const OpenLedger& open, std::uint64_t from,
                                      std::optional<std::uint64_t> to) {
    const merkle::TreeSize old(from), in(to.value_or(open.log->published_size().value()));
    const auto proof = TRY(open.log->prove_consistency(old, in));
    const auto old_note = TRY(open.log->note_at(old));
    const auto note = TRY(open.log->note_at(in));
    std::string out;
    json::Writer writer(out);
    writer.object();
    if (old_note) writer.name("fromCheckpoint").string(*old_note);
    writer.name("fromSize").integer(number(from));
    verify::write_hashes(writer, "hashes", proof);
    if (note) writer.name("toCheckpoint").string(*note);
    writer.name("toSize").integer(number(in.value())).end();
    return out;
}

}  // namespace parmana::bulk
