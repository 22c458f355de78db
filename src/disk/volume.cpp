#include "disk/volume.hpp"

#include <algorithm>
#include <set>

#include "base/entropy.hpp"
#include "base/invariant.hpp"
#include "disk/path.hpp"

namespace parmana::disk {
namespace {

constexpr NodeId kRoot(0);

/// The same seed rolls the same numbers on every machine.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : entropy_(seed) {}
    /// In [0, sides).
    std::uint64_t roll(std::uint64_t sides) {
        std::uint64_t bits = 0;
        std::uint8_t bytes[4];
        entropy_.fill(bytes, sizeof bytes);
        for (const std::uint8_t byte : bytes)
            bits = bits << 8 | byte;
        return bits % sides;
    }

  private:
    SimulatedEntropy entropy_;
};

std::unexpected<Error> struck(std::string_view operation, const std::string& path) {
    return fail(Code::io_failed, std::string(operation) + " of `" + path + "` failed: simulated fault");
}

void put(std::string& content, std::uint64_t sector, std::string_view bytes) {
    const std::uint64_t offset = sector * kSectorBytes;
    if (offset >= content.size()) return;
    const std::size_t length = std::min<std::size_t>(bytes.size(), content.size() - offset);
    content.replace(offset, length, bytes.substr(0, length));
}

void write_visible(FileNode& file, std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    const std::uint64_t end = offset + bytes.size();
    if (end > file.visible.size()) file.visible.resize(end, '\0');
    file.visible.replace(offset, bytes.size(), bytes);
    if (end > file.durable.size()) file.undecided_size = std::max(file.undecided_size, end);
    for (std::uint64_t sector = offset / kSectorBytes; sector * kSectorBytes < end; ++sector) {
        file.undecided[sector].push_back(file.visible.substr(sector * kSectorBytes, kSectorBytes));
    }
}

void make_durable(FileNode& file) {
    if (file.undecided_size > file.durable.size()) file.durable.resize(file.undecided_size, '\0');
    for (const auto& [sector, versions] : file.undecided)
        put(file.durable, sector, versions.back());
    file.undecided.clear();
    file.undecided_size = 0;
}

/// What the platter holds when the machine starts again. `keep` of 4 sectors are kept on average.
void settle(FileNode& file, Dice& dice, std::uint64_t keep) {
    const std::uint64_t old_size = file.durable.size();
    if (file.undecided_size > old_size) {
        const std::uint64_t growth = file.undecided_size - old_size;
        const std::uint64_t choice = dice.roll(4);
        const std::uint64_t kept = choice == 0 ? 0 : choice == 1 ? dice.roll(growth + 1) : growth;
        file.durable.resize(old_size + kept, '\0');
    }
    for (const auto& [sector, versions] : file.undecided) {
        if (dice.roll(4) >= keep) continue;
        put(file.durable, sector, versions[dice.roll(versions.size())]);
    }
    file.undecided.clear();
    file.undecided_size = 0;
    file.visible = file.durable;
}

void apply(std::map<std::string, NodeId>& names, const Change::Effect& effect) {
    if (effect.node.has_value()) {
        names.insert_or_assign(effect.name, *effect.node);
    } else {
        names.erase(effect.name);
    }
}

}  // namespace

Volume::Volume() {
    directories_[kRoot];
}

Volume::Strike Volume::next_operation() {
    ++operations_;
    if (!fault_.has_value()) return Strike::none;
    if (until_fault_ > 0) {
        --until_fault_;
        return Strike::none;
    }
    if (*fault_ == Fault::power_cut) return Strike::cut;
    if (*fault_ == Fault::error_once) fault_.reset();
    return Strike::error;
}

void Volume::fail_after(std::uint64_t operations, Fault fault) {
    until_fault_ = operations;
    fault_ = fault;
}

void Volume::clear_fault() {
    fault_.reset();
}

FileNode& Volume::edit(NodeId file) {
    std::shared_ptr<FileNode>& node = files_.at(file);
    if (node.use_count() > 1) node = std::make_shared<FileNode>(*node);
    return *node;
}

Result<Volume::Place> Volume::place_of(const std::string& path) const {
    std::vector<std::string> names = TRY(split_path(path));
    NodeId directory = kRoot;
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
        const std::optional<NodeId> next = at({directory, names[i]});
        if (!next.has_value()) return fail(Code::data_missing, "the directory of `" + path + "` is missing");
        if (!directories_.contains(*next)) {
            return fail(Code::io_failed, "`" + path + "` leads through a file");
        }
        directory = *next;
    }
    return Place{directory, std::move(names.back())};
}

