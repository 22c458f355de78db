// From libyaml's events to the tree. The one file that knows libyaml.
//
// libyaml is asked for one event at a time, so what is refused here is refused before more of it is built.
#include <yaml.h>

#include <map>
#include <utility>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "yaml/tree.hpp"

namespace parmana::yaml {
namespace {

struct Event {
    yaml_event_t raw{};

    Event() = default;
    ~Event() { yaml_event_delete(&raw); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
};

/// libyaml's parser over a text that outlives it.
class Parser {
  public:
    explicit Parser(std::string_view text) : open_(yaml_parser_initialize(&raw_) == 1) {
        if (!open_) return;
        yaml_parser_set_encoding(&raw_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&raw_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    ~Parser() {
        if (open_) yaml_parser_delete(&raw_);
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    bool next(Event& event) { return open_ && yaml_parser_parse(&raw_, &event.raw) == 1; }
    const yaml_parser_t& raw() const { return raw_; }

  private:
    yaml_parser_t raw_{};
    bool open_;
};

Style style_of(yaml_scalar_style_t style) {
    switch (style) {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE:
            return Style::single_quoted;
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
            return Style::double_quoted;
        case YAML_LITERAL_SCALAR_STYLE:
            return Style::literal;
        case YAML_FOLDED_SCALAR_STYLE:
            return Style::folded;
        default:
            return Style::plain;
    }
}

/// Every function that returns bool returns false once `fault_` is set.
class Reader {
  public:
    explicit Reader(Tree& tree);
    bool run();
    Fault fault() const { return fault_; }

  private:
    struct Open {
        Record* record;
        int indent;  // column of the innermost block collection, this one included
        std::map<std::string_view, std::size_t> keys = {};  // and their lines
        std::optional<Node> key = {};                       // waits for its value
    };

    bool refuse_as(const yaml_parser_t& parser);
    bool take(const yaml_event_t& event);
    bool begin_document(const yaml_event_t& event);
    bool take_scalar(const yaml_event_t& event);
    bool open(const yaml_event_t& event, Type type, bool flow);
    bool close(const yaml_event_t& event);
    Record* make(const yaml_event_t& event, Style style);
    bool check_key(const Record& key);
    void add(Node node);

    bool expects_key() const {
        return !open_.empty() && open_.back().record->value.type == Type::mapping && !open_.back().key;
    }
    Position position_of(const yaml_mark_t& mark) const;
    std::size_t offset_of(const yaml_mark_t& mark) const {
        INVARIANT(mark.index < offsets_.size());
        return offsets_[mark.index];
    }
    bool refuse(Position position, std::string message) {
        fault_ = {position, std::move(message)};
        return false;
    }

    Tree& tree_;
    std::vector<std::uint32_t> offsets_;  // of each code point: libyaml counts these, we count bytes
    std::vector<Open> open_;
    std::size_t last_end_ = 0;  // of the node that ended last
    bool began_ = false;
    Fault fault_{};
};

Reader::Reader(Tree& tree) : tree_(tree) {
    offsets_.reserve(tree.text.size() + 1);
    for (std::size_t at = 0; at < tree.text.size(); at += character_size(tree.text[at]))
        offsets_.push_back(static_cast<std::uint32_t>(at));
    offsets_.push_back(static_cast<std::uint32_t>(tree.text.size()));
}

bool Reader::run() {
    Parser parser(tree_.text);
    for (;;) {
        Event event;
        if (!parser.next(event)) return refuse_as(parser.raw());
        if (event.raw.type == YAML_STREAM_END_EVENT) break;
        if (!take(event.raw)) return false;
    }
    if (tree_.records.empty()) {
        tree_.records.push_back({&tree_, Style::plain, {.type = Type::null}, {1, 1}, 0, 0, -1, {}, {}, {}});
    }
    return true;
}

// Without a problem it is memory that failed, the one error for which libyaml has no words.
bool Reader::refuse_as(const yaml_parser_t& parser) {
    if (parser.problem == nullptr) return refuse(position_of(parser.mark), "out of memory");
    const Position found = position_of(parser.problem_mark);
    std::string message = parser.problem;
    if (parser.context != nullptr) {
        message += std::string(" ") + parser.context;
        const Position begun = position_of(parser.context_mark);
        if (begun.line != found.line) message += " begun on line " + std::to_string(begun.line);
    }
    return refuse(found, std::move(message));
}

// libyaml has the end of the text begin a line of its own.
Position Reader::position_of(const yaml_mark_t& mark) const {
    if (offset_of(mark) == tree_.text.size()) return position_in(tree_.text, tree_.text.size());
    return {mark.line + 1, mark.column + 1};
}

bool Reader::take(const yaml_event_t& event) {
    switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
            return begin_document(event);
        case YAML_ALIAS_EVENT:
            return refuse(position_of(event.start_mark), "an alias is not allowed");
        case YAML_SCALAR_EVENT:
            return take_scalar(event);
        case YAML_SEQUENCE_START_EVENT:
            return open(event, Type::sequence, event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
        case YAML_MAPPING_START_EVENT:
            return open(event, Type::mapping, event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            return close(event);
        default:
            return true;
    }
}

bool Reader::begin_document(const yaml_event_t& event) {
    const auto& start = event.data.document_start;
    if (start.version_directive != nullptr || start.tag_directives.start != start.tag_directives.end) {
        return refuse(position_of(event.start_mark), "a directive is not allowed");
    }
    if (std::exchange(began_, true)) {
        return refuse(position_of(event.start_mark), "a second document is not allowed");
    }
    return true;
}

// A node's event begins at its first property, and nothing else can begin with these characters: so a tag is
// seen even where libyaml resolves and forgets it (`! x`).
Record* Reader::make(const yaml_event_t& event, Style style) {
    const Position position = position_of(event.start_mark);
    const std::size_t begin = offset_of(event.start_mark);
    const char first = begin < tree_.text.size() ? tree_.text[begin] : ' ';
    const char* message = nullptr;
    if (first == '&') message = "an anchor is not allowed";
    if (first == '*') message = "an alias is not allowed";
    if (first == '!') message = "a tag is not allowed";
    if (message != nullptr) {
        refuse(position, message);
        return nullptr;
    }
    if (tree_.records.size() == limits::kYamlNodesMax) {
        refuse(position, "more than " + std::to_string(limits::kYamlNodesMax) + " nodes");
        return nullptr;
    }
    const int outer_indent = open_.empty() ? -1 : open_.back().indent;
    return &tree_.records.emplace_back(
        Record{&tree_, style, {}, position, begin, offset_of(event.end_mark), outer_indent, {}, {}, {}});
}

bool Reader::take_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    Record* const record = make(event, style_of(scalar.style));
    if (record == nullptr) return false;
    record->text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    if (record->style == Style::plain) {
        auto value = value_of_plain(record->text);
        if (!value) return refuse(record->position, std::move(value).error());
        record->value = *value;
    }
    if (expects_key() && !check_key(*record)) return false;
    last_end_ = record->end;
    add(Node(*record));
    return true;
}

bool Reader::check_key(const Record& key) {
    if (key.style == Style::plain && key.text == "<<") {
        return refuse(key.position, "the merge key `<<` is not allowed");
    }
    const auto [first, is_new] = open_.back().keys.emplace(key.text, key.position.line);
    if (is_new) return true;
    return refuse(key.position, "the key " + shown(key.text) + " of line " + std::to_string(first->second) +
                                    " stands again");
}

bool Reader::open(const yaml_event_t& event, Type type, bool flow) {
    Record* const record = make(event, flow ? Style::flow : Style::block);
    if (record == nullptr) return false;
    if (expects_key()) return refuse(record->position, "a key that is no scalar is not allowed");
    if (open_.size() == limits::kYamlDepthMax) {
        return refuse(record->position, "more than " + std::to_string(limits::kYamlDepthMax) + " levels");
    }
    record->value.type = type;
    add(Node(*record));
    open_.push_back({record, flow ? record->outer_indent : static_cast<int>(event.start_mark.column)});
    return true;
}

// Only a bracket says where a collection ends. Others end with the last thing in them, and there is one.
bool Reader::close(const yaml_event_t& event) {
    Record& record = *open_.back().record;
    const char first = tree_.text[record.begin];
    const bool bracketed = record.style == Style::flow && (first == '[' || first == '{');
    if (bracketed) last_end_ = offset_of(event.end_mark);
    record.end = last_end_;
    open_.pop_back();
    return true;
}

void Reader::add(Node node) {
    if (open_.empty()) return;
    Open& parent = open_.back();
    if (parent.record->value.type == Type::sequence) {
        parent.record->elements.push_back(node);
    } else if (parent.key) {
        parent.record->members.push_back({*std::exchange(parent.key, std::nullopt), node});
    } else {
        parent.key = node;
    }
}

}  // namespace

std::expected<Document, Fault> parse(std::string_view text) {
    if (text.size() > limits::kPolicyBytesMax) {
        return std::unexpected(
            Fault{{1, 1}, "the text has more than " + std::to_string(limits::kPolicyBytesMax) + " bytes"});
    }
    if (auto fault = find_bad_character(text)) return std::unexpected(*std::move(fault));
    auto tree = std::make_unique<Tree>();
    tree->text = text;
    Reader reader(*tree);
    if (!reader.run()) return std::unexpected(reader.fault());
    if (auto fault = collect_comments(*tree)) return std::unexpected(*std::move(fault));
    return Document(std::move(tree));
}

}  // namespace parmana::yaml
