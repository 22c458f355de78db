// A YAML document as it is going to be written: its entries in their order, each with the comments that
// belong to it. Internal to the module.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/yaml.hpp"

namespace parmana::authoring {

struct Shape;

/// A key that has a place in the order of keys.
struct KeyShape {
    std::string_view name;
    const Shape* value;
};

/// How one place of a document is written.
struct Shape {
    std::span<const KeyShape> keys = {};  // in their order; other keys stand behind them, as they were
    const Shape* others = nullptr;  // of elements, and of the values of other keys; null: nothing special
    bool block = false;             // never on one line
    bool uniform = false;           // each element stands on one line, or none does
    bool line = false;              // on one line, however long
    bool cel = false;               // a string is an expression
    bool version = false;           // plain, although other such words are numbers
};

/// The shapes of whole documents.
const Shape& shape_of_policy();
const Shape& shape_of_suite();

/// A comment on a line of its own.
struct Note {
    std::string_view text;
    bool gap;  // an empty line stands before it
};

/// An element, a member, or the root.
struct Entry {
    std::optional<yaml::Node> key;
    yaml::Node value;
    const Shape* shape;
    std::vector<Note> head = {};                  // above it
    std::vector<std::string_view> trailing = {};  // at the end of its line; at most one once it is laid out
    std::vector<std::string_view> behind = {};    // behind its end; none once it is laid out
    bool gap = false;                             // an empty line stands before it
    std::vector<Entry> children = {};
    std::vector<Note> foot = {};  // below the last child
    bool apart = false;           // not on one line, although it would fit
};

struct Layout {
    std::vector<Note> top;  // of the file, not of its first key
    bool gap = false;       // an empty line stands behind it
    Entry root;
};

/// Each comment of the document stands once in the layout.
Layout lay_out(const yaml::Document& document, const Shape& shape);

/// The text of a layout.
std::string write(Layout layout);

/// The expression in its one spelling; as it is when it is none or has a comment.
std::string respelled(std::string_view cel);

}  // namespace parmana::authoring
