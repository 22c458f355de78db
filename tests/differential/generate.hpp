// Programs made at random from the table of rows, mostly well typed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "inputs.hpp"
#include "random.hpp"
#include "rows.hpp"

namespace parmana::differential {

enum class Mood {
    plain,
    failing,  // one argument of the root is sure to fail when it is evaluated
};

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    /// A program whose root is an instance of a row.
    std::string program(std::size_t row, Mood mood);
    Random& random() { return random_; }

  private:
    using Bindings = std::map<std::string, cel::Type>;

    std::string instance(std::size_t row, Bindings bindings, std::size_t depth, Mood mood);
    std::string expression(const cel::Type& type, std::size_t depth);
    std::string global(const std::string& name) const;
    std::string leaf(const cel::Type& type);
    std::string literal(const cel::Type& type);
    std::string special(const cel::Type& kind, std::size_t depth);
    std::string failing(const cel::Type& type, std::size_t depth);
    std::string fresh_name();

    cel::Type random_type();
    cel::Type bound(const cel::Type& type, Bindings& bindings);
    const std::vector<std::size_t>& rows_for(const cel::Type& type);

    Random random_;
    std::vector<Variable> scope_;  // of the macros around
    std::size_t names_ = 0;
    std::map<std::string, std::vector<std::size_t>> rows_by_type_;
};

}  // namespace parmana::differential
