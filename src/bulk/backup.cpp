// A copy of the data directory as it was under one published head.
//
// Which order makes the copy whole? The head is read first. Whatever it covers was durable before it was
// signed, in both families, in the tiles and in `provenance/`; none of that is ever changed again. So
// everything else may be read in any order and at any later time, as long as nothing is taken that came
// behind the head: of the segments the first bytes, up to the end of the commit that the head ends with
// (found by reading the groups, not by the sizes of files, so that a group that is being written is never
// half taken; a segment that a starting server moves keeps these bytes); of the history the heads up to that
// size; of tiles that grew meanwhile their first hashes or entries. What is left out is what only that server
// needs: its lock, its socket, spare segments, and the mark of durable tiles: a restored copy was not synced
// by us, so its first start writes the tiles again.
#include <algorithm>

#include "bulk/bulk.hpp"
#include "bulk/tar.hpp"
#include "json/json.hpp"
#include "note/note.hpp"
#include "store/embedded/embedded.hpp"
#include "tlog/tiles.hpp"

namespace parmana::bulk {
namespace {

constexpr std::size_t kSmallFileBytesMax = 8 * 1024 * 1024;
constexpr std::size_t kTileBytesMax = tlog::kTileWidth * (2 + 65'535);
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kRowBytes = 24;

class Backup {
  public:
    Backup(const runtime::DataDirectory& data, tlog::Published head, TarWriter& tar, const Progress& progress)
        : data_(data), disk_(data.disk()), head_(std::move(head)), tar_(tar), progress_(progress) {}

    Status run(bool with_keys) {
        for (const char* file : {"config.json", "trust.json"})
            TRY(copy_whole(file));
        TRY(copy_roots());
        if (disk_.read("release.json", kSmallFileBytesMax)) TRY(copy_whole("release.json"));
        if (with_keys) TRY(copy_keys());
        for (const char* directory : {"policies", "provenance"})
            TRY(copy_tree(directory));
        TRY(copy_tlog());
        TRY(copy_segments());
        // As in `init`, what makes it a data directory comes last.
        return copy_whole("format");
    }

  private:
    Status copy_whole(const std::string& path) {
        return tar_.file(path, TRY(disk_.read(path, kSmallFileBytesMax)));
    }

    Status copy_tree(const std::string& directory) {
        TRY(tar_.directory(directory));
        for (const std::string& name : TRY(disk_.list(directory))) {
            const std::string path = directory + "/" + name;
            if (disk_.list(path)) {
                TRY(copy_tree(path));
            } else {
                TRY(copy_whole(path));
            }
        }
        return {};
    }

    /// Those that came into force under the head: in the copy no other has its entry.
    Status copy_roots() {
        const auto names = disk_.list("trust");
        if (!names) return {};  // there is the first only
        TRY(tar_.directory("trust"));
        for (const std::string& name : *names) {
            const std::string path = "trust/" + name;
            const auto text = disk_.read(path, kSmallFileBytesMax);
            if (!text) continue;  // taken back meanwhile: its entry was not committed
            const auto document = TRY(json::parse(*text));
            const auto from = document.root().find("from");
            if (!from || !from->is(json::Type::integer))
                return fail(Code::data_corrupt, "`" + path + "` has no `from`");
            if (static_cast<std::uint64_t>(from->integer()) < head_.head.size.value())
                TRY(tar_.file(path, *text));
        }
        return {};
    }

    Status copy_keys() {
        const auto keys = TRY(disk::open_disk(data_.keys_path()));
        TRY(tar_.directory("keys"));
        for (const std::string& name : TRY(keys->list("."))) {
            if (name.ends_with(".key") || name == "trust.json")
                TRY(tar_.file("keys/" + name, TRY(keys->read(name, kSmallFileBytesMax))));
        }
        return {};
    }

    Status copy_segments() {
        for (const char* directory : {"log", "records"})
            TRY(tar_.directory(directory));
        const trust::History& trust = data_.trust();
        const auto extents =
            TRY(store::extents_up_to(disk_, trust.origin(), trust.tenant(), head_.head.size));
        std::uint64_t all = 0, done = 0;
        for (const store::Extent& extent : extents)
            all += extent.bytes;
        for (const auto& [path, bytes] : extents) {
            const auto file = TRY(disk_.open(path, false));
            TRY(tar_.begin(path, bytes));
            for (std::uint64_t at = 0; at < bytes; at += kChunkBytes) {
                const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, bytes - at));
                TRY(tar_.append(TRY(file->read_at(at, size))));
                done += size;
                if (progress_) progress_("bytes copied", done, all);
            }
            TRY(tar_.end());
        }
        return {};
    }

