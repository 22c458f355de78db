// The entries: what each says, what it is hashed to, who signed it, what its record is.
#include <algorithm>
#include <atomic>
#include <thread>

#include "bulk/fsck.hpp"
#include "bulk/kind.hpp"
#include "store/embedded/embedded.hpp"
#include "tlog/tiles.hpp"

namespace parmana::bulk {
namespace {

using store::Attested;
using store::EntryKind;

/// The file that a message of the store names first, in backticks.
std::string place_in(const std::string& detail) {
    const std::size_t begin = detail.find('`');
    const std::size_t end = begin == std::string::npos ? begin : detail.find('`', begin + 1);
    return end == std::string::npos ? "log" : detail.substr(begin + 1, end - begin - 1);
}

/// What the store must go by for this statement.
struct Name {
    std::string name;
    std::string code;
};

Name name_of(const verify::EntryStatement& statement) {
    if (const auto* one = statement.as<attest::DecisionStatement>()) return {one->execution_id, ""};
    if (const auto* one = statement.as<attest::RefusalStatement>()) return {one->execution_id, one->code};
    if (const auto* one = statement.as<attest::GroupStatement>())
        return {std::to_string(one->group.first.value()), ""};
    if (const auto* one = statement.as<attest::ReplaysStatement>())
        return {one->replays.execution_id.value(), one->replays.code};
    if (const auto* one = statement.as<attest::KeyEventStatement>())
        return {std::to_string(one->event.root_version), ""};
    if (const auto* one = statement.as<attest::ReleaseEventStatement>())
        return {std::to_string(one->event.counter), ""};
    const auto& event = statement.as<attest::PolicyEventStatement>()->event;
    return {event.policy_id + "@" + event.policy_version, std::string(wire_name(event.change))};
}

}  // namespace

/// Called for each log entry in order, while the store is read.
Result<std::string> Fsck::take(const store::EntryChecks::Facts& facts, const dsse::Envelope& attestation) {
    const std::uint64_t index = facts.index.value();
    if (index < leaves_.size()) {  // the store looks again
        leaves_.clear();
        open_group_ = {};
    }
    std::optional<merkle::LeafHash> leaf;
    if (facts.attested == Attested::log) {
        leaf = merkle::hash_leaf(attest::statement_leaf_body(attestation.payload));
        open_group_.append(*leaf);
    } else {
        if (const auto key = trust_.find(trust::Role::attestation, attestation.key_id, index))
            leaf = attest::leaf_hash(attestation, *key);
        close_group(index, attestation, facts.kind == EntryKind::group);
    }
    if (!leaf) {
        find_at_entry(index, "it is not by an attestation key that the trust root had there");
    } else if (*leaf != facts.leaf) {
        find_at_entry(index, "its leaf is not that of its attestation");
    }
    leaves_.push_back(leaf.value_or(facts.leaf));
    return std::string();
}

/// Entries without a signature of their own stand right before the statement that vouches for them.
void Fsck::close_group(std::uint64_t index, const dsse::Envelope& attestation, bool is_group) {
    const std::uint64_t count = open_group_.size().value();
    const merkle::Root group_root = open_group_.root();
    open_group_ = {};
    if (!is_group) {
        if (count > 0) find_at_entry(index - count, "it has neither a signature nor a group behind it");
        return;
    }
    const auto said = attest::parse_group_statement(attestation.payload);
    const attest::Group expected{merkle::LeafIndex(index - count), count, group_root};
    if (said && said->group != expected) find_at_entry(index, "it is not about the group before it");
}

/// False when the store cannot be read to its end.
bool Fsck::read_ledger() {
    store::EntryChecks checks;
    checks.entry = [this](const store::EntryChecks::Facts& facts, const dsse::Envelope& attestation) {
        return take(facts, attestation);
    };
    auto ledger = store::read_embedded_ledger(disk_, entropy_, trust_.origin(), trust_.tenant(), checks,
                                              store::LeafSink());
    if (!ledger) {
        find(place_in(ledger.error().detail), std::nullopt, ledger.error().detail);
        find("log", std::nullopt, "entries, roots and tiles cannot be judged while the store cannot be read");
        return false;
    }
    ledger_ = *std::move(ledger);
    report_.entries = ledger_->size().value();
    leaves_.resize(report_.entries);  // without a last group that was never committed
    for (const merkle::LeafHash& leaf : leaves_)
        tree_.append(leaf);
    const std::uint64_t published = published_ ? published_->head.size.value() : 0;
    if (report_.entries < published) {
        find("log", std::nullopt,
             "the ledger ends after " + std::to_string(report_.entries) + " entries, and a head over " +
                 std::to_string(published) + " was published");
    }
    return true;
}

/// One bundle's worth of entries. Each thread has one at a time.
class Fsck::Block {
  public:
    Block(Fsck& fsck, std::uint64_t number) : fsck_(fsck), first_(number * tlog::kTileWidth) {}

