// The schemas of requests and answers, by name, as canonical JSON.
#pragma once

#include <map>
#include <string>

namespace parmana::server {

std::map<std::string, std::string> openapi_schemas();

}  // namespace parmana::server