    Status copy_tlog() {
        TRY(tar_.directory("tlog"));
        TRY(tar_.file("tlog/checkpoint", head_.note));
        TRY(copy_history());
        std::uint64_t size = head_.head.size.value();
        TRY(copy_bundles(size));
        for (int level = 0; size > 0; ++level, size /= tlog::kTileWidth) {
            for (std::uint64_t index = 0; index * tlog::kTileWidth < size; ++index) {
                const std::uint64_t width = std::min(size - index * tlog::kTileWidth, tlog::kTileWidth);
                const std::string bytes = TRY(read_tile(tlog::tile_path(level, index, width),
                                                        tlog::tile_path(level, index, tlog::kTileWidth)));
                if (bytes.size() < width * 32) return damaged(tlog::tile_path(level, index, width));
                TRY(put(tlog::tile_path(level, index, width), std::string_view(bytes).substr(0, width * 32)));
            }
        }
        return {};
    }

    Status copy_bundles(std::uint64_t size) {
        for (std::uint64_t index = 0; index * tlog::kTileWidth < size; ++index) {
            const std::uint64_t width = std::min(size - index * tlog::kTileWidth, tlog::kTileWidth);
            const std::string path = tlog::bundle_path(index, width);
            const std::string bytes = TRY(read_tile(path, tlog::bundle_path(index, tlog::kTileWidth)));
            std::size_t end = 0;
            for (std::uint64_t i = 0; i < width; ++i) {
                if (end + 2 > bytes.size()) return damaged(path);
                end += 2 + std::size_t{read_u16(std::string_view(bytes).substr(end))};
            }
            if (end > bytes.size()) return damaged(path);
            TRY(put(path, std::string_view(bytes).substr(0, end)));
        }
        return {};
    }

    static Status damaged(const std::string& path) {
        return fail(Code::data_corrupt, "`tlog/" + path + "` is too short");
    }

    /// A partial one may have given way to the full one.
    Result<std::string> read_tile(const std::string& path, const std::string& full) {
        auto bytes = disk_.read("tlog/" + path, kTileBytesMax);
        if (!bytes && path != full) bytes = disk_.read("tlog/" + full, kTileBytesMax);
        if (!bytes) bytes = disk_.read("tlog/" + path, kTileBytesMax);
        if (!bytes) return fail(Code::data_corrupt, "`tlog/" + path + "`: " + bytes.error().detail);
        return bytes;
    }

    Status put(const std::string& path, std::string_view bytes) {
        const std::string file = "tlog/" + path;
        for (std::size_t at = file.find('/', 5); at != std::string::npos; at = file.find('/', at + 1)) {
            const std::string directory = file.substr(0, at);
            if (directory == made_ || made_.starts_with(directory + "/")) continue;
            made_ = directory;
            TRY(tar_.directory(directory));
        }
        return tar_.file(file, bytes);
    }

    /// The rows with at most as many entries as the head.
    Status copy_history() {
        const auto index = disk_.open("tlog/heads.index", false);
        const auto heads = disk_.open("tlog/heads", false);
        if (!index || !heads) return {};  // none in directories of the first format
        std::string rows;
        std::uint64_t end = 0;
        while (true) {
            const std::string row = TRY((*index)->read_at(rows.size(), kRowBytes));
            if (row.size() < kRowBytes || read_u64(row) > head_.head.size.value()) break;
            const std::uint64_t offset = read_u64(std::string_view(row).substr(8));
            const std::uint64_t length = read_u64(std::string_view(row).substr(16));
            if (offset != end || length == 0 || length > kSmallFileBytesMax) break;
            end += length;
            rows += row;
        }
        std::string notes = TRY((*heads)->read_at(0, end));
        notes.resize(end, '\0');
        TRY(tar_.file("tlog/heads", notes));
        return tar_.file("tlog/heads.index", rows);
    }

    const runtime::DataDirectory& data_;
    disk::Disk& disk_;
    const tlog::Published head_;
    TarWriter& tar_;
    const Progress& progress_;
    std::string made_;  // directory of the tar that was made last
};

}  // namespace

Result<Copied> backup(const runtime::DataDirectory& data, Clock& clock, const std::string& out,
                      bool with_keys, const Progress& progress) {
    auto head = TRY(tlog::read_published(data.disk(), data.trust()));
    if (!head) return fail(Code::data_corrupt, "the published checkpoint is missing");
    const std::uint64_t entries = head->head.size.value();
    const auto file = TRY(OutFile::create(out, false));
    TarWriter tar([&file](std::string_view bytes) { return file->append(bytes); }, to_seconds(clock.now()));
    TRY(Backup(data, *std::move(head), tar, progress).run(with_keys));
    TRY(tar.finish());
    TRY(file->finish());
    return Copied{entries, tar.written()};
}

}  // namespace parmana::bulk
