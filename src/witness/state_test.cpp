#include "witness/state.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/shared_vectors.hpp"
#include "disk/sim.hpp"
#include "witness/log_test.hpp"

namespace parmana::witness {
namespace {

constexpr std::string_view kName = "witness.example/w1";

std::string name_of(const std::string& origin) {
    return to_hex(view_of(crypto::sha256(origin)));
}

/// What of a note the witness cosigned, and when.
std::optional<UnixSeconds> cosigned_at(const std::string& note, const std::string& lines,
                                       const crypto::PublicKey& key) {
    const auto text = note::parse_note(note)->text;
    const auto parsed = note::parse_note(text + "\n" + lines);
    if (!parsed || parsed->signatures.size() != 1) return std::nullopt;
    return note::verify_cosignature(text, parsed->signatures[0], kName, key);
}

class Witness : public testing::Test {
  protected:
    Witness() {
        EXPECT_TRUE(create_state(disk_));
        EXPECT_TRUE(add_log(disk_, log_.key()));
    }
    Result<std::unique_ptr<State>> open(disk::Disk& disk) const {
        return State::open(disk, std::string(kName), *signer_, clock_);
    }
    Result<std::unique_ptr<State>> open() { return open(disk_); }
    std::optional<UnixSeconds> time_of(const std::string& note, const Answer& answer) const {
        return answer.status == 200 ? cosigned_at(note, answer.body, signer_->public_key()) : std::nullopt;
    }

