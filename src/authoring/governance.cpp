// From the parts of a governance document to canonical JSON. The JSON is made twice: first with the expressions as they
// were written, which policy::check judges, so that every finding has its place in the YAML; then with each expression
// in its one spelling.
#include "authoring/governance.hpp"

#include <algorithm>
#include <map>

#include "authoring/parts.hpp"
#include "cel/cel.hpp"
#include "json/json.hpp"
#include "policy/policy.hpp"

namespace parmana::authoring {
namespace {

/// Where a JSON value came from.
struct Source {
    yaml::Node node;
    std::vector<Segment> segments;
};

std::string spelled(const std::string& cel) {
    const auto ast = cel::parse(cel, cel::Macros::none);
    return ast ? cel::print(*ast->root) : cel;
}

std::string_view without_last_newline(std::string_view text) {
    return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

class Renderer {
  public:
    Renderer(const Parts& parts, Report& report, bool canonical)
        : parts_(parts), report_(report), canonical_(canonical), writer_(out_) {}

    /// The JSON; members in JCS order.
    std::string render() {
        writer_.object();
        if (parts_.bound) put("boundSignals", *parts_.bound, "/boundSignals");
        if (parts_.description)
            writer_.name("description").string(without_last_newline(parts_.description->text()));
        put_text("hitPolicy", parts_.hit_policy, "first");
        writer_.name("languageProfile").string(policy::kCelProfile);
        put_text("policyId", parts_.id, "");
        put_text("policyVersion", parts_.version, "");
        if (parts_.priorities) put("priorities", *parts_.priorities, "/priorities");
        put_rules();
        writer_.name("schemaVersion").string(policy::kCelSchemaVersion);
        if (parts_.signals) put("signalsSchema", *parts_.signals, "/signalsSchema");
        put_variables();
        writer_.end();
        return std::move(out_);
    }

    const std::map<std::string, Source>& sources() const { return sources_; }

  private:
    /// A scalar that is a name whatever it looks like: the version `1.0` is no number.
    void put_text(std::string_view name, const std::optional<yaml::Node>& node, std::string_view otherwise) {
        writer_.name(name).string(node && node->kind() == yaml::Kind::scalar ? node->text() : otherwise);
        if (node) sources_.emplace("/" + std::string(name), Source{*node, {}});
    }

    void put(std::string_view name, const yaml::Node& node, const std::string& pointer) {
        writer_.name(name);
        put_value(node, pointer);
    }

    void put_value(const yaml::Node& node, const std::string& pointer) {
        sources_.emplace(pointer, Source{node, {}});
        switch (node.type()) {
            case yaml::Type::null:
                writer_.null();
                return;
            case yaml::Type::boolean:
                writer_.boolean(node.boolean());
                return;
            case yaml::Type::integer:
                put_integer(node);
                return;
            case yaml::Type::real:
                if (node.real() - node.real() != 0) {
                    report_.at(node, "a number must be finite");
                    writer_.null();
                } else {
                    writer_.number(node.real());
                }
                return;
            case yaml::Type::string:
                writer_.string(node.text());
                return;
            case yaml::Type::sequence:
                put_sequence(node, pointer);
                return;
            case yaml::Type::mapping:
                put_mapping(node, pointer);
                return;
        }
    }

    void put_integer(const yaml::Node& node) {
        if (node.integer() > limits::kExactIntegerMax || node.integer() < -limits::kExactIntegerMax) {
            report_.at(node, "an integer beyond 2^53 is not exact in JSON");
            writer_.null();
        } else {
            writer_.integer(node.integer());
        }
    }

    void put_sequence(const yaml::Node& node, const std::string& pointer) {
        writer_.array();
        std::size_t index = 0;
        for (const yaml::Node& element : node.elements())
            put_value(element, pointer + "/" + std::to_string(index++));
        writer_.end();
    }

    void put_mapping(const yaml::Node& node, const std::string& pointer) {
        std::vector<yaml::Member> members(node.members().begin(), node.members().end());
        std::ranges::sort(members, [](const yaml::Member& a, const yaml::Member& b) {
            return json::jcs_less(a.key.text(), b.key.text());
        });
        writer_.object();
        for (const yaml::Member& member : members)
            put(member.key.text(), member.value, pointer + pointer_token(member.key.text()));
        writer_.end();
    }

    void put_cel(std::string_view name, const Text& text, const yaml::Node& node, const std::string& pointer) {
        writer_.name(name).string(canonical_ ? spelled(text.cel) : text.cel);
        sources_.emplace(pointer, Source{node, text.segments});
    }

    void put_rules() {
        writer_.name("rules").array();
        std::size_t index = 0;
        for (const Choice& choice : parts_.choices) {
            const std::string at = "/rules/" + std::to_string(index++);
            sources_.emplace(at, Source{choice.node, {}});
            writer_.object();
            if (choice.condition) put_cel("condition", *choice.condition, choice.node, at + "/condition");
            if (choice.id) {
                writer_.name("id").string(choice.id->text());
                sources_.emplace(at + "/id", Source{*choice.id, {}});
            }
            if (choice.outcome && report_.expect(*choice.outcome, yaml::Kind::mapping, "`outcome`"))
                put_outcome(*choice.outcome, at + "/outcome");
            writer_.end();
        }
        writer_.end();
    }

    /// `decision`, `reason` and perhaps `action` become the outcome of the JSON form.
    void put_outcome(const yaml::Node& node, const std::string& at) {
        report_.check_keys(node, {{"decision", true}, {"action", false}, {"reason", true}});
        sources_.emplace(at, Source{node, {}});
        const auto decision = node.find("decision"), action = node.find("action"), reason = node.find("reason");
        const auto verdict = decision && decision->kind() == yaml::Kind::scalar
                                 ? policy::verdict_from_wire(decision->text())
                                 : std::nullopt;
        if (decision && !verdict)
            report_.at(*decision, "a decision is approved, rejected or override_required");
        const bool overrides = verdict == policy::Verdict::override_required;
        if (action && !overrides) report_.at(*action, "only override_required has an action of its own");
        const std::string_view word = overrides                                ? "review"
                                      : verdict == policy::Verdict::rejected ? "reject"
                                                                               : "approve";
        writer_.name("outcome").object();
        writer_.name("action").string(action && action->kind() == yaml::Kind::scalar ? action->text() : word);
        if (action) sources_.emplace(at + "/action", Source{*action, {}});
        if (reason && reason->kind() == yaml::Kind::scalar) {
            writer_.name("reason").string(without_last_newline(reason->text()));
            sources_.emplace(at + "/reason", Source{*reason, {}});
        }
        writer_.name("requires_override").boolean(overrides).end();
    }

    void put_variables() {
        if (parts_.variables.empty()) return;
        writer_.name("variables").array();
        std::size_t index = 0;
        for (const VariableText& variable : parts_.variables) {
            const std::string at = "/variables/" + std::to_string(index++);
            sources_.emplace(at, Source{variable.node, {}});
            writer_.object();
            if (variable.expression) {
                Text text;
                text.append(*variable.expression, variable.expression->text());
                put_cel("expression", text, *variable.expression, at + "/expression");
            }
            if (variable.name) {
                writer_.name("name").string(variable.name->text());
                sources_.emplace(at + "/name", Source{*variable.name, {}});
            }
            writer_.end();
        }
        writer_.end();
    }

    const Parts& parts_;
    Report& report_;
    bool canonical_;
    std::map<std::string, Source> sources_;
    std::string out_;
    json::Writer writer_;
};

/// The place in the YAML of what policy::check found in the JSON.
yaml::Position place_of(const policy::Diagnostic& found, const std::map<std::string, Source>& sources,
                        const yaml::Node& root) {
    std::string pointer = found.pointer;
    while (true) {
        const auto source = sources.find(pointer);
        if (source != sources.end()) {
            if (!found.offset) return source->second.node.position();
            for (const Segment& segment : source->second.segments) {
                if (*found.offset < segment.start + segment.size)
                    return segment.node.position_of(
                        segment.offset + (*found.offset > segment.start ? *found.offset - segment.start : 0));
            }
            if (source->second.segments.empty()) return source->second.node.position();
            const Segment& last = source->second.segments.back();
            return last.node.position_of(last.offset + last.size);
        }
        const std::size_t slash = pointer.rfind('/');
        if (slash == std::string::npos) return root.position();
        pointer.resize(slash);
    }
}

/// A finding within a text has its column in front; here the place in the YAML says it.
std::string message_of(const policy::Diagnostic& found) {
    if (!found.offset) return found.message;
    const std::size_t colon = found.message.find(": ");
    return colon == std::string::npos ? found.message : found.message.substr(colon + 2);
}

}  // namespace

Written<std::string> build(std::string_view source) {
    std::vector<yaml::Position> rules;
    return build(source, rules);
}

Written<std::string> build(std::string_view source, std::vector<yaml::Position>& rules) {
    const auto document = yaml::parse(source);
    if (!document)
        return std::unexpected(Findings{{document.error().position.line, document.error().position.column,
                                         document.error().message}});
    const yaml::Node root = document->root();
    Report report;
    if (!report.expect(root, yaml::Kind::mapping, "a policy")) return std::unexpected(report.take());
    const Parts parts = read_parts(root, report);
    Renderer draft(parts, report, false);
    const std::string written = draft.render();
    // What the document itself lacks would only be said twice.
    if (!report.empty()) return std::unexpected(report.take());
    for (const policy::Diagnostic& found : policy::check(written))
        report.at(place_of(found, draft.sources(), root),
                  explain_gap(written, message_of(found)).value_or(message_of(found)));
    if (!report.empty()) return std::unexpected(report.take());
    std::string built = Renderer(parts, report, true).render();
    // A spelling can be longer than what was written, and over a limit.
    for (policy::Diagnostic& found : policy::check(built)) {
        const std::string message = message_of(found);
        if (found.offset) found.offset = 0;  // it is one into a text that nobody wrote
        report.at(place_of(found, draft.sources(), root), "in its one spelling: " + message);
    }
    if (!report.empty()) return std::unexpected(report.take());
    for (const Choice& choice : parts.choices)
        rules.push_back(choice.node.position());
    return built;
}

}  // namespace parmana::authoring
