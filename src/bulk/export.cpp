#include <set>

#include "attest/attest.hpp"
#include "bulk/bulk.hpp"
#include "bulk/kind.hpp"
#include "note/note.hpp"
#include "runtime/runtime.hpp"

namespace parmana::bulk {
namespace {

using store::EntryKind;

struct Range {
    std::uint64_t first;
    std::uint64_t end;
};

Result<attest::Group> group_in(const store::Entry& entry) {
    return TRY(attest::parse_group_statement(entry.content.attestation.payload)).group;
}

/// A group and what it vouches for stand in one export together, or not at all.
Result<Range> whole_groups(Range range, const store::LedgerReader& ledger) {
    const auto first = TRY(ledger.read(store::LogIndex(range.first)));
    if (first->content.kind == EntryKind::group) {
        range.first = TRY(group_in(*first)).first.value();
    } else if (first->content.attested == store::Attested::log) {
        range.first = TRY(group_in(*TRY(ledger.group_of(first->index)))).first.value();
    }
    const auto last = TRY(ledger.read(store::LogIndex(range.end - 1)));
    if (last->content.attested == store::Attested::log)
        range.end = TRY(ledger.group_of(last->index))->index.value() + 1;
    return range;
}

Result<Range> range_of(const ExportOptions& options, const OpenLedger& open) {
    const std::uint64_t published = open.log->published_size().value();
    const Range range{options.from.value_or(0), options.to.value_or(published)};
    if (range.end > published) {
        return fail(Code::not_included, "entry " + std::to_string(range.end - 1) +
                                            " is not under a published checkpoint; there are " +
                                            std::to_string(published));
    }
    if (range.first >= range.end) return fail(Code::not_included, "there is no entry in this range");
    return whole_groups(range, *open.ledger);
}

Result<verify::Manifest> manifest_of(const runtime::DataDirectory& data, const OpenLedger& open, Range range,
                                     verify::Level level) {
    verify::Manifest out{};
    out.level = level;
    out.origin = data.trust().origin().value();
    out.tenant = data.trust().tenant().value();
    out.first = merkle::LeafIndex(range.first);
    out.count = range.end - range.first;
    auto behind = TRY(open.log->prove_inclusion(merkle::LeafIndex(range.end - 1)));
    if (!note::parse_head(behind.note)) {
        return fail(Code::not_included,
                    "the published checkpoint is of the first format; run `parmana log checkpoint`");
    }
    out.trust = TRY(runtime::gather_trust(data.trust(), *open.ledger, *open.log, behind.size));
    out.checkpoint = std::move(behind.note);
    auto before = TRY(open.log->prove_inclusion(out.first));
    if (before.previous && note::parse_head(before.previous->note)) {
        const auto size = TRY(note::parse_head(before.previous->note)).checkpoint.size;
        auto consistency = TRY(open.log->prove_consistency(size, behind.size));
        out.previous = verify::Previous{std::move(before.previous->note), std::move(consistency)};
    }
    out.range = TRY(open.log->prove_range(out.first, out.count, behind.size));
    return out;
}

/// What statements name, before the first of them.
class Enclosures {
  public:
    Enclosures(const runtime::DataDirectory& data, const Sink& sink) : data_(data), sink_(sink) {}

    Status before(const verify::EntryStatement& statement) {
        if (statement.policy_digest && seen_.insert("policy " + *statement.policy_digest).second) {
            const auto bundle = TRY(data_.kept_policy(*statement.policy_digest));
            TRY(sink_(verify::render_policy_line(bundle) + "\n"));
        }
        if (statement.release_digest && seen_.insert("release " + *statement.release_digest).second) {
            const auto release = TRY(data_.kept_release(*statement.release_digest));
            TRY(sink_(verify::render_release_line(release.envelope) + "\n"));
        }
        if (statement.runtime_digest && seen_.insert("runtime " + *statement.runtime_digest).second) {
            const auto manifest = TRY(data_.kept_runtime_manifest(*statement.runtime_digest));
            TRY(sink_(verify::render_runtime_line(manifest) + "\n"));
        }
        return {};
    }

  private:
    const runtime::DataDirectory& data_;
    const Sink& sink_;
    std::set<std::string> seen_;
};

}  // namespace

Result<Exported> export_range(const runtime::DataDirectory& data, const OpenLedger& open,
                              const ExportOptions& options, const Sink& sink, const Progress& progress) {
    const Range range = TRY(range_of(options, open));
    TRY(sink(verify::render(TRY(manifest_of(data, open, range, options.level))) + "\n"));
    Enclosures enclosures(data, sink);
    for (std::uint64_t index = range.first; index < range.end; ++index) {
        auto entry = TRY(open.ledger->read(store::LogIndex(index)));
        const store::Submission& content = entry->content;
        verify::ExportedEntry out{};
        out.index = entry->index;
        out.kind = kind_of(content.kind);
        out.by_log = content.attested == store::Attested::log;
        out.attestation = content.attestation;
        if (options.level == verify::Level::full) {
            const auto statement = TRY(verify::parse_entry_statement(out.kind, content.attestation.payload));
            TRY(enclosures.before(statement));
            out.record = content.record;
        }
        TRY(sink(verify::render(out) + "\n"));
        if (progress) progress("exported", index + 1 - range.first, range.end - range.first);
    }
    return Exported{range.first, range.end - range.first};
}

}  // namespace parmana::bulk
