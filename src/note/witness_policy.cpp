#include "note/witness_policy.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "note/key_name.hpp"

namespace parmana::note {
namespace {

constexpr std::size_t kPolicyBytesMax = 64 * 1024;
constexpr std::size_t kDefinitionsMax = 32;    // of each kind; the least that the specification asks for
constexpr std::size_t kRoomForWitnesses = 14;  // of the 16 lines of a note the log takes two
constexpr std::string_view kNone = "none";

using Words = std::vector<std::string_view>;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

Words words_of(std::string_view line) {
    Words words;
    while (true) {
        const auto begin = std::find_if_not(line.begin(), line.end(), is_blank);
        const auto end = std::find_if(begin, line.end(), is_blank);
        if (begin == end) return words;
        words.emplace_back(begin, end);
        line = {end, line.end()};
    }
}

bool is_allowed_byte(char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

std::optional<std::size_t> threshold_from(std::string_view word, std::size_t members) {
    if (word == "any") return 1;
    if (word == "all") return members;
    std::size_t threshold = 0;
    const char* end = word.data() + word.size();
    const auto [at, error] = std::from_chars(word.data(), end, threshold);
    const bool is_decimal = error == std::errc() && at == end && word.front() != '0';
    return is_decimal && threshold <= members ? std::optional(threshold) : std::nullopt;
}

std::string quoted(std::string_view word) {
    return "`" + std::string(word) + "`";
}

}  // namespace

/// One pass over the lines. Whatever a line names was defined on a line before it.
class WitnessPolicyReader {
  public:
    Result<WitnessPolicy> read(std::string_view text) {
        if (text.size() > kPolicyBytesMax)
            return fail(Code::configuration_invalid, "the witness policy is longer than 64 KiB");
        while (!text.empty()) {
            ++line_;
            const std::size_t end = text.find('\n');
            if (end == std::string_view::npos) return invalid("the line does not end with a newline");
            TRY(read_line(text.substr(0, end)));
            text.remove_prefix(end + 1);
        }
        if (policy_.quorum_.empty())
            return fail(Code::configuration_invalid, "the witness policy has no `quorum` line");
        return std::move(policy_);
    }

  private:
    std::unexpected<Error> invalid(const std::string& what) const {
        return fail(Code::configuration_invalid,
                    "line " + std::to_string(line_) + " of the witness policy: " + what);
    }

    Status read_line(std::string_view line) {
        if (!std::ranges::all_of(line, is_allowed_byte)) return invalid("it has a control character");
        const Words words = words_of(line);
        if (words.empty() || words[0].starts_with('#')) return {};
        if (words[0] == "log") return read_log(words);
        if (words[0] == "witness") return read_witness(words);
        if (words[0] == "group") return read_group(words);
        if (words[0] == "quorum") return read_quorum(words);
        return invalid(quoted(words[0]) + " is not `log`, `witness`, `group` or `quorum`");
    }

    Status read_log(const Words& words) {
        if (words.size() < 2 || words.size() > 3) return invalid("expected `log VKEY [URL]`");
        if (policy_.logs_.size() == kDefinitionsMax) return invalid("there are more than 32 logs");
        VerifierKey key = TRY(read_key(words[1], KeyType::log));
        policy_.logs_.emplace_back(std::move(key), words.size() == 3 ? std::string(words[2]) : std::string());
        return {};
    }

    Status read_witness(const Words& words) {
        if (words.size() < 3 || words.size() > 4) return invalid("expected `witness NAME VKEY [URL]`");
        if (policy_.witnesses_.size() == kDefinitionsMax) return invalid("there are more than 32 witnesses");
        TRY(define(words[1], 1));
        VerifierKey key = TRY(read_key(words[2], KeyType::cosignature));
        policy_.witnesses_.emplace_back(std::string(words[1]), std::move(key),
                                        words.size() == 4 ? std::string(words[3]) : std::string());
        return {};
    }

