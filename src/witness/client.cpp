#include "witness/client.hpp"

#include <algorithm>

namespace parmana::witness {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::size_t kPartiesMax = 14;  // of the 16 lines of a note the log takes two

http::Exchange add_exchange(const http::Url& url, const Request& request) {
    return {url, "POST", "/add-checkpoint", "text/plain; charset=utf-8", render(request), kAnswerBytesMax};
}

http::Exchange latest_exchange(const http::Url& url, std::string_view origin) {
    return {url, "GET", checkpoint_path(origin), "", "", kAnswerBytesMax};
}

/// The beginning of an answer, for a person: one line of printable ASCII.
std::string excerpt(std::string_view body) {
    std::string out(body.substr(0, std::min<std::size_t>(body.find('\n'), 200)));
    std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~' || c == '`'; }, '?');
    return out;
}

std::unexpected<Error> unavailable(const Error& error) {
    return fail(Code::witness_unavailable, error.detail);
}

/// A server that has trouble of its own may do it later; whoever says no, or nothing that makes sense, will
/// not.
std::unexpected<Error> unexpected_answer(const http::Fetched& answer) {
    const bool is_trouble = answer.status >= 500 || answer.status == 408 || answer.status == 429;
    return fail(is_trouble ? Code::witness_unavailable : Code::witness_refused,
                "it answered " + std::to_string(answer.status) + " `" + excerpt(answer.body) + "`");
}

Result<Added> read_added(const Result<http::Fetched>& answer) {
    if (!answer) return unavailable(answer.error());
    if (answer->status == 200) return Added(answer->body);
    if (answer->status == 409 && answer->content_type == kSizeMediaType && answer->body.ends_with('\n')) {
        const auto size =
            note::parse_tree_size(std::string_view(answer->body).substr(0, answer->body.size() - 1));
        if (size) return Added(Conflict{*size});
    }
    return unexpected_answer(*answer);
}

Result<std::optional<std::string>> read_latest(const Result<http::Fetched>& answer) {
    if (!answer) return unavailable(answer.error());
    if (answer->status == 200) return std::optional(answer->body);
    if (answer->status == 404) return std::optional<std::string>();
    return unexpected_answer(*answer);
}

/// The line among those answered that is a cosignature of `text` by the key. Other lines are ignored, as the
/// specification asks for.
Result<std::string> verified_line(const std::string& text, const std::string& lines,
                                  const note::VerifierKey& key) {
    const auto note = note::parse_note(text + "\n" + lines);
    if (note && note->text == text) {
        for (const note::SignatureLine& line : note->signatures) {
            if (note::verify_cosignature(text, line, key.name, key.key)) return render(line);
        }
    }
    return fail(Code::witness_refused, "it answered no valid cosignature by the key of the policy");
}

std::string size_text(merkle::TreeSize size) {
    return std::to_string(size.value());
}

}  // namespace

Result<Added> add_checkpoint(std::string_view url, const Request& request, int timeout_ms) {
    return read_added(http::exchange(add_exchange(TRY(http::parse_url(url)), request), timeout_ms));
}

Result<std::optional<std::string>> latest(std::string_view url, std::string_view origin, int timeout_ms) {
    return read_latest(http::exchange(latest_exchange(TRY(http::parse_url(url)), origin), timeout_ms));
}

const Known::Held* Known::newest() const {
    const auto found =
        std::ranges::max_element(held, {}, [](const Held& entry) { return entry.checkpoint.size; });
    return found == held.end() ? nullptr : &*found;
}

Result<Witnesses> Witnesses::make(note::WitnessPolicy policy, int timeout_ms) {
    Witnesses out(std::move(policy), timeout_ms);
    std::set<std::string> names;
    for (const auto& witness : out.policy_.witnesses()) {
        if (witness.url.empty()) continue;
        auto url = http::parse_url(witness.url);
        if (!url) return fail(url.error().code, "witness `" + witness.name + "`: " + url.error().detail);
        out.parties_.push_back(Party{witness.name, witness.key, *std::move(url)});
        names.insert(witness.name);
    }
    if (out.parties_.size() > kPartiesMax)
        return fail(Code::configuration_invalid, "the witness policy has more than 14 witnesses with a URL");
    if (!out.policy_.quorum(names))
        return fail(Code::configuration_invalid, "the witnesses with a URL make no quorum of their policy");
    return out;
}

/// One round of asking for cosignatures of one head.
class Witnesses::Round {
  public:
    Round(std::vector<Party>& parties, const note::Head& head, std::string_view note, const Prove& prove)
        : parties_(parties), head_(head), note_(note), prove_(prove), asked_twice_(parties.size()) {}

    /// The first questions; parties that cannot be asked have failed already.
    std::vector<http::Exchange> first() {
        std::vector<http::Exchange> out;
        for (std::size_t i = 0; i < parties_.size(); ++i) {
            // What a larger log once left there is not ours to know any more: ask from the beginning.
            if (parties_[i].believed > size()) parties_[i].believed = merkle::TreeSize(0);
            if (auto question = ask(i)) {
                out.push_back(*std::move(question));
                asked_.push_back(i);
            }
        }
        return out;
    }

    std::optional<http::Exchange> take(std::size_t index, const Result<http::Fetched>& answer) {
        const std::size_t i = asked_[index];
        // It holds the size that we proved from; only its tree can be another.
        if (answer && answer->status == row_of(Code::consistency_unproven).http_status) {
            return failed(i, {Code::checkpoint_conflict, "it has cosigned a tree of size " +
                                                             size_text(parties_[i].believed) +
                                                             " that this log does not extend"});
        }
        auto added = read_added(answer);
        if (!added) return failed(i, added.error());
        if (const auto* conflict = std::get_if<Conflict>(&*added)) return disagree(i, conflict->size);
        auto line = verified_line(head_.text, std::get<std::string>(*added), parties_[i].key);
        if (!line) return failed(i, line.error());
        parties_[i].believed = size();
        collected_.lines.push_back(*std::move(line));
        cosigned_.insert(parties_[i].name);
        return std::nullopt;
    }

    Collected finish(const note::WitnessPolicy& policy) {
        collected_.quorum = policy.quorum(cosigned_);
        return std::move(collected_);
    }

  private:
    merkle::TreeSize size() const { return head_.checkpoint.size; }

    std::optional<http::Exchange> ask(std::size_t i) {
        auto proof = prove_(parties_[i].believed, size());
        if (!proof) return failed(i, {Code::witness_refused, "no proof: " + proof.error().detail});
        return add_exchange(parties_[i].url, {parties_[i].believed, *std::move(proof), note_});
    }

    /// It holds `told`, and not what we believed.
    std::optional<http::Exchange> disagree(std::size_t i, merkle::TreeSize told) {
        if (told > size()) {
            return failed(
                i, {Code::checkpoint_conflict, "it has cosigned size " + size_text(told) +
                                                   " of this log, which has size " + size_text(size())});
        }
        if (told == parties_[i].believed) {
            return failed(i, {Code::checkpoint_conflict,
                              "it has cosigned another tree of size " + size_text(told) + " of this log"});
        }
        parties_[i].believed = told;
        if (asked_twice_[i])
            return failed(i, {Code::witness_refused, "it held another size each time it was asked"});
        asked_twice_[i] = true;
        return ask(i);
    }

    std::nullopt_t failed(std::size_t i, Error error) {
        collected_.failures.push_back({parties_[i].name, std::move(error)});
        return std::nullopt;
    }

    std::vector<Party>& parties_;
    const note::Head& head_;
    const std::string note_;
    const Prove& prove_;
    std::vector<std::size_t> asked_;  // index of a question → index of its party
    std::vector<bool> asked_twice_;
    std::set<std::string> cosigned_;
    Collected collected_;
};

Result<Collected> Witnesses::collect(std::string_view head, const Prove& prove) {
    const note::Head parsed = TRY(note::parse_head(head));
    Round round(parties_, parsed, head, prove);
    http::exchange_all(round.first(), timeout_ms_, [&round](std::size_t index, Result<http::Fetched> answer) {
        return round.take(index, answer);
    });
    return round.finish(policy_);
}

Known Witnesses::newest_known(std::string_view origin, const crypto::PublicKey& log_key) {
    Known out;
    out.asked = parties_.size();
    std::vector<http::Exchange> questions;
    for (const Party& party : parties_)
        questions.push_back(latest_exchange(party.url, origin));
    const auto take = [&](std::size_t i, Result<http::Fetched> fetched) -> std::optional<http::Exchange> {
        auto note = read_latest(fetched);
        if (!note) {
            out.failures.push_back({parties_[i].name, note.error()});
            return std::nullopt;
        }
        if (!*note) {
            ++out.answered;
            return std::nullopt;
        }
        const auto checkpoint = note::open_checkpoint(**note, log_key);
        if (!checkpoint || checkpoint->origin != origin) {
            out.failures.push_back(
                {parties_[i].name,
                 {Code::witness_refused, "it answered no checkpoint that this log signed"}});
            return std::nullopt;
        }
        ++out.answered;
        parties_[i].believed = checkpoint->size;
        out.held.push_back({parties_[i].name, *checkpoint, **std::move(note)});
        return std::nullopt;
    };
    http::exchange_all(questions, timeout_ms_, take);
    return out;
}

}  // namespace parmana::witness
