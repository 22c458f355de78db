#include "tlog/tiles.hpp"

#include <algorithm>
#include <charconv>

#include "base/invariant.hpp"
#include "base/limits.hpp"

namespace parmana::tlog {
namespace {

constexpr std::string_view kMarkFile = "/settled";
constexpr int kLevelMax = 63;

/// Groups of three digits, all but the last one behind an `x`.
std::string index_path(std::uint64_t index) {
    std::string digits = std::to_string(index);
    digits.insert(0, (3 - digits.size() % 3) % 3, '0');
    std::string out;
    for (std::size_t at = 0; at < digits.size(); at += 3) {
        if (at + 3 < digits.size()) out += "x";
        out += digits.substr(at, 3);
        if (at + 3 < digits.size()) out += "/";
    }
    return out;
}

std::string with_width(std::string path, std::uint64_t width) {
    if (width < kTileWidth) path += ".p/" + std::to_string(width);
    return path;
}

/// A decimal number without leading zeros, at most `max`, at the front of `text`.
bool take_number(std::string_view& text, std::uint64_t max) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number > max) return false;
    const std::size_t size = static_cast<std::size_t>(end - text.data());
    if (size > 1 && text.front() == '0') return false;
    text.remove_prefix(size);
    return true;
}

bool take_group(std::string_view& text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() < 3 || !std::all_of(text.begin(), text.begin() + 3, is_digit)) return false;
    text.remove_prefix(3);
    return true;
}

}  // namespace

std::string tile_path(int level, std::uint64_t index, std::uint64_t width) {
    return with_width("tile/" + std::to_string(level) + "/" + index_path(index), width);
}

std::string bundle_path(std::uint64_t index, std::uint64_t width) {
    return with_width("tile/entries/" + index_path(index), width);
}

bool is_tile_path(std::string_view path) {
    constexpr std::string_view kTile = "tile/", kEntries = "entries";
    constexpr int kGroupsMax = 6;
    if (!path.starts_with(kTile)) return false;
    path.remove_prefix(kTile.size());
    if (path.starts_with(kEntries)) {
        path.remove_prefix(kEntries.size());
    } else if (!take_number(path, kLevelMax)) {
        return false;
    }
    if (!path.starts_with('/')) return false;
    path.remove_prefix(1);
    for (int groups = 0; path.starts_with('x'); ++groups) {
        path.remove_prefix(1);
        if (groups == kGroupsMax || !take_group(path) || !path.starts_with('/')) return false;
        path.remove_prefix(1);
    }
    if (!take_group(path)) return false;
    if (path.empty()) return true;
    if (!path.starts_with(".p/")) return false;
    path.remove_prefix(3);
    return !path.starts_with('0') && take_number(path, kTileWidth - 1) && path.empty();
}

std::string tile_bytes(const merkle::Tree& tree, int level, std::uint64_t index, std::uint64_t width) {
    std::string out;
    out.reserve(width * 32);
    for (std::uint64_t i = 0; i < width; ++i)
        out += view_of(tree.complete_subtree(level, index * kTileWidth + i));
    return out;
}

void append_entry(std::string& bundle, std::string_view entry) {
    INVARIANT(entry.size() <= 0xffff);
    bundle.push_back(static_cast<char>(entry.size() >> 8));
    bundle.push_back(static_cast<char>(entry.size() & 0xff));
    bundle += entry;
}

Result<std::uint64_t> TileWriter::read_mark() const {
    const auto text = disk_.read(directory_ + std::string(kMarkFile), 64);
    if (!text && text.error().code == Code::data_missing) return 0;  // of a directory without tiles
    std::string_view rest = TRY(text);
    std::uint64_t size = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), size);
    if (!take_number(rest, limits::kExactIntegerMax) || rest != "\n" || size % kTileWidth != 0) {
        return fail(Code::data_corrupt, "`" + directory_ + std::string(kMarkFile) + "` is not a size");
    }
    return size;
}

