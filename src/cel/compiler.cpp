// From checked trees to programs.
#include "cel/assembler.hpp"

namespace parmana::cel {

Program::Program(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Compiler::Compiler(std::vector<VariableDeclaration> variables, std::vector<Storage> storage)
    : assembler_(std::make_unique<Assembler>(std::move(variables), std::move(storage))) {}
Compiler::~Compiler() = default;

Label Compiler::label() {
    return assembler_->label();
}
void Compiler::place(Label label) {
    assembler_->place(label);
}
void Compiler::set_expression_base(std::uint32_t base) {
    assembler_->set_expression_base(base);
}
void Compiler::yield_value(const Expr& checked) {
    assembler_->yield_value(checked);
}
void Compiler::yield(std::int64_t value) {
    assembler_->yield_constant(Value::from(value));
}
void Compiler::yield_error(Fault fault) {
    assembler_->yield_constant(Value::error(fault));
}
void Compiler::branch(const Checked& condition, Label if_true, Label if_false) {
    assembler_->branch(*condition.ast.root, &condition, if_true, if_false);
}
void Compiler::branch_strictly(const Expr& condition, Label if_true, Label if_false) {
    assembler_->branch(condition, nullptr, if_true, if_false);
}
void Compiler::go(Label label) {
    assembler_->go(label);
}
void Compiler::define_lazy(std::uint32_t index, const Checked& expression) {
    assembler_->define_lazy(index, expression);
}
void Compiler::begin_list(std::uint32_t index) {
    assembler_->begin_list(index);
}
void Compiler::append(std::uint32_t index, const Expr& element) {
    assembler_->append(index, element);
}
void Compiler::note(std::uint32_t mark) {
    assembler_->note(mark);
}
void Compiler::record_hit(std::int64_t value, std::uint32_t group) {
    assembler_->record_hit(value, group);
}
void Compiler::yield_hit(Label if_none) {
    assembler_->yield_hit(if_none);
}
Program Compiler::finish() {
    return Program(assembler_->finish());
}

Program compile(const Checked& expression, const Environment& environment) {
    Compiler compiler(environment.variables);
    compiler.place(compiler.label());
    compiler.yield_value(*expression.ast.root);
    return compiler.finish();
}

}  // namespace parmana::cel