std::optional<NodeId> Volume::at(const Place& place) const {
    const auto& names = directories_.at(place.directory).visible;
    const auto found = names.find(place.name);
    if (found == names.end()) return std::nullopt;
    return found->second;
}

Result<NodeId> Volume::find(const std::string& path) const {
    if (dark_) return struck("open", path);
    if (path == ".") return kRoot;
    const std::optional<NodeId> node = at(TRY(place_of(path)));
    if (!node.has_value()) return fail(Code::data_missing, "`" + path + "` is missing");
    return *node;
}

Result<std::string> Volume::read(NodeId file, std::uint64_t offset, std::size_t size) const {
    if (dark_) return struck("read", "a file");
    const std::string& content = files_.at(file)->visible;
    if (offset >= content.size()) return std::string();
    return content.substr(offset, size);
}

Result<std::uint64_t> Volume::size(NodeId file) const {
    if (dark_) return struck("stat", "a file");
    return std::uint64_t{files_.at(file)->visible.size()};
}

Result<std::vector<std::string>> Volume::list(NodeId directory) const {
    if (dark_) return struck("list", "a directory");
    std::vector<std::string> names;
    for (const auto& [name, node] : directories_.at(directory).visible)
        names.push_back(name);
    return names;
}

Status Volume::change_names(Change change, std::string_view operation, const std::string& path) {
    if (dark_) return struck(operation, path);
    const Strike strike = next_operation();
    if (strike == Strike::error) return struck(operation, path);
    for (const Change::Effect& effect : change.effects) {
        apply(directories_.at(effect.directory).visible, effect);
    }
    changes_.push_back(std::move(change));
    dark_ = strike == Strike::cut;
    if (dark_) return struck(operation, path);
    return {};
}

Result<NodeId> Volume::create_file(const std::string& path) {
    const Place place = TRY(place_of(path));
    if (at(place).has_value()) return fail(Code::io_failed, "`" + path + "` exists");
    const NodeId node = new_node();
    files_[node] = std::make_shared<FileNode>();
    TRY(change_names({{{place.directory, place.name, node}}}, "creation", path));
    return node;
}

Status Volume::make_directory(const std::string& path) {
    const Place place = TRY(place_of(path));
    if (const std::optional<NodeId> there = at(place)) {
        if (directories_.contains(*there)) return {};
        return fail(Code::io_failed, "`" + path + "` is not a directory");
    }
    const NodeId node = new_node();
    directories_[node];
    return change_names({{{place.directory, place.name, node}}}, "creation", path);
}

Status Volume::rename(const std::string& from, const std::string& to) {
    const Place old_place = TRY(place_of(from));
    const Place new_place = TRY(place_of(to));
    const std::optional<NodeId> node = at(old_place);
    if (!node.has_value()) return fail(Code::data_missing, "`" + from + "` is missing");
    const std::optional<NodeId> target = at(new_place);
    const bool directory = directories_.contains(*node);
    if (target.has_value() && (directory || directories_.contains(*target))) {
        return fail(Code::io_failed, "`" + to + "` exists");
    }
    if (directory && to.starts_with(from + "/")) {
        return fail(Code::io_failed, "`" + from + "` cannot move into itself");
    }
    if (target == node) return {};
    const std::uint64_t freed = target.has_value() ? files_.at(*target)->visible.size() : 0;
    TRY(change_names(
        {{{old_place.directory, old_place.name, std::nullopt}, {new_place.directory, new_place.name, node}}},
        "rename", from));
    free_bytes_ += freed;
    return {};
}

Status Volume::remove(const std::string& path) {
    const Place place = TRY(place_of(path));
    const std::optional<NodeId> node = at(place);
    if (!node.has_value()) return fail(Code::data_missing, "`" + path + "` is missing");
    if (!is_file(*node)) return fail(Code::io_failed, "`" + path + "` is a directory");
    const std::uint64_t freed = files_.at(*node)->visible.size();
    TRY(change_names({{{place.directory, place.name, std::nullopt}}}, "remove", path));
    free_bytes_ += freed;
    return {};
}

Status Volume::remove_directory(const std::string& path) {
    const Place place = TRY(place_of(path));
    const std::optional<NodeId> node = at(place);
    if (!node.has_value()) return fail(Code::data_missing, "`" + path + "` is missing");
    const auto directory = directories_.find(*node);
    if (directory == directories_.end() || !directory->second.visible.empty()) {
        return fail(Code::io_failed, "`" + path + "` is not an empty directory");
    }
    return change_names({{{place.directory, place.name, std::nullopt}}}, "remove", path);
}

