// Private to the module: files with secrets. The checks are made on the open descriptor, never on the path,
// so that the file that was judged is the file that is read.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace parmana::crypto {

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    bool open() const { return number_ >= 0; }
    int number() const { return number_; }

  private:
    int number_;
};

/// A text buffer that is wiped on every way out.
struct WipedText {
    std::string text;
    WipedText() = default;
    WipedText(const WipedText&) = delete;
    WipedText& operator=(const WipedText&) = delete;
    ~WipedText() { wipe(text); }
};

/// Who besides the caller may own the file, and read it.
enum class Exposure {
    owner_only,  // mode 0600 or less, owned by the caller
    credential,  // what systemd sets up: of root or the caller, with an access list, nothing for others
};

/// The whole file, up to limits::kKeyFileBytesMax. `what` names it in errors: "key file".
Result<SecretText> read_secret_file(const std::string& path, std::string_view what, Exposure exposure);

/// Creates exclusively with mode 0600, and syncs the file and its directory. What cannot be finished is
/// removed.
Status write_secret_file(const std::string& path, std::string_view content);

/// `what` `path`: reason. Errors of the system.
std::unexpected<Error> fail_io(std::string_view what, const std::string& path, int error);

}  // namespace parmana::crypto
