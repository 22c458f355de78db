// What an operator asks for, on the control socket.
#include "json/fields.hpp"
#include "runtime/governance.hpp"

namespace parmana::runtime {
namespace {

using What = ChangeRequest::What;

constexpr std::pair<std::string_view, What> kWhats[] = {{"policy_activate", What::policy_activate},
                                                        {"policy_deactivate", What::policy_deactivate},
                                                        {"policy_rollback", What::policy_rollback},
                                                        {"release_activate", What::release_activate},
                                                        {"root_activate", What::root_activate}};

}  // namespace

std::string render(const ChangeRequest& request) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("document").string(request.document).name("expires").string(request.expires);
    writer.name("keep").array();
    for (const std::string& version : request.keep)
        writer.string(version);
    writer.end().name("onlyOrder").boolean(request.only_order).name("order").string(request.order);
    writer.name("policyId").string(request.policy_id).name("policyVersion").string(request.policy_version);
    for (const auto& [name, what] : kWhats) {
        if (what == request.what) writer.name("what").string(name);
    }
    writer.end();
    return out;
}

Result<ChangeRequest> parse_change_request(std::string_view text) {
    const auto document = TRY(json::parse(text));
    const auto fields = TRY(json::Fields::open(
        document.root(), "",
        {"document", "expires", "keep", "onlyOrder", "order", "policyId", "policyVersion", "what"}));
    ChangeRequest out{};
    const std::string what = TRY(fields.string("what"));
    bool known = false;
    for (const auto& [name, value] : kWhats) {
        if (name == what) known = true, out.what = value;
    }
    if (!known) return fields.invalid("what", "a change");
    out.document = TRY(fields.string("document"));
    out.expires = TRY(fields.string("expires"));
    out.only_order = TRY(fields.boolean("onlyOrder"));
    out.order = TRY(fields.string("order"));
    out.policy_id = TRY(fields.string("policyId"));
    out.policy_version = TRY(fields.string("policyVersion"));
    for (const json::Value version : TRY(fields.array("keep")).elements()) {
        if (!version.is(json::Type::string)) return fields.invalid("keep", "an array of versions");
        out.keep.emplace_back(version.string());
    }
    return out;
}

}  // namespace parmana::runtime
