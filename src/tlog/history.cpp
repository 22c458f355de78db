#include "tlog/history.hpp"

#include "base/bytes.hpp"

namespace parmana::tlog {
namespace {

constexpr std::size_t kRowBytes = 24;
constexpr std::size_t kNoteBytesMax = 64 * 1024;

std::string heads_path(const std::string& directory) {
    return directory + "/heads";
}
std::string index_path(const std::string& directory) {
    return directory + "/heads.index";
}

}  // namespace

Status History::create(disk::Disk& disk, const std::string& directory) {
    TRY(disk.replace(heads_path(directory), ""));
    return disk.replace(index_path(directory), "");
}

Result<History> History::open(disk::Disk& disk, const std::string& directory, bool writable) {
    History out;
    auto index = disk.open(index_path(directory), writable);
    if (!index && index.error().code == Code::data_missing) {
        if (!writable) return out;
        TRY(create(disk, directory));
        index = disk.open(index_path(directory), writable);
    }
    out.index_ = TRY(std::move(index));
    out.heads_ = TRY(disk.open(heads_path(directory), writable));
    TRY(out.count_whole_rows());
    return out;
}

/// Rows in order that join without a gap. What a crash left behind them will be written over.
Status History::count_whole_rows() {
    constexpr std::uint64_t kRowsAtOnce = 4096;
    const std::uint64_t rows = TRY(index_->size()) / kRowBytes;
    std::uint64_t size = 0;
    while (count_ < rows) {
        const std::string bytes = TRY(index_->read_at(count_ * kRowBytes, kRowsAtOnce * kRowBytes));
        for (std::string_view rest = bytes; rest.size() >= kRowBytes; rest.remove_prefix(kRowBytes)) {
            const Row row = decode(rest);
            if (row.size < size || row.offset != heads_end_ || row.length == 0 || row.length > kNoteBytesMax)
                return {};
            size = row.size;
            heads_end_ += row.length;
            ++count_;
        }
    }
    return {};
}

History::Row History::decode(std::string_view bytes) {
    return {read_u64(bytes), read_u64(bytes.substr(8)), read_u64(bytes.substr(16))};
}

Result<History::Row> History::row(std::uint64_t number) const {
    const std::string bytes = TRY(index_->read_at(number * kRowBytes, kRowBytes));
    if (bytes.size() != kRowBytes) return fail(Code::data_corrupt, "the index of heads is cut off");
    return decode(bytes);
}

Result<std::optional<std::string>> History::read(std::uint64_t number) const {
    const Row row = TRY(this->row(number));
    std::string note = TRY(heads_->read_at(row.offset, row.length));
    const auto head = note::parse_head(note);
    if (!head || head->checkpoint.size.value() != row.size) return std::nullopt;
    return note;
}

Status History::append(const note::Head& head, std::string_view note) {
    std::string entry;
    append_u64(entry, head.checkpoint.size.value());
    append_u64(entry, heads_end_);
    append_u64(entry, note.size());
    TRY(heads_->write_at(heads_end_, note));
    TRY(index_->write_at(count_ * kRowBytes, entry));
    heads_end_ += note.size();
    ++count_;
    return {};
}

Result<std::uint64_t> History::count_up_to(std::uint64_t size) const {
    std::uint64_t low = 0, high = count_;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (TRY(row(middle)).size <= size) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

Result<std::optional<std::string>> History::last_up_to(merkle::TreeSize size) const {
    for (std::uint64_t count = TRY(count_up_to(size.value())); count > 0; --count) {
        if (auto note = TRY(read(count - 1))) return note;
    }
    return std::nullopt;
}

Result<std::optional<std::string>> History::first_above(merkle::TreeSize size, bool witnessed) const {
    constexpr int kHeadsTried = 256;
    std::optional<std::string> first;
    int tried = 0;
    for (std::uint64_t next = TRY(count_up_to(size.value())); next < count_ && tried < kHeadsTried; ++tried) {
        const std::uint64_t behind = TRY(count_up_to(TRY(row(next)).size));
        auto note = TRY(read(behind - 1));
        if (note && (!witnessed || !note::parse_head(*note)->witnesses.empty())) return note;
        if (note && !first) first = std::move(note);
        next = behind;
    }
    return first;
}

}  // namespace parmana::tlog
