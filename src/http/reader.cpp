#include "http/reader.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "http/rules.hpp"

namespace parmana::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::string_view;
using ErrorCode = boost::beast::error_code;

// The shortest rest of an unfinished chunked body is `0 CR LF CR LF`. Beast asserts that a started last chunk
// is offered with at least that much, so shorter rests wait.
constexpr std::size_t kChunkRestBytesMin = 5;
constexpr std::size_t kBodyReserveBytes = 64 * 1024;

std::string_view std_view(string_view text) {
    return {text.data(), text.size()};
}

bool is_decimal(char c) {
    return c >= '0' && c <= '9';
}
bool is_control(char c) {
    return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f';
}

/// Collects one message. What is stricter than Beast is decided in the callbacks: `fault` then says why.
class MessageParser final : public beast::basic_parser<true> {
  public:
    MessageParser() {
        header_limit(static_cast<std::uint32_t>(limits::kHeaderBytesMax + 1));  // ours comes first
        body_limit(boost::none);
    }

    Head head;
    std::string body;
    std::size_t body_bytes_max = 0;
    bool over_limit = false;
    const char* fault = nullptr;

  private:
    void refuse(const char* why, ErrorCode& ec) {
        fault = why;
        ec = beast::error::bad_field;
    }

    /// For fields of one value: a second one is refused, because peers disagree about which counts.
    void take_once(std::optional<std::string_view>& into, string_view value, ErrorCode& ec) {
        if (into) refuse("a header field that may appear once appears twice", ec);
        into = std_view(value);
    }

    void take_content_length(std::string_view value, ErrorCode& ec) {
        // Beast also reads a list of equal numbers; one field has one number here.
        if (seen_content_length_) refuse("there are two Content-Length fields", ec);
        if (!std::ranges::all_of(value, is_decimal)) refuse("the Content-Length is not a number", ec);
        seen_content_length_ = true;
    }

    void take_transfer_encoding(std::string_view value, ErrorCode& ec) {
        if (!same_word(value, "chunked")) refuse("the Transfer-Encoding is not `chunked`", ec);
        if (head.version_1_0) refuse("HTTP/1.0 has no Transfer-Encoding", ec);
    }

    void keep(std::string_view bytes) {
        if (over_limit) return;
        if (bytes.size() <= body_bytes_max - body.size()) {
            body += bytes;
            return;
        }
        over_limit = true;
        body = std::string();
    }

    void on_request_impl(beast::verb, string_view method, string_view text, int version,
                         ErrorCode& ec) override {
        head.version_1_0 = version == 10;
        head.request.method = std_view(method);
        const auto target = target_from(head.request.method, std_view(text));
        if (!target) return refuse("the request target is not acceptable", ec);
        head.authority = target->authority;
        head.request.path = target->path;
        head.request.query = target->query;
    }

    void on_field_impl(beast::field name, string_view spelling, string_view value, ErrorCode& ec) override {
        if (in_trailer_) return;
        switch (name) {
            case beast::field::host:
                return take_once(head.host, value, ec);
            case beast::field::origin:
                return take_once(head.origin, value, ec);
            case beast::field::content_type:
                return take_once(content_type_, value, ec);
            case beast::field::authorization:
                return take_once(authorization_, value, ec);
            case beast::field::content_length:
                return take_content_length(std_view(value), ec);
            case beast::field::transfer_encoding:
                return take_transfer_encoding(std_view(value), ec);
            case beast::field::expect:
                if (!same_word(std_view(value), "100-continue"))
                    return refuse("the Expect is not `100-continue`", ec);
                expects_ = true;
                return;
            default:
                if (same_word(std_view(spelling), "idempotency-key")) take_once(idempotency_key_, value, ec);
        }
    }

    void on_header_impl(ErrorCode& ec) override {
        in_trailer_ = true;
        if (!head.host && !head.version_1_0) return refuse("there is no Host", ec);
        if (content_type_) head.request.content_type = *content_type_;
        if (authorization_) head.request.authorization = *authorization_;
        if (idempotency_key_) head.request.idempotency_key = *idempotency_key_;
        head.request.has_idempotency_key = idempotency_key_.has_value();
        head.keep_alive = !head.version_1_0 && keep_alive();
        if (const auto length = content_length()) head.content_length = *length;
        head.has_body = chunked() || head.content_length.value_or(0) > 0;
        head.expects_continue = expects_ && head.has_body && !head.version_1_0;
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {
        // What is announced is not yet there: a peer must send the bytes before we hold the memory.
        const std::uint64_t announced = head.content_length.value_or(0);
        body.reserve(std::min(
            {announced, std::uint64_t{kBodyReserveBytes}, static_cast<std::uint64_t>(body_bytes_max)}));
    }

    std::size_t on_body_impl(string_view bytes, ErrorCode&) override {
        keep(std_view(bytes));
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t, string_view extensions, ErrorCode& ec) override {
        if (std::ranges::any_of(extensions, is_control))
            refuse("a chunk extension has a control character", ec);
    }

    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, ErrorCode&) override {
        keep(std_view(bytes));
        return bytes.size();
    }

