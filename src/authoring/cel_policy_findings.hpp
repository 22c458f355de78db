// The findings of a document while it is read, and questions about the shape of its YAML. Internal to the
// module.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "authoring/cel_policy.hpp"
#include "yaml/yaml.hpp"

namespace parmana::authoring::cel_policy {

/// A key that a mapping may have.
struct Key {
    std::string_view name;
    bool required = false;
};

/// Collects findings in any order.
class FindingList {
  public:
    void at(yaml::Position place, std::string message);
    void at(yaml::Node node, std::string message) { at(node.position(), std::move(message)); }
    /// Within a scalar: at the character that this byte of its text comes from.
    void in(yaml::Node scalar, std::size_t offset, std::string message);
    /// At the first character of a scalar's text that is not blank.
    void in(yaml::Node scalar, std::string message);

    /// True when the node is of the type, else a finding "`subject` must be a list".
    bool expect(yaml::Node node, yaml::Type type, std::string_view subject);
    /// A finding for each member that is no key, and for each required key that is absent. Requires a
    /// mapping.
    void check_keys(yaml::Node mapping, std::initializer_list<Key> keys);
    /// The member when it is there and of the type; a wrong type is a finding, absence is none. Requires a
    /// mapping.
    std::optional<yaml::Node> member(yaml::Node mapping, std::string_view name, yaml::Type type);
    /// The text of a member that is a string; empty when there is none.
    std::string text(yaml::Node mapping, std::string_view name);

    bool empty() const { return found_.empty(); }
    Findings sorted() &&;

  private:
    Findings found_;
};

/// `a.b.c`: identifiers between dots.
bool is_qualified_name(std::string_view text);
/// One identifier.
bool is_identifier(std::string_view text);
std::string_view without_blanks(std::string_view text);

}  // namespace parmana::authoring::cel_policy
