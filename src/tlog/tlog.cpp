#include "tlog/tlog.hpp"

namespace parmana::tlog {
namespace {

constexpr std::string_view kDirectory = "tlog";
constexpr std::string_view kCheckpointFile = "tlog/checkpoint";
constexpr std::size_t kCheckpointBytesMax = 64 * 1024;

std::unexpected<Error> corrupt(std::string detail) {
    return fail(Code::data_corrupt, std::move(detail));
}

}  // namespace

Status create_log(disk::Disk& disk) {
    return disk.make_directory(std::string(kDirectory));
}

Result<std::optional<Published>> read_published(disk::Disk& disk, const trust::Root& root) {
    auto text = disk.read(std::string(kCheckpointFile), kCheckpointBytesMax);
    if (!text) {
        if (text.error().code == Code::data_missing) return std::nullopt;
        return std::unexpected(text.error());
    }
    for (const auto& [id, key] : root.keys(trust::Role::log)) {
        auto head = note::open_checkpoint(*text, key);
        if (!head) continue;
        if (head->origin != root.origin().value()) return corrupt("the checkpoint is of another origin");
        return Published{*std::move(head), *std::move(text)};
    }
    return corrupt("the published checkpoint is not signed by a log key of the trust root");
}

void Log::append(std::span<const merkle::LeafHash> leaves) {
    const std::lock_guard lock(mutex_);
    for (const merkle::LeafHash& leaf : leaves)
        tree_.append(leaf);
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

Status Log::check_extends() const {
    const std::lock_guard lock(mutex_);
    return check_extends_locked();
}

Result<Published> Log::publish(const crypto::Signer& log_key) {
    const std::lock_guard round(publishing_);
    std::optional<Published> known;
    note::Checkpoint head{root_.origin().value(), {}, {}};
    {
        const std::lock_guard lock(mutex_);
        if (published_ && published_->head.size == tree_.size()) return *published_;
        TRY(check_extends_locked());
        known = published_;
        head.size = tree_.size();
        head.root = tree_.root();
    }
    // Compare: what is on the disk is what we published last, or what we tried to publish last when the disk
    // failed at the very end. Anything else is another signer or an older copy.
    auto on_disk = TRY(read_published(disk_, root_));
    const bool is_known = on_disk ? known && on_disk->head == known->head : !known;
    const bool is_tried = on_disk && tried_ && on_disk->head == *tried_;
    if (!is_known && !is_tried) {
        return corrupt("the published checkpoint is not the one that this process knows");
    }
    if (is_tried) {
        const std::lock_guard lock(mutex_);
        published_ = *std::move(on_disk);
    }
    std::string note = TRY(note::sign_checkpoint(head, log_key));
    Published next{head, std::move(note)};
    tried_ = head;
    // If we stop here, the signature was never seen by anyone; the next round signs a tree that extends this
    // one.
    TRY(disk_.replace(std::string(kCheckpointFile), next.note));
    // Swap: from here on the checkpoint is durable and public.
    const std::lock_guard lock(mutex_);
    published_ = next;
    return next;
}

Result<Inclusion> Log::prove_inclusion(merkle::LeafIndex index) const {
    const std::lock_guard lock(mutex_);
    if (!published_ || index.value() >= published_->head.size.value() ||
        published_->head.size > tree_.size()) {
        return fail(Code::not_included,
                    "entry " + std::to_string(index.value()) + " is not under a published checkpoint yet");
    }
    return Inclusion{published_->head.size, tree_.prove_inclusion(index, published_->head.size),
                     published_->note};
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
