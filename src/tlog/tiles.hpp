// Tiles (C2SP tlog-tiles): the tree and its entries as static files, laid out on the disk as in URLs. For this
// module, and for what checks and copies its files.
//
// Tiles can be derived anew from the store, so they are placed without a sync. A mark says up to where they are
// known to be durable; recovery writes everything behind it again.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "disk/disk.hpp"
#include "merkle/merkle.hpp"

namespace parmana::tlog {

inline constexpr std::uint64_t kTileWidth = 256;

/// `tile/<level>/<index>` or `tile/entries/<index>`, with `.p/<width>` when width is less than 256.
std::string tile_path(int level, std::uint64_t index, std::uint64_t width);
std::string bundle_path(std::uint64_t index, std::uint64_t width);
/// True for paths that tlog-tiles can have: nothing else is ever opened for a stranger.
bool is_tile_path(std::string_view path);

/// The hashes of one tile, 32 bytes each. The tree covers them.
std::string tile_bytes(const merkle::Tree& tree, int level, std::uint64_t index, std::uint64_t width);
/// What an entry adds to its bundle: its length in two bytes, big-endian, and its bytes.
void append_entry(std::string& bundle, std::string_view entry);

/// Writes tiles and bundles below a directory of the disk. One thread.
class TileWriter {
  public:
    TileWriter(disk::Disk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}

    /// Size up to which everything is durable. Errors: data_corrupt, io_failed.
    Result<std::uint64_t> read_mark() const;
    /// The entry behind the last one that was added. The first one is `first`.
    void start(std::uint64_t first);
    void add(std::string entry) { pending_.push_back(std::move(entry)); }
    std::uint64_t added() const { return first_pending_ + pending_.size(); }

    /// What has to be on the disk before a head over `size` entries, which were all added, may be published:
    /// every tile and bundle since the last call; without partial ones when `full_only`. Pure, and quick.
    struct File {
        std::string path;
        std::string bytes;
        bool full;
    };
    std::vector<File> render(const merkle::Tree& tree, std::uint64_t size, bool full_only);
    /// Puts them there. What full ones replace is removed.
    Status write(std::span<const File> files);
    /// Makes everything that was written durable, and moves the mark.
    Status settle();
    /// Enough was written since the mark that recovery would take long.
    bool wants_settling() const { return rendered_ - mark_ >= kUnsettledMax; }

  private:
    static constexpr std::uint64_t kUnsettledMax = 65'536;
    void render_tiles(std::vector<File>& out, const merkle::Tree& tree, std::uint64_t size, bool full_only) const;
    void render_bundles(std::vector<File>& out, std::uint64_t size, bool full_only) const;
    Status put(const std::string& path, std::string_view bytes);

    disk::Disk& disk_;
    const std::string directory_;
    std::deque<std::string> pending_;   // entries of bundles that are not full, and newer ones
    std::uint64_t first_pending_ = 0;   // a multiple of 256
    std::uint64_t rendered_ = 0;
    std::uint64_t mark_ = 0;
    std::string made_directory_;        // made last, so that it need not be made again
};

}  // namespace parmana::tlog
