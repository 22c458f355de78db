#include "base/secret.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace parmana {
namespace {

bool all_zero(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char c) { return c == 0; });
}

TEST(Secret, StartsAsZerosAlsoWhereAnotherOneStood) {
    for (int turn = 0; turn < 3; ++turn) {
        Secret<32> secret;
        EXPECT_TRUE(all_zero(secret.expose()));
        std::fill_n(secret.data(), 32, std::uint8_t{0xa5});
    }
}

TEST(Secret, IsWipedWhenItGoes) {
    const std::uint8_t* place = nullptr;
    {
        Secret<64> secret;
        std::fill_n(secret.data(), 64, std::uint8_t{0xa5});
        place = secret.data();
    }
    // The first bytes link the slots that are free.
    EXPECT_TRUE(all_zero({reinterpret_cast<const char*>(place) + sizeof(void*), 64 - sizeof(void*)}));
}

TEST(Secret, AMoveMovesNoByte) {
    Secret<32> first;
    std::fill_n(first.data(), 32, std::uint8_t{7});
    const std::uint8_t* place = first.data();
    Secret<32> second(std::move(first));
    EXPECT_EQ(second.data(), place);
    Secret<32> third;
    third = std::move(second);
    EXPECT_EQ(third.data(), place);
    EXPECT_EQ(third.expose(), std::string(32, 7));
}

TEST(Secret, EachHasItsOwnBytes) {
    std::vector<std::thread> threads;
    for (int number = 1; number <= 4; ++number) {
        threads.emplace_back([number] {
            for (int turn = 0; turn < 200; ++turn) {
                std::vector<Secret<100>> secrets(50);
                for (auto& secret : secrets)
                    std::fill_n(secret.data(), 100, static_cast<std::uint8_t>(number));
                for (const auto& secret : secrets)
                    ASSERT_EQ(secret.expose(), std::string(100, static_cast<char>(number)));
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
}

TEST(Secret, TextHasTheSizeThatWasSet) {
    SecretText text;
    EXPECT_EQ(text.expose(), "");
    std::copy_n("passphrase", 10, text.data());
    text.set_size(10);
    EXPECT_EQ(text.expose(), "passphrase");
}

TEST(Secret, MoreThanMayBeLockedStillWorks) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &before), 0);
    const rlimit none{0, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &none), 0);
    std::vector<SecretText> many(100);
    many.back().data()[SecretText::kBytesMax - 1] = 1;
    EXPECT_EQ(::setrlimit(RLIMIT_MEMLOCK, &before), 0);
}

}  // namespace
}  // namespace parmana
