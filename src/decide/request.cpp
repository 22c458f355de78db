#include "decide/decide.hpp"
#include "json/fields.hpp"

namespace parmana::decide {
namespace {

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_well_formed(std::string_view text) {
    if (text.empty() || text.size() > limits::kExecutionIdBytesMax || !is_alphanumeric(text[0])) return false;
    for (const char c : text) {
        if (!is_alphanumeric(c) && c != '.' && c != '_' && c != '~' && c != '-') return false;
    }
    return true;
}

bool is_nested_within(json::Value value, std::size_t depth) {
    if (!value.is(json::Type::array) && !value.is(json::Type::object)) return true;
    if (depth == 0) return false;
    const auto fits = [depth](json::Value inner) { return is_nested_within(inner, depth - 1); };
    if (value.is(json::Type::array)) {
        for (const json::Value element : value.elements()) {
            if (!fits(element)) return false;
        }
        return true;
    }
    for (const json::Value member : value.members()) {
        if (!fits(member)) return false;
    }
    return true;
}

Result<std::string> read_action(const json::Fields& request) {
    const json::Value action = request.any("action");
    const auto fields =
        TRY(json::Fields::open(action, request.at("action"), {"type"}, {"parameters", "target"}));
    if (TRY(fields.string("type")).empty()) return fields.invalid("type", "a string that is not empty");
    if (fields.has("target")) TRY(fields.string("target"));
    if (fields.has("parameters")) TRY(fields.object("parameters"));
    if (!is_nested_within(action, limits::kActionDepthMax)) {
        return request.invalid("action", "nested at most 32 levels deep");
    }
    return json::canonical(action);
}

Result<std::optional<ExecutionId>> read_execution_id(const json::Fields& request) {
    if (!request.has("executionId")) return std::nullopt;
    const json::Value value = request.any("executionId");
    auto id = value.is(json::Type::string)
                  ? make_execution_id(value.string())
                  : Result<ExecutionId>(fail(Code::execution_id_invalid, "`executionId` must be a string"));
    if (!id) return fail(id.error().code, id.error().detail, request.at("executionId"));
    return *std::move(id);
}

/// Names the member in an error of a value that was read from it.
template <class T>
Result<T> at_member(Result<T> result, const json::Fields& request, std::string_view name) {
    if (!result) return fail(result.error().code, result.error().detail, request.at(name));
    return result;
}

}  // namespace

Result<ExecutionId> parse_execution_id(std::string_view text) {
    if (!is_well_formed(text)) {
        return fail(
            Code::execution_id_invalid,
            "an execution identity is 1 to 128 of `A-Z a-z 0-9 . _ ~ -`, the first a letter or digit");
    }
    return ExecutionId(std::string(text));
}

Result<ExecutionId> make_execution_id(std::string_view text) {
    if (text.starts_with("d_")) {
        return fail(Code::execution_id_invalid, "the prefix `d_` is reserved for derived identities");
    }
    return parse_execution_id(text);
}

Result<EvaluateRequest> parse_request(std::string_view body) {
    auto document = std::make_shared<const json::Document>(TRY(json::parse(body)));
    const json::Value root = document->root();
    return parse_request(std::move(document), root);
}

Result<EvaluateRequest> parse_request(std::shared_ptr<const json::Document> document, json::Value request) {
    const auto fields = TRY(
        json::Fields::open(request, "", {"policyId", "policyVersion", "signals"}, {"action", "executionId"}));
    auto policy_id =
        TRY(at_member(policy::make_policy_id(TRY(fields.string("policyId"))), fields, "policyId"));
    auto policy_version = TRY(
        at_member(policy::make_policy_version(TRY(fields.string("policyVersion"))), fields, "policyVersion"));
    const json::Value signals = TRY(fields.object("signals"));
    auto execution_id = TRY(read_execution_id(fields));
    const auto action = fields.has("action") ? std::optional(fields.any("action")) : std::nullopt;
    std::string action_json = action ? TRY(read_action(fields)) : std::string();
    std::string signals_json = json::canonical(signals);

    std::string rest = "\"policyId\":";
    append_json_string(rest, policy_id.value());
    rest += ",\"policyVersion\":";
    append_json_string(rest, policy_version.value());
    rest += ",\"signals\":";
    const Fingerprint fingerprint(crypto::sha256({"{", rest, signals_json, "}"}));
    const RequestDigest digest(
        action_json.empty() ? fingerprint.value()
                            : crypto::sha256({"{\"action\":", action_json, ",", rest, signals_json, "}"}));
    return EvaluateRequest{std::move(policy_id),
                           std::move(policy_version),
                           std::move(execution_id),
                           std::move(document),
                           signals,
                           action,
                           std::move(signals_json),
                           std::move(action_json),
                           fingerprint,
                           digest};
}

}  // namespace parmana::decide
