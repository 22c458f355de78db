#include "agreement/witness_policies.hpp"
#include <algorithm>

#include <vector>

#include "note/witness_policy.hpp"

namespace parmana::agreement {
namespace {

/// A separator, a line more, or a comment, all of them allowed.
std::string space(Random& random) {
    return random.pick({" ", " ", " ", "\t", "  ", " \t "});
}

std::string witness_line(const Scenery& scenery, std::size_t number, Random& random) {
    const bool odd = random.percent(3);
    const auto type = odd ? note::KeyType::log : note::KeyType::cosignature;
    std::string key =
        note::verifier_key(Scenery::witness_name(number), scenery.witness(number).public_key(), type);
    if (random.percent(3)) key[random.below(key.size())] ^= 1;
    const std::string url = random.percent(30) ? space(random) + "https://witness.example/" : "";
    return "witness" + space(random) + "w" + std::to_string(number) + space(random) + key + url + "\n";
}

std::string group_line(std::size_t number, const std::vector<std::string>& names, Random& random) {
    std::string out = "group g" + std::to_string(number) + space(random);
    out += random.pick({"any", "any", "all", "1", "1", "1", "2", "2", "3", "0", "02"});
    for (const std::string& name : names) {
        if (random.percent(85)) out += space(random) + name;
    }
    return out + "\n";
}

/// Something between the lines: mostly allowed.
std::string aside(Random& random) {
    return random.pick({"", "", "", "", "\n", "# a note\n", " \t# w\xc3\xbc\n", "\t\n", "quorum none\n",
                        "other\n", "\r\n", "log\n", "group g any\n", "quorum\n", "# \x01\n", "witness w0\n"});
}

}  // namespace

std::string witness_policy_like(const Scenery& scenery, Random& random) {
    const auto& log = random.percent(90) ? scenery.world().log_key : scenery.witness(0);
    std::string out;
    if (random.percent(60)) {
        out += "log " + note::verifier_key(attest::golden::kOrigin.value(), log.public_key()) + "\n";
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i <= Scenery::kWitnesses; ++i) {
        if (random.percent(25)) continue;
        out += witness_line(scenery, i, random);
        names.push_back("w" + std::to_string(i));
        if (random.percent(2)) out += witness_line(scenery, i, random);
    }
    if (random.percent(20)) out += aside(random);
    for (std::size_t i = 0; i < 2 && random.percent(70); ++i) {
        out += group_line(i, names, random);
        if (random.percent(70)) names.clear();
        names.push_back("g" + std::to_string(i));
    }
    if (random.percent(20)) out += aside(random);
    names.insert(names.end(), {"none", "w0", "w9"});
    out += "quorum " + (random.percent(85) ? names[0] : names[random.below(names.size())]);
    return random.percent(95) ? out + "\n" : out;
}

std::string watched(const verify::Evidence& evidence, const std::string& policy, const trust::Root& root) {
    const auto read = note::WitnessPolicy::parse(policy);
    if (!read) return "refused";
    const auto report = verify::verify(verify::render(evidence), {&root, &*read});
    const auto check = std::ranges::find(report.checks, std::string("witnesses"),
                                         [](const verify::Check& each) { return each.name; });
    return std::string(verify::wire_name(check->outcome));
}

}  // namespace parmana::agreement