    void judge() {
        const std::uint64_t behind = std::min(first_ + tlog::kTileWidth, fsck_.report_.entries);
        for (std::uint64_t index = first_; index < behind; ++index)
            judge_entry(index);
        judge_bundles();
        const std::lock_guard lock(fsck_.mutex_);
        fsck_.identities_.insert(fsck_.identities_.end(), identities_.begin(), identities_.end());
        fsck_.policies_.merge(policies_);
        fsck_.runtimes_.merge(runtimes_);
    }

  private:
    void judge_entry(std::uint64_t index) {
        const auto entry = fsck_.ledger_->read(store::LogIndex(index));
        if (!entry) {
            fsck_.find(place_in(entry.error().detail), index, entry.error().detail);
            ends_.push_back(ends_.empty() ? 0 : ends_.back());
            whole_ = false;
            return;
        }
        const store::Submission& content = (*entry)->content;
        add_leaf(content);
        const auto statement =
            verify::parse_entry_statement(kind_of(content.kind), content.attestation.payload);
        if (!statement) return fsck_.find_at_entry(index, "its statement: " + statement.error().detail);
        const Name name = name_of(*statement);
        if (name.name != content.execution_id.value() || name.code != content.code)
            fsck_.find_at_entry(index, "the store has it as `" + content.execution_id.value() +
                                           "`, its statement as `" + name.name + "`");
        if (statement->origin != fsck_.trust_.origin().value() ||
            statement->tenant != fsck_.trust_.tenant().value())
            fsck_.find_at_entry(index, "it is of another origin or tenant");
        if (!verify::is_record_of(*statement, content.attestation.payload, content.record))
            fsck_.find("records", index, "the record is not the one that was attested");
        if (statement->policy_digest) policies_.insert(*statement->policy_digest);
        if (statement->runtime_digest) runtimes_.insert(*statement->runtime_digest);
        if (content.kind != EntryKind::decision) return;
        const Digest digest = crypto::sha256(name.name);
        Identity identity{{}, index};
        std::copy_n(digest.begin(), identity.digest.size(), identity.digest.begin());
        identities_.push_back(identity);
    }

    void add_leaf(const store::Submission& content) {
        if (content.attested == Attested::log) {
            tlog::append_entry(bundle_, attest::statement_leaf_body(content.attestation.payload));
        } else if (const auto key = fsck_.trust_.find(trust::Role::attestation, content.attestation.key_id,
                                                      first_ + ends_.size())) {
            if (!dsse::verify(content.attestation, *key))
                fsck_.find_at_entry(first_ + ends_.size(), "its signature does not verify");
            tlog::append_entry(bundle_, attest::leaf_body(content.attestation, *key));
        } else {
            whole_ = false;
        }
        ends_.push_back(bundle_.size());
    }

    /// Each file is as many of these entries as its name says.
    void judge_bundles() {
        if (!whole_) return;
        const std::uint64_t number = first_ / tlog::kTileWidth;
        const std::uint64_t published = fsck_.published_ ? fsck_.published_->head.size.value() : 0;
        std::set<std::uint64_t> widths;
        if (const auto listed = fsck_.bundles_.find(number); listed != fsck_.bundles_.end())
            widths = listed->second;
        const std::uint64_t needed = published <= first_ ? 0 : std::min(published - first_, tlog::kTileWidth);
        if (needed > 0) widths.insert(needed);
        for (const std::uint64_t width : widths) {
            const std::string path = tlog::bundle_path(number, width);
            if (width > ends_.size()) {
                fsck_.find("tlog/" + path, std::nullopt, "the ledger does not have so many entries");
            } else {
                fsck_.judge_file(path, std::string_view(bundle_).substr(0, ends_[width - 1]),
                                 width == needed);
            }
        }
    }

    Fsck& fsck_;
    const std::uint64_t first_;
    std::string bundle_;
    std::vector<std::size_t> ends_;  // of each entry in the bundle
    bool whole_ = true;
    std::vector<Identity> identities_;
    std::set<std::string> policies_, runtimes_;
};

void Fsck::judge_entries() {
    const std::uint64_t blocks = (report_.entries + tlog::kTileWidth - 1) / tlog::kTileWidth;
    std::atomic<std::uint64_t> next = 0, done = 0;
    const auto work = [&](bool tells) {
        for (std::uint64_t number = next++; number < blocks; number = next++) {
            Block(*this, number).judge();
            ++done;
            if (tells && progress_)
                progress_("checked", std::min(done * tlog::kTileWidth, report_.entries), report_.entries);
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i)
        threads.emplace_back(work, false);
    work(true);
    for (std::thread& thread : threads)
        thread.join();
}

void Fsck::judge_unique() {
    std::sort(identities_.begin(), identities_.end());
    for (std::size_t i = 1; i < identities_.size(); ++i) {
        if (identities_[i].digest != identities_[i - 1].digest) continue;
        find_at_entry(identities_[i].index, "it consumes the identity that entry " +
                                                std::to_string(identities_[i - 1].index) + " consumed");
    }
}

}  // namespace parmana::bulk
