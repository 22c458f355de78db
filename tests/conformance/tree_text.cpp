#include "conformance/tree_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "base/bytes.hpp"
#include "cel/text.hpp"

namespace parmana::conformance {
namespace {

using cel::Expr;
using cel::ExprKind;

/// A simple escape, or nothing.
std::string_view named_escape(char c) {
    constexpr std::string_view kPlain = "\a\b\t\n\v\f\r\"\\";
    constexpr std::string_view kEscapes = "\\a\\b\\t\\n\\v\\f\\r\\\"\\\\";
    const std::size_t at = kPlain.find(c);
    return at == std::string_view::npos ? std::string_view() : kEscapes.substr(at * 2, 2);
}

std::string escaped_byte(char c) {
    if (const std::string_view escape = named_escape(c); !escape.empty()) return std::string(escape);
    return "\\x" + to_hex(std::string_view(&c, 1));
}

std::string hex_digits(std::uint32_t code_point, std::size_t width) {
    char digits[8];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, code_point, 16);
    const std::string text(digits, error == std::errc() ? end : digits);
    return std::string(width - text.size(), '0') + text;
}

/// What is neither letter, mark, digit nor sign, and not the blank: as far as the suite goes, not all of
/// Unicode.
bool is_printable(std::uint32_t code_point) {
    constexpr std::pair<std::uint32_t, std::uint32_t> kHidden[] = {
        {0, 0x1f},        {0x7f, 0xa0},     {0xad, 0xad},       {0x1680, 0x1680}, {0x180e, 0x180e},
        {0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f},   {0x3000, 0x3000}, {0xe000, 0xf8ff},
        {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0x3ffff, 0x10ffff}};
    return std::ranges::none_of(kHidden, [code_point](const auto& range) {
        return code_point >= range.first && code_point <= range.second;
    });
}

std::string escaped_code_point(std::uint32_t code_point) {
    if (code_point < 0x80) return escaped_byte(static_cast<char>(code_point));
    return code_point < 0x10000 ? "\\u" + hex_digits(code_point, 4) : "\\U" + hex_digits(code_point, 8);
}

std::string quoted(std::string_view text, bool bytes) {
    std::string out = bytes ? "b\"" : "\"";
    while (!text.empty()) {
        // Bytes that are no UTF-8 are escaped one by one.
        std::size_t size = 1;
        while (bytes && size < std::min<std::size_t>(4, text.size()) && !cel::is_utf8(text.substr(0, size)))
            ++size;
        if (!bytes) size = cel::code_point_bytes(text);
        const std::string_view one = text.substr(0, size);
        const bool readable = cel::is_utf8(one);
        const std::uint32_t code_point = readable ? cel::first_code_point(one) : 0;
        if (readable && is_printable(code_point) && named_escape(one.front()).empty()) {
            out += one;
        } else if (bytes) {
            out += escaped_byte(one.front());
            size = 1;
        } else {
            out += escaped_code_point(code_point);
        }
        text.remove_prefix(size);
    }
    return out + '"';
}

/// Plain below a million, with an exponent of two digits at least from there on.
std::string real_text(double value) {
    if (value < 1e6 && value > -1e6) return cel::format_double(value);
    char digits[32];
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
    return error == std::errc() ? std::string(digits, end) : "";
}

std::string constant_text(const cel::Constant& constant) {
    if (const auto* truth = std::get_if<bool>(&constant)) return *truth ? "true" : "false";
    if (const auto* integer = std::get_if<std::int64_t>(&constant)) return std::to_string(*integer);
    if (const auto* number = std::get_if<std::uint64_t>(&constant)) return std::to_string(*number) + "u";
    if (const auto* real = std::get_if<double>(&constant)) return real_text(*real);
    if (const auto* text = std::get_if<std::string>(&constant)) return quoted(*text, false);
    if (const auto* bytes = std::get_if<cel::Bytes>(&constant)) return quoted(bytes->value, true);
    return "null";
}

using Mark = std::function<std::string(const Expr&)>;

class TreeWriter {
  public:
    TreeWriter(Mark mark, std::string entry_mark)
        : mark_(std::move(mark)), entry_mark_(std::move(entry_mark)) {}

    std::string write(const Expr& expr) {
        node(expr);
        return std::move(out_);
    }

  private:
    void line(std::size_t indent) {
        out_ += '\n';
        out_.append(indent * 2, ' ');
    }

    void node(const Expr& expr) {
        switch (expr.kind) {
            case ExprKind::constant:
                out_ += constant_text(expr.constant);
                break;
            case ExprKind::identifier:
                out_ += expr.name;
                break;
            case ExprKind::select:
                node(*expr.target);
                out_ += "." + expr.name + (expr.test_only ? "~test-only~" : "");
                break;
            case ExprKind::call:
                call(expr);
                break;
            case ExprKind::list:
            case ExprKind::map:
                entries(expr);
                break;
            case ExprKind::comprehension:
                comprehension(*expr.comprehension);
                break;
            case ExprKind::message:
                break;
        }
        out_ += mark_(expr);
    }

