// The two messages of the load generator: a request whose numbers are patched into prebuilt bytes,
// and just enough of an answer to tell what was decided. Neither allocates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load_options.hpp"

namespace parmana::bench {

/// One POST /evaluate of claims-approval 1.0.0, or a batch of them. Its length does not depend on the numbers: the
/// digits stand in fields of fixed width, followed by white space that JSON allows.
class RequestTemplate {
  public:
    RequestTemplate(const LoadOptions& options);
    /// Appends the request for execution identity `<ids>-<number>`; of a batch for as many from there on. number
    /// < 10^12, amount < 10^6.
    void append(std::string& out, std::int64_t number, std::int64_t amount);

  private:
    std::string bytes_;
    std::vector<std::size_t> numbers_at_;
    std::vector<std::size_t> amounts_at_;
};

/// Views into the bytes that were parsed.
struct Answer {
    int status = 0;
    std::string_view word;  // the decision of a 200, the code of anything else; empty when there is none. Of a
                            // batch the decision of the first item, when all its items are 200
    std::string_view execution_id;  // empty when the body names none
    std::size_t size = 0;           // bytes of the whole answer
};

enum class Parsed : std::uint8_t { whole, partial, malformed };

/// Reads the answer at the front of `bytes`: status line, Content-Length, then a search for the
/// members. The server's own spelling is assumed (no chunked coding); anything else is `malformed`.
Parsed parse_answer(std::string_view bytes, int batch, Answer& answer);

}  // namespace parmana::bench
