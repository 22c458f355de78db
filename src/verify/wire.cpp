#include "verify/wire.hpp"

#include "note/note.hpp"

namespace parmana::verify {

Result<merkle::Proof> parse_hashes(const json::Fields& fields, std::string_view name) {
    merkle::Proof proof;
    for (const json::Value value : TRY(fields.array(name)).elements()) {
        const auto bytes = value.is(json::Type::string) ? from_base64(value.string()) : std::nullopt;
        const auto hash = bytes ? array_from<32>(*bytes) : std::nullopt;
        if (!hash) return fields.invalid(name, "the base64 of 32 bytes each");
        proof.push_back(*hash);
    }
    return proof;
}

void write_hashes(json::Writer& writer, std::string_view name, const merkle::Proof& proof) {
    writer.name(name).array();
    for (const Digest& hash : proof)
        writer.string(to_base64(view_of(hash)));
    writer.end();
}

Result<std::uint64_t> unsigned_member(const json::Fields& fields, std::string_view name) {
    const std::int64_t value = TRY(fields.integer(name));
    if (value < 0) return fields.invalid(name, "zero or positive");
    return static_cast<std::uint64_t>(value);
}

std::string envelope_json(const dsse::Envelope& envelope) {
    std::string out;
    dsse::append_json(out, envelope);
    return out;
}

std::string envelope_json(const dsse::Signed& envelope) {
    std::string out;
    dsse::append_json(out, envelope);
    return out;
}

Result<Previous> parse_previous(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(value, at, {"consistency", "note"}));
    Previous out;
    out.consistency = TRY(parse_hashes(fields, "consistency"));
    out.note = TRY(fields.string("note"));
    const auto head = note::parse_head(out.note);
    if (!head) return fields.invalid("note", "a head: " + head.error().detail);
    return out;
}

void write_previous(json::Writer& writer, const Previous& previous) {
    writer.name("previousCheckpoint").object();
    write_hashes(writer, "consistency", previous.consistency);
    writer.name("note").string(previous.note).end();
}

}  // namespace parmana::verify
