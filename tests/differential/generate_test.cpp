// The generator: what it writes can be read, and is the same on every run.
#include "generate.hpp"

#include <gtest/gtest.h>

#include <set>

#include "compare.hpp"

namespace parmana::differential {
namespace {

TEST(Generator, writes_programs_that_parse) {
    Generator generator(1);
    for (std::size_t i = 0; i < 20'000; ++i) {
        const Mood mood = i % 2 == 0 ? Mood::plain : Mood::failing;
        const std::string text = generator.program(i % rows().size(), mood);
        EXPECT_TRUE(cel::parse(text, cel::Macros::extended).has_value()) << text;
    }
}

TEST(Generator, writes_the_same_for_the_same_seed) {
    Generator first(7);
    Generator again(7);
    Generator other(8);
    std::size_t different = 0;
    for (std::size_t row = 0; row < rows().size(); ++row) {
        const std::string text = first.program(row, Mood::plain);
        EXPECT_EQ(text, again.program(row, Mood::plain));
        different += text != other.program(row, Mood::plain) ? 1 : 0;
    }
    EXPECT_GT(different, rows().size() / 2);
}

TEST(Generator, is_not_known_to_splitmix64_only_by_name) {
    Random random(1234567);  // the published sequence for this seed
    EXPECT_EQ(random.bits(), 6457827717110365317U);
    EXPECT_EQ(random.bits(), 3203168211198807973U);
}

TEST(Rows, have_each_pattern_once) {
    std::set<std::string> patterns;
    for (const Row& row : rows())
        EXPECT_TRUE(patterns.insert(row.pattern).second) << row.pattern;
}

TEST(Rows, are_cut_into_pieces) {
    const auto pieces = pieces_of("$(map(K, A)).all($x:(K), $x in $+(list(K)))");
    ASSERT_EQ(pieces.size(), 8U);
    EXPECT_EQ(to_string(pieces[0].type), "map(K, A)");
    EXPECT_EQ(pieces[1].text, ".all(");
    EXPECT_EQ(pieces[2].kind, Piece::Kind::declaration);
    EXPECT_EQ(pieces[4].kind, Piece::Kind::variable);
    EXPECT_EQ(pieces[5].text, " in ");
    EXPECT_TRUE(pieces[6].sees_variables);
}

TEST(Comparison, compares_values_by_kind_and_errors_by_name_when_asked) {
    using namespace reference;
    EXPECT_TRUE(agree(value_of(1.0), value_of(1.0), true));
    EXPECT_FALSE(agree(value_of(0.0), value_of(-0.0), false));
    EXPECT_FALSE(agree(value_of(std::int64_t{1}), value_of(1.0), false));
    EXPECT_FALSE(agree(value_of(1.0), failed(Fault::overflow), false));
    EXPECT_TRUE(agree(failed(Fault::overflow), failed(Fault::no_such_key), false));
    EXPECT_FALSE(agree(failed(Fault::overflow), failed(Fault::no_such_key), true));
}

}  // namespace
}  // namespace parmana::differential
