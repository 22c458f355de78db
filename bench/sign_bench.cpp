// sign/libsodium: what one core signs, the yardstick of the serve benchmarks.
#include "base/invariant.hpp"
#include "bench.hpp"
#include "crypto/crypto.hpp"

namespace parmana::bench {

double sign_rate(double seconds) {
    SimulatedEntropy entropy(1);
    const auto signer = crypto::make_ed25519_signer(crypto::generate_secret(entropy));
    std::string message(900, 's');
    return rate(seconds, [&](std::uint64_t i) {
        message[i % message.size()] = static_cast<char>('a' + i % 26);
        const auto signature = signer->sign(message);
        INVARIANT(signature.has_value());
        keep(*signature);
    });
}

Status bench_sign(const BenchOptions& options) {
    std::vector<double> rates;
    for (int round = 0; round < options.rounds; ++round)
        rates.push_back(sign_rate(options.seconds / 5 / options.rounds));
    const double per_second = median(std::move(rates));
    print_line("sign/libsodium", {{"per_second", per_second}, {"us", 1e6 / per_second}});
    return {};
}

}  // namespace parmana::bench
