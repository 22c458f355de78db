// What stands around the entries: heads, tiles, and what statements name by its hash.
#include <algorithm>
#include <charconv>

#include "bulk/fsck.hpp"
#include "note/note.hpp"
#include "runtime/governance.hpp"
#include "tlog/tiles.hpp"

namespace parmana::bulk {
namespace {

constexpr std::size_t kRowBytes = 24;
constexpr std::size_t kNoteBytesMax = 64 * 1024;
constexpr std::size_t kTileBytesMax = tlog::kTileWidth * (2 + 65'535);
const std::string kTlog = "tlog/";
const std::string kPolicies = "provenance/policies", kRuntimes = "provenance/runtimes";

/// What a tile's path says; entries have level −1.
struct TileName {
    int level;
    std::uint64_t index;
    std::uint64_t width;
};

std::optional<TileName> parse_tile_path(std::string_view path) {
    if (!tlog::is_tile_path(path)) return std::nullopt;
    TileName out{-1, 0, tlog::kTileWidth};
    path.remove_prefix(path.find('/') + 1);
    const std::string_view level = path.substr(0, path.find('/'));
    if (level != "entries") std::from_chars(level.data(), level.data() + level.size(), out.level);
    path.remove_prefix(level.size());
    if (const std::size_t width = path.find(".p/"); width != std::string_view::npos) {
        std::from_chars(path.data() + width + 3, path.data() + path.size(), out.width);
        path = path.substr(0, width);
    }
    for (const char c : path) {
        if (c >= '0' && c <= '9') out.index = out.index * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return out;
}

std::string path_of(const TileName& tile) {
    return tile.level < 0 ? tlog::bundle_path(tile.index, tile.width)
                          : tlog::tile_path(tile.level, tile.index, tile.width);
}

}  // namespace

void Fsck::read_mark() {
    const auto mark = tlog::TileWriter(disk_, "tlog").read_mark();
    if (!mark) return find("tlog/settled", std::nullopt, mark.error().detail);
    const auto published = tlog::read_published(disk_, trust_);
    if (published && *published && *mark > (*published)->head.size.value())
        find("tlog/settled", std::nullopt, "more tiles are said to be there than the checkpoint covers");
}

void Fsck::read_head() {
    auto published = tlog::read_published(disk_, trust_);
    if (!published) return find("tlog/checkpoint", std::nullopt, published.error().detail);
    if (!*published) return find("tlog/checkpoint", std::nullopt, "it is missing");
    published_ = **std::move(published);
}

/// Rows that a crash took away are no damage: neither file is synced when a head is added.
void Fsck::read_history() {
    const auto index = disk_.open("tlog/heads.index", false);
    const auto heads = disk_.open("tlog/heads", false);
    if (!index || !heads) {
        // Directories of the first format have none until the first start of a newer program.
        if (published_ && note::parse_head(published_->note))
            find(index ? "tlog/heads" : "tlog/heads.index", std::nullopt, "it is missing");
        return;
    }
    const std::uint64_t rows = (*index)->size().value_or(0) / kRowBytes;
    std::uint64_t offset = 0;
    for (std::uint64_t number = 0; number < rows; ++number) {
        const auto bytes = (*index)->read_at(number * kRowBytes, kRowBytes);
        if (!bytes || bytes->size() != kRowBytes) return;
        HeadRow row{number,
                    read_u64(*bytes),
                    read_u64(std::string_view(*bytes).substr(8)),
                    read_u64(std::string_view(*bytes).substr(16)),
                    {}};
        if (*bytes == std::string(kRowBytes, '\0')) return;
        if (row.offset != offset || row.length == 0 || row.length > kNoteBytesMax) {
            find("tlog/heads.index", number, "this row does not join the one before");
            return;
        }
        offset += row.length;
        row.note = (*heads)->read_at(row.offset, row.length).value_or("");
        history_.push_back(std::move(row));
    }
}

void Fsck::list_tiles(const std::string& directory) {
    const auto names = disk_.list(directory);
    if (!names) return;
    for (const std::string& name : *names) {
        const std::string path = directory + "/" + name;
        const std::string below = path.substr(kTlog.size());
        if (const auto tile = parse_tile_path(below)) {
            tiles_.insert(below);
            if (tile->level < 0) bundles_[tile->index].insert(tile->width);
        } else if (disk_.list(path)) {
            list_tiles(path);
        } else {
            find(path, std::nullopt, "the log has no file of this name");
        }
    }
}

void Fsck::judge_heads() {
    merkle::Frontier tree;
    std::int64_t last_time = 0;
    std::uint64_t last_size = 0;
    for (const HeadRow& row : history_) {
        if (row.size < last_size)
            find("tlog/heads.index", row.number, "this head is smaller than the one before");
        last_size = std::max(last_size, row.size);
        while (tree.size().value() < std::min<std::uint64_t>(row.size, leaves_.size()))
            tree.append(leaves_[tree.size().value()]);
        judge_head(row, tree, last_time);
    }
    report_.heads = history_.size();
    if (!ledger_ || !published_ || published_->head.size > tree_.size()) return;
    if (tree_.root_at(published_->head.size) != published_->head.root)
        find("tlog/checkpoint", std::nullopt, "the entries do not lead to its root");
}

void Fsck::judge_head(const HeadRow& row, const merkle::Frontier& tree, std::int64_t& last_time) {
    if (row.note.size() < row.length || row.note.find_first_not_of('\0') == std::string::npos)
        return;  // lost
    const auto wrong = [&](const std::string& detail) { find("tlog/heads", row.number, detail); };
    const auto head = note::parse_head(row.note);
    if (!head) return wrong("this head: " + head.error().detail);
    if (head->checkpoint.size.value() != row.size)
        return find("tlog/heads.index", row.number, "this head is of another size than its row says");
    if (!tlog::open_own(row.note, trust_))
        return wrong("this head is not signed by a log key of the trust root");
    std::optional<UnixSeconds> time;
    for (const auto& [id, key] : trust_.at_head(row.size).keys(trust::Role::log)) {
        if (!time) time = note::verify_cosignature(head->text, head->time, head->checkpoint.origin, key);
    }
    if (!time) return wrong("the time of this head is not signed by a log key of the trust root");
    if (time->value() < last_time) wrong("this head has an earlier time than the one before");
    last_time = std::max(last_time, time->value());
    if (!ledger_) return;
    if (row.size > leaves_.size()) return wrong("this head is over more entries than there are");
    if (tree.size().value() == row.size && tree.root() != head->checkpoint.root)
        wrong("the entries do not lead to the root of this head");
}

/// Every tile under the published head, and whatever else stands there.
void Fsck::judge_tiles() {
    const std::uint64_t size = published_ ? std::min(published_->head.size.value(), report_.entries) : 0;
    std::uint64_t level_size = size;
    for (int level = 0; level_size > 0; ++level, level_size /= tlog::kTileWidth) {
        for (std::uint64_t index = 0; index * tlog::kTileWidth < level_size; ++index) {
            const std::uint64_t width = std::min(level_size - index * tlog::kTileWidth, tlog::kTileWidth);
            const std::string path = tlog::tile_path(level, index, width);
            tiles_.erase(path);
            judge_file(path, tlog::tile_bytes(tree_, level, index, width), true);
        }
    }
    for (const std::string& path : tiles_) {
        const TileName tile = *parse_tile_path(path);
        std::uint64_t there = report_.entries;
        for (int level = 0; level < tile.level; ++level)
            there /= tlog::kTileWidth;
        const bool covered =
            tile.index <= there / tlog::kTileWidth && tile.index * tlog::kTileWidth + tile.width <= there;
        if (!covered) {
            find(kTlog + path, std::nullopt, "the ledger does not have so many entries");
        } else if (tile.level >= 0) {
            judge_file(path, tlog::tile_bytes(tree_, tile.level, tile.index, tile.width), false);
        }
    }
}

void Fsck::judge_file(const std::string& path, std::string_view expected, bool required) {
    auto bytes = disk_.read(kTlog + path, kTileBytesMax);
    const auto tile = parse_tile_path(path);
    bool is_partial = tile->width < tlog::kTileWidth;
    if (!bytes && is_partial) {
        // The full one took its place.
        auto full = disk_.read(kTlog + path_of({tile->level, tile->index, tlog::kTileWidth}), kTileBytesMax);
        if (full) {
            bytes = full->substr(0, expected.size());
        } else {
            bytes =
                disk_.read(kTlog + path, kTileBytesMax);  // neither a moment ago: it was just being replaced
        }
    }
    {
        const std::lock_guard lock(mutex_);
        report_.files += bytes ? 1 : 0;
    }
    if (bytes) {
        if (*bytes != expected) find(kTlog + path, std::nullopt, "it is not what the entries give");
    } else if (required) {
        find(kTlog + path, std::nullopt, "it is missing");
    }
}

/// What statements name, and whatever else was kept.
void Fsck::judge_roots() {
    // Read anew: of a root that came into force since we began the entry may be among those that we read.
    const auto data = runtime::DataDirectory::open(data_.path());
    if (!data) return find("trust", std::nullopt, data.error().detail);
    trust::History& roots = data->trust();
    // And of one that comes into force now there may be the file alone.
    while (roots.newest().version() > 1 && roots.newest_from() >= report_.entries)
        roots.drop_newest();
    if (const Status settled = runtime::settle_roots(roots, *ledger_); !settled)
        find("trust", std::nullopt, settled.error().detail);
}

void Fsck::judge_provenance() {
    constexpr std::string_view kSuffix = ".json";
    for (const auto& [directory, named] :
         {std::pair(kPolicies, &policies_), std::pair(kRuntimes, &runtimes_)}) {
        std::set<std::string> all = *named;
        for (const std::string& name : disk_.list(directory).value_or(std::vector<std::string>()))
            all.insert(name.ends_with(kSuffix) ? name.substr(0, name.size() - kSuffix.size()) : name);
        for (const std::string& hex : all)
            directory == kPolicies ? judge_kept_policy(hex) : judge_kept_runtime(hex);
    }
}

void Fsck::judge_kept_policy(const std::string& hex) {
    const std::string place = kPolicies + "/" + hex + ".json";
    const auto bundle = data_.kept_policy(hex);
    if (!bundle) return find(place, std::nullopt, bundle.error().detail);
    // What was signed with a key before that was known to be compromised is no damage: it governed all the same.
    const auto roots = trust_.chain();
    const auto accepts = [&](const trust::Root* root) { return bundle::check_signature(*bundle, *root).has_value(); };
    if (std::none_of(roots.begin(), roots.end(), accepts))
        find(place, std::nullopt, bundle::check_signature(*bundle, trust_.newest()).error().detail);
    if (const auto opened = bundle::open_files(*bundle);
        !opened && !bundle::is_of_another_day(opened.error()))
        find(place, std::nullopt, opened.error().detail);
}

void Fsck::judge_kept_runtime(const std::string& hex) {
    const auto manifest = data_.kept_runtime_manifest(hex);
    if (!manifest) find(kRuntimes + "/" + hex + ".json", std::nullopt, manifest.error().detail);
}

}  // namespace parmana::bulk
