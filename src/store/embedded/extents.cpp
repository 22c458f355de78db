// Where the first so many entries stand, for who copies them.
#include "store/embedded/embedded.hpp"
#include "store/embedded/segments.hpp"

namespace parmana::store {
namespace {

using namespace embedded;

Result<std::vector<Extent>> extents_of(disk::Disk& disk, const FamilyKey& key, std::uint64_t size) {
    std::optional<Place> end;
    std::uint64_t seen = 0;
    const auto scanned =
        scan(disk, key, Tail(),
             [&](const GroupHeader& header, const Chain&, std::span<const ScannedFrame> frames) -> Status {
                 seen = header.first_index + header.count;
                 if (seen < size) return {};
                 const std::uint64_t begin = frames[0].place.offset - kGroupHeaderBytes;
                 const std::uint64_t behind = begin + Appender::group_bytes(header.payload_bytes);
                 if (seen == size) end = {frames[0].place.segment, static_cast<std::uint32_t>(behind)};
                 // Enough: what stands behind is not copied, and a server may be writing there.
                 return fail(Code::data_missing, "");
             });
    if (!scanned && seen < size) return std::unexpected(scanned.error());
    if (!end) {
        return fail(Code::data_corrupt, "no commit in `" + family_directory(key.family) +
                                            "` ends with entry " + std::to_string(size - 1) +
                                            ", as the published checkpoint says");
    }
    std::vector<Extent> out;
    for (std::uint32_t number = 1; number < end->segment; ++number) {
        const std::string path = segment_path(key.family, number);
        out.push_back({path, TRY(TRY(disk.open(path, false))->size())});
    }
    out.push_back({segment_path(key.family, end->segment), end->offset});
    return out;
}

}  // namespace

Result<std::vector<Extent>> extents_up_to(disk::Disk& disk, const trust::Origin& origin,
                                          const trust::Tenant& tenant, merkle::TreeSize size) {
    if (size.value() == 0) return std::vector<Extent>();
    const StoreId store = make_store_id(origin, tenant);
    // A directory listed while a server starts may show neither the old nor the new name of a segment: look
    // again.
    constexpr int kAttempts = 5;
    for (int attempt = 1;; ++attempt) {
        auto out = extents_of(disk, {Family::log, store}, size.value());
        auto records = out ? extents_of(disk, {Family::records, store}, size.value()) : out;
        if (records) {
            out->insert(out->end(), records->begin(), records->end());
            return out;
        }
        if (attempt == kAttempts || records.error().code != Code::data_corrupt) return records;
    }
}

}  // namespace parmana::store
