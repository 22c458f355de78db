// Evidence files and what becomes of them in other hands, each with the report of the verifier in C++, one
// JSON object a line, for another implementation to compare with (compare.mjs):
//
//   agreement_generate POLICIES [--evidence N] [--mutations N] [--lies N] [--roots N] [--policies N]
//                      [--seed N]
//
// POLICIES is the directory of the sample policies. A line has `evidence` (base64 of the file), `trust` (text
// or null), `at` (unix seconds or null), `witnesses` (text or null), `watched` (what it makes of the
// cosignatures, or null), `mutation` (what was done to it, or null), `lie` (the check that must find it and
// no other, or null) and `report`, which is null when the trust root is refused. The same arguments give the
// same lines.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "agreement/lies.hpp"
#include "agreement/mutations.hpp"
#include "agreement/trust_roots.hpp"
#include "agreement/witness_policies.hpp"
#include "base/invariant.hpp"

namespace parmana::agreement {
namespace {

struct Arguments {
    std::string policies;
    std::size_t evidence = 500, mutations = 1500, lies = 500, roots = 500, watched = 500;
    std::uint64_t seed = 1;
};

struct Line {
    std::string text;
    std::string trust;  // empty: none
    std::string_view mutation = {};
    std::string_view lie = {};
    std::string witnesses = {}, watched = {};  // empty: no policy
    std::optional<std::int64_t> at = std::nullopt;
};

class Generator {
  public:
    explicit Generator(const Arguments& arguments)
        : arguments_(arguments), random_(arguments.seed), scenery_(arguments.policies) {}

    void run() {
        for (std::size_t i = 0; i < arguments_.evidence; ++i) {
            Line line = good();
            if (random_.percent(10)) line.trust.clear();
            write(line);
        }
        for (std::size_t i = 0; i < arguments_.mutations; ++i)
            mutate(mutations()[i % mutations().size()]);
        for (std::size_t i = 0; i < arguments_.lies; ++i)
            lie(lies()[i % lies().size()]);
        for (std::size_t i = 0; i < arguments_.roots; ++i)
            root(i);
        for (std::size_t i = 0; i < arguments_.watched; ++i)
            watch();
    }

  private:
    const std::string& trust() const { return scenery_.world().trust_text; }

    Line good() {
        Draft draft = scenery_.draft(random_);
        if (!draft.first_format && draft.witnesses.empty() && random_.percent(20)) add_witnesses(draft);
        // A log may sign any number as its time, also one that no calendar has.
        constexpr std::int64_t kTimes[] = {253402300799, 253402300800, INT64_MAX - 1};
        if (random_.percent(3)) {
            draft.parts.time = random_.pick(kTimes);
            draft.at = 0;
        }
        // Alone it says nothing of its place, so only a root that has its key can judge it.
        if (random_.percent(5)) return {bare_attestation(draft), trust(), {}, {}, {}, {}, draft.at};
        return {verify::render(scenery_.seal(draft)), draft.held, {}, {}, {}, {}, draft.at};
    }

    /// The attestation of a decision or of a refusal alone.
    std::string bare_attestation(const Draft& draft) {
        const auto& world = scenery_.world();
        std::string statement = draft.parts.statement;
        if (random_.percent(50)) {
            const auto& policy = *scenery_.policies()[0];
            const decide::Refusal refusal{&policy, {Code::signal_missing, "", "/signals/claim_amount"}};
            statement = world.state(verify::fixture::claim("1", "true"), refusal, policy).statement;
        }
        std::string out;
        dsse::append_json(out, attest::sign(std::move(statement), world.attestation_key).value());
        return out;
    }

    void add_witnesses(Draft& draft) {
        draft.witnesses.clear();
        draft.previous_witnesses.clear();
        for (std::size_t i = 0; i <= Scenery::kWitnesses; ++i) {
            if (random_.percent(60)) draft.witnesses.push_back(i);
            if (random_.percent(30)) draft.previous_witnesses.push_back(i);
        }
    }

    void mutate(const Mutation& mutation) {
        for (;;) {
            Line line = good();
            const auto damaged = mutation.apply(line.text, good().text, random_);
            if (!damaged || *damaged == line.text) continue;
            line.text = *damaged;
            line.mutation = mutation.name;
            return write(line);
        }
    }

