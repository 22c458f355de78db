#include "witness/client.hpp"

#include "disk/sim.hpp"
#include "http/peer_test.hpp"
#include "witness/log_test.hpp"
#include "witness/state.hpp"

namespace parmana::witness {
namespace {

/// A witness behind HTTP, in this process.
class TestWitness {
  public:
    TestWitness(std::string name, std::uint64_t seed, const TestLog& log)
        : name_(std::move(name)), signer_(test_signer(seed)) {
        EXPECT_TRUE(create_state(disk_));
        EXPECT_TRUE(add_log(disk_, log.key()));
        state_ = State::open(disk_, name_ + ".example", *signer_, clock_).value();
        server_.emplace([this](http::Request request, http::Responder respond) {
            ++requests;
            Answer answer = request.method == "POST" ? state_->add_checkpoint(request.body)
                                                     : state_->checkpoint(request.path.substr(1, 64));
            respond({answer.status, answer.content_type, std::move(answer.body)});
        });
    }
    State& state() { return *state_; }
    std::string line(std::string_view as = "") const {
        return "witness " + (as.empty() ? name_ : std::string(as)) + " " +
               note::verifier_key(name_ + ".example", signer_->public_key(), note::KeyType::cosignature) +
               " " + url() + "\n";
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

    std::atomic<int> requests = 0;

  private:
    std::string name_;
    disk::SimulatedDisk disk_;
    SimulatedClock clock_{UnixMillis(1'790'000'000'000)};
    std::unique_ptr<crypto::Signer> signer_;
    std::unique_ptr<State> state_;
    std::optional<http::RunningServer> server_;
};

std::string fake_line(std::string_view name, std::uint64_t seed, std::uint16_t port) {
    return "witness " + std::string(name) + " " +
           note::verifier_key(std::string(name) + ".example", test_signer(seed)->public_key(),
                              note::KeyType::cosignature) +
           " http://127.0.0.1:" + std::to_string(port) + "\n";
}

class WitnessClient : public testing::Test {
  protected:
    static Witnesses witnesses(const std::string& policy, int timeout_ms = kTimeoutMs) {
        return Witnesses::make(note::WitnessPolicy::parse(policy).value(), timeout_ms).value();
    }
    static Witnesses::Prove prover(const TestLog& log) {
        return [&log](merkle::TreeSize from, merkle::TreeSize to) -> Result<merkle::Proof> {
            return log.prove(from.value(), to.value());
        };
    }
    Collected collect(Witnesses& from, const TestLog& log, std::uint64_t size) const {
        return from.collect(log.head(size), prover(log)).value();
    }

