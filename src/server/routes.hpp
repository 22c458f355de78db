// The one table of routes: dispatch, body limits and the OpenAPI document are all read from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/code.hpp"
#include "http/http.hpp"
#include "runtime/runtime.hpp"

namespace parmana::server {

/// A request that matched a route.
struct Call {
    http::Request request;
    std::vector<std::string> parameters;  // of the path, in order
};

/// Names the schemas of openapi_schemas.cpp.
struct Route {
    std::string_view method;
    std::string_view path;  // `{name}` stands for one segment
    std::string_view summary;
    std::string_view request_schema;   // empty: no body is read
    std::string_view response_schema;  // of 200
    std::size_t body_bytes_max;
    std::vector<Code> codes;  // what it may answer besides 200 and what every route may
    void (*handle)(runtime::Runtime&, Call, runtime::Reply);
    bool governs = false;       // takes `wait`, `attestation` and an Idempotency-Key
    bool rest_of_path = false;  // the last parameter stands for all segments that are left
    std::string_view media_type = "application/json";  // of 200
};

std::span<const Route> routes();

/// The route of a path and its parameters; `methods` collects what the path takes when the method does not
/// match.
struct Match {
    const Route* route = nullptr;
    std::vector<std::string> parameters;
    std::string_view allow;  // for 405; empty when there is nothing at the path
};
Match match_route(std::string_view method, std::string_view path);

/// Codes that the transport or any route may answer.
std::span<const Code> common_codes();

/// The OpenAPI 3.1 document: canonical JSON, the same on every run.
std::string openapi_document();

}  // namespace parmana::server
