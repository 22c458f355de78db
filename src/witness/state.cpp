#include "witness/state.hpp"

#include <algorithm>
#include <optional>

#include "base/invariant.hpp"
#include "base/log.hpp"
#include "witness/request.hpp"

namespace parmana::witness {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::size_t kKeysBytesMax = 64 * 1024;
constexpr std::size_t kNoteBytesMax = 64 * 1024;

std::string directory_of(std::string_view name) {
    return "logs/" + std::string(name);
}
std::string keys_file(std::string_view name) {
    return directory_of(name) + "/keys";
}
std::string checkpoint_file(std::string_view name) {
    return directory_of(name) + "/checkpoint";
}
std::string fork_file(std::string_view name) {
    return directory_of(name) + "/fork";
}

std::string name_of(std::string_view origin) {
    return to_hex(view_of(crypto::sha256(origin)));
}

std::unexpected<Error> corrupt(const std::string& file, std::string_view what) {
    return fail(Code::data_corrupt, "`" + file + "` " + std::string(what));
}

/// One verifier key a line.
Result<std::vector<note::VerifierKey>> read_keys(disk::Disk& disk, const std::string& name) {
    const std::string file = keys_file(name);
    const std::string text = TRY(disk.read(file, kKeysBytesMax));
    std::vector<note::VerifierKey> keys;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        const auto key = note::parse_verifier_key(rest.substr(0, end));
        if (end == std::string_view::npos || !key || key->type != note::KeyType::log ||
            name_of(key->name) != name)
            return corrupt(file, "does not hold keys of its log");
        keys.push_back(*key);
        rest.remove_prefix(end + 1);
    }
    if (keys.empty()) return corrupt(file, "is empty");
    return keys;
}

struct Submitted {
    note::Checkpoint checkpoint;
    std::string text;
    std::string lines;  // one by each key of the log that signed it
};

/// The first line by a key that has signed the note.
const note::SignatureLine& line_by(const note::Note& note, const note::VerifierKey& key) {
    const std::uint32_t hint = read_u32(view_of(note::key_id(key.name, key.key, key.type)));
    const auto line = std::ranges::find_if(note.signatures, [&](const note::SignatureLine& candidate) {
        return candidate.name == key.name && candidate.key_hint == hint;
    });
    INVARIANT(line != note.signatures.end());
    return *line;
}

/// The checkpoint when a key of the log has signed it, with nothing but the signatures of the log.
std::optional<Submitted> open_signed(const std::string& note, const std::vector<note::VerifierKey>& keys) {
    std::optional<Submitted> out;
    for (const note::VerifierKey& key : keys) {
        const auto checkpoint = note::open_checkpoint(note, key.key);
        if (!checkpoint) continue;
        const note::Note parsed = note::parse_note(note).value();
        if (!out) out = Submitted{*checkpoint, parsed.text, {}};
        out->lines += render(line_by(parsed, key));
    }
    return out;
}

}  // namespace

Answer refusal(const Error& error) {
    const CodeRow& row = row_of(error.code);
    return {row.http_status, kText, std::string(row.wire) + ": " + error.detail + "\n"};
}

Status create_state(disk::Disk& disk) {
    return disk.make_directory("logs");
}

Status add_log(disk::Disk& disk, const note::VerifierKey& key) {
    if (key.type != note::KeyType::log)
        return fail(Code::key_invalid, "the verifier key is not one of a log (type 0x01)");
    const std::string name = name_of(key.name);
    auto keys = read_keys(disk, name);
    if (!keys && keys.error().code != Code::data_missing) return std::unexpected(keys.error());
    if (keys && std::ranges::find(*keys, key) != keys->end()) return {};
    std::string text;
    if (keys) {
        text = TRY(disk.read(keys_file(name), kKeysBytesMax));
    } else {
        TRY(disk.make_directory(directory_of(name)));
        // Written before the keys, with which the log is witnessed: from then on a checkpoint that is missing
        // was lost, and is not a log that begins.
        TRY(disk.replace(checkpoint_file(name), ""));
    }
    return disk.replace(keys_file(name), text + note::verifier_key(key.name, key.key, key.type) + "\n");
}

Result<std::unique_ptr<State>> State::open(disk::Disk& disk, std::string name, const crypto::Signer& signer,
                                           const Clock& clock) {
    auto state = std::make_unique<State>(Key(), disk, std::move(name), signer, clock);
    for (const std::string& log_name : TRY(disk.list("logs"))) {
        auto log = state->read_log(log_name);
        if (!log && log.error().code == Code::data_missing) continue;  // `add_log` did not come to its end
        state->logs_.emplace(log_name, TRY(std::move(log)));
    }
    return state;
}