    void on_response_impl(int, string_view, int, ErrorCode&) override {}
    void on_finish_impl(ErrorCode&) override {}

    std::optional<std::string_view> content_type_;
    std::optional<std::string_view> authorization_;
    std::optional<std::string_view> idempotency_key_;
    bool seen_content_length_ = false;
    bool expects_ = false;
    bool in_trailer_ = false;
};

}  // namespace

struct Reader::State {
    std::optional<MessageParser> parser;
    std::size_t line_start = 0;  // of the first line whose end has not been seen
    std::size_t scanned = 0;

    /// The size of the header section with its empty line, 0 when that has not arrived. Finding it first
    /// makes the limit exact, keeps a slow peer linear, and refuses bare line feeds and folded lines before
    /// the parser.
    Result<std::size_t> head_bytes(std::string_view bytes);
    std::unexpected<Error> malformed(const ErrorCode& ec) const;
};

Result<std::size_t> Reader::State::head_bytes(std::string_view bytes) {
    const auto starts = [&](std::size_t at) { return bytes[at]; };
    if (starts(0) <= ' ' || starts(0) == '\x7f')
        return fail(Code::request_malformed, "this is not an HTTP request");
    for (;;) {
        const std::size_t end = bytes.find('\n', scanned);
        scanned = std::min(end, bytes.size());
        if (std::min(end, bytes.size()) >= limits::kHeaderBytesMax)
            return fail(Code::headers_too_large,
                        "the header section is over " + std::to_string(limits::kHeaderBytesMax) + " bytes");
        if (end == std::string_view::npos) return std::size_t{0};
        if (end == 0 || bytes[end - 1] != '\r')
            return fail(Code::request_malformed, "a header line ends without a carriage return");
        if (line_start > 0 && (starts(line_start) == ' ' || starts(line_start) == '\t'))
            return fail(Code::request_malformed, "a header line is folded");
        if (end == line_start + 1) return end + 1;
        line_start = scanned = end + 1;
    }
}

std::unexpected<Error> Reader::State::malformed(const ErrorCode& ec) const {
    if (parser->fault != nullptr) return fail(Code::request_malformed, parser->fault);
    return fail(Code::request_malformed, "the request has a " + ec.message());
}

Reader::Reader() : state_(std::make_unique<State>()) {}
Reader::~Reader() = default;

void Reader::begin() {
    state_->parser.emplace();
    state_->line_start = 0;
    state_->scanned = 0;
}

Result<Progress> Reader::read_head(std::string_view bytes) {
    INVARIANT(state_->parser && !state_->parser->is_header_done());
    if (bytes.empty()) return Progress{};
    const std::size_t size = TRY(state_->head_bytes(bytes));
    if (size == 0) return Progress{};
    MessageParser& parser = *state_->parser;
    ErrorCode ec;
    const std::size_t consumed = parser.put(boost::asio::const_buffer(bytes.data(), size), ec);
    if (ec) return state_->malformed(ec);
    // Both must see the same end of the section; anything else would be a way to smuggle.
    if (consumed != size || !parser.is_header_done())
        return fail(Code::request_malformed, "the header section is ambiguous");
    return Progress{size, true};
}

Head& Reader::head() {
    INVARIANT(state_->parser && state_->parser->is_header_done());
    return state_->parser->head;
}

void Reader::keep_body(std::size_t bytes_max) {
    state_->parser->body_bytes_max = bytes_max;
}

Result<Progress> Reader::read_body(std::string_view bytes) {
    MessageParser& parser = *state_->parser;
    INVARIANT(parser.is_header_done() && !parser.is_done() && !bytes.empty());
    if (parser.chunked() && bytes.size() < kChunkRestBytesMin) return Progress{};
    parser.eager(true);
    ErrorCode ec;
    const std::size_t consumed = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (ec && ec != beast::error::need_more) return state_->malformed(ec);
    if (bytes.size() - consumed > limits::kHeaderBytesMax && !parser.is_done())
        return fail(Code::request_malformed, "a chunk header or the trailer section is too large");
    return Progress{consumed, parser.is_done()};
}

bool Reader::is_over_limit() const {
    return state_->parser->over_limit;
}

bool Reader::is_head_method() const {
    return state_->parser && state_->parser->head.request.method == "HEAD";
}

Request Reader::take() {
    Request request = std::move(state_->parser->head.request);
    request.body = std::move(state_->parser->body);
    return request;
}

}  // namespace parmana::http
