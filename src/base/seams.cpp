#include <sys/random.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/clock.hpp"
#include "base/entropy.hpp"
#include "base/invariant.hpp"

namespace parmana {

void invariant_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "{\"level\":\"fatal\",\"event\":\"invariant_failed\",\"at\":\"%s:%d\"}\n%s\n", file,
                 line, condition);
    std::abort();
}

UnixMillis SystemClock::now() const {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return UnixMillis(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

void SystemEntropy::fill(std::uint8_t* out, std::size_t size) {
    while (size > 0) {
        const ssize_t got = getrandom(out, size, 0);
        INVARIANT(got > 0);
        out += got;
        size -= static_cast<std::size_t>(got);
    }
}

void SimulatedEntropy::fill(std::uint8_t* out, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        // SplitMix64: short, and the same on every machine.
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        out[i] = static_cast<std::uint8_t>(z ^ z >> 31);
    }
}

}  // namespace parmana
