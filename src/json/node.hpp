// The memory of a document: its text, and one flat array of nodes (view.hpp) in which the children of a
// container stand side by side (members sorted in JCS order). Private to the module.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "json/json.hpp"

namespace parmana::json {

/// Everything that Values point into stands behind pointers that a move does not change.
struct Document::Parts {
    std::unique_ptr<char[]> text;  // followed by zero bytes, see Reader
    std::size_t text_size = 0;
    std::unique_ptr<char[]> unescaped;  // the strings that were spelled with escapes
    std::vector<Node> nodes;            // the last one is the root
};

}  // namespace parmana::json
