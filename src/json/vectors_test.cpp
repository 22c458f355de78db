// The shared vectors that three other implementations of RFC 8785 agree on.
#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "json/json.hpp"

namespace parmana::json {
namespace {

std::filesystem::path vectors_path() {
    const char* const shared = std::getenv("PARMANA_SHARED");
    const std::filesystem::path root = shared != nullptr
                                           ? std::filesystem::path(shared)
                                           : std::filesystem::path(PARMANA_SOURCE_DIR) / "../shared";
    return root / "vectors" / "jcs.json";
}

class SharedVectors : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto path = vectors_path();
        std::ifstream file(path, std::ios::binary);
        if (!file) GTEST_SKIP() << "no shared vectors at " << path << "; set PARMANA_SHARED";
        const std::string text(std::istreambuf_iterator<char>(file), {});
        auto document = parse(text);
        ASSERT_TRUE(document.has_value()) << document.error().detail;
        vectors_.emplace(*std::move(document));
    }
    ElementRange list(std::string_view name) const { return vectors_->root().find(name)->elements(); }

    std::optional<Document> vectors_;
};

// The input of a row, which is text or, when it is no UTF-8, hexadecimal.
std::string input_of(Value row) {
    const auto text = row.find("in");
    return text ? std::string(text->string()) : from_hex(row.find("in_hex")->string()).value();
}

// Integer literals that JCS would change silently: this reader refuses them, and only them, of the
// texts.
bool is_lossy_integer(std::string_view text) {
    return text.size() > 15 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

TEST_F(SharedVectors, of_numbers_are_spelled_the_same) {
    std::size_t finite = 0;
    for (const Value row : list("numbers")) {
        const std::string_view hex = row.find("ieee754_hex")->string();
        std::uint64_t bits = 0;
        std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
        if (row.find("error")) continue;
        std::string spelled;
        append_number(spelled, std::bit_cast<double>(bits));
        EXPECT_EQ(spelled, row.find("jcs")->string()) << hex;
        ++finite;
    }
    EXPECT_GT(finite, 20u);
}

TEST_F(SharedVectors, of_texts_have_the_same_canonical_bytes) {
    for (const Value row : list("texts")) {
        const std::string text = input_of(row);
        SCOPED_TRACE(text);
        const auto document = parse(text);
        if (row.find("error") || is_lossy_integer(text)) {
            ASSERT_FALSE(document.has_value());
            EXPECT_EQ(document.error().code, Code::number_not_exact);
            continue;
        }
        ASSERT_TRUE(document.has_value()) << document.error().detail;
        EXPECT_EQ(canonical(document->root()), row.find("out")->string());
        EXPECT_EQ(to_hex(canonical(document->root())), row.find("out_hex")->string());
    }
}

TEST_F(SharedVectors, of_forbidden_texts_are_refused) {
    for (const Value row : list("must_reject")) {
        EXPECT_FALSE(parse(input_of(row)).has_value()) << row.find("why")->string();
    }
}

TEST_F(SharedVectors, of_lossy_integers_are_refused_and_of_lossy_fractions_rounded) {
    for (const Value row : list("lossy")) {
        const std::string text = input_of(row);
        const auto document = parse(text);
        if (is_lossy_integer(text)) {
            ASSERT_FALSE(document.has_value()) << text;
            EXPECT_EQ(document.error().code, Code::number_not_exact);
        } else {
            ASSERT_TRUE(document.has_value()) << text;
            EXPECT_EQ(canonical(document->root()), row.find("jcs")->string());
        }
    }
}

}  // namespace
}  // namespace parmana::json