    Status read_group(const Words& words) {
        if (words.size() < 4) return invalid("expected `group NAME all|any|K MEMBER…`");
        if (policy_.groups_.size() == kDefinitionsMax) return invalid("there are more than 32 groups");
        const auto threshold = threshold_from(words[2], words.size() - 3);
        if (!threshold) {
            return invalid(quoted(words[2]) +
                           " is not `all`, `any` or a number from 1 to that of the members");
        }
        WitnessPolicy::Group group{std::string(words[1]), *threshold, {}};
        std::vector<std::size_t> needed;
        for (const std::string_view member : std::span(words).subspan(3)) {
            const auto known = needed_.find(std::string(member));
            if (known == needed_.end()) return invalid(quoted(member) + " is not defined before");
            if (!members_.emplace(member).second) return invalid(quoted(member) + " is a member already");
            group.members.emplace_back(member);
            needed.push_back(known->second);
        }
        // No witness stands under two members, so the cheapest members are the cheapest way.
        std::ranges::sort(needed);
        TRY(define(words[1],
                   std::accumulate(needed.begin(), needed.begin() + static_cast<std::ptrdiff_t>(*threshold),
                                   std::size_t{0})));
        policy_.groups_.push_back(std::move(group));
        return {};
    }

    Status read_quorum(const Words& words) {
        if (words.size() != 2) return invalid("expected `quorum NAME` or `quorum none`");
        if (!policy_.quorum_.empty()) return invalid("there is a second `quorum` line");
        if (words[1] != kNone) {
            const auto known = needed_.find(std::string(words[1]));
            if (known == needed_.end()) return invalid(quoted(words[1]) + " is not defined before");
            if (known->second > kRoomForWitnesses)
                return invalid(
                    "the quorum needs more cosignatures than the 14 that a checkpoint has room for");
        }
        policy_.quorum_ = words[1];
        return {};
    }

    /// `needed`: the fewest witnesses by which the name is satisfied.
    Status define(std::string_view name, std::size_t needed) {
        if (name == kNone) return invalid("`none` is not a name to be defined");
        if (!needed_.emplace(name, needed).second) return invalid(quoted(name) + " is defined already");
        return {};
    }

    Result<VerifierKey> read_key(std::string_view word, KeyType type) {
        auto key = parse_verifier_key(word);
        if (!key) return invalid(key.error().detail);
        if (key->type != type) {
            return invalid(type == KeyType::log ? "the key is not one of a log (type 0x01)"
                                                : "the key is not one of a cosigner (type 0x04)");
        }
        // The same key under another name is the same party.
        if (!keys_.insert(key->key.value()).second) return invalid("the key stands on a line before");
        return key;
    }

    WitnessPolicy policy_;
    std::size_t line_ = 0;
    std::map<std::string, std::size_t> needed_;  // of every defined name
    std::set<std::string> members_;
    std::set<std::array<std::uint8_t, 32>> keys_;
};

Result<WitnessPolicy> WitnessPolicy::parse(std::string_view text) {
    return WitnessPolicyReader().read(text);
}

bool WitnessPolicy::quorum(const std::set<std::string>& cosigned) const {
    if (quorum_ == kNone) return true;
    std::set<std::string> satisfied;
    for (const Witness& witness : witnesses_) {
        if (cosigned.contains(witness.name)) satisfied.insert(witness.name);
    }
    for (const Group& group : groups_) {
        const auto count = std::ranges::count_if(
            group.members, [&satisfied](const std::string& member) { return satisfied.contains(member); });
        if (static_cast<std::size_t>(count) >= group.threshold) satisfied.insert(group.name);
    }
    return satisfied.contains(quorum_);
}

WitnessJudgement judge(const Head& head, const WitnessPolicy& policy) {
    WitnessJudgement out;
    for (const WitnessPolicy::Log& log : policy.logs()) {
        const VerifierKey& key = log.key;
        if (key.name != head.checkpoint.origin || head.log.name != key.name ||
            head.log.key_hint != key_hint(key.name, key.key, KeyType::log))
            continue;
        const auto signature = signature_from(head.log.signature);
        if (signature && crypto::verify(key.key, head.text, *signature)) out.log = key;
    }
    std::set<std::string> names;
    for (const SignatureLine& line : head.witnesses) {
        bool is_known = false;
        for (const WitnessPolicy::Witness& witness : policy.witnesses()) {
            const auto time = verify_cosignature(head.text, line, witness.key.name, witness.key.key);
            if (!time) continue;
            is_known = true;
            names.insert(witness.name);
            const auto [at, is_new] = out.cosigned.emplace(witness.name, *time);
            if (!is_new) at->second = std::min(at->second, *time);
            break;
        }
        if (!is_known) ++out.foreign_lines;
    }
    out.quorum = policy.quorum(names);
    return out;
}

}  // namespace parmana::note
