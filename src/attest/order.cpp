#include "attest/order.hpp"

#include "json/fields.hpp"

namespace parmana::attest {
namespace {

Result<dsse::Signed> parse_order(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    const auto document = TRY(json::parse(text));
    if (!json::is_canonical(document))
        return fail(Code::member_invalid, "the order is not in canonical form");
    auto order = TRY(dsse::parse_signed(document.root(), ""));
    if (order.payload_type != kOrderType)
        return fail(Code::member_invalid, "the envelope holds no order about a policy", "/payloadType");
    return order;
}

std::string render(const dsse::Signed& order) {
    std::string out;
    dsse::append_json(out, order);
    return out;
}

}  // namespace

std::string order_payload(const PolicyEvent& event, const trust::Root& root) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("counter").integer(event.counter);
    writer.name("event").string(wire_name(event.change));
    if (!event.expires.empty()) writer.name("expires").string(event.expires);
    writer.name("format").string("parmana-order/1").name("kept").array();
    for (const std::string& version : event.kept)
        writer.string(version);
    writer.end().name("origin").string(root.origin().value());
    writer.name("policyHash").string("sha256:" + event.policy_digest);
    writer.name("policyId").string(event.policy_id).name("policyVersion").string(event.policy_version);
    writer.name("sequence").integer(event.sequence).name("tenant").string(root.tenant().value()).end();
    return out;
}

std::string render_order(const PolicyEvent& event, const trust::Root& root) {
    return render({std::string(kOrderType), order_payload(event, root), {}});
}

Result<std::string> approve(std::string_view text, const dsse::SigningKey& key) {
    dsse::Signed order = TRY(parse_order(text));
    TRY(dsse::add_signature(order, key));
    return render(order);
}

Status check_order(std::string_view text, const PolicyEvent& event, const trust::Root& root) {
    const std::int64_t approvals = root.content().activation_approvals;
    if (text.empty()) {
        if (approvals == 0) return {};
        return fail(Code::approval_missing, "the trust root asks for an order that " +
                                                std::to_string(approvals) + " approvers signed");
    }
    const auto order = parse_order(text);
    if (!order) return fail(Code::approval_missing, "the order: " + order.error().detail);
    if (order->payload != order_payload(event, root))
        return fail(Code::approval_missing, "the order is for another event, or for an earlier time");
    return dsse::check_signatures(*order, root.keys(trust::Role::approver), approvals,
                                  Code::approval_missing);
}

}  // namespace parmana::attest