Result<State::Log> State::read_log(const std::string& name) const {
    auto keys = TRY(read_keys(disk_, name));
    Log log{std::move(keys), {}, {}, merkle::empty_root(), {}};
    auto note = disk_.read(checkpoint_file(name), kNoteBytesMax);
    if (!note && note.error().code == Code::data_missing) return corrupt(checkpoint_file(name), "is missing");
    log.note = TRY(std::move(note));
    TRY(read_cosigned(name, log));
    // What can be read after a crash may be gone after the next: only what is written anew and synced counts.
    TRY(disk_.replace(checkpoint_file(name), log.note));
    return log;
}

Status State::read_cosigned(const std::string& name, Log& log) const {
    if (log.note.empty()) return {};
    const auto submitted = open_signed(log.note, log.keys);
    if (!submitted || name_of(submitted->checkpoint.origin) != name)
        return corrupt(checkpoint_file(name), "is not a checkpoint of its log");
    for (const note::SignatureLine& line : TRY(note::parse_note(log.note)).signatures) {
        const auto time = note::verify_cosignature(submitted->text, line, name_, signer_.public_key());
        if (!time) continue;
        log.size = submitted->checkpoint.size;
        log.root = submitted->checkpoint.root;
        log.time = *time;
        return {};
    }
    return corrupt(checkpoint_file(name), "is not cosigned by this witness");
}

Answer State::add_checkpoint(std::string_view body) {
    const std::lock_guard lock(mutex_);
    auto answer = add(body);
    return answer ? *std::move(answer) : refusal(answer.error());
}

/// With mutex_ held, so that comparing with what was cosigned last and putting the new one in its place is
/// one step.
Result<Answer> State::add(std::string_view body) {
    const Request request = TRY(parse_request(body));
    const note::Checkpoint asked =
        TRY(note::parse_checkpoint(TRY(note::parse_note(request.checkpoint)).text));
    const auto found = logs_.find(name_of(asked.origin));
    if (found == logs_.end())
        return fail(Code::log_unknown, "this witness does not know the log `" + asked.origin + "`");
    Log& log = found->second;
    const auto submitted = open_signed(request.checkpoint, log.keys);
    if (!submitted)
        return fail(Code::checkpoint_unsigned, "no key of `" + asked.origin + "` signed the checkpoint");
    if (request.old_size > asked.size)
        return fail(Code::member_invalid, "the old size is larger than that of the checkpoint");
    const bool is_fork = asked.size == log.size && asked.root != log.root;
    if (is_fork && !log.note.empty()) keep_fork(found->first, request.checkpoint);
    if (request.old_size != log.size || is_fork)
        return Answer{row_of(Code::checkpoint_conflict).http_status, kSizeMediaType,
                      std::to_string(log.size.value()) + "\n"};
    if (!merkle::verify_consistency(log.size, asked.size, request.proof, log.root, asked.root)) {
        return fail(Code::consistency_unproven, "the proof does not lead from the tree of size " +
                                                    std::to_string(log.size.value()) + " to the checkpoint");
    }

    // A clock that was set back does not let us say that an older tree was the newest at a later time.
    const UnixSeconds time = std::max(to_seconds(clock_.now()), log.time);
    const std::string cosignature = TRY(note::cosign(submitted->text, name_, signer_, time));
    std::string note = submitted->text + "\n" + submitted->lines + cosignature;
    // Stopped before or in here, nobody has the cosignature; the log asks again and is told what we hold.
    const auto kept = disk_.replace(checkpoint_file(found->first), note);
    if (!kept) {
        log::line(log::Level::error, "witness_write_failed", {{"detail", kept.error().detail}});
        return fail(Code::store_unavailable, "the checkpoint cannot be kept, so it is not cosigned");
    }
    log.note = std::move(note);
    log.size = asked.size;
    log.root = asked.root;
    log.time = time;
    return Answer{200, kText, cosignature};
}

/// Two checkpoints of one size with different roots, both signed by the log, prove that it lied. The first
/// such is kept for its operator's explanation; whether that succeeds changes no answer.
void State::keep_fork(const std::string& name, const std::string& note) const {
    const bool is_first = !disk_.read(fork_file(name), kNoteBytesMax) && disk_.replace(fork_file(name), note);
    log::line(log::Level::error, "fork_refused", {{"log", name}, {"kept", is_first}});
}

Answer State::checkpoint(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = logs_.find(name);
    if (found == logs_.end() || found->second.note.empty())
        return refusal({Code::log_unknown, "this witness has cosigned no checkpoint of that log"});
    return {200, kText, found->second.note};
}

}  // namespace parmana::witness