    /// `count` things between brackets, each on a line of its own.
    template <class Put>
    void block(char open, char close, std::size_t count, Put put) {
        out_ += open;
        ++indent_;
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) out_ += ',';
            line(indent_);
            put(i);
        }
        --indent_;
        if (count > 0) line(indent_);
        out_ += close;
    }

    void call(const Expr& expr) {
        if (expr.target != nullptr) {
            node(*expr.target);
            out_ += '.';
        }
        out_ += expr.name;
        block('(', ')', expr.arguments.size(), [&](std::size_t i) { node(*expr.arguments[i]); });
    }

    void entries(const Expr& expr) {
        const bool is_map = expr.kind == ExprKind::map;
        block(is_map ? '{' : '[', is_map ? '}' : ']', expr.entries.size(), [&](std::size_t i) {
            const cel::Entry& entry = expr.entries[i];
            if (is_map) {
                if (entry.optional) out_ += '?';
                node(*entry.key);
                out_ += ':';
            }
            node(*entry.value);
            if (is_map) out_ += entry_mark_;
        });
    }

    void comprehension(const cel::Comprehension& loop) {
        out_ += "__comprehension__(";
        ++indent_;
        const char* separator = "";
        const auto part = [&](const char* title, const auto& put) {
            out_ += separator;
            line(indent_);
            out_ += std::string("// ") + title;
            line(indent_);
            put();
            separator = ",";
        };
        const auto name = [this](const std::string& text) { return [this, &text] { out_ += text; }; };
        const auto tree = [this](const cel::ExprPtr& expr) { return [this, &expr] { node(*expr); }; };
        part("Variable", name(loop.variable));
        part("Target", tree(loop.range));
        part("Accumulator", name(loop.accumulator));
        part("Init", tree(loop.initial));
        part("LoopCondition", tree(loop.condition));
        part("LoopStep", tree(loop.step));
        part("Result", tree(loop.result));
        out_ += ')';
        --indent_;
    }

    Mark mark_;
    std::string entry_mark_;
    std::string out_;
    std::size_t indent_ = 0;
};

std::string kind_name(const Expr& expr) {
    constexpr const char* kConstants[] = {"Null", "Bool", "Int64", "Uint64", "Double", "String", "Bytes"};
    switch (expr.kind) {
        case ExprKind::constant:
            return std::string("Constant_") + kConstants[expr.constant.index()] + "Value";
        case ExprKind::identifier:
            return "Expr_IdentExpr";
        case ExprKind::select:
            return "Expr_SelectExpr";
        case ExprKind::call:
            return "Expr_CallExpr";
        case ExprKind::list:
            return "Expr_ListExpr";
        case ExprKind::map:
        case ExprKind::message:
            return "Expr_StructExpr";
        case ExprKind::comprehension:
            break;
    }
    return "Expr_ComprehensionExpr";
}

/// `less_int64_double` and its kin.
bool is_across_types(std::string_view overload) {
    if (!overload.starts_with("less_") && !overload.starts_with("greater_")) return false;
    std::size_t numbers = 0;
    for (const std::string_view number : {"_int64", "_uint64", "_double"})
        numbers += overload.find(number) != std::string_view::npos ? 1 : 0;
    return numbers == 2;
}

std::string reference_text(const cel::Reference& reference, Overloads which) {
    if (reference.overloads.empty()) return reference.name.empty() ? "" : "^" + reference.name;
    std::vector<std::string> overloads = reference.overloads;
    const bool keep = which == Overloads::all || std::ranges::all_of(overloads, is_across_types);
    if (!keep) std::erase_if(overloads, is_across_types);
    std::ranges::sort(overloads);
    std::string out;
    for (const std::string& id : overloads)
        out += (out.empty() ? "^" : "|") + id;
    return out;
}

}  // namespace

std::string parsed_tree_text(const cel::Ast& ast) {
    const auto mark = [](const Expr& expr) { return "^#*expr." + kind_name(expr) + "#"; };
    return TreeWriter(mark, "^#*expr.Expr_CreateStruct_Entry#").write(*ast.root);
}

std::string checked_tree_text(const cel::Checked& checked, Overloads which) {
    const auto mark = [&checked, which](const Expr& expr) {
        return "~" + cel::to_string(checked.types[expr.id]) +
               reference_text(checked.references[expr.id], which);
    };
    return TreeWriter(mark, "").write(*checked.ast.root);
}

}  // namespace parmana::conformance