    void lie(const Lie& lie) {
        for (;;) {
            Draft draft = scenery_.draft(random_);
            if (lie.tell && !lie.tell(draft, scenery_, random_)) continue;
            verify::Evidence evidence = scenery_.seal(draft);
            if (lie.tell_sealed && !lie.tell_sealed(evidence, scenery_, random_)) continue;
            const std::string text = verify::render(evidence);
            // Some lies also change what the policy would decide, which only one of the two verifiers sees.
            if (changes_the_verdict(text)) continue;
            return write({text, draft.held, lie.name, lie.check, {}, {}, draft.at});
        }
    }

    bool changes_the_verdict(const std::string& text) const {
        const auto report = verify::verify(text, {scenery_.world().root.get()});
        return std::ranges::any_of(report.checks, [](const verify::Check& check) {
            return check.outcome == verify::Outcome::failed &&
                   (check.name == "verdict" || check.name == "signals_schema");
        });
    }

    /// A trust root that somebody changed, with or without the root key.
    void root(std::size_t number) {
        std::string text = trust_root_like(scenery_, random_);
        if (number % 3 == 0) {
            const auto damaged = mutations()[number / 3 % mutations().size()].apply(trust(), text, random_);
            text = damaged.value_or(std::move(text));
        }
        if (!json::parse(text)) return;  // not UTF-8, perhaps: a line holds texts only
        write({good().text, std::move(text), "trust root"});
    }

    /// Cosigned heads under a policy that somebody wrote.
    void watch() {
        Draft draft = scenery_.draft(random_);
        draft.first_format = false;
        add_witnesses(draft);
        const verify::Evidence evidence = scenery_.seal(draft);
        Line line{verify::render(evidence), draft.held, "witness policy"};
        line.at = draft.at;
        line.witnesses = witness_policy_like(scenery_, random_);
        line.watched = watched(evidence, line.witnesses, trust::Root::parse(draft.held).value());
        write(line);
    }

    void write(const Line& line) {
        const bool is_own = line.trust == trust();
        const auto other = is_own || line.trust.empty() ? Result<trust::Root>(fail(Code::usage, ""))
                                                        : trust::Root::parse(line.trust);
        const trust::Root* root = is_own ? scenery_.world().root.get() : other ? &*other : nullptr;
        const auto or_null = [](json::Writer& writer, bool there, std::string_view text) {
            there ? writer.string(text) : writer.null();
        };
        std::string out;
        json::Writer writer(out);
        writer.object().name("at");
        line.at ? writer.integer(*line.at) : writer.null();
        writer.name("evidence").string(to_base64(line.text)).name("lie");
        or_null(writer, !line.lie.empty(), line.lie);
        writer.name("mutation");
        or_null(writer, !line.mutation.empty(), line.mutation);
        writer.name("report");
        const bool is_refused = root == nullptr && !line.trust.empty();
        verify::Held held{root};
        if (line.at) held.at = UnixSeconds(*line.at);
        is_refused ? writer.null() : writer.raw(verify::json_report(verify::verify(line.text, held)));
        writer.name("trust");
        or_null(writer, !line.trust.empty(), line.trust);
        writer.name("watched");
        or_null(writer, !line.watched.empty(), line.watched);
        writer.name("witnesses");
        or_null(writer, !line.watched.empty(), line.witnesses);
        writer.end();
        out.push_back('\n');
        INVARIANT(std::fwrite(out.data(), 1, out.size(), stdout) == out.size());
    }

    Arguments arguments_;
    Random random_;
    Scenery scenery_;
};

bool read(int count, char** words, Arguments& out) {
    if (count < 2 || count % 2 != 0) return false;
    out.policies = words[1];
    for (int i = 2; i + 1 < count; i += 2) {
        const std::string_view name = words[i];
        const auto value = static_cast<std::size_t>(std::strtoull(words[i + 1], nullptr, 10));
        if (name == "--evidence") {
            out.evidence = value;
        } else if (name == "--mutations") {
            out.mutations = value;
        } else if (name == "--lies") {
            out.lies = value;
        } else if (name == "--roots") {
            out.roots = value;
        } else if (name == "--policies") {
            out.watched = value;
        } else if (name == "--seed") {
            out.seed = value;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace
}  // namespace parmana::agreement

int main(int count, char** words) {
    parmana::agreement::Arguments arguments;
    if (!parmana::agreement::read(count, words, arguments)) {
        std::fputs(
            "usage: agreement_generate POLICIES [--evidence N] [--mutations N] [--lies N] [--roots N] "
            "[--policies N] [--seed N]\n",
            stderr);
        return 2;
    }
    parmana::agreement::Generator(arguments).run();
    return 0;
}
