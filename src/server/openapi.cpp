// The OpenAPI 3.1 document, written from the table of routes and the table of codes.
#include <map>

#include "server/openapi_schemas.hpp"
#include "server/routes.hpp"

namespace parmana::server {
namespace {

void append_schema_reference(json::Writer& writer, std::string_view schema) {
    writer.name("schema").object().name("$ref").string("#/components/schemas/" + std::string(schema)).end();
}

void append_content(json::Writer& writer, std::string_view media_type, std::string_view schema) {
    writer.name("content").object().name(media_type).object();
    append_schema_reference(writer, schema);
    writer.end().end();
}

/// The problems of a route by status, each naming the codes that it may carry.
std::map<std::string, std::string> problems_of(const Route& route) {
    std::map<std::string, std::string> out;
    const auto add = [&out](Code code) {
        std::string& text = out[std::to_string(row_of(code).http_status)];
        text += (text.empty() ? "`" : ", `") + std::string(wire_name(code)) + "`";
    };
    for (const Code code : route.codes)
        add(code);
    for (const Code code : common_codes())
        add(code);
    return out;
}

void append_responses(json::Writer& writer, const Route& route) {
    writer.name("responses").object().name("200").object();
    append_content(writer, route.media_type, route.response_schema);
    writer.name("description").string(route.summary).end();
    for (const auto& [status, codes] : problems_of(route)) {
        writer.name(status).object();
        append_content(writer, "application/problem+json", "Problem");
        writer.name("description").string(codes).end();
    }
    writer.end();
}

void append_parameter(json::Writer& writer, std::string_view in, std::string_view name, bool required) {
    writer.object().name("in").string(in).name("name").string(name);
    writer.name("required").boolean(required);
    writer.name("schema").object().name("type").string("string").end().end();
}

void append_parameters(json::Writer& writer, const Route& route) {
    writer.name("parameters").array();
    for (auto at = route.path.find('{'); at != std::string_view::npos; at = route.path.find('{', at + 1)) {
        append_parameter(writer, "path", route.path.substr(at + 1, route.path.find('}', at) - at - 1), true);
    }
    if (route.governs) {
        append_parameter(writer, "header", "Idempotency-Key", false);
        append_parameter(writer, "query", "attestation", false);
        append_parameter(writer, "query", "wait", false);
    }
    writer.end();
}

void append_operation(json::Writer& writer, const Route& route) {
    std::string method(route.method);
    for (char& c : method)
        c = static_cast<char>(c - 'A' + 'a');
    writer.name(method).object();
    append_parameters(writer, route);
    if (!route.request_schema.empty()) {
        writer.name("requestBody").object();
        append_content(writer, "application/json", route.request_schema);
        writer.name("required").boolean(true).end();
    }
    append_responses(writer, route);
    writer.name("summary").string(route.summary).end();
}

std::string code_schema() {
    std::map<std::string_view, std::string_view> sorted;
    for (const CodeRow& row : code_table())
        sorted.emplace(row.wire, row.sentence);
    std::string out;
    json::Writer writer(out);
    writer.object().name("enum").array();
    for (const auto& [wire, sentence] : sorted)
        writer.string(wire);
    writer.end().name("type").string("string").end();
    return out;
}

}  // namespace

std::string openapi_document() {
    std::map<std::string, std::string> schemas = openapi_schemas();
    schemas.emplace("Code", code_schema());
    std::map<std::string_view, const Route*> by_path;
    for (const Route& route : routes())
        by_path.emplace(route.path, &route);

    std::string out;
    json::Writer writer(out);
    writer.object().name("components").object().name("schemas").object();
    for (const auto& [name, schema] : schemas)
        writer.name(name).raw(schema);
    writer.end().end();
    writer.name("info").object().name("license").object();
    writer.name("identifier").string("Apache-2.0").name("name").string("Apache-2.0").end();
    writer.name("title").string("Parmana governance runtime").name("version").string("1").end();
    writer.name("openapi").string("3.1.0").name("paths").object();
    for (const auto& [path, route] : by_path) {
        writer.name(path).object();
        append_operation(writer, *route);
        writer.end();
    }
    writer.end().end();
    return out;
}

}  // namespace parmana::server
