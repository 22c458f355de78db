// Private to the simulation: one volume as a value. It knows single operations only; what a Disk
// composes from them stands in sim.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/strong.hpp"
#include "disk/sim.hpp"

namespace parmana::disk {

inline constexpr std::size_t kSectorBytes = 512;

using NodeId = Strong<struct NodeIdTag, std::uint64_t>;

/// A file: what a read sees, what a power loss cannot take, and what lies between.
struct FileNode {
    std::string visible;
    std::string durable;
    /// For each sector written since the last sync all its contents since then, oldest first.
    std::map<std::uint64_t, std::vector<std::string>> undecided;
    std::uint64_t undecided_size = 0;  // more than durable.size() when a write went beyond it
};

struct DirectoryNode {
    std::map<std::string, NodeId> visible;
    std::map<std::string, NodeId> durable;
};

/// A change of names that happens as a whole or not at all: each effect puts a node under a name or
/// clears it.
struct Change {
    struct Effect {
        NodeId directory;
        std::string name;
        std::optional<NodeId> node;
    };
    std::vector<Effect> effects;
    bool abandoned = false;  // its sync failed; a later sync does not cover it
};

/// Copies share the content of files until one of them writes.
class Volume {
  public:
    Volume();

    Result<NodeId> find(const std::string& path) const;
    bool is_file(NodeId node) const { return files_.contains(node); }
    Result<std::string> read(NodeId file, std::uint64_t offset, std::size_t size) const;
    Result<std::uint64_t> size(NodeId file) const;
    /// All names, also those that an interrupted replacement left behind.
    Result<std::vector<std::string>> list(NodeId directory) const;

    // Each of these is one operation, and one place where a fault can strike.
    Result<NodeId> create_file(const std::string& path);
    Status write(NodeId file, std::uint64_t offset, std::string_view bytes);
    Status sync_file(NodeId file);
    Status make_directory(const std::string& path);
    Status rename(const std::string& from, const std::string& to);
    Status remove(const std::string& path);
    /// An empty one.
    Status remove_directory(const std::string& path);
    Status sync_directory_of(const std::string& path);

    void power_loss(std::uint64_t seed);
    void fail_after(std::uint64_t operations, Fault fault);
    void clear_fault();
    std::uint64_t operations() const { return operations_; }
    void set_free_bytes(std::uint64_t bytes) { free_bytes_ = bytes; }
    std::uint64_t free_bytes() const { return free_bytes_; }
    void flip_bit(NodeId file, std::uint64_t bit);

  private:
    enum class Strike : std::uint8_t { none, error, cut };

    /// Where a path leads: the directory that holds the name, and the name.
    struct Place {
        NodeId directory;
        std::string name;
    };

    Strike next_operation();
    Result<Place> place_of(const std::string& path) const;
    std::optional<NodeId> at(const Place& place) const;
    FileNode& edit(NodeId file);
    NodeId new_node() { return NodeId(next_node_++); }
    Status change_names(Change change, std::string_view operation, const std::string& path);
    void commit(std::size_t index);
    void drop_unreachable();

    std::map<NodeId, std::shared_ptr<FileNode>> files_;
    std::map<NodeId, DirectoryNode> directories_;
    std::vector<Change> changes_;  // not yet durable, oldest first
    std::uint64_t next_node_ = 1;
    std::uint64_t free_bytes_ = std::uint64_t{1} << 40;
    std::uint64_t operations_ = 0;
    std::uint64_t until_fault_ = 0;
    std::optional<Fault> fault_;
    bool dark_ = false;  // a power cut has struck
};

}  // namespace parmana::disk
