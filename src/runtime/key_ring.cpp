#include "runtime/key_ring.hpp"

namespace parmana::runtime {
namespace {

/// Before the first request, not during one.
Status self_check(const crypto::Signer& signer) {
    const auto signature = TRY(signer.sign("parmana self-check"));
    if (!crypto::verify(signer.public_key(), "parmana self-check", signature) ||
        crypto::verify(signer.public_key(), "parmana self-check.", signature)) {
        return fail(Code::internal, "a signature of this process does not verify");
    }
    return {};
}

}  // namespace

std::string key_file_name(std::string_view role, std::string_view key_id) {
    return std::string(role) + "-" + std::string(key_id.substr(0, 16)) + ".key";
}

Result<std::shared_ptr<const dsse::SigningKey>> KeyRing::open(trust::Role role, const std::string& file) {
    auto key = std::make_shared<const dsse::SigningKey>(
        TRY(crypto::open_signer(directory_ + "/" + file, trust::wire_name(role), passphrases_)));
    TRY(self_check(key->signer()));
    keys_.emplace(key->id(), key);
    return key;
}

Result<std::shared_ptr<const dsse::SigningKey>> KeyRing::find(trust::Role role, const trust::Root& root) {
    const std::lock_guard lock(mutex_);
    const std::string name(trust::wire_name(role));
    for (const auto& [id, key] : root.keys(role)) {
        if (const auto known = keys_.find(id); known != keys_.end()) return known->second;
        const auto opened = open(role, key_file_name(name, id));
        if (opened && (*opened)->id() == id) return *opened;
        if (!opened && opened.error().code != Code::data_missing) return std::unexpected(opened.error());
    }
    const auto first = TRY(open(role, name + ".key"));
    if (root.find(role, first->id())) return first;
    return fail(Code::key_invalid, "none of the keys at hand is a key of the role `" + name +
                                       "` in version " + std::to_string(root.version()) +
                                       " of the trust root");
}

}  // namespace parmana::runtime
