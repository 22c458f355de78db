// The reader's state. Private to the module; `parse` in json.hpp is the way in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "json/json.hpp"
#include "json/node.hpp"

namespace parmana::json {

/// Reads one text in one pass. Values wait in `pending_` in text order; when a container closes,
/// its children move to the node array as one block, members sorted, and only the container stays
/// pending.
///
/// Every `read_…` returns false once `failure_` is set. An open object may hide a duplicate that
/// stands before the failure, so `settle` looks through all of them before the failure becomes an
/// Error.
class Reader {
  public:
    explicit Reader(std::string_view text);
    Result<Document> run();

  private:
    struct Text {
        const char* bytes;
        std::uint32_t size;
        bool plain;
    };
    struct Failure {
        Code code;
        const char* at;
        const char* expected;
    };

    bool read_value();  // into pending_.back()
    bool read_word(std::string_view word);
    bool read_number();
    bool read_real(const char* start);
    bool pass_digits();
    bool read_array();
    bool read_object();
    bool read_name();
    bool open_container(Type type);
    bool close_container();
    bool read_string(Text& out);
    bool read_marked_string(const char* run, Text& out);
    bool read_escape(char*& to);
    bool read_code_point(char*& to);
    bool read_unit(bool low, std::uint32_t& unit);
    char* room_for_unescaped();

    bool refuse(const char* expected) { return refuse(Code::json_malformed, at_, expected); }
    bool refuse(Code code, const char* at, const char* expected);
    Error settle();

    void skip_space() {
        while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')
            ++at_;
    }
    std::uint32_t offset_of(const char* at) const { return static_cast<std::uint32_t>(at - begin_); }
    std::size_t children_of_innermost() const { return pending_.size() - open_[depth_ - 1] - 1; }

    std::unique_ptr<Document::Parts> parts_;
    const char* begin_;
    const char* end_;  // zero bytes stand from here on, and no token takes a zero byte
    const char* at_;
    char* unescaped_end_ = nullptr;
    std::vector<Node> pending_;
    std::array<std::size_t, limits::kJsonDepthMax> open_;  // indices in pending_ of the open containers
    std::size_t depth_ = 0;
    Failure failure_{};
};

}  // namespace parmana::json
