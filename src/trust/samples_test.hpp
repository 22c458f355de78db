// Keys and roots that the tests of trust and of what stands on it share. All in memory.
#pragma once

#include <initializer_list>

#include "trust/history.hpp"

namespace parmana::trust::samples {

/// The same key for the same seed, always.
inline dsse::SigningKey key(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return dsse::SigningKey(crypto::make_ed25519_signer(crypto::generate_secret(entropy)));
}

inline Members members(std::initializer_list<std::uint64_t> seeds, std::int64_t threshold = 1) {
    Members out;
    for (const std::uint64_t seed : seeds) {
        const dsse::SigningKey one = key(seed);
        out.keys.emplace(one.id(), one.public_key());
    }
    out.threshold = threshold;
    return out;
}

/// Root 1, attestation 2, log 3, policy 4 and 5.
inline RootContent content(std::string origin = "localhost/0123456789abcdef",
                           std::string tenant = "default") {
    return {Tenant(std::move(tenant)),
            Origin(std::move(origin)),
            "2036-01-01T00:00:00Z",
            {{Role::root, members({1})},
             {Role::attestation, members({2})},
             {Role::log, members({3})},
             {Role::policy, members({4, 5})}}};
}

/// The text of a root with signatures of these keys, whoever they are.
inline std::string signed_root(const RootContent& content, std::initializer_list<std::uint64_t> seeds) {
    RootDocument document = draft(content);
    for (const std::uint64_t seed : seeds) {
        const dsse::SigningKey one = key(seed);
        dsse::put(document.signatures, {one.id(), one.signer().sign(document.message).value()});
    }
    return render(document);
}

inline Root root(const RootContent& content, std::initializer_list<std::uint64_t> seeds = {1}) {
    return Root::parse(signed_root(content, seeds)).value();
}

}  // namespace parmana::trust::samples
