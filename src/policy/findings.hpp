// The findings of the checker while a document is read. Internal to the module.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/json.hpp"
#include "policy/policy.hpp"

namespace parmana::policy {

/// A key that an object may have.
struct Key {
    std::string_view name;
    bool required;
};

/// Collects findings in any order and gives them out in the order of the document.
class Findings {
  public:
    explicit Findings(std::string_view text) : text_(text) {}

    void at(std::size_t offset, std::string message, std::string pointer);
    void at_value(json::Value value, std::string message, std::string pointer);
    /// Within the string that a value is: `inner` is an offset into its text.
    void at_text(json::Value text, std::size_t inner, std::string message, std::string pointer);
    /// At the name of a member.
    void at_name(json::Value member, std::string message, std::string pointer);

    /// True when the value is of the type, else a finding "`subject` must be an object".
    bool expect(json::Value value, json::Type type, std::string_view subject, const std::string& pointer);
    /// A finding for each member that is no key, and for each required key that is absent.
    void check_keys(json::Value object, const std::string& pointer, std::span<const Key> keys);
    void check_keys(json::Value object, const std::string& pointer, std::initializer_list<Key> keys) {
        check_keys(object, pointer, std::span(keys.begin(), keys.size()));
    }
    /// The member when it is there and of the type; a wrong type is a finding, absence is none.
    std::optional<json::Value> member(json::Value object, const std::string& pointer, std::string_view name,
                                      json::Type type);

    bool empty() const { return found_.empty(); }
    std::vector<Diagnostic> sorted();

  private:
    struct Finding {
        std::pair<std::size_t, std::size_t> place;  // offset; then as they were found
        std::string message;
        std::string pointer;
        std::optional<std::size_t> inner = std::nullopt;
    };
    std::string_view text_;
    std::vector<Finding> found_;
};

}  // namespace parmana::policy
