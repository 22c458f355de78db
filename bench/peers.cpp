#include "peers.hpp"

#include <filesystem>
#include <fstream>

#include "claims.hpp"
#include "json/json.hpp"
#include "process.hpp"

namespace parmana::bench {
namespace {

constexpr int kRoundMs = 600'000;

Status write_file(const std::string& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) return fail(Code::io_failed, "cannot write `" + path + "`");
    return {};
}

std::string string_of(json::Value object, std::string_view name) {
    const auto member = object.find(name);
    return member && member->is(json::Type::string) ? std::string(member->string()) : "";
}

}  // namespace

Result<Peers> Peers::make(const BenchOptions& options) {
    // build/PRESET/bench holds this program and the script, build/npm the packages.
    const std::filesystem::path programs = options.programs;
    const std::string packages = (programs.parent_path().parent_path() / "npm").string();
    Peers out(options.programs + "/peers.mjs", packages, TRY(Workplace::make(options.programs, "peers")));
    TRY(write_file(out.workplace_.path() + "/policy.json", kClaimsCel));
    std::string lines;
    for (std::uint64_t i = 0; i < kClaims; ++i)
        lines += claim(i) + "\n";
    TRY(write_file(out.workplace_.path() + "/signals.jsonl", lines));
    return out;
}

Status Peers::run_round(double seconds) {
    if (skipped_.contains("node")) return {};
    const auto said = run_program(
        {"/usr/bin/env", "node", script_, packages_, workplace_.path(), std::to_string(seconds)}, kRoundMs);
    if (!said) {
        if (!peers_.empty()) return std::unexpected(said.error());
        skipped_["node"] = "node is not installed or cannot run peers.mjs";
        return {};
    }
    const auto answer = TRY(json::parse(*said));
    for (const json::Value peer : answer.root().elements()) {
        const std::string name = string_of(peer, "name");
        if (const std::string reason = string_of(peer, "skipped"); !reason.empty()) {
            skipped_[name] = reason;
            continue;
        }
        Peer& known = peers_[name];
        known.rates.push_back(peer.find("per_second")->number());
        known.digest = string_of(peer, "decisions_sha256");
    }
    return {};
}

Status Peers::print(std::string_view name, double per_second, std::string_view digest) const {
    const std::string prefix = std::string(name) + "/";
    for (const auto& [peer, reason] : skipped_)
        print_line(prefix + peer, {{"skipped", reason}});
    for (const auto& [peer, measured] : peers_) {
        const double theirs = median(measured.rates);
        print_line(prefix + peer, {{"per_second", theirs},
                                   {"us", 1e6 / theirs},
                                   {"ratio", per_second / theirs},
                                   {"decisions_sha256", measured.digest}});
        if (measured.digest != digest) return fail(Code::io_failed, "`" + peer + "` decides differently");
    }
    return {};
}

}  // namespace parmana::bench
