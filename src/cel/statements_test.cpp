// Programs that are made of statements: lists that grow, marks, slots that may be absent; and types that
// agree.
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "cel/program.hpp"

namespace parmana::cel {
namespace {

const Type kInt{TypeKind::integer, {}, {}};
const Type kBool{TypeKind::boolean, {}, {}};
const Type kString{TypeKind::string, {}, {}};

/// An environment of the bools `a` and `b`, the list `found` and the lazy `twice`.
class Statements : public testing::Test {
  protected:
    Checked checked(std::string_view text) {
        auto out = check(parse(text, Macros::extended).value(), environment_);
        EXPECT_TRUE(out.has_value()) << text;
        return *std::move(out);
    }
    /// Appends the value where the condition holds, under a mark.
    void append_if(std::string_view condition, std::string_view element, std::uint32_t mark) {
        const Label yes = compiler_.label(), next = compiler_.label();
        compiler_.branch(checked(condition), yes, next);
        compiler_.place(yes);
        compiler_.note(mark);
        compiler_.append(0, *checked(element).ast.root);
        compiler_.place(next);
    }
    Label begin() {
        const Label out = compiler_.label();
        compiler_.place(out);
        return out;
    }

    Environment environment_{
        .variables = {{"a", kBool}, {"b", kBool}, {"found", list_of(kInt)}, {"twice", kInt}}};
    Compiler compiler_{environment_.variables,
                       {{.kind = Storage::Kind::slot, .index = 0, .may_be_absent = true},
                        {.kind = Storage::Kind::slot, .index = 1, .may_be_absent = true},
                        {.kind = Storage::Kind::list, .index = 0},
                        {.kind = Storage::Kind::lazy, .index = 0}}};
    Machine machine_;
};

std::vector<Value> slots(Value a, Value b) {
    return {a, b};
}

TEST_F(Statements, ListsGrowInTheOrderOfTheProgramAndMarksSayByWhichWay) {
    compiler_.define_lazy(0, checked("[1, 2].map(x, x * 2)[1]"));
    const Label entry = begin();
    compiler_.begin_list(0);
    append_if("a", "[5, 6].filter(x, x > 5)[0]", 7);
    append_if("b", "twice", 8);
    append_if("true", "twice + 1", 9);
    compiler_.yield_value(*checked("found").ast.root);
    const Program program = compiler_.finish();

    const auto run = [&](bool a, bool b) {
        return to_source(machine_.run(program, entry, slots(Value::from(a), Value::from(b))));
    };
    EXPECT_EQ(run(true, true), "[6, 4, 5]");
    EXPECT_EQ(std::vector(machine_.marks().begin(), machine_.marks().end()),
              (std::vector<std::uint32_t>{7, 8, 9}));
    EXPECT_EQ(run(false, true), "[4, 5]");
    EXPECT_EQ(run(false, false), "[5]");
    EXPECT_EQ(std::vector(machine_.marks().begin(), machine_.marks().end()), std::vector<std::uint32_t>{9});
}

TEST_F(Statements, AListBeginsAnewAtEachBeginning) {
    const Label entry = begin();
    compiler_.begin_list(0);
    append_if("true", "1", 0);
    compiler_.begin_list(0);
    compiler_.yield_value(*checked("found").ast.root);
    const Program program = compiler_.finish();
    EXPECT_EQ(to_source(machine_.run(program, entry, slots({}, {}))), "[]");
}

TEST_F(Statements, TheFirstErrorOfAnElementEndsTheEvaluation) {
    const Label entry = begin();
    compiler_.begin_list(0);
    append_if("true", "1 / (size(found) - size(found))", 1);
    append_if("'x' == ['x'][1]", "2", 2);
    compiler_.yield_value(*checked("found").ast.root);
    const Program program = compiler_.finish();
    const Value value = machine_.run(program, entry, slots({}, {}));
    ASSERT_TRUE(value.is(Kind::error));
    EXPECT_EQ(value.failure.fault, Fault::division_by_zero);
    EXPECT_EQ(machine_.marks().size(), 1U);
}

TEST_F(Statements, ASpentBudgetEndsTheGrowth) {
    const std::string costly =
        "[0,1,2,3,4,5,6,7,8,9].map(x, [0,1,2,3,4,5,6,7,8,9].map(y, "
        "[0,1,2,3,4,5,6,7,8,9].map(z, [0,1,2,3,4,5,6,7,8,9].map(u, x + y + z + u)))).size()";
    const Label entry = begin();
    compiler_.begin_list(0);
    append_if("true", costly, 0);
    compiler_.yield(1);
    const Program program = compiler_.finish();
    const Value value = machine_.run(program, entry, slots({}, {}));
    ASSERT_TRUE(value.is(Kind::error)) << machine_.cost();
    EXPECT_EQ(value.failure.fault, Fault::cost_exceeded);
}

TEST_F(Statements, WhatMayBeAbsentIsAnErrorThatLogicAbsorbs) {
    std::vector<Label> entries;
    for (const char* condition : {"a && b", "b && a", "a || b", "b || a", "!a && !b"}) {
        const Label yes = compiler_.label(), no = compiler_.label();
        entries.push_back(begin());
        compiler_.branch(checked(condition), yes, no);
        compiler_.place(yes);
        compiler_.yield(1);
        compiler_.place(no);
        compiler_.yield(0);
    }
    const Program program = compiler_.finish();
    const auto run = [&](Value a, Value b) {
        std::string out;
        for (const Label entry : entries) {
            const Value value = machine_.run(program, entry, slots(a, b));
            out += value.is(Kind::error) ? "e" : to_source(value);
        }
        return out;
    };
    EXPECT_EQ(run({}, Value::from(false)), "00eee");
    EXPECT_EQ(run({}, Value::from(true)), "ee110");
    EXPECT_EQ(run(Value::from(false), {}), "00eee");
    EXPECT_EQ(run(Value::from(true), Value::from(true)), "11110");
}

TEST(CommonType, IsTheOneThatCoversTheOther) {
    const Type dyn{};
    EXPECT_EQ(common_type(kInt, kInt), kInt);
    EXPECT_EQ(common_type(kInt, kString), std::nullopt);
    EXPECT_EQ(common_type(kInt, dyn), dyn);
    EXPECT_EQ(common_type(list_of(dyn), list_of(kInt)), list_of(dyn));
    EXPECT_EQ(common_type(list_of(kString), list_of(kInt)), std::nullopt);
    EXPECT_EQ(common_type(optional_of(kInt), kInt), std::nullopt);
}

TEST(IsDeclared, AsksForVariablesTypesAndFunctionsByTheirWholeName) {
    const Environment environment{.container = "a",
                                  .variables = {{"a.b.c", kInt}},
                                  .functions = {{"f.g", {}}},
                                  .opaque_types = {"t.T"},
                                  .aliases = {"a.b"}};
    for (const char* name : {"a.b.c", "a.b", "a", "f.g", "t.T", "google.protobuf.Timestamp", "optional.of"})
        EXPECT_TRUE(is_declared(name, environment)) << name;
    for (const char* name : {"b.c", "b", "a.b.c.d", "a.bc", "f", "no.Such", ""})
        EXPECT_FALSE(is_declared(name, environment)) << name;
}

}  // namespace
}  // namespace parmana::cel
