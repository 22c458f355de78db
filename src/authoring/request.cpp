#include "authoring/request.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "json/json.hpp"

namespace parmana::authoring {
namespace {

/// An object that is filled by path.
struct Branch {
    std::string json;  // empty: an object of the members
    std::map<std::string, Branch> members;

    void put(std::span<const std::string> path, std::string value) {
        if (path.empty()) {
            members.clear();
            json = std::move(value);
            return;
        }
        json.clear();
        members[path.front()].put(path.subspan(1), std::move(value));
    }

    std::string text() const {
        if (!json.empty()) return json;
        std::string out = "{";
        for (const auto& [name, branch] : members) {
            if (out.size() > 1) out += ',';
            append_json_string(out, name);
            out += ':' + branch.text();
        }
        return out + '}';
    }
};

class JsonText {
  public:
    explicit JsonText(Report& report) : report_(report) {}

    void put(const yaml::Node& value) {
        switch (value.type()) {
            case yaml::Type::null:
                out_ += "null";
                return;
            case yaml::Type::boolean:
                out_ += value.boolean() ? "true" : "false";
                return;
            case yaml::Type::integer:
                put_integer(value);
                return;
            case yaml::Type::real:
                put_real(value);
                return;
            case yaml::Type::string:
                append_json_string(out_, value.text());
                return;
            case yaml::Type::sequence:
                put_elements(value.elements());
                return;
            case yaml::Type::mapping:
                put_members(value.members());
                return;
        }
    }

    std::string take() { return std::move(out_); }

  private:
    void put_integer(const yaml::Node& value) {
        const bool exact =
            value.integer() <= limits::kExactIntegerMax && value.integer() >= -limits::kExactIntegerMax;
        if (!exact) report_.at(value, "an integer beyond 2^53 is not exact in JSON");
        out_ += exact ? std::to_string(value.integer()) : "0";
    }

    void put_real(const yaml::Node& value) {
        if (!std::isfinite(value.real())) {
            report_.at(value, "a number must be finite");
            out_ += '0';
            return;
        }
        const std::size_t begin = out_.size();
        if (value.real() == 0 && std::signbit(value.real())) out_ += '-';
        json::append_number(out_, value.real());
        if (out_.find_first_of(".e", begin) == std::string::npos) out_ += ".0";
    }

    void put_elements(std::span<const yaml::Node> elements) {
        const char* separator = "[";
        for (const yaml::Node& element : elements) {
            out_ += separator;
            put(element);
            separator = ",";
        }
        out_ += elements.empty() ? "[]" : "]";
    }

    void put_members(std::span<const yaml::Member> members) {
        const char* separator = "{";
        for (const yaml::Member& member : members) {
            out_ += separator;
            append_json_string(out_, member.key.text());
            out_ += ':';
            put(member.value);
            separator = ",";
        }
        out_ += members.empty() ? "{}" : "}";
    }

    Report& report_;
    std::string out_;
};

std::size_t depth_of(const yaml::Node& value) {
    std::size_t deepest = 0;
    if (value.is(yaml::Type::sequence)) {
        for (const yaml::Node& element : value.elements())
            deepest = std::max(deepest, depth_of(element));
        return deepest + 1;
    }
    if (!value.is(yaml::Type::mapping)) return 0;
    for (const yaml::Member& member : value.members())
        deepest = std::max(deepest, depth_of(member.value));
    return deepest + 1;
}

void check_type(const yaml::Node& type, Report& report) {
    if (!type.is(yaml::Type::string) || type.text().empty())
        report.at(type, "the type of an action must be a string that is not empty");
}

void check_target(const yaml::Node& target, Report& report) {
    if (!target.is(yaml::Type::string)) report.at(target, "the target of an action must be a string");
}

}  // namespace

std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t dot = text.find('.');
        out.emplace_back(text.substr(0, dot));
        if (dot == std::string_view::npos) return out;
        text.remove_prefix(dot + 1);
    }
}

bool is_action_path(std::span<const std::string> path) {
    if (path.size() < 2 || path[0] != "action" || std::ranges::any_of(path, &std::string::empty))
        return false;
    return path.size() == 2 ? path[1] == "type" || path[1] == "target" : path[1] == "parameters";
}

std::string json_of(const yaml::Node& value, Report& report) {
    JsonText text(report);
    text.put(value);
    return text.take();
}

std::string json_of(std::span<const GivenSignal> signals, Report& report) {
    std::string out = "{";
    for (const GivenSignal& signal : signals) {
        if (out.size() > 1) out += ',';
        append_json_string(out, signal.name);
        out += ':' + json_of(signal.value, report);
    }
    return out + '}';
}

std::optional<std::string> agreeing_action(const policy::Policy& policy, std::span<const GivenSignal> signals,
                                           std::span<const ActionMember> members, Report& report) {
    const auto bindings = policy.bindings();
    if (bindings.empty() && members.empty()) return std::nullopt;
    Branch request;
    request.put(std::vector<std::string>{"action", "type"}, "\"test\"");
    for (const auto& [name, path] : bindings) {
        const auto signal = std::ranges::find(signals, name, &GivenSignal::name);
        if (signal != signals.end()) request.put(parts_of(path), json_of(signal->value, report));
    }
    for (const ActionMember& member : members)
        request.put(member.path, member.json);
    return request.members["action"].text();
}

std::string written_action(const yaml::Node& action, Report& report) {
    if (!report.expect(action, yaml::Kind::mapping, "`action`")) return "{}";
    report.check_keys(action, {{"type", true}, {"target", false}, {"parameters", false}});
    const auto type = action.find("type"), target = action.find("target"),
               parameters = action.find("parameters");
    if (type) check_type(*type, report);
    if (target) check_target(*target, report);
    if (parameters) report.expect(*parameters, yaml::Kind::mapping, "`parameters`");
    constexpr std::size_t kDepthMax = limits::kActionDepthMax;
    if (depth_of(action) > kDepthMax)
        report.at(action, "an action is nested at most " + std::to_string(kDepthMax) + " levels deep");
    return json_of(action, report);
}

ActionMember action_cell(const yaml::Node& cell, std::vector<std::string> path, Report& report) {
    if (path[1] == "type") check_type(cell, report);
    if (path[1] == "target") check_target(cell, report);
    std::string json = json_of(cell, report);
    return {std::move(path), std::move(json)};
}

}  // namespace parmana::authoring