    disk::SimulatedDisk disk_;
    SimulatedClock clock_{UnixMillis(1'790'000'000'000)};
    const std::unique_ptr<crypto::Signer> signer_ = test_signer(100);
    const TestLog log_;
    const TestLog other_{"log.example/1", 1, 'b', 4};  // signed by the same key
};

TEST_F(Witness, CosignsALogThatGrows) {
    const auto state = open().value();
    for (const auto& [from, to] : {std::pair(0, 0), {0, 1}, {1, 1}, {1, 7}, {7, 8}, {8, 40}}) {
        const auto old_size = static_cast<std::uint64_t>(from), size = static_cast<std::uint64_t>(to);
        const Answer answer = state->add_checkpoint(log_.request(old_size, size));
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(time_of(log_.signed_note(size), answer), UnixSeconds(1'790'000'000)) << answer.body;
        const Answer newest = state->checkpoint(name_of(log_.origin()));
        EXPECT_EQ(newest.status, 200);
        EXPECT_EQ(newest.body, log_.signed_note(size) + answer.body);
    }
}

TEST_F(Witness, EachRefusalHasItsStatus) {
    const auto state = open().value();
    ASSERT_EQ(state->add_checkpoint(log_.request(0, 7)).status, 200);
    const std::string note = log_.signed_note(9);
    const TestLog impostor("log.example/1", 2), stranger("log.example/2", 1);
    auto longer = log_.prove(7, 9);
    longer.push_back(longer.front());
    auto wrong = log_.prove(7, 9);
    wrong[0][0] ^= 1;
    const std::tuple<std::string, int, std::string> rows[] = {
        {"nonsense", 400, "member_invalid: "},
        {"old 7\n\nnonsense", 400, "member_invalid: "},
        {"old 7\n\n" + note.substr(0, note.size() - 1), 400, "member_invalid: "},
        {stranger.request(0, 7), 404, "log_unknown: "},
        {impostor.request(7, 9), 403, "checkpoint_unsigned: "},
        {impostor.request(0, 9), 403, "checkpoint_unsigned: "},
        {log_.request(8, 7), 400, "member_invalid: the old size"},
        {log_.request(0, 9), 409, "7\n"},
        {log_.request(6, 9), 409, "7\n"},
        {log_.request(8, 9), 409, "7\n"},
        {log_.request(0, 0), 409, "7\n"},
        {log_.request(3, 5), 409, "7\n"},
        {render({merkle::TreeSize(7), {}, note}), 422, "consistency_unproven: "},
        {render({merkle::TreeSize(7), log_.prove(6, 9), note}), 422, "consistency_unproven: "},
        {render({merkle::TreeSize(7), longer, note}), 422, "consistency_unproven: "},
        {render({merkle::TreeSize(7), wrong, note}), 422, "consistency_unproven: "},
        {render({merkle::TreeSize(7), {Digest{}}, log_.signed_note(7)}), 422, "consistency_unproven: "},
        {other_.request(7, 9), 422, "consistency_unproven: "},
        {other_.request(7, 7), 409, "7\n"},
    };
    for (const auto& [body, status, begin] : rows) {
        const Answer answer = state->add_checkpoint(body);
        EXPECT_EQ(answer.status, status) << body << answer.body;
        EXPECT_TRUE(answer.body.starts_with(begin)) << body << answer.body;
        EXPECT_EQ(answer.content_type == kSizeMediaType, status == 409);
        EXPECT_EQ(state->checkpoint(name_of(log_.origin())).body.find(log_.signed_note(7)), 0u);
    }
    EXPECT_EQ(state->add_checkpoint(log_.request(7, 9)).status, 200);
    EXPECT_EQ(state->add_checkpoint(log_.request(7, 9)).status, 409) << "a replay";
}

TEST_F(Witness, AProofFromNothingIsEmpty) {
    const auto state = open().value();
    EXPECT_EQ(state->add_checkpoint(render({merkle::TreeSize(0), {Digest{}}, log_.signed_note(3)})).status,
              422);
    const note::Checkpoint wrong{log_.origin(), merkle::TreeSize(0), log_.checkpoint(1).root};
    const std::string note = note::sign_checkpoint(wrong, log_.signer()).value();
    EXPECT_EQ(state->add_checkpoint(render({merkle::TreeSize(0), {}, note})).status, 409);
    EXPECT_EQ(disk_.read("logs/" + name_of(log_.origin()) + "/fork", 9'999).error().code, Code::data_missing);
    EXPECT_EQ(state->add_checkpoint(log_.request(0, 3)).status, 200);
}

TEST_F(Witness, SignaturesOfOthersAreNotKept) {
    const auto state = open().value();
    const std::string theirs =
        note::cosign(note::checkpoint_body(log_.checkpoint(3)), "x.example", *test_signer(7), UnixSeconds(1))
            .value();
    for (const std::string& note : {log_.signed_note(3) + theirs, log_.head(3)}) {
        const Answer answer =
            state->add_checkpoint(render({merkle::TreeSize(note == log_.head(3) ? 3u : 0u), {}, note}));
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(state->checkpoint(name_of(log_.origin())).body, log_.signed_note(3) + answer.body);
    }
}

TEST_F(Witness, ALogMayHaveSeveralKeysAndLogsAreKeptApart) {
    const TestLog rotated("log.example/1", 5), second("log.example/2", 6);
    ASSERT_TRUE(add_log(disk_, rotated.key()));
    ASSERT_TRUE(add_log(disk_, rotated.key()));
    ASSERT_TRUE(add_log(disk_, second.key()));
    EXPECT_EQ(add_log(disk_, {"x", note::KeyType::cosignature, signer_->public_key()}).error().code,
              Code::key_invalid);
    const auto state = open().value();
    EXPECT_EQ(state->logs(), 2u);
    EXPECT_EQ(state->add_checkpoint(log_.request(0, 5)).status, 200);
    EXPECT_EQ(state->add_checkpoint(second.request(0, 3)).status, 200);
    EXPECT_EQ(state->add_checkpoint(rotated.request(5, 8)).status, 200);
    EXPECT_EQ(state->add_checkpoint(log_.request(5, 8)).body, "8\n");
    EXPECT_EQ(state->checkpoint(name_of("log.example/3")).status, 404);
    EXPECT_EQ(state->checkpoint("").status, 404);
    // A key that is added later does not forget what was cosigned.
    ASSERT_TRUE(add_log(disk_, TestLog("log.example/1", 8).key()));
    EXPECT_EQ(open().value()->add_checkpoint(log_.request(0, 8)).body, "8\n");
}

TEST_F(Witness, TheTimeOfCosignaturesNeverGoesBack) {
    auto state = open().value();
    const Answer first = state->add_checkpoint(log_.request(0, 3));
    clock_.set(UnixMillis(1'780'000'000'000));
    EXPECT_EQ(time_of(log_.signed_note(4), state->add_checkpoint(log_.request(3, 4))),
              time_of(log_.signed_note(3), first));
    state = open().value();  // nor over a restart
    EXPECT_EQ(time_of(log_.signed_note(5), state->add_checkpoint(log_.request(4, 5))),
              time_of(log_.signed_note(3), first));
    clock_.set(UnixMillis(1'800'000'000'000));
    EXPECT_EQ(time_of(log_.signed_note(6), state->add_checkpoint(log_.request(5, 6))),
              UnixSeconds(1'800'000'000));
}

TEST_F(Witness, AForkIsKeptAsProof) {
    const auto state = open().value();
    ASSERT_EQ(state->add_checkpoint(log_.request(0, 7)).status, 200);
    const std::string file = "logs/" + name_of(log_.origin()) + "/fork";
    EXPECT_EQ(state->add_checkpoint(other_.request(0, 8)).status, 409);
    EXPECT_FALSE(disk_.read(file, 9'999));
    EXPECT_EQ(state->add_checkpoint(other_.request(0, 7)).status, 409);
    EXPECT_EQ(disk_.read(file, 9'999).value(), other_.signed_note(7));
    const TestLog third("log.example/1", 1, 'c');
    EXPECT_EQ(state->add_checkpoint(third.request(7, 7)).status, 409);
    EXPECT_EQ(disk_.read(file, 9'999).value(), other_.signed_note(7));
    EXPECT_EQ(state->add_checkpoint(log_.request(7, 8)).status, 200);
    EXPECT_TRUE(open());
}

TEST_F(Witness, AFailedWriteIsNoCosignature) {
    const auto state = open().value();
    ASSERT_EQ(state->add_checkpoint(log_.request(0, 3)).status, 200);
    disk_.set_free_bytes(0);
    const Answer answer = state->add_checkpoint(log_.request(3, 4));
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.body.starts_with("store_unavailable: ")) << answer.body;
    EXPECT_TRUE(state->checkpoint(name_of(log_.origin())).body.starts_with(log_.signed_note(3)));
    disk_.set_free_bytes(1'000'000);
    EXPECT_EQ(state->add_checkpoint(log_.request(3, 4)).status, 200);
}

TEST_F(Witness, WhatIsDamagedIsNotServed) {
    ASSERT_EQ(open().value()->add_checkpoint(log_.request(0, 3)).status, 200);
    const std::string directory = "logs/" + name_of(log_.origin());
    const std::string good = disk_.read(directory + "/checkpoint", 9'999).value();
    const std::string keys = disk_.read(directory + "/keys", 9'999).value();
    const auto refused = [&](const std::string& file, const std::string& bytes) {
        disk::SimulatedDisk damaged = disk_;
        EXPECT_TRUE(damaged.replace(directory + "/" + file, bytes));
        const auto state = open(damaged);
        return !state && state.error().code == Code::data_corrupt;
    };
    EXPECT_FALSE(refused("checkpoint", good));
    EXPECT_TRUE(refused("checkpoint", log_.signed_note(3))) << "not cosigned by us";
    EXPECT_TRUE(refused("checkpoint", good.substr(0, good.size() - 1)));
    EXPECT_TRUE(refused("checkpoint", "x" + good));
    EXPECT_TRUE(refused("keys", ""));
    EXPECT_TRUE(refused("keys", "nonsense\n"));
    EXPECT_TRUE(refused("keys", keys.substr(0, keys.size() - 1)));
    EXPECT_TRUE(
        refused("keys", keys + note::verifier_key("other.example", test_signer(3)->public_key()) + "\n"));
    disk::SimulatedDisk lost = disk_;
    ASSERT_TRUE(lost.remove(directory + "/checkpoint"));
    const auto state = open(lost);
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().code, Code::data_corrupt);
}

/// What left the witness beyond the leaves that both histories share. Both letters are a fork.
class Released {
  public:
    void look_at(const Answer& answer, char history, std::uint64_t size) {
        if (answer.status == 200 && size > 4) histories_.insert(history);
    }
    void look_at_newest(const Answer& answer, const TestLog& a, const TestLog& b) {
        for (std::uint64_t size = 5; size <= 9; ++size) {
            if (answer.body.starts_with(a.signed_note(size))) histories_.insert('a');
            if (answer.body.starts_with(b.signed_note(size))) histories_.insert('b');
        }
    }
    bool is_fork() const { return histories_.size() > 1; }

  private:
    std::set<char> histories_;
};

class WitnessCrash : public Witness {
  protected:
    const TestLog same_{"log.example/1", 1, 'a', 4};  // the history that `other_` leaves

    void ask(State& state, const TestLog& log, char history, std::uint64_t from, std::uint64_t to,
             Released& released) const {
        released.look_at(state.add_checkpoint(log.request(from, to)), history, to);
        released.look_at_newest(state.checkpoint(name_of(log.origin())), same_, other_);
    }
    /// A monitor reads, and nothing is written that would make it durable.
    void glance(disk::Disk& disk, Released& released) const {
        const auto state = open(disk);
        if (state) released.look_at_newest((*state)->checkpoint(name_of(log_.origin())), same_, other_);
    }
    /// Both histories, by a log that wants both cosigned.
    void attack(disk::Disk& disk, Released& released) const {
        const auto state = open(disk);
        if (!state) return;
        for (const std::uint64_t from :
             {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{4}, std::uint64_t{6}}) {
            ask(**state, other_, 'b', from, 7, released);
            ask(**state, same_, 'a', from, 8, released);
        }
    }
    void program(disk::Disk& disk, Released& released) const {
        const auto state = open(disk);
        if (!state) return;
        ask(**state, same_, 'a', 0, 3, released);
        ask(**state, same_, 'a', 3, 6, released);
        ask(**state, other_, 'b', 3, 7, released);
        ask(**state, same_, 'a', 6, 8, released);
    }
    void explore(disk::Fault fault) {
        disk::SimulatedDisk clean = disk_;
        Released unharmed;
        program(clean, unharmed);
        const std::uint64_t operations = clean.operations() - disk_.operations();
        ASSERT_GT(operations, 10u);
        for (std::uint64_t struck = 0; struck < operations; ++struck) {
            disk::SimulatedDisk run = disk_;
            run.fail_after(struck, fault);
            Released released;
            program(run, released);
            EXPECT_FALSE(released.is_fork()) << struck;
            for (std::uint64_t seed = 0; seed < 6; ++seed) {
                disk::SimulatedDisk after = run;
                if (seed == 0) {
                    after.clear_fault();
                    after.restart();
                } else {
                    after.power_loss(seed);
                }
                Released all = released;
                for (std::uint64_t again = 0; again < (seed == 0 ? 8 : 1); ++again) {
                    disk::SimulatedDisk read_once = after;
                    Released seen = released;
                    glance(read_once, seen);
                    read_once.power_loss(again);
                    attack(read_once, seen);
                    EXPECT_FALSE(seen.is_fork()) << "fault at " << struck << ", seed " << seed << ", read";
                }
                attack(after, all);
                EXPECT_FALSE(all.is_fork()) << "fault at " << struck << ", seed " << seed;
                after.power_loss(seed + 100);
                attack(after, all);
                EXPECT_FALSE(all.is_fork()) << "fault at " << struck << ", seed " << seed << ", twice";
                EXPECT_TRUE(open(after)) << "fault at " << struck << ", seed " << seed;
                EXPECT_EQ(after.forbidden_syncs(), 0u);
            }
        }
    }
};

TEST_F(WitnessCrash, NoForkWhereverThePowerFails) {
    explore(disk::Fault::power_cut);
}

TEST_F(WitnessCrash, NoForkWhereverAnOperationFails) {
    explore(disk::Fault::error_once);
}

TEST_F(WitnessCrash, NoForkWhenTheDiskIsGone) {
    explore(disk::Fault::error_for_ever);
}

TEST_F(WitnessCrash, AddingALogIsDoneOrNot) {
    const TestLog second("log.example/2", 6);
    for (std::uint64_t n = 0;; ++n) {
        disk::SimulatedDisk run = disk_;
        run.fail_after(n, disk::Fault::power_cut);
        const bool done = add_log(run, second.key()).has_value();
        for (std::uint64_t seed = 1; seed < 9; ++seed) {
            disk::SimulatedDisk after = run;
            after.power_loss(seed);
            const auto state = open(after);
            ASSERT_TRUE(state) << state.error().detail;
            EXPECT_GE((*state)->logs(), done ? 2u : 1u);
            ASSERT_TRUE(add_log(after, second.key()));
            EXPECT_EQ(open(after).value()->add_checkpoint(second.request(0, 3)).status, 200);
        }
        if (done) break;
    }
}

TEST_F(Witness, TakesTheSharedRequest) {
    const auto text = test::shared_vectors("notes.json");
    if (!text) GTEST_SKIP() << "no shared vectors";
    const auto vectors = nlohmann::json::parse(*text);
    const auto key = note::parse_verifier_key(vectors["log"]["vkey"].get<std::string>()).value();
    const auto witness_key = note::parse_verifier_key(vectors["witness"]["vkey"].get<std::string>()).value();
    ASSERT_TRUE(add_log(disk_, key));
    const auto seed = from_hex(vectors["witness"]["seed"].get<std::string>()).value();
    Secret<32> secret;
    std::copy(seed.begin(), seed.end(), secret.data());
    const auto signer = crypto::make_ed25519_signer(secret);
    clock_.set(UnixMillis(1'767'225'613'000));  // that of the cosignature over size 13
    const auto state = State::open(disk_, witness_key.name, *signer, clock_).value();
    const std::string body = vectors["add_checkpoint_request"]["body"];
    EXPECT_EQ(state->add_checkpoint(body).body, "0\n");
    // The log's tree of size 7, which the vectors do not have a checkpoint of.
    merkle::Tree tree;
    for (int i = 0; i < 7; ++i)
        tree.append(merkle::hash_leaf("entry-" + std::to_string(i)));
    const auto log_seed = from_hex(vectors["log"]["seed"].get<std::string>()).value();
    Secret<32> log_secret;
    std::copy(log_seed.begin(), log_seed.end(), log_secret.data());
    const std::string seven =
        note::sign_checkpoint({key.name, tree.size(), tree.root()}, *crypto::make_ed25519_signer(log_secret))
            .value();
    ASSERT_EQ(state->add_checkpoint("old 0\n\n" + seven).status, 200);
    const Answer answer = state->add_checkpoint(body);
    ASSERT_EQ(answer.status, 200) << answer.body;
    for (const auto& row : vectors["checkpoints"]) {
        if (row["size"] != 13) continue;
        const std::string note = row["note"];
        EXPECT_TRUE(note.ends_with(answer.body)) << answer.body;
        EXPECT_EQ(state->checkpoint(name_of(key.name)).body, note);
    }
    const auto request = parse_request(body).value();
    EXPECT_EQ(render(request), body);
}

}  // namespace
}  // namespace parmana::witness
