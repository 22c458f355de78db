// Line after line.
#include "verify/export_judge.hpp"

namespace parmana::verify {

ExportVerifier::ExportVerifier(Held given) : judge_(std::make_unique<Judge>(std::move(given))) {}
ExportVerifier::~ExportVerifier() = default;
bool ExportVerifier::line(std::string_view text) {
    return judge_->line(text);
}
void ExportVerifier::broken(std::string why) {
    judge_->broken(std::move(why));
}
std::uint64_t ExportVerifier::seen() const {
    return judge_->seen();
}
std::uint64_t ExportVerifier::promised() const {
    return judge_->promised();
}
Report ExportVerifier::finish() {
    return judge_->finish();
}

void ExportVerifier::Judge::broken(std::string why) {
    if (format_failure_.empty())
        format_failure_ = "line " + std::to_string(lines_ + 1) + ": " + std::move(why);
}

bool ExportVerifier::Judge::stop(const std::string& why) {
    format_failure_ = "line " + std::to_string(lines_) + ": " + why;
    return false;
}

bool ExportVerifier::Judge::line(std::string_view text) {
    if (!format_failure_.empty()) return false;
    ++lines_;
    if (text.size() > kExportLineBytesMax) return stop("the line is too long");
    if (!manifest_) return begin(text);
    auto line = parse_line(text, manifest_->level);
    if (!line) return stop(line.error().detail);
    return std::visit([this](auto& one) { return take(std::move(one)); }, *line);
}

bool ExportVerifier::Judge::begin(std::string_view text) {
    auto manifest = parse_manifest(text);
    if (!manifest) return stop(manifest.error().detail);
    manifest_ = *std::move(manifest);
    head_ = note::parse_head(manifest_->checkpoint).value();
    if (root_ != nullptr) {
        const std::uint64_t size = head_->checkpoint.size.value();
        trusted_ = judge_chain(manifest_->trust, *root_, size == 0 ? 0 : size - 1);
    }
    if (held_) {
        const auto note = note::parse_note(*held_);
        const auto held =
            note ? note::parse_checkpoint(note->text) : Result<note::Checkpoint>(fail(Code::usage, ""));
        if (held) held_size_ = held->size;
    }
    const std::size_t left = merkle::Frontier::subtrees_of(manifest_->first);
    if (manifest_->range.size() < left) {
        frontier_good_ = false;
        frontier_failure_ = "the range proof has too few hashes";
        return true;
    }
    frontier_ = *merkle::Frontier::make(merkle::TreeSize(manifest_->first.value()),
                                        std::span(manifest_->range).first(left));
    if (held_size_ == frontier_.size()) root_at_held_ = frontier_.root();
    return true;
}

bool ExportVerifier::Judge::take(const bundle::Bundle& policy) {
    if (fresh_policy_ || fresh_release_ || fresh_runtime_)
        return stop("a policy stands directly before the entry that names it");
    const std::string hex = to_hex(view_of(bundle::policy_hash(policy).value()));
    if (policies_.contains(hex)) return stop("the policy is enclosed already");
    const std::string where = "policy " + hex.substr(0, 16);
    if (root_ == nullptr) {
        policy_signatures_.skip(where, "no trust root was given");
    } else if (const Status signature =
                   bundle::check_history(policy, *trusted_.history, manifest_->first.value() + seen_);
               !signature) {
        policy_signatures_.fail(where, signature.error().detail);
    } else {
        policy_signatures_.pass();
    }
    Enclosed enclosed;
    if (auto opened = bundle::open_files(policy)) {
        enclosed.policy = *std::move(opened);
        policy_bundles_.pass();
    } else {
        enclosed.why_not = opened.error().detail;
        enclosed.of_another_day = bundle::is_of_another_day(opened.error());
        enclosed.of_another_day ? policy_bundles_.skip(where, enclosed.why_not)
                                : policy_bundles_.fail(where, enclosed.why_not);
    }
    policies_.emplace(hex, std::move(enclosed));
    fresh_policy_ = hex;
    return true;
}

bool ExportVerifier::Judge::take(const ReleaseLine& line) {
    if (fresh_release_ || fresh_runtime_) return stop("a release stands directly before the entry that names it");
    const std::string hex = to_hex(view_of(crypto::sha256(line.envelope.payload)));
    if (!releases_.emplace(hex, line.envelope).second) return stop("the release is enclosed already");
    fresh_release_ = hex;
    return true;
}

bool ExportVerifier::Judge::take(const RuntimeLine& line) {
    if (fresh_runtime_) return stop("a runtime manifest stands directly before the entry that names it");
    const std::string hex = to_hex(view_of(attest::runtime_hash(line.manifest).value()));
    if (!runtimes_.emplace(hex, true).second) return stop("the runtime manifest is enclosed already");
    fresh_runtime_ = hex;
    return true;
}

bool ExportVerifier::Judge::uses_enclosures(const EntryStatement& statement) const {
    return (!fresh_policy_ || statement.policy_digest == fresh_policy_) &&
           (!fresh_release_ || statement.release_digest == fresh_release_) &&
           (!fresh_runtime_ || statement.runtime_digest == fresh_runtime_);
}

bool ExportVerifier::Judge::take(ExportedEntry entry) {
    const auto statement = parse_entry_statement(entry.kind, entry.attestation.payload);
    const std::string where = "entry " + std::to_string(entry.index.value());
    const Seen seen{entry, where, statement ? &*statement : nullptr};
    if (statement && !uses_enclosures(*statement))
        return stop("what stands before the entry is not what it names");
    fresh_policy_.reset();
    fresh_release_.reset();
    fresh_runtime_.reset();
    const auto leaf = attestation(seen);
    order_and_leaf(seen, leaf);
    group(seen, leaf);
    if (!statement) {
        statements_.fail(where, statement.error().detail);
    } else {
        statement_of(seen);
        if (manifest_->level == Level::full) {
            enclosures(seen);
            contents(seen);
        }
    }
    ++seen_;
    return true;
}

}  // namespace parmana::verify
