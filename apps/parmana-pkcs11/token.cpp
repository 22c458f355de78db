#include "token.hpp"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/invariant.hpp"
#include "crypto/key_file.hpp"

namespace parmana::pkcs11 {
namespace {

constexpr std::size_t kSlotsMax = 1024;
// OBJECT IDENTIFIER 1.3.101.112
constexpr std::string_view kEd25519("\x06\x03\x2b\x65\x70", 5);

std::string name_of(CK_RV code) {
    switch (code) {
        case CKR_PIN_INCORRECT:
            return "the PIN is wrong";
        case CKR_PIN_LOCKED:
            return "the PIN is locked";
        case CKR_DEVICE_REMOVED:
        case CKR_TOKEN_NOT_PRESENT:
            return "the token is gone";
        case CKR_MECHANISM_INVALID:
            return "the token does not know Ed25519";
        default:
            break;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (CK_RV rest = code; rest != 0 || hex.empty(); rest >>= 4)
        hex.insert(hex.begin(), kDigits[rest & 15]);
    return "0x" + hex;
}

std::unexpected<Error> refused(std::string why) {
    return fail(Code::signer_unavailable, std::move(why));
}

Status check(CK_RV code, const char* function) {
    if (code == CKR_OK) return {};
    return refused(std::string(function) + ": " + name_of(code));
}

/// Blanks at the end of the fixed fields of PKCS#11 are padding.
template <std::size_t N>
std::string trimmed(const unsigned char (&field)[N]) {
    const std::string_view text(reinterpret_cast<const char*>(field), N);
    const std::size_t last = text.find_last_not_of(' ');
    return std::string(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

/// Attributes of an object; the values stay where they are.
class Template {
  public:
    template <class T>
    void add(CK_ATTRIBUTE_TYPE type, const T& value) {
        attributes_.push_back({type, const_cast<T*>(&value), sizeof value});
    }
    void add_bytes(CK_ATTRIBUTE_TYPE type, std::string_view bytes) {
        attributes_.push_back({type, const_cast<char*>(bytes.data()), bytes.size()});
    }
    CK_ATTRIBUTE* data() { return attributes_.data(); }
    CK_ULONG size() const { return attributes_.size(); }

  private:
    std::vector<CK_ATTRIBUTE> attributes_;
};

/// A loaded module. It stays loaded: what it has started may not outlive its code.
Result<CK_FUNCTION_LIST*> load_module(const std::string& path) {
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* why = ::dlerror();
        return refused("the module cannot be loaded: " + std::string(why == nullptr ? path : why));
    }
    const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    if (get_list == nullptr) return refused("`" + path + "` is not a PKCS#11 module");
    CK_FUNCTION_LIST* functions = nullptr;
    TRY(check(get_list(&functions), "C_GetFunctionList"));
    TRY(check(functions->C_Initialize(nullptr), "C_Initialize"));
    return functions;
}

class Session final : public Token {
  public:
    Session(crypto::Pkcs11Uri uri, CK_FUNCTION_LIST* functions)
        : uri_(std::move(uri)), functions_(*functions) {}
    ~Session() override { functions_.C_Finalize(nullptr); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Status log_in() {
        const CK_SLOT_ID slot = TRY(find_slot());
        TRY(check(
            functions_.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session_),
            "C_OpenSession"));
        SecretText pin = TRY(crypto::read_passphrase_file(uri_.pin_source));
        return check(functions_.C_Login(session_, CKU_USER, pin.data(), pin.size()), "C_Login");
    }

    Result<crypto::PublicKey> find_key() override {
        const auto private_key = TRY(find_one(CKO_PRIVATE_KEY));
        const auto public_key = TRY(find_one(CKO_PUBLIC_KEY));
        if (!private_key || !public_key) return refused("the token has no Ed25519 key pair of this name");
        key_ = *private_key;
        return read_point(*public_key);
    }

    Result<crypto::PublicKey> generate_key() override {
        if (TRY(find_one(CKO_PRIVATE_KEY)) || TRY(find_one(CKO_PUBLIC_KEY)))
            return refused("the token has a key of this name");
        constexpr CK_BBOOL kYes = CK_TRUE, kNo = CK_FALSE;
        Template of_public = named(), of_private = named();
        of_public.add(CKA_TOKEN, kYes);
        of_public.add(CKA_VERIFY, kYes);
        of_public.add_bytes(CKA_EC_PARAMS, kEd25519);
        of_private.add(CKA_TOKEN, kYes);
        of_private.add(CKA_PRIVATE, kYes);
        of_private.add(CKA_SENSITIVE, kYes);
        of_private.add(CKA_EXTRACTABLE, kNo);
        of_private.add(CKA_SIGN, kYes);
        CK_MECHANISM mechanism{CKM_EC_EDWARDS_KEY_PAIR_GEN, nullptr, 0};
        CK_OBJECT_HANDLE made_public = 0, made_private = 0;
        TRY(check(
            functions_.C_GenerateKeyPair(session_, &mechanism, of_public.data(), of_public.size(),
                                         of_private.data(), of_private.size(), &made_public, &made_private),
            "C_GenerateKeyPair"));
        return find_key();
    }

    Result<std::string> sign(std::string_view message) override {
        CK_MECHANISM mechanism{CKM_EDDSA, nullptr, 0};
        TRY(check(functions_.C_SignInit(session_, &mechanism, key_), "C_SignInit"));
        std::string signature(64, '\0');
        CK_ULONG size = signature.size();
        auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(message.data()));
        TRY(check(functions_.C_Sign(session_, bytes, message.size(),
                                    reinterpret_cast<unsigned char*>(signature.data()), &size),
                  "C_Sign"));
        if (size != signature.size()) return refused("C_Sign: a signature of another size");
        return signature;
    }

  private:
    Result<CK_SLOT_ID> find_slot() const {
        std::array<CK_SLOT_ID, kSlotsMax> slots;
        CK_ULONG count = slots.size();
        TRY(check(functions_.C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList"));
        std::optional<CK_SLOT_ID> found;
        for (const CK_SLOT_ID slot : std::span(slots).first(count)) {
            CK_TOKEN_INFO info;
            if (functions_.C_GetTokenInfo(slot, &info) != CKR_OK || !is_wanted(info)) continue;
            if (found) return refused("two tokens have this name");
            found = slot;
        }
        if (!found) return refused("there is no token of this name");
        return *found;
    }

    bool is_wanted(const CK_TOKEN_INFO& info) const {
        return (uri_.token.empty() || trimmed(info.label) == uri_.token) &&
               (uri_.serial.empty() || trimmed(info.serialNumber) == uri_.serial);
    }

    Template named() const {
        Template out;
        if (!uri_.object.empty()) out.add_bytes(CKA_LABEL, uri_.object);
        if (!uri_.id.empty()) out.add_bytes(CKA_ID, uri_.id);
        return out;
    }

    Result<std::optional<CK_OBJECT_HANDLE>> find_one(CK_OBJECT_CLASS kind) const {
        constexpr CK_KEY_TYPE kType = CKK_EC_EDWARDS;
        Template wanted = named();
        wanted.add(CKA_CLASS, kind);
        wanted.add(CKA_KEY_TYPE, kType);
        TRY(check(functions_.C_FindObjectsInit(session_, wanted.data(), wanted.size()), "C_FindObjectsInit"));
        std::array<CK_OBJECT_HANDLE, 2> found{};
        CK_ULONG count = 0;
        const CK_RV searched = functions_.C_FindObjects(session_, found.data(), found.size(), &count);
        TRY(check(functions_.C_FindObjectsFinal(session_), "C_FindObjectsFinal"));
        TRY(check(searched, "C_FindObjects"));
        if (count > 1) return refused("the token has two keys of this name");
        return count == 1 ? std::optional(found[0]) : std::nullopt;
    }

    /// As PKCS#11 3.0 says, in a DER OCTET STRING; or bare, as some modules give it.
    Result<crypto::PublicKey> read_point(CK_OBJECT_HANDLE key) const {
        std::array<std::uint8_t, 34> point{};
        CK_ATTRIBUTE attribute{CKA_EC_POINT, point.data(), point.size()};
        TRY(check(functions_.C_GetAttributeValue(session_, key, &attribute, 1), "C_GetAttributeValue"));
        if (attribute.ulValueLen > point.size()) return refused("the public key is not one of Ed25519");
        std::string_view bytes = view_of(point).substr(0, attribute.ulValueLen);
        if (bytes.size() == 34 && bytes.starts_with("\x04\x20")) bytes.remove_prefix(2);
        const auto value = array_from<32>(bytes);
        if (!value) return refused("the public key is not one of Ed25519");
        return crypto::PublicKey(*value);
    }

    crypto::Pkcs11Uri uri_;
    CK_FUNCTION_LIST& functions_;
    CK_SESSION_HANDLE session_ = 0;
    CK_OBJECT_HANDLE key_ = 0;
};

}  // namespace

Result<std::unique_ptr<Token>> open_token(const crypto::Pkcs11Uri& uri) {
    auto session = std::make_unique<Session>(uri, TRY(load_module(uri.module_path)));
    TRY(session->log_in());
    return session;
}

}  // namespace parmana::pkcs11
