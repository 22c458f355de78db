// Takes libyaml's memory away, one allocation earlier or later. The linker sends each malloc and realloc of
// this program's objects here (see CMakeLists.txt); those of the C++ library go their usual way.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "yaml/yaml.hpp"

extern "C" {
void* real_malloc(std::size_t size) __asm__("__real_malloc");
void* real_realloc(void* block, std::size_t size) __asm__("__real_realloc");
void* counted_malloc(std::size_t size) __asm__("__wrap_malloc");
void* counted_realloc(void* block, std::size_t size) __asm__("__wrap_realloc");
}

namespace {

std::size_t served = 0;
std::size_t allowance = 0;
bool armed = false;

bool refuses() {
    return armed && ++served > allowance;
}

}  // namespace

void* counted_malloc(std::size_t size) {
    return refuses() ? nullptr : real_malloc(size);
}

void* counted_realloc(void* block, std::size_t size) {
    return refuses() ? nullptr : real_realloc(block, size);
}

namespace parmana::yaml {
namespace {

TEST(Memory, is_a_fault_when_libyaml_gets_none) {
    std::string text = "a: |\n  b\n  c\nd: [\"e\", 'f', g h]\n" + std::string(300, 'i') + ": {j: k}\nl:\n";
    for (int i = 0; i < 40; ++i)
        text += std::string(static_cast<std::size_t>(i), ' ') + "-\n";
    bool complete = false;
    std::size_t faults = 0;
    for (allowance = 0; !complete && allowance < 10'000; ++allowance) {
        served = 0;
        armed = true;
        const auto document = parse(text);
        armed = false;
        complete = document.has_value();
        if (complete) continue;
        ++faults;
        ASSERT_EQ(document.error().message, "out of memory") << allowance;
        ASSERT_GE(document.error().position.line, 1U);
    }
    EXPECT_TRUE(complete);
    EXPECT_GT(faults, 20U);
}

}  // namespace
}  // namespace parmana::yaml
