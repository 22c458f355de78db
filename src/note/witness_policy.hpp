// C2SP tlog-policy: which logs and witnesses are known, and whose cosignatures are enough. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "note/note.hpp"

namespace parmana::note {

/// Names are bytes without meaning, of this file only. Any thread may read it.
class WitnessPolicy {
  public:
    struct Log {
        VerifierKey key;  // its name is the origin
        std::string url;  // empty: none is given
    };
    struct Witness {
        std::string name;  // in the policy; the name in its cosignatures is that of the key
        VerifierKey key;
        std::string url;
    };

    /// The whole text of a policy: at most 64 KiB, and 32 lines each of logs, witnesses and groups. Keys are
    /// Ed25519: of type 0x01 for logs, 0x04 for witnesses. Beyond the specification, no key is both a log's
    /// and a witness's, and a quorum that no checkpoint has room for is refused. Errors:
    /// configuration_invalid, with the number of the line.
    static Result<WitnessPolicy> parse(std::string_view text);

    const std::vector<Log>& logs() const { return logs_; }
    const std::vector<Witness>& witnesses() const { return witnesses_; }
    /// Whether a checkpoint that these witnesses cosigned is valid; other names count for nothing. Adding a
    /// name never makes it false.
    bool quorum(const std::set<std::string>& cosigned) const;

  private:
    friend class WitnessPolicyReader;
    struct Group {
        std::string name;
        std::size_t threshold;
        std::vector<std::string> members;  // defined before the group, so there is no circle
    };
    std::vector<Log> logs_;
    std::vector<Witness> witnesses_;
    std::vector<Group> groups_;  // in the order of the text
    std::string quorum_;         // `none`, or a name that is defined
};

/// What a policy says of a checkpoint.
struct WitnessJudgement {
    /// The log of the policy that signed it; nothing when none did, or when the policy names no log.
    std::optional<VerifierKey> log;
    /// Names of the witnesses whose cosignature is valid, each with the earliest time it gives.
    std::map<std::string, UnixSeconds> cosigned;
    /// The cosignature lines that no witness of the policy made, or that do not verify.
    std::size_t foreign_lines = 0;
    bool quorum = false;

    /// Every cosignature line behind the log's own is one by a known witness, and verifies.
    bool all_known() const { return foreign_lines == 0; }
};
/// Verifies the lines of the log and of the witnesses, not the log's own time line.
WitnessJudgement judge(const Head& head, const WitnessPolicy& policy);

}  // namespace parmana::note
