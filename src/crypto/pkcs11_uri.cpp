#include "crypto/pkcs11_uri.hpp"

#include <algorithm>
#include <optional>

namespace parmana::crypto {
namespace {

constexpr std::string_view kScheme = "pkcs11:";

std::unexpected<Error> refused(const std::string& why) {
    return fail(Code::key_invalid, "not a URI of a key in a token: " + why);
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c <= 0x20 || c >= 0x7f) return std::nullopt;
        if (c != '%') {
            out.push_back(c);
            continue;
        }
        if (at + 2 >= text.size()) return std::nullopt;
        const int high = digit_of(text[at + 1]), low = digit_of(text[at + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
        at += 2;
    }
    return out;
}

std::string* member_of(Pkcs11Uri& uri, std::string_view name, bool in_query) {
    if (in_query) {
        if (name == "module-path") return &uri.module_path;
        if (name == "pin-source") return &uri.pin_source;
        return nullptr;
    }
    if (name == "token") return &uri.token;
    if (name == "serial") return &uri.serial;
    if (name == "object") return &uri.object;
    if (name == "id") return &uri.id;
    return nullptr;
}

Status read_attribute(std::string_view attribute, bool in_query, Pkcs11Uri& uri) {
    const std::size_t equals = attribute.find('=');
    const std::string name(attribute.substr(0, equals));
    if (name == "pin-value") return refused("a PIN stands in a file, named by `pin-source`");
    std::string* member = member_of(uri, name, in_query);
    if (member == nullptr) return refused("`" + name + "` is not taken here");
    if (!member->empty()) return refused("`" + name + "` stands twice");
    const auto value =
        equals == std::string_view::npos ? std::nullopt : percent_decoded(attribute.substr(equals + 1));
    if (!value || value->empty() || value->find('\0') != std::string::npos) {
        if (name != "id" || !value || value->empty())
            return refused("`" + name + "` has no value that can be read");
    }
    *member = *value;
    return {};
}

Status read_attributes(std::string_view text, char separator, Pkcs11Uri& uri) {
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        TRY(read_attribute(text.substr(begin, end - begin), separator == '&', uri));
        begin = end + 1;
    }
    return {};
}

}  // namespace

Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text) {
    if (!text.starts_with(kScheme)) return refused("it does not begin with `pkcs11:`");
    text.remove_prefix(kScheme.size());
    const std::size_t mark = text.find('?');
    if (mark == std::string_view::npos) return refused("`module-path` and `pin-source` are missing");
    Pkcs11Uri uri;
    TRY(read_attributes(text.substr(0, mark), ';', uri));
    TRY(read_attributes(text.substr(mark + 1), '&', uri));
    if (uri.pin_source.starts_with("file:")) uri.pin_source.erase(0, 5);
    if (!uri.module_path.starts_with('/')) return refused("`module-path` is not an absolute path");
    if (!uri.pin_source.starts_with('/')) return refused("`pin-source` is not an absolute path of a file");
    if (uri.token.empty() && uri.serial.empty()) return refused("neither `token` nor `serial`");
    if (uri.object.empty() && uri.id.empty()) return refused("neither `object` nor `id`");
    return uri;
}

}  // namespace parmana::crypto
