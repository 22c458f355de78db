// Decision tables: rows of cells over input expressions, built into conditions.
//
// A cell is `-` (anything), a comparison (`< 5`, `<= 5`, `> 5`, `>= 5`, `!= "x"`), a range (`[1..5]`,
// `(1..5]`), a list of values (`"a", "b"`), `not(…)` around one of these, or a value. A word without quotes
// that is no literal is a string.
#include <algorithm>
#include <cctype>

#include "authoring/parts.hpp"
#include "base/bytes.hpp"

namespace parmana::authoring {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n'))
        text.remove_suffix(1);
    return text;
}

bool is_word(std::string_view text) {
    const auto letter = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
           text.front() != '-' && std::ranges::all_of(text, letter) && text != "true" && text != "false" &&
           text != "null";
}

/// Splits at commas that stand outside quotes and brackets.
std::vector<std::string_view> list_of(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    int depth = 0;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            if (c == '\\') ++i;
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            --depth;
        } else if (c == ',' && depth == 0) {
            out.push_back(trimmed(text.substr(begin, i - begin)));
            begin = i + 1;
        }
    }
    out.push_back(trimmed(text.substr(std::min(begin, text.size()))));
    return out;
}

/// One cell under one input.
class Cell {
  public:
    Cell(const yaml::Node& input, const yaml::Node& cell, Report& report)
        : input_(input), cell_(cell), report_(report) {}

    /// Nothing for a cell that takes anything; no text for one that is not well formed.
    std::optional<Text> condition(std::string_view text) {
        text = trimmed(text);
        if (text == "-") return std::nullopt;
        Text out;
        if (text.starts_with("not(") && text.ends_with(")")) {
            auto inner = condition(text.substr(4, text.size() - 5));
            if (!inner) return Text{};
            out.append("!(");
            out.append(*inner);
            out.append(")");
            return out;
        }
        for (const std::string_view relation : {"<=", ">=", "==", "!=", "<", ">"}) {
            if (!text.starts_with(relation)) continue;
            compare(out, std::string(relation), trimmed(text.substr(relation.size())));
            return out;
        }
        if (const std::size_t dots = text.find(".."); dots != std::string_view::npos && is_range(text)) {
            compare(out, text.front() == '[' ? ">=" : ">", trimmed(text.substr(1, dots - 1)));
            out.append(" && ");
            compare(out, text.back() == ']' ? "<=" : "<",
                    trimmed(text.substr(dots + 2, text.size() - dots - 3)));
            return out;
        }
        const auto values = list_of(text);
        if (values.size() == 1) {
            compare(out, "==", values.front());
            return out;
        }
        put_input(out);
        const char* separator = " in [";
        for (const std::string_view value : values) {
            out.append(separator);
            put_value(out, value);
            separator = ", ";
        }
        out.append("]");
        return out;
    }

  private:
    static bool is_range(std::string_view text) {
        return (text.front() == '[' || text.front() == '(') && (text.back() == ']' || text.back() == ')');
    }
    void put_input(Text& out) {
        out.append("(");
        out.append(input_, input_.text());
        out.append("\n)");
    }
    void compare(Text& out, const std::string& relation, std::string_view value) {
        put_input(out);
        out.append(" " + relation + " ");
        put_value(out, value);
    }
    void put_value(Text& out, std::string_view value) {
        if (is_word(value)) {
            out.append("\"");
            out.append(cell_, value);
            out.append("\"");
        } else {
            stands_alone(cell_, value, report_);
            out.append(cell_, value);
            out.append("\n");  // a comment ends with its line
        }
    }

    const yaml::Node& input_;
    const yaml::Node& cell_;
    Report& report_;
};

class TableReader {
  public:
    TableReader(Parts& parts, Report& report) : parts_(parts), report_(report) {}

    void read(const yaml::Node& table) {
        report_.check_keys(table, {{"hitPolicy", true},
                                   {"priorities", false},
                                   {"inputs", true},
                                   {"rows", true},
                                   {"default", true},
                                   {"description", false}});
        parts_.hit_policy = table.find("hitPolicy");
        parts_.priorities = table.find("priorities");
        const auto inputs = table.find("inputs"), rows = table.find("rows"), rest = table.find("default");
        if (inputs && report_.expect(*inputs, yaml::Kind::sequence, "`inputs`")) {
            for (const yaml::Node& input : inputs->elements()) {
                if (!report_.expect(input, yaml::Kind::scalar, "an input")) continue;
                stands_alone(input, input.text(), report_);
                inputs_.push_back(input);
            }
        }
        if (rows && report_.expect(*rows, yaml::Kind::sequence, "`rows`")) {
            for (const yaml::Node& row : rows->elements())
                read_row(row);
        }
        if (rest && report_.expect(*rest, yaml::Kind::mapping, "`default`")) {
            report_.check_keys(*rest, {{"id", true}, {"outcome", true}, {"description", false}});
            parts_.choices.push_back({*rest, rest->find("id"), std::nullopt, rest->find("outcome")});
        }
    }

  private:
    void read_row(const yaml::Node& row) {
        if (!report_.expect(row, yaml::Kind::mapping, "a row")) return;
        report_.check_keys(row, {{"id", true}, {"when", true}, {"outcome", true}, {"description", false}});
        const auto when = row.find("when");
        if (!when || !report_.expect(*when, yaml::Kind::sequence, "`when`")) return;
        if (when->elements().size() != inputs_.size()) {
            report_.at(*when, "a row has one cell for each input: " + std::to_string(inputs_.size()));
            return;
        }
        Text condition;
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            add_cell(condition, inputs_[i], when->elements()[i]);
        // A row that takes anything is not the default: it is a hit like any other.
        if (condition.cel.empty()) condition.append("true");
        parts_.choices.push_back({row, row.find("id"), std::move(condition), row.find("outcome")});
    }

    void add_cell(Text& condition, const yaml::Node& input, const yaml::Node& cell) {
        if (!report_.expect(cell, yaml::Kind::scalar, "a cell")) return;
        const auto text = Cell(input, cell, report_).condition(cell.text());
        if (!text) return;
        if (text->cel.empty()) {
            report_.at(cell, "`not(-)` never holds");
            return;
        }
        if (!condition.cel.empty()) condition.append(" && ");
        condition.append("(");
        condition.append(*text);
        condition.append(")");
    }

    Parts& parts_;
    Report& report_;
    std::vector<yaml::Node> inputs_;
};

}  // namespace

void read_table(const yaml::Node& table, Parts& parts, Report& report) {
    TableReader(parts, report).read(table);
}

}  // namespace parmana::authoring