Status Volume::write(NodeId file, std::uint64_t offset, std::string_view bytes) {
    if (dark_) return struck("write", "a file");
    const Strike strike = next_operation();
    FileNode& node = edit(file);
    const std::uint64_t end = offset + bytes.size();
    INVARIANT(end >= offset);
    const std::uint64_t growth = end > node.visible.size() ? end - node.visible.size() : 0;
    if (growth > free_bytes_) {
        const std::uint64_t missing = std::min<std::uint64_t>(growth - free_bytes_, bytes.size());
        const std::uint64_t fitting = bytes.size() - missing;
        if (fitting > 0) write_visible(node, offset, bytes.substr(0, fitting));
        if (fitting > 0) free_bytes_ = 0;
        return fail(Code::io_failed, "write of a file failed: no space is left");
    }
    if (strike == Strike::error) bytes = bytes.substr(0, bytes.size() / 2);
    const std::uint64_t size_before = node.visible.size();
    write_visible(node, offset, bytes);
    free_bytes_ -= node.visible.size() - size_before;
    dark_ = strike == Strike::cut;
    if (strike != Strike::none) return struck("write", "a file");
    return {};
}

Status Volume::sync_file(NodeId file) {
    if (dark_) return struck("sync", "a file");
    const Strike strike = next_operation();
    if (strike == Strike::cut) {
        dark_ = true;
        return struck("sync", "a file");
    }
    FileNode& node = edit(file);
    if (strike == Strike::none) {
        make_durable(node);
        return {};
    }
    // Visible, and dropped: no later sync knows of it.
    node.undecided.clear();
    node.undecided_size = 0;
    return struck("sync", "a file");
}

void Volume::commit(std::size_t index) {
    for (const Change::Effect& effect : changes_[index].effects) {
        apply(directories_.at(effect.directory).durable, effect);
        // An older change of the same name that is still undecided can no longer show.
        for (std::size_t older = 0; older < index; ++older) {
            std::erase_if(changes_[older].effects, [&](const Change::Effect& other) {
                return other.directory == effect.directory && other.name == effect.name;
            });
        }
    }
    changes_[index].effects.clear();
}

Status Volume::sync_directory_of(const std::string& path) {
    const Place place = TRY(place_of(path));
    if (dark_) return struck("sync of the directory", path);
    const Strike strike = next_operation();
    dark_ = strike == Strike::cut;
    for (std::size_t i = 0; i < changes_.size() && !dark_; ++i) {
        const bool here = std::ranges::any_of(changes_[i].effects, [&](const Change::Effect& effect) {
            return effect.directory == place.directory;
        });
        if (!here || changes_[i].abandoned) continue;
        if (strike == Strike::none) commit(i);
        changes_[i].abandoned = strike == Strike::error;
    }
    std::erase_if(changes_, [](const Change& change) { return change.effects.empty(); });
    if (strike != Strike::none) return struck("sync of the directory", path);
    return {};
}

void Volume::power_loss(std::uint64_t seed) {
    Dice dice(seed);
    // All, none and everything between: a fair coin alone would hardly ever keep or lose a large
    // group whole.
    const std::uint64_t keep = dice.roll(5);
    for (const Change& change : changes_) {
        if (dice.roll(4) >= keep) continue;
        for (const Change::Effect& effect : change.effects) {
            apply(directories_.at(effect.directory).durable, effect);
        }
    }
    changes_.clear();
    for (auto& [node, directory] : directories_)
        directory.visible = directory.durable;
    for (const auto& [node, file] : files_) {
        if (file->undecided.empty() && file->visible == file->durable) continue;
        settle(edit(node), dice, keep);
    }
    drop_unreachable();
    clear_fault();
    dark_ = false;
}

void Volume::drop_unreachable() {
    std::set<NodeId> reached{kRoot};
    std::vector<NodeId> open{kRoot};
    while (!open.empty()) {
        const NodeId directory = open.back();
        open.pop_back();
        for (const auto& [name, node] : directories_.at(directory).visible) {
            if (reached.insert(node).second && directories_.contains(node)) open.push_back(node);
        }
    }
    std::erase_if(files_, [&](const auto& entry) { return !reached.contains(entry.first); });
    std::erase_if(directories_, [&](const auto& entry) { return !reached.contains(entry.first); });
}

void Volume::flip_bit(NodeId file, std::uint64_t bit) {
    FileNode& node = edit(file);
    INVARIANT(bit / 8 < node.visible.size());
    const auto mask = static_cast<char>(1U << bit % 8);
    node.visible[bit / 8] = static_cast<char>(node.visible[bit / 8] ^ mask);
    if (bit / 8 < node.durable.size()) {
        node.durable[bit / 8] = static_cast<char>(node.durable[bit / 8] ^ mask);
    }
}

}  // namespace parmana::disk
