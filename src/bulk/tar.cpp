#include "bulk/tar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/invariant.hpp"

namespace parmana::bulk {
namespace {

constexpr std::size_t kBlockBytes = 512;
constexpr char kFile = '0', kDirectory = '5', kExtended = 'x';
constexpr std::size_t kNameMax = 100, kPrefixMax = 155;
constexpr std::uint64_t kSizeMax = (std::uint64_t{1} << 33) - 1;  // eleven octal digits

/// IEEE 1003.1-1988, as every tar reads it.
struct Header {
    char name[kNameMax];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link_name[100];
    char magic[6];
    char version[2];
    char user_name[32];
    char group_name[32];
    char device_major[8];
    char device_minor[8];
    char prefix[kPrefixMax];
    char padding[12];
};
static_assert(sizeof(Header) == kBlockBytes);

/// Octal digits that fill the field but for a NUL at its end. What does not fit becomes zero: owners that tar
/// has no room for.
template <std::size_t N>
void set_octal(char (&field)[N], std::uint64_t value) {
    if (N - 1 < 21 && value >> (3 * (N - 1)) != 0) value = 0;
    for (std::size_t i = N - 1; i-- > 0; value >>= 3)
        field[i] = static_cast<char>('0' + (value & 7));
}

/// A long path is split at a slash. False when it does not fit: then as much of it as does.
bool set_path(Header& header, std::string_view path) {
    std::memcpy(header.name, path.data(), std::min(path.size(), kNameMax));
    if (path.size() <= kNameMax) return true;
    const std::size_t slash = path.find('/', path.size() - kNameMax - 1);
    if (slash == std::string::npos || slash > kPrefixMax || slash + 1 == path.size()) return false;
    std::memset(header.name, 0, kNameMax);
    std::memcpy(header.prefix, path.data(), slash);
    std::memcpy(header.name, path.data() + slash + 1, path.size() - slash - 1);
    return true;
}

/// One record of a POSIX.1-2001 extended header: its length counts its own digits.
std::string path_record(const std::string& path) {
    const std::string rest = " path=" + path + "\n";
    std::size_t size = rest.size() + 1;
    while (std::to_string(size).size() + rest.size() != size)
        ++size;
    return std::to_string(size) + rest;
}

}  // namespace

Status TarWriter::put(std::string_view bytes) {
    written_ += bytes.size();
    return sink_(bytes);
}

Status TarWriter::header(const std::string& path, std::uint64_t size, char type) {
    INVARIANT(expected_ == 0);
    Header header{};
    if (size > kSizeMax) return fail(Code::io_failed, "`" + path + "` does not fit into a tar file");
    if (!set_path(header, path) && type != kExtended) {
        const std::string record = path_record(path);
        TRY(this->header("path", record.size(), kExtended));
        TRY(put(record));
        TRY(pad());
    }
    set_octal(header.mode, type == kDirectory ? 0700 : 0600);
    set_octal(header.uid, ::geteuid());
    set_octal(header.gid, ::getegid());
    set_octal(header.size, size);
    set_octal(header.mtime, static_cast<std::uint64_t>(std::max<std::int64_t>(time_.value(), 0)));
    header.type = type;
    std::memcpy(header.magic, "ustar", sizeof header.magic);
    std::memcpy(header.version, "00", sizeof header.version);
    // The sum is taken over a header whose own field is blank.
    std::memset(header.checksum, ' ', sizeof header.checksum);
    std::string block(sizeof header, '\0');
    std::memcpy(block.data(), &header, sizeof header);
    std::uint64_t sum = 0;
    for (const char c : block)
        sum += static_cast<unsigned char>(c);
    char digits[7]{};
    set_octal(digits, sum);
    std::memcpy(block.data() + offsetof(Header, checksum), digits, sizeof digits);
    return put(block);
}

Status TarWriter::pad() {
    return put(std::string((kBlockBytes - written_ % kBlockBytes) % kBlockBytes, '\0'));
}

Status TarWriter::directory(const std::string& path) {
    return header(path + "/", 0, kDirectory);
}

Status TarWriter::file(const std::string& path, std::string_view bytes) {
    TRY(begin(path, bytes.size()));
    TRY(append(bytes));
    return end();
}

Status TarWriter::begin(const std::string& path, std::uint64_t size) {
    TRY(header(path, size, kFile));
    expected_ = size;
    return {};
}

Status TarWriter::append(std::string_view bytes) {
    INVARIANT(bytes.size() <= expected_);
    expected_ -= bytes.size();
    return put(bytes);
}

Status TarWriter::end() {
    if (expected_ != 0) return fail(Code::io_failed, "a file became shorter while it was copied");
    return pad();
}

Status TarWriter::finish() {
    return put(std::string(2 * kBlockBytes, '\0'));
}

}  // namespace parmana::bulk
