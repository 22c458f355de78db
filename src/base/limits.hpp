// Every limit of the product, in one place, with the relations that must hold between them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace parmana::limits {

inline constexpr std::int64_t kExactIntegerMax = (std::int64_t{1} << 53) - 1;  // RFC 7493 §2.2

inline constexpr std::size_t kJsonDepthMax = 64;
// A record stands one level deeper in its evidence file than the action stood in the request, and further
// down in what callers wrap around it: room is left, so that what was decided can always be read back.
inline constexpr std::size_t kActionDepthMax = 32;
inline constexpr std::size_t kJsonMembersMax = 10'000;  // members or elements of one container
inline constexpr std::size_t kEvaluateBodyBytesMax = 64 * 1024;
inline constexpr std::size_t kBatchBodyBytesMax = 1024 * 1024;
inline constexpr std::size_t kBatchItemsMax = 1'000;
inline constexpr std::size_t kVerifyBodyBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kHeaderBytesMax = 16 * 1024;
inline constexpr std::size_t kDrainBytesMax = 8 * 1024 * 1024;  // read and thrown away before a 413

inline constexpr std::size_t kExecutionIdBytesMax = 128;
inline constexpr std::size_t kPolicyIdBytesMax = 128;
inline constexpr std::size_t kPolicyVersionBytesMax = 32;
inline constexpr std::size_t kIdempotencyKeyBytesMin = 22;  // 128 bits in base64url
inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;

inline constexpr std::size_t kPolicyBytesMax = 1024 * 1024;
inline constexpr std::size_t kYamlDepthMax = 64;
inline constexpr std::size_t kYamlNodesMax = 100'000;  // scalars and collections, keys included
inline constexpr std::size_t kSignalsMax = 256;
inline constexpr std::size_t kRulesMax = 1'000;
inline constexpr std::size_t kConditionDepthMax = 32;
inline constexpr std::size_t kConditionNodesMax = 10'000;
inline constexpr std::size_t kStringSignalBytesMax = 4096;
inline constexpr std::size_t kListSignalMax = 1'000;  // elements of a list or entries of a map
inline constexpr std::size_t kMapKeyBytesMax = 256;   // of the keys of a map signal
inline constexpr std::size_t kVariablesMax = 256;
inline constexpr std::size_t kPolicyPatternsMax =
    32;  // regular expressions of a policy; each takes time to compile
inline constexpr std::size_t kBundleFilesBytesMax = 2 * 1024 * 1024;  // of a policy with its source and tests
inline constexpr std::size_t kReleaseNameBytesMax = 128;              // of an artifact, and of a version
inline constexpr std::size_t kPolicyNodesMax = 20'000;                // parts of all expressions of a policy
inline constexpr std::uint64_t kPolicyCostMax = 50'000;               // of all rules together, as a bound

inline constexpr std::size_t kCelBytesMax = 64 * 1024;  // of one expression
inline constexpr std::size_t kCelNodesMax = 10'000;     // of one expression, after macros
inline constexpr std::size_t kCelDepthMax = 128;        // of nested brackets
inline constexpr std::uint64_t kCelCostMax = 50'000;    // of one evaluation; a unit is about ten nanoseconds
inline constexpr std::size_t kCelPatternMemoryBytesMax = 256 * 1024;  // of its program and its matching
inline constexpr std::size_t kCelPatternBytesMax = 1024;              // of a regular expression
inline constexpr std::size_t kCelHeightMax = 256;  // of the tree, which is walked by recursion

inline constexpr std::size_t kConnectionsMax = 1024;
inline constexpr std::size_t kPipelinedRequestsMax = 64;
inline constexpr std::size_t kCommitQueueMax = 8192;
inline constexpr std::size_t kCommitBatchMax = 1024;
inline constexpr std::size_t kGroupBytesMax = 64 * 1024 * 1024;
inline constexpr std::size_t kEntryBytesMax = 65'535;  // C2SP tlog-tiles: uint16 length
inline constexpr std::size_t kKeyFileBytesMax = 4096;

static_assert(kActionDepthMax * 2 <= kJsonDepthMax);
static_assert(kEvaluateBodyBytesMax < kVerifyBodyBytesMax);
static_assert(kVerifyBodyBytesMax <= kDrainBytesMax);
static_assert(kBundleFilesBytesMax / 3 * 4 + 1024 * 1024 < kVerifyBodyBytesMax, "evidence can be verified");
static_assert(kCommitBatchMax <= kCommitQueueMax);
static_assert(kPipelinedRequestsMax * kConnectionsMax >= kCommitQueueMax, "the queue limit can be met");

}  // namespace parmana::limits