void TileWriter::start(std::uint64_t first) {
    INVARIANT(first % kTileWidth == 0);
    first_pending_ = rendered_ = mark_ = first;
    pending_.clear();
}

Status TileWriter::put(const std::string& path, std::string_view bytes) {
    const std::string file = directory_ + "/" + path;
    const std::string parent = file.substr(0, file.rfind('/'));
    if (parent != made_directory_) {
        for (std::size_t at = file.find('/', directory_.size() + 1); at != std::string::npos;
             at = file.find('/', at + 1)) {
            TRY(disk_.make_directory(file.substr(0, at)));
        }
        made_directory_ = parent;
    }
    return disk_.place(file, bytes);
}

void TileWriter::render_tiles(std::vector<File>& out, const merkle::Tree& tree, std::uint64_t size,
                              bool full_only) const {
    std::uint64_t from = rendered_, to = size;
    for (int level = 0; from < to; ++level, from /= kTileWidth, to /= kTileWidth) {
        for (std::uint64_t index = from / kTileWidth; index * kTileWidth < to; ++index) {
            const std::uint64_t width = std::min(to - index * kTileWidth, kTileWidth);
            const bool full = width == kTileWidth;
            if (full_only && !full) continue;
            out.push_back({tile_path(level, index, width), tile_bytes(tree, level, index, width), full});
        }
    }
}

void TileWriter::render_bundles(std::vector<File>& out, std::uint64_t size, bool full_only) const {
    auto entry = pending_.begin();
    for (std::uint64_t first = first_pending_; first < size; first += kTileWidth) {
        const std::uint64_t width = std::min(size - first, kTileWidth);
        if (full_only && width < kTileWidth) return;
        std::string bundle;
        for (std::uint64_t i = 0; i < width; ++i)
            append_entry(bundle, *entry++);
        out.push_back({bundle_path(first / kTileWidth, width), std::move(bundle), width == kTileWidth});
    }
}

std::vector<TileWriter::File> TileWriter::render(const merkle::Tree& tree, std::uint64_t size,
                                                 bool full_only) {
    if (full_only) size = size / kTileWidth * kTileWidth;
    INVARIANT(size <= added());
    std::vector<File> out;
    if (size <= rendered_) return out;
    render_bundles(out, size, full_only);
    render_tiles(out, tree, size, full_only);
    rendered_ = size;
    const std::uint64_t full = size / kTileWidth * kTileWidth;
    if (full > first_pending_) {
        pending_.erase(pending_.begin(),
                       pending_.begin() + static_cast<std::ptrdiff_t>(full - first_pending_));
        first_pending_ = full;
    }
    return out;
}

Status TileWriter::write(std::span<const File> files) {
    for (const File& file : files) {
        TRY(put(file.path, file.bytes));
        // A checkpoint that ended in this tile can be checked with the full one.
        if (file.full) TRY(disk_.remove_directory(directory_ + "/" + file.path + ".p"));
    }
    return {};
}

Status TileWriter::settle() {
    const std::uint64_t full = rendered_ / kTileWidth * kTileWidth;
    if (full == mark_) return {};
    for (std::uint64_t index = mark_ / kTileWidth; index < full / kTileWidth; ++index)
        TRY(disk_.settle(directory_ + "/" + bundle_path(index, kTileWidth)));
    std::uint64_t from = mark_ / kTileWidth, to = full / kTileWidth;
    for (int level = 0; from < to; ++level, from /= kTileWidth, to /= kTileWidth) {
        for (std::uint64_t index = from; index < to; ++index)
            TRY(disk_.settle(directory_ + "/" + tile_path(level, index, kTileWidth)));
    }
    // If we stop here, recovery writes again what is durable already.
    TRY(disk_.replace(directory_ + std::string(kMarkFile), std::to_string(full) + "\n"));
    mark_ = full;
    return {};
}

}  // namespace parmana::tlog
