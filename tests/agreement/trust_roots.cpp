#include "agreement/trust_roots.hpp"

#include <nlohmann/json.hpp>

namespace parmana::agreement {
namespace {

using Tree = nlohmann::json;

/// Encodings that are no key: the identity (also with a sign, also not canonical), points of order 2, 4 and
/// 8, a good key plus a point of order 8, and no points.
constexpr const char* kBadKeys[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "9158312a9a8d6e3b34c891d6d61444f8b8211c5117ebad15bdb0bd68b07e0245",
    "0200000000000000000000000000000000000000000000000000000000000000",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};
constexpr const char* kRoles[] = {"attestation", "log", "policy", "root"};
constexpr const char* kOtherRoles[] = {"approver", "release",   "witness", "snapshot",
                                       "targets",  "timestamp", "other"};

std::string key_id(const std::string& hex) {
    return dsse::key_id(crypto::PublicKey(*array_from<32>(*from_hex(hex))));
}

Tree key_object(const std::string& hex) {
    return {{"keytype", "ed25519"}, {"keyval", {{"public", hex}}}, {"scheme", "ed25519"}};
}

void change_a_value(Tree& body, Random& random) {
    const std::string names[] = {"",     "a b", "a+b", "\u00e9", std::string(255, 'x'), std::string(256, 'x'),
                                 "other"};
    switch (random.below(7)) {
        case 0:
            body["version"] = random.pick({0, 1, 2, -1});
            break;
        case 1:
            body["expires"] =
                random.pick({"", "2037-01-01T00:00:00Z", "never", "2037-01-01T00:00:00+00:00",
                             "2037-01-01T00:00:00.5Z", "2037-01-01T00:00:00.0Z", "2037-02-29T00:00:00Z",
                             "2036-02-29T23:59:59Z", "2037-01-01T24:00:00Z", "0000-01-01T00:00:00Z",
                             "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2037-01-01t00:00:00Z"});
            break;
        case 2:
            body[random.pick({"origin", "tenant"})] = random.pick(names);
            break;
        case 3:
            body["spec_version"] = random.pick({"1.0.33", "1.0.34", "1"});
            break;
        case 4:
            body["consistent_snapshot"] = random.percent(50);
            break;
        case 5:
            body["_type"] = random.pick({"root", "targets"});
            break;
        default:
            body[random.pick({"more", "version", "expires"})] = nullptr;
    }
}

void change_a_role(Tree& body, Random& random) {
    Tree& role = body["roles"][random.pick(kRoles)];
    Tree& ids = role["keyids"];
    const Tree other = body["roles"][random.pick(kRoles)]["keyids"][0];
    switch (random.below(6)) {
        case 0:
            role["threshold"] = random.pick({0, 1, 2, -1});
            break;
        case 1:
            ids = Tree::array({other});
            break;
        case 2:
            ids.push_back(random.percent(50) ? other : ids[0]);
            break;
        case 3:
            ids.clear();
            break;
        case 4:
            ids = Tree::array({std::string(64, '0')});
            break;
        default:
            role["more"] = 1;
    }
}

/// What says where versions were in force, and which keys were lost.
void change_the_past(Tree& body, Random& random) {
    const std::string hash = "sha256:" + std::string(64, 'a');
    const auto past = [&](std::int64_t from) { return Tree{{"fingerprint", hash}, {"from", from}}; };
    const Tree histories[] = {Tree::array(),
                              Tree::array({past(0)}),
                              Tree::array({past(1)}),
                              Tree::array({past(0), past(0)}),
                              Tree::array({past(0), past(7)}),
                              Tree::array({past(0), past(0), past(0)}),
                              Tree::array({past(0), past(7), past(7)}),
                              Tree::array({past(0), past(-1)}),
                              Tree::array({Tree{{"fingerprint", "sha256:"}, {"from", 0}}}),
                              Tree::array({Tree{{"fingerprint", hash}, {"from", 0}, {"more", 0}}}),
                              Tree::array({Tree{{"fingerprint", hash}, {"from", "0"}}}),
                              Tree::object()};
    const Tree history = histories[random.below(std::size(histories))];
    const Tree ids = body["roles"][random.pick(kRoles)]["keyids"];
    const std::string role_key = ids.empty() ? std::string(64, 'c') : ids[0].get<std::string>();
    const std::string lost = std::string(64, 'b');
    const Tree compromises[] = {Tree::object(),
                                Tree{{lost, 0}},
                                Tree{{lost, 9007199254740991}},
                                Tree{{lost, -1}},
                                Tree{{role_key, 5}},
                                Tree{{lost.substr(1), 0}},
                                Tree{{lost, "0"}},
                                Tree{{"B" + lost.substr(1), 0}},
                                Tree::array()};
    switch (random.below(5)) {
        case 0:
            body["history"] = history;
            break;
        case 1:
            body["history"] = history;
            body["version"] = history.size() + 1;
            break;
        case 2:
            body["compromised"] = compromises[random.below(std::size(compromises))];
            break;
        case 3:
            body["activation_approvals"] = random.pick({0, 1, -1});
            break;
        default:
            body.erase(random.pick({"history", "compromised", "activation_approvals"}));
    }
}

/// The roles that may be without keys, and those that nobody plays.
void change_another_role(Tree& body, Random& random) {
    const std::string name = random.pick(kOtherRoles);
    if (random.percent(20)) {
        body["roles"].erase(name);
        return;
    }
    const std::string hex = to_hex(view_of(bundle::samples::key(60 + random.below(4)).public_key().value()));
    Tree ids = Tree::array();
    if (random.percent(60)) {
        ids.push_back(key_id(hex));
        body["keys"][key_id(hex)] = key_object(hex);
    }
    body["roles"][name] = {{"keyids", ids}, {"threshold", random.pick({0, 1, 1, 1, 2})}};
    if (random.percent(50)) body["activation_approvals"] = random.pick({0, 1, 2});
}

/// A key more, good or bad, in a role or in none, under its own id or another.
void add_a_key(Tree& body, Random& random) {
    const std::string good = to_hex(view_of(bundle::samples::key(60 + random.below(4)).public_key().value()));
    const std::string hex = random.percent(25) ? good : random.pick(kBadKeys);
    std::string id = key_id(hex);
    if (random.percent(10)) id[0] = id[0] == '0' ? '1' : '0';
    Tree object = key_object(hex);
    if (random.percent(10)) object[random.pick({"keytype", "scheme", "more"})] = "rsa";
    body["keys"][id] = object;
    if (random.percent(30)) return;
    Tree& role = body["roles"][random.pick(kRoles)];
    if (random.percent(50)) role["keyids"].clear();
    role["keyids"].push_back(id);
}

Tree signature(const dsse::SigningKey& key, const std::string& message) {
    return {{"keyid", key.id()}, {"sig", to_hex(view_of(key.signer().sign(message)->value()))}};
}

}  // namespace

std::string trust_root_like(const Scenery& scenery, Random& random) {
    const auto& world = scenery.world();
    Tree tree = Tree::parse(world.trust_text);
    Tree& body = tree["signed"];
    for (std::size_t changes = random.below(3); changes > 0; --changes) {
        const std::size_t what = random.below(5);
        if (what == 3) change_the_past(body, random);
        if (what == 4) change_another_role(body, random);
        if (what == 0) change_a_value(body, random);
        if (what == 1) change_a_role(body, random);
        if (what == 2) add_a_key(body, random);
    }
    const std::string message = json::canonical(json::parse(body.dump())->root());
    Tree& signatures = tree["signatures"];
    if (random.percent(95)) signatures = Tree::array({signature(world.root_key, message)});
    if (random.percent(10)) signatures.push_back(signatures[0]);
    if (random.percent(5))
        signatures.push_back(signature(random.percent(50) ? world.stranger : world.log_key, message));
    if (random.percent(3)) signatures.clear();
    if (random.percent(3) && !signatures.empty()) signatures[0]["more"] = 0;
    std::string out = json::canonical(json::parse(tree.dump())->root());
    if (random.percent(20)) out += random.percent(50) ? "\n" : "\n\n";
    return out;
}

}  // namespace parmana::agreement
