#include "runtime/groups.hpp"

#include "runtime/events.hpp"

namespace parmana::runtime {

Result<store::Sealed> Groups::seal(store::LogIndex first, std::span<const merkle::LeafHash> leaves) {
    merkle::Batch tree(leaves);
    // No change comes between this and the commit: both are the commit thread's.
    const auto snapshot = snapshots_.current();
    const attest::Group group{first, leaves.size(), tree.root()};
    auto sealed = TRY(seal_event(store::EntryKind::group, std::to_string(first.value()), "",
                                 attest::state(group, snapshot->scene()), *snapshot->attestation_key));
    const std::lock_guard lock(mutex_);
    sealed_ = std::make_shared<const Group>(Group{first, std::move(tree), sealed.statement.attestation});
    return sealed;
}

void Groups::committed(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    // A group that could not be written left its seal behind. Where another commit happens to end at its end,
    // it is kept for nothing: nobody asks for the group of entries that have their own signature.
    if (sealed_ && sealed_->first.value() + sealed_->tree.size() + 1 == size) {
        recent_.push_back(std::move(sealed_));
        if (recent_.size() > kRecentMax) recent_.pop_front();
    }
    sealed_.reset();
}

Result<std::shared_ptr<const Group>> read_group(store::LogIndex index, const store::LedgerReader& ledger,
                                                const tlog::Log& log) {
    const auto entry = TRY(ledger.group_of(index));
    const auto said = TRY(attest::parse_group_statement(entry->content.attestation.payload)).group;
    if (index < said.first || index.value() - said.first.value() >= said.count ||
        said.first.value() + said.count > log.size().value()) {
        return fail(Code::data_corrupt, "entry " + std::to_string(index.value()) + " stands in no group");
    }
    return std::make_shared<const Group>(
        Group{said.first, merkle::Batch(log.leaves(said.first, said.count)), entry->content.attestation});
}

Result<std::shared_ptr<const Group>> Groups::of(store::LogIndex index, const store::LedgerReader& ledger,
                                                const tlog::Log& log) {
    {
        const std::lock_guard lock(mutex_);
        for (auto group = recent_.rbegin(); group != recent_.rend(); ++group) {
            if (index >= (*group)->first && index.value() - (*group)->first.value() < (*group)->tree.size())
                return *group;
        }
    }
    return read_group(index, ledger, log);
}

}  // namespace parmana::runtime