    const TestLog log_{"log.example/1", 1, 'a', 4};
    const TestLog other_{"log.example/1", 1, 'b', 4};
    TestWitness w1_{"w1", 11, log_}, w2_{"w2", 12, log_};
    const std::string both_ = w1_.line() + w2_.line() + "group all all w1 w2\nquorum all\n";
};

TEST_F(WitnessClient, SpeaksTheProtocol) {
    const Request request{merkle::TreeSize(0), {}, log_.signed_note(3)};
    EXPECT_FALSE(latest(w1_.url(), log_.origin())->has_value());
    const auto added = add_checkpoint(w1_.url(), request);
    ASSERT_TRUE(added) << added.error().detail;
    EXPECT_EQ(**latest(w1_.url(), log_.origin()), log_.signed_note(3) + std::get<std::string>(*added));
    EXPECT_EQ(std::get<Conflict>(*add_checkpoint(w1_.url(), request)).size.value(), 3u);
    const auto refused = add_checkpoint(w1_.url(), {merkle::TreeSize(3), {}, log_.signed_note(4)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::witness_refused);
    EXPECT_NE(refused.error().detail.find("422 `consistency_unproven: "), std::string::npos);
    EXPECT_EQ(add_checkpoint("https://w.example", request).error().code, Code::configuration_invalid);
    EXPECT_EQ(latest("http://w.example", "x").error().code, Code::configuration_invalid);
}

TEST_F(WitnessClient, CollectsAQuorumRoundAfterRound) {
    Witnesses all = witnesses(both_);
    for (const std::uint64_t size : {0, 3, 3, 7, 40}) {
        const Collected collected = collect(all, log_, size);
        EXPECT_TRUE(collected.quorum);
        EXPECT_TRUE(collected.failures.empty()) << collected.failures[0].error.detail;
        const std::string head = note::add_cosignatures(log_.head(size), collected.lines).value();
        const auto judgement = note::judge(note::parse_head(head).value(), all.policy());
        EXPECT_EQ(judgement.cosigned.size(), 2u);
        EXPECT_TRUE(judgement.quorum && judgement.all_known());
    }
    EXPECT_EQ(w1_.requests, 5) << "what a witness holds is remembered";
}

TEST_F(WitnessClient, LearnsWhatAWitnessHoldsFromItsConflict) {
    Witnesses before = witnesses(both_);
    ASSERT_TRUE(collect(before, log_, 7).quorum);
    Witnesses after = witnesses(both_);  // the log's process has begun anew
    const Collected collected = collect(after, log_, 9);
    EXPECT_TRUE(collected.quorum);
    EXPECT_EQ(w1_.requests, 1 + 2);
    Witnesses same = witnesses(both_);
    EXPECT_TRUE(collect(same, log_, 9).quorum) << "cosigned, and lost by the log";
    ASSERT_EQ(w1_.state().add_checkpoint(log_.request(9, 12)).status, 200);
    EXPECT_TRUE(collect(same, log_, 14).quorum) << "advanced by somebody else";
}

TEST_F(WitnessClient, AHistoryThatIsNotOursIsAConflict) {
    Witnesses honest = witnesses(both_);
    ASSERT_TRUE(collect(honest, log_, 7).quorum);
    for (const std::uint64_t size : {5, 7, 9}) {
        Witnesses forked = witnesses(both_);
        for (int again = 0; again < 2; ++again) {
            const Collected collected = collect(forked, other_, size);
            EXPECT_FALSE(collected.quorum);
            EXPECT_TRUE(collected.lines.empty());
            ASSERT_EQ(collected.failures.size(), 2u);
            EXPECT_EQ(collected.failures[0].error.code, Code::checkpoint_conflict)
                << size << collected.failures[0].error.detail;
        }
    }
    Witnesses restored = witnesses(both_);
    const Collected collected = collect(restored, log_, 5);
    ASSERT_EQ(collected.failures.size(), 2u) << "an older copy of the same log";
    EXPECT_EQ(collected.failures[0].error.code, Code::checkpoint_conflict);
}

TEST_F(WitnessClient, OneThatIsGoneDoesNotTakeTheQuorumOfTheOthers) {
    const TestLog unknown("log.example/2", 2);
    TestWitness stranger("w3", 13, unknown);
    http::RunningServer silent([kept = std::make_shared<std::vector<http::Responder>>()](
                                   http::Request, http::Responder respond) { kept->push_back(respond); });
    http::RunningServer nonsense(
        [](http::Request, http::Responder respond) { respond({200, "text/plain", "\x1b[31mnonsense`"}); });
    http::RunningServer broken(
        [](http::Request, http::Responder respond) { respond({500, "text/plain", ""}); });
    http::RunningServer conflict(
        [](http::Request, http::Responder respond) { respond({409, "text/plain", "3\n"}); });
    const std::string policy =
        both_.substr(0, both_.find("group")) + stranger.line() + fake_line("silent", 14, silent.port()) +
        fake_line("nonsense", 15, nonsense.port()) + fake_line("broken", 16, broken.port()) +
        fake_line("conflict", 17, conflict.port()) + fake_line("nobody", 18, 1) +
        "group some 2 w1 w2 w3 silent nonsense broken conflict nobody\nquorum some\n";
    Witnesses some = witnesses(policy, 400);
    const Collected collected = collect(some, log_, 7);
    EXPECT_TRUE(collected.quorum);
    EXPECT_EQ(collected.lines.size(), 2u);
    std::map<std::string, Code> failures;
    for (const Failure& failure : collected.failures)
        failures.emplace(failure.witness, failure.error.code);
    EXPECT_EQ(failures, (std::map<std::string, Code>{{"broken", Code::witness_unavailable},
                                                     {"conflict", Code::witness_refused},
                                                     {"nobody", Code::witness_unavailable},
                                                     {"nonsense", Code::witness_refused},
                                                     {"silent", Code::witness_unavailable},
                                                     {"w3", Code::witness_refused}}));
    const Known known = some.newest_known(log_.origin(), log_.signer().public_key());
    EXPECT_EQ(known.asked, 8u);
    EXPECT_EQ(known.answered, 3u);  // with two checkpoints and one without
    EXPECT_EQ(known.held.size(), 2u);
    EXPECT_EQ(known.failures.size(), 5u);
}

TEST_F(WitnessClient, OnlyTheKeyOfThePolicyCounts) {
    // It answers properly, and is not who the policy says.
    Witnesses wrong = witnesses(
        fake_line("w1", 99, static_cast<std::uint16_t>(http::parse_url(w1_.url())->port)) + "quorum w1\n");
    const Collected collected = collect(wrong, log_, 3);
    EXPECT_FALSE(collected.quorum);
    EXPECT_TRUE(collected.lines.empty());
    EXPECT_EQ(collected.failures.at(0).error.code, Code::witness_refused);
    // Lines of others beside the right one are ignored.
    const std::string text = note::checkpoint_body(log_.checkpoint(3));
    const std::string right = note::cosign(text, "w.example", *test_signer(21), UnixSeconds(5)).value();
    const std::string foreign = note::cosign(text, "v.example", *test_signer(22), UnixSeconds(5)).value();
    http::RunningServer chatty(
        [&](http::Request, http::Responder respond) { respond({200, "text/plain", foreign + right}); });
    Witnesses one = witnesses(fake_line("w", 21, chatty.port()) + "quorum w\n");
    EXPECT_EQ(collect(one, log_, 3).lines, std::vector{right});
    EXPECT_TRUE(collect(one, log_, 3).quorum);
    EXPECT_FALSE(collect(one, log_, 4).quorum) << "a cosignature of another checkpoint";
}

TEST_F(WitnessClient, AWitnessThatChangesItsMindIsAskedTwiceAndNoMore) {
    std::atomic<int> requests = 0;
    http::RunningServer fickle([&requests](http::Request, http::Responder respond) {
        respond({409, kSizeMediaType, std::to_string(1 + requests++ % 5) + "\n"});
    });
    Witnesses one = witnesses(fake_line("w", 21, fickle.port()) + "quorum w\n");
    const Collected collected = collect(one, log_, 7);
    EXPECT_EQ(collected.failures.at(0).error.code, Code::witness_refused);
    EXPECT_EQ(requests, 2);
}

TEST_F(WitnessClient, TheStartAsksForTheNewestCheckpoint) {
    Witnesses all = witnesses(both_);
    const auto& key = log_.signer().public_key();
    const Known nothing = all.newest_known(log_.origin(), key);
    EXPECT_EQ(nothing.answered, 2u);
    EXPECT_EQ(nothing.newest(), nullptr);
    ASSERT_EQ(w1_.state().add_checkpoint(log_.request(0, 9)).status, 200);
    ASSERT_EQ(w2_.state().add_checkpoint(log_.request(0, 7)).status, 200);
    const Known known = all.newest_known(log_.origin(), key);
    EXPECT_EQ(known.answered, 2u);
    ASSERT_NE(known.newest(), nullptr);
    EXPECT_EQ(known.newest()->checkpoint, log_.checkpoint(9));
    EXPECT_EQ(known.newest()->witness, "w1");
    EXPECT_TRUE(note::open_checkpoint(known.newest()->note, key));
    // Now it knows where each of them stands.
    EXPECT_EQ(w1_.requests, 2);
    EXPECT_TRUE(collect(all, log_, 12).quorum);
    EXPECT_EQ(w1_.requests, 3);
    // Without the signature of the log it is worth nothing.
    const Known foreign = all.newest_known(log_.origin(), test_signer(50)->public_key());
    EXPECT_EQ(foreign.answered, 0u);
    EXPECT_EQ(foreign.failures.size(), 2u);
    EXPECT_TRUE(foreign.held.empty());
    http::RunningServer liar([&](http::Request, http::Responder respond) {
        respond({200, "text/plain", TestLog("log.example/2", 1).signed_note(3)});
    });
    Witnesses one = witnesses(fake_line("w", 21, liar.port()) + "quorum w\n");
    EXPECT_EQ(one.newest_known(log_.origin(), key).failures.size(), 1u) << "of another origin";
}

TEST_F(WitnessClient, APolicyMustBeOneThatCanBeMet) {
    const auto made = [](const std::string& policy) {
        const auto out = Witnesses::make(note::WitnessPolicy::parse(policy).value());
        return out ? std::string() : std::string(wire_name(out.error().code)) + ": " + out.error().detail;
    };
    const std::string key =
        note::verifier_key("v.example", test_signer(31)->public_key(), note::KeyType::cosignature);
    EXPECT_EQ(made(both_), "");
    EXPECT_EQ(made("witness v " + key + "\nquorum none\n"), "");
    EXPECT_EQ(made("witness v " + key + "\nquorum v\n"),
              "configuration_invalid: the witnesses with a URL make no quorum of their policy");
    EXPECT_NE(made("witness v " + key + " https://v.example/\nquorum v\n").find("witness `v`: "),
              std::string::npos);
    std::string many;
    for (std::uint64_t i = 0; i < 15; ++i)
        many += fake_line("w" + std::to_string(i), 200 + i, 9);
    EXPECT_NE(made(many + "quorum w1\n").find("more than 14"), std::string::npos);
    Witnesses all = witnesses(both_);
    EXPECT_EQ(all.collect(log_.signed_note(3), prover(log_)).error().code, Code::member_invalid);
    const auto none = [](merkle::TreeSize, merkle::TreeSize) -> Result<merkle::Proof> {
        return fail(Code::data_corrupt, "no tree");
    };
    EXPECT_EQ(all.collect(log_.head(3), none)->failures.size(), 2u);
}

}  // namespace
}  // namespace parmana::witness
