#include "tlog/tlog.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace parmana::tlog {
namespace {

constexpr std::string_view kDirectory = "tlog";
constexpr std::string_view kCheckpointFile = "tlog/checkpoint";
constexpr std::size_t kCheckpointBytesMax = 64 * 1024;
constexpr std::size_t kRecoveredMax = 16'384;
constexpr std::size_t kTileBytesMax = kTileWidth * (2 + 65'535);

std::unexpected<Error> corrupt(std::string detail) {
    return fail(Code::data_corrupt, std::move(detail));
}

/// The first index from which the key that signed this head is not believed, when that is where the head ends
/// or before.
std::optional<std::uint64_t> compromised_from(const std::string& note, const trust::History& trust) {
    const auto parsed = note::parse_note(note);
    const auto head = parsed ? note::parse_checkpoint(parsed->text)
                             : Result<note::Checkpoint>(std::unexpected(parsed.error()));
    if (!head) return std::nullopt;
    const std::uint64_t last = head->size.value() == 0 ? 0 : head->size.value() - 1;
    std::optional<std::uint64_t> out;
    for (const auto& [id, key] : trust.at_head(head->size.value()).keys(trust::Role::log)) {
        if (!note::open_checkpoint(note, key)) continue;
        out = trust.compromised(id, last);
        if (!out) return out;
    }
    return out;
}

/// The time of a head that this log signed; 0 of one that has none.
UnixSeconds time_of(const std::string& note, const trust::History& trust) {
    const auto head = note::parse_head(note);
    if (!head) return UnixSeconds(0);
    const trust::Root& root = trust.at_head(head->checkpoint.size.value());
    for (const auto& [id, key] : root.keys(trust::Role::log)) {
        const auto time = note::verify_cosignature(head->text, head->time, head->checkpoint.origin, key);
        if (time) return *time;
    }
    return UnixSeconds(0);
}

}  // namespace

Status create_log(disk::Disk& disk) {
    TRY(disk.make_directory(std::string(kDirectory)));
    return History::create(disk, std::string(kDirectory));
}

Result<note::Checkpoint> open_own(std::string_view note, const trust::History& trust) {
    const auto parsed = note::parse_note(note);
    const auto said = parsed ? note::parse_checkpoint(parsed->text)
                             : Result<note::Checkpoint>(std::unexpected(parsed.error()));
    if (!said) return corrupt("the checkpoint is not a signed note of a tree head");
    const trust::Root& root = trust.at_head(said->size.value());
    for (const auto& [id, key] : root.keys(trust::Role::log)) {
        auto head = note::open_checkpoint(note, key);
        if (!head) continue;
        if (head->origin != root.origin().value()) return corrupt("the checkpoint is of another origin");
        return head;
    }
    return corrupt("the checkpoint is not signed by a log key that the trust root had at its size");
}

Result<std::optional<Published>> read_published(disk::Disk& disk, const trust::History& trust) {
    auto text = disk.read(std::string(kCheckpointFile), kCheckpointBytesMax);
    if (!text) {
        if (text.error().code == Code::data_missing) return std::nullopt;
        return std::unexpected(text.error());
    }
    auto head = TRY(open_own(*text, trust));
    // Heads of the first format have no time; all others are checked whole.
    const auto lines = TRY(note::parse_note(*text)).signatures.size();
    if (lines > 1 && time_of(*text, trust) == UnixSeconds(0))
        return corrupt("the time of the checkpoint is not the log's");
    return Published{std::move(head), *std::move(text)};
}

Result<std::string> read_log_file(disk::Disk& disk, std::string_view path) {
    if (path != "checkpoint" && !is_tile_path(path))
        return fail(Code::route_unknown, "the log has no such file");
    auto bytes = disk.read(std::string(kDirectory) + "/" + std::string(path), kTileBytesMax);
    if (!bytes && bytes.error().code == Code::data_missing) {
        return fail(Code::route_unknown, "the log has no such file (yet)");
    }
    return bytes;
}

Log::Log(Key, disk::Disk& disk, const trust::History& trust, Side side, std::optional<Published> published,
         History history)
    : disk_(disk),
      trust_(trust),
      side_(side),
      published_(std::move(published)),
      history_(std::move(history)),
      tiles_(disk, std::string(kDirectory)) {}

Result<std::unique_ptr<Log>> Log::open(disk::Disk& disk, const trust::History& trust, Side side) {
    auto published = TRY(read_published(disk, trust));
    auto history = TRY(History::open(disk, std::string(kDirectory), side == Side::writer));
    auto log = std::make_unique<Log>(Key(), disk, trust, side, std::move(published), std::move(history));
    if (side == Side::reader) {
        log->bodies_from_ = UINT64_MAX;
        return log;
    }
    const std::uint64_t covered = log->published_ ? log->published_->head.size.value() : 0;
    const std::uint64_t mark = TRY(log->tiles_.read_mark());
    if (mark > covered) return corrupt("more tiles are said to be there than the checkpoint covers");
    log->bodies_from_ = mark;
    log->tiles_.start(mark);
    if (log->published_) log->last_time_ = time_of(log->published_->note, trust);
    return log;
}

void Log::append(std::span<store::Leaf> leaves) {
    const std::lock_guard lock(mutex_);
    for (store::Leaf& leaf : leaves) {
        if (tree_.size().value() >= bodies_from_) arrived_.push_back(std::move(leaf.body));
        tree_.append(leaf.hash);
    }
    if (side_ == Side::writer && !recovered_ && arrived_.size() >= kRecoveredMax)
        write_recovered_tiles_locked();
}

/// While the store is being read: full tiles go to the disk at once, so that memory does not grow with the
/// log.
void Log::write_recovered_tiles_locked() {
    const std::uint64_t covered = published_ ? published_->head.size.value() : 0;
    for (std::string& body : arrived_)
        tiles_.add(std::move(body));
    arrived_.clear();
    const auto files = tiles_.render(tree_, std::min(covered, tree_.size().value()), true);
    if (recovering_) recovering_ = tiles_.write(files);
}

Status Log::check_extends_locked() const {
    if (!published_) return {};
    if (published_->head.size > tree_.size())
        return corrupt("the log is shorter than its published checkpoint");
    if (tree_.root_at(published_->head.size) != published_->head.root) {
        return corrupt("the log does not extend its published checkpoint");
    }
    return {};
}

Status Log::write_tiles(merkle::TreeSize size) {
    {
        // Copied out under the lock, so that commits do not wait for the disk.
        const std::lock_guard lock(mutex_);
        for (std::string& body : arrived_)
            tiles_.add(std::move(body));
        arrived_.clear();
        auto files = tiles_.render(tree_, size.value(), false);
        unwritten_.insert(unwritten_.end(), std::make_move_iterator(files.begin()),
                          std::make_move_iterator(files.end()));
    }
    TRY(tiles_.write(unwritten_));
    unwritten_.clear();
    return {};
}

Status Log::recover() {
    const std::lock_guard round(publishing_);
    {
        const std::lock_guard lock(mutex_);
        TRY(check_extends_locked());
        TRY(recovering_);
        recovered_ = true;
    }
    if (side_ == Side::reader || !published_) return {};
    // If we stop anywhere here, the next start begins again at the mark.
    TRY(write_tiles(published_->head.size));
    return tiles_.settle();
}

/// Compare: what is on the disk is what we published last, or what we tried to publish last when the disk
/// failed at the very end. Anything else is another signer or an older copy.
Status Log::compare_with_disk(const std::optional<Published>& known) {
    auto on_disk = TRY(read_published(disk_, trust_));
    const bool is_known = on_disk ? known && on_disk->head == known->head : !known;
    const bool is_tried = on_disk && tried_ && on_disk->head == *tried_;
    if (!is_known && !is_tried) {
        return corrupt("the published checkpoint is not the one that this process knows");
    }
    if (is_tried) {
        const std::lock_guard lock(mutex_);
        published_ = *std::move(on_disk);
    }
    return {};
}

Result<Published> Log::swap(Published next) {
    const auto parsed = TRY(note::parse_head(next.note));
    {
        // If we stop behind this line, the history knows a head that nobody saw; it is true all the same.
        const std::lock_guard lock(mutex_);
        TRY(history_.append(parsed, next.note));
    }
    TRY(disk_.replace(std::string(kCheckpointFile), next.note));
    // From here on the head is durable and public.
    const std::lock_guard lock(mutex_);
    published_ = next;
    return next;
}

/// Every entry has a head before it: the history begins with that over nothing. Where a crash took it, or an
/// older program kept none, its time is the earliest there is: it bounds nothing, and says nothing untrue.
Status Log::begin_history(const LogKeys& keys) {
    const std::lock_guard lock(mutex_);
    if (history_.count() > 0 || !published_ || published_->head.size == merkle::TreeSize(0)) return {};
    const auto log_key = keys(trust_.at_head(0));
    // Lost with the history, and since rotated away: the entries before the next head have none before them.
    if (!log_key) return {};
    const note::Checkpoint nothing{trust_.origin().value(), merkle::TreeSize(0), merkle::empty_root()};
    const std::string note = TRY(note::sign_head(nothing, **log_key, UnixSeconds(0)));
    return history_.append(TRY(note::parse_head(note)), note);
}

Result<Published> Log::publish(const LogKeys& keys, UnixSeconds time, const Remember& remember) {
    const std::lock_guard round(publishing_);
    std::optional<Published> known;
    note::Checkpoint head{trust_.origin().value(), {}, {}};
    {
        const std::lock_guard lock(mutex_);
        // A head of the first format, which has no time, is signed again; so is one that the history lost.
        if (published_ && published_->head.size == tree_.size() && history_.count() > 0 &&
            note::parse_head(published_->note))
            return *published_;
        TRY(check_extends_locked());
        known = published_;
        head.size = tree_.size();
        head.root = tree_.root_at(head.size);
    }
    TRY(compare_with_disk(known));
    // Tiles first: whoever sees the head finds the files under it. If we stop here, nothing new was said.
    TRY(write_tiles(head.size));
    TRY(begin_history(keys));
    last_time_ = std::max(last_time_, time);
    const crypto::Signer* log_key = TRY(keys(trust_.at_head(head.size.value())));
    std::string note = TRY(note::sign_head(head, *log_key, last_time_));
    tried_ = head;
    Published next{std::move(head), std::move(note)};
    if (remember) TRY(remember(next));
    // If we stop here, the signature was never seen by anyone; the next round signs a tree that extends this
    // one.
    next = TRY(swap(std::move(next)));
    if (tiles_.wants_settling()) TRY(tiles_.settle());
    return next;
}

Result<Published> Log::add_cosignatures(const Published& to, std::span<const std::string> lines,
                                        bool quorum) {
    const std::lock_guard round(publishing_);
    std::string note = TRY(note::add_cosignatures(to.note, lines));
    Published cosigned{to.head, std::move(note)};
    const std::optional<Published> known = published();
    if (known && known->head == to.head && known->note != cosigned.note) {
        TRY(compare_with_disk(known));
        cosigned = TRY(swap(std::move(cosigned)));
    }
    const std::lock_guard lock(mutex_);
    if (quorum) cosigned_ = cosigned;
    return cosigned;
}

Status Log::settle() {
    const std::lock_guard round(publishing_);
    return tiles_.settle();
}

Result<Published> Log::head_over_locked(merkle::LeafIndex index, Under under) const {
    const bool cosigned = cosigned_ && index.value() < cosigned_->head.size.value();
    if (under == Under::quorum) {
        if (cosigned) return *cosigned_;
        return fail(Code::not_included, "no head over the entry has the cosignatures of a quorum");
    }
    const auto has_cosignatures = [](const std::string& note) {
        const auto head = note::parse_head(note);
        return head && !head->witnesses.empty();
    };
    // A head that witnesses cosigned says more than an earlier one that they had no time for.
    const bool witnessed = cosigned || has_cosignatures(published_->note);
    auto note = TRY(history_.first_above(merkle::TreeSize(index.value()), witnessed));
    if (cosigned && !(note && has_cosignatures(*note))) return *cosigned_;
    // What was signed with a compromised key proves nothing any more; a later head covers the entry, too.
    if (!note || compromised_from(*note, trust_)) return *published_;
    note::Checkpoint head = TRY(open_own(*note, trust_));
    return Published{std::move(head), *std::move(note)};
}

Result<std::optional<std::string>> Log::head_before_locked(merkle::TreeSize size) const {
    while (true) {
        auto note = TRY(history_.last_up_to(size));
        const auto from = note ? compromised_from(*note, trust_) : std::nullopt;
        if (!from || *from >= size.value()) return note;
        size = merkle::TreeSize(*from);
    }
}

Result<Inclusion> Log::prove_inclusion(merkle::LeafIndex index, Under under) const {
    const std::lock_guard lock(mutex_);
    if (!published_ || index.value() >= published_->head.size.value() ||
        published_->head.size > tree_.size()) {
        return fail(Code::not_included,
                    "entry " + std::to_string(index.value()) + " is not under a published checkpoint yet");
    }
    Published head = TRY(head_over_locked(index, under));
    Inclusion out{head.head.size, {}, std::move(head.note), std::nullopt};
    if (out.size > tree_.size()) return corrupt("a published head is over more entries than there are");
    out.proof = tree_.prove_inclusion(index, out.size);
    if (auto before = TRY(head_before_locked(merkle::TreeSize(index.value())))) {
        const merkle::TreeSize from = TRY(open_own(*before, trust_)).size;
        out.previous = Inclusion::Previous{*std::move(before), tree_.prove_consistency(from, out.size)};
    }
    return out;
}

Result<merkle::Proof> Log::prove_consistency(merkle::TreeSize from, merkle::TreeSize to) const {
    const std::lock_guard lock(mutex_);
    if (from > to || to > tree_.size()) return fail(Code::not_included, "the log is not that long");
    return tree_.prove_consistency(from, to);
}

Result<merkle::Proof> Log::prove_inclusion_in(merkle::LeafIndex index, merkle::TreeSize size) const {
    const std::lock_guard lock(mutex_);
    if (index.value() >= size.value() || size > tree_.size())
        return fail(Code::not_included,
                    "entry " + std::to_string(index.value()) + " is not in a tree of that size");
    return tree_.prove_inclusion(index, size);
}

Result<merkle::Proof> Log::prove_range(merkle::LeafIndex first, std::uint64_t count,
                                       merkle::TreeSize size) const {
    const std::lock_guard lock(mutex_);
    if (count == 0 || size > tree_.size() || first.value() >= size.value() ||
        count > size.value() - first.value())
        return fail(Code::not_included, "the range is not in a tree of that size");
    return tree_.prove_range(first, count, size);
}

Result<std::optional<std::string>> Log::note_at(merkle::TreeSize size) const {
    const std::lock_guard lock(mutex_);
    if (published_ && published_->head.size == size) return published_->note;
    auto note = TRY(history_.last_up_to(size));
    if (!note || TRY(open_own(*note, trust_)).size != size) return std::nullopt;
    return note;
}

std::vector<merkle::LeafHash> Log::leaves(merkle::LeafIndex first, std::uint64_t count) const {
    const std::lock_guard lock(mutex_);
    INVARIANT(first.value() + count <= tree_.size().value());
    std::vector<merkle::LeafHash> out;
    for (std::uint64_t i = 0; i < count; ++i)
        out.push_back(tree_.leaf(merkle::LeafIndex(first.value() + i)));
    return out;
}

Status Log::check_remembers(const note::Checkpoint& head) const {
    const std::lock_guard lock(mutex_);
    if (head.size > tree_.size()) {
        return fail(Code::rollback_detected, "the ledger has " + std::to_string(tree_.size().value()) +
                                                 " entries, and a head over " +
                                                 std::to_string(head.size.value()) + " was published");
    }
    if (tree_.root_at(head.size) == head.root) return {};
    return fail(Code::rollback_detected, "the ledger does not extend the head over " +
                                             std::to_string(head.size.value()) +
                                             " entries that was published");
}

std::optional<Published> Log::published() const {
    const std::lock_guard lock(mutex_);
    return published_;
}

merkle::TreeSize Log::published_size() const {
    const std::lock_guard lock(mutex_);
    return published_ ? published_->head.size : merkle::TreeSize(0);
}

merkle::TreeSize Log::size() const {
    const std::lock_guard lock(mutex_);
    return tree_.size();
}

}  // namespace parmana::tlog
