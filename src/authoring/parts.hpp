// A governance document as it was read, between YAML and JSON. Internal to the module.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/finding.hpp"
#include "yaml/yaml.hpp"

namespace parmana::authoring {

/// A stretch of a CEL text that stands in the YAML source: text [start, start + size) is `node` from `offset`
/// on.
struct Segment {
    std::size_t start;
    std::size_t size;
    yaml::Node node;
    std::size_t offset = 0;
};

/// CEL with the places that it came from.
struct Text {
    std::string cel;
    std::vector<Segment> segments;

    void append(std::string_view text) { cel += text; }
    /// A part of the node's text.
    void append(const yaml::Node& node, std::string_view part) {
        segments.push_back(
            {cel.size(), part.size(), node, static_cast<std::size_t>(part.data() - node.text().data())});
        cel += part;
    }
    void append(const Text& other);
};

/// A rule of the policy: what a choice or a row of a table becomes.
struct Choice {
    yaml::Node node;
    std::optional<yaml::Node> id;
    std::optional<Text> condition;  // none: always
    std::optional<yaml::Node> outcome;
};

struct VariableText {
    yaml::Node node;
    std::optional<yaml::Node> name, expression;
};

struct Parts {
    std::optional<yaml::Node> id, version, description, signals, bound, hit_policy, priorities;
    std::vector<VariableText> variables;
    std::vector<Choice> choices;
};

/// Collects findings in any order.
class Report {
  public:
    void at(yaml::Position position, std::string message);
    void at(const yaml::Node& node, std::string message) { at(node.position(), std::move(message)); }
    /// True when the node is of the kind, else a finding "`subject` must be a mapping".
    bool expect(const yaml::Node& node, yaml::Kind kind, std::string_view subject);
    struct Key {
        std::string_view name;
        bool required;
    };
    /// A finding for each member that is no key and for each required key that is absent.
    void check_keys(const yaml::Node& mapping, std::initializer_list<Key> keys);
    bool empty() const { return findings_.empty(); }
    Findings take();

  private:
    Findings findings_;
};

/// Requires a mapping.
Parts read_parts(const yaml::Node& root, Report& report);
/// The rows of a decision table, and its hit policy.
void read_table(const yaml::Node& table, Parts& parts, Report& report);

/// `build`, which also says where each rule of the JSON stands in the source.
Written<std::string> build(std::string_view yaml, std::vector<yaml::Position>& rules);

/// The finding that a policy may leave an input undecided, with such an input; nothing when the message is
/// another or none is known.
std::optional<std::string> explain_gap(const std::string& json, std::string_view message);

/// A finding for each part of a node's text that is no expression by itself: joined to others it might mean
/// something that nobody sees in it.
bool stands_alone(const yaml::Node& node, std::string_view part, Report& report);

std::string in_ticks(std::string_view text);
/// With spaces for control characters.
std::string on_one_line(std::string_view text);
/// Text that is UTF-8 already, else with `?` for what is not ASCII: the names of files can be any bytes.
std::string as_utf8(std::string_view text);

}  // namespace parmana::authoring
