// The searches against those of the standard library, on texts that repeat themselves.
#include "cel/search.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace parmana::cel {
namespace {

std::string random_text(std::mt19937_64& random, std::size_t size_max, char letters) {
    std::string out(random() % (size_max + 1), 'a');
    for (char& c : out)
        c = static_cast<char>('a' + random() % static_cast<std::uint64_t>(letters));
    return out;
}

TEST(Search, FindsWhatTheStandardLibraryFinds) {
    std::mt19937_64 random(1);
    std::vector<std::int32_t> memory;
    for (int i = 0; i < 100'000; ++i) {
        const char letters = static_cast<char>(1 + random() % 3);
        const std::string text = random_text(random, 24, letters), wanted = random_text(random, 6, letters);
        const Searcher searcher(wanted, memory);
        for (std::size_t from = 0; from <= text.size() + 1; ++from)
            ASSERT_EQ(searcher.find(text, from), text.find(wanted, from))
                << text << " " << wanted << " " << from;
        for (std::size_t from = 0; from <= text.size() + 1; ++from)
            ASSERT_EQ(find_last(text, wanted, from, memory), text.rfind(wanted, from))
                << text << " " << wanted;
        ASSERT_EQ(find_last(text, wanted, std::string::npos, memory), text.rfind(wanted));
    }
}

}  // namespace
}  // namespace parmana::cel
