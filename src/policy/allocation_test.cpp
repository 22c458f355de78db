// Counts the allocations of this test program: the common path of a decision has none.
#include <cstdlib>
#include <new>

#include "policy/test_policies.hpp"

namespace {
thread_local std::size_t allocations = 0;

void* counted(std::size_t size) {
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) std::abort();
    return memory;
}
}  // namespace

void* operator new(std::size_t size) {
    return counted(size);
}
void* operator new[](std::size_t size) {
    return counted(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace parmana::policy {
namespace {

TEST(Allocation, BindAndEvaluateAllocateNothingOnceTheSlotsHaveRoom) {
    const Policy policy = must_compile(one_condition(
        R"({"a":{"type":"integer","minimum":0},"b":{"type":"number"},"c":{"type":"string"},
            "d":{"type":"enum","values":["car","a value that is longer than any small string"]}})",
        R"({"all":[{"signal":"a","greater_than":5},{"signal":"b","in":[1.5,2]},{"signal":"c","in":["x","y"]},
            {"signal":"d","equals":"a value that is longer than any small string"}]})"));
    const Result<json::Document> given =
        json::parse(R"({"a":6,"b":2,"c":"y","d":"a value that is longer than any small string"})");
    Slots slots;
    ASSERT_TRUE(policy.bind(given->root(), slots) && policy.evaluate(slots));  // the memory is there from now on

    const std::size_t before = allocations;
    const Status bound = policy.bind(given->root(), slots);
    const Result<const Rule*> rule = policy.evaluate(slots);
    const std::size_t counted = allocations - before;

    ASSERT_TRUE(bound.has_value());
    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ((*rule)->id, "hit");
    EXPECT_EQ(counted, 0U);
    EXPECT_GT(before, 0U) << "the counter counts";
}

}  // namespace
}  // namespace parmana::policy
