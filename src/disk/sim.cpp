#include "disk/sim.hpp"

#include <mutex>
#include <utility>

#include "base/invariant.hpp"
#include "disk/path.hpp"
#include "disk/volume.hpp"

namespace parmana::disk {

/// What a disk and its open files share.
struct SimulatedDisk::Machine {
    mutable std::mutex mutex;
    Volume volume;
    std::uint64_t boots = 0;
    std::uint64_t forbidden_syncs = 0;
};

class SimulatedDisk::OpenFile final : public File {
  public:
    OpenFile(std::shared_ptr<Machine> machine, NodeId node, std::string path, bool writable)
        : machine_(std::move(machine)),
          node_(node),
          path_(std::move(path)),
          boot_(machine_->boots),
          writable_(writable) {}

    Result<std::string> read_at(std::uint64_t offset, std::size_t size) const override {
        const std::lock_guard lock(machine_->mutex);
        TRY(fresh());
        return machine_->volume.read(node_, offset, size);
    }

    Status write_at(std::uint64_t offset, std::string_view bytes) override {
        const std::lock_guard lock(machine_->mutex);
        TRY(fresh());
        if (!writable_) return fail(Code::io_failed, "`" + path_ + "` is open for reading");
        return named(machine_->volume.write(node_, offset, bytes));
    }

    Result<std::uint64_t> size() const override {
        const std::lock_guard lock(machine_->mutex);
        TRY(fresh());
        return machine_->volume.size(node_);
    }

    Status sync() override {
        const std::lock_guard lock(machine_->mutex);
        TRY(fresh());
        if (sync_failed_) {
            ++machine_->forbidden_syncs;
            return fail(Code::io_failed, "sync of `" + path_ + "` after a failed sync");
        }
        Status done = named(machine_->volume.sync_file(node_));
        sync_failed_ = !done.has_value();
        return done;
    }

  private:
    Status fresh() const {
        if (boot_ == machine_->boots) return {};
        return fail(Code::io_failed, "`" + path_ + "` was opened before the restart");
    }

    Status named(Status done) const {
        if (!done.has_value()) done.error().detail += " (`" + path_ + "`)";
        return done;
    }

    std::shared_ptr<Machine> machine_;
    NodeId node_;
    std::string path_;
    std::uint64_t boot_;
    bool writable_;
    bool sync_failed_ = false;
};

SimulatedDisk::SimulatedDisk() : machine_(std::make_shared<Machine>()) {}

SimulatedDisk::SimulatedDisk(const SimulatedDisk& other) : machine_(std::make_shared<Machine>()) {
    const std::lock_guard lock(other.machine_->mutex);
    machine_->volume = other.machine_->volume;
}

SimulatedDisk::~SimulatedDisk() = default;

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::string& path, bool writable) {
    const std::lock_guard lock(machine_->mutex);
    TRY(split_path(path));
    const NodeId node = TRY(machine_->volume.find(path));
    if (!machine_->volume.is_file(node)) return fail(Code::io_failed, "`" + path + "` is not a regular file");
    return std::make_unique<OpenFile>(machine_, node, path, writable);
}

Result<std::unique_ptr<File>> SimulatedDisk::create(const std::string& path, std::uint64_t size) {
    const std::lock_guard lock(machine_->mutex);
    Volume& volume = machine_->volume;
    const NodeId node = TRY(volume.create_file(path));
    if (size > 0) {
        const Status written = volume.write(node, 0, std::string(size, '\0'));
        if (!written.has_value()) {
            // As the real one does; when this too fails, the name stays.
            (void)volume.remove(path).has_value();
            return std::unexpected(written.error());
        }
    }
    const Status synced = volume.sync_file(node);
    if (!synced.has_value()) {
        (void)volume.remove(path).has_value();
        return std::unexpected(synced.error());
    }
    TRY(volume.sync_directory_of(path));
    return std::make_unique<OpenFile>(machine_, node, path, true);
}

Status SimulatedDisk::put(const std::string& path, std::string_view bytes, bool durable) {
    Volume& volume = machine_->volume;
    const std::string beside = path + std::string(kReplacingSuffix);
    TRY(split_path(beside));
    if (volume.find(beside).has_value()) TRY(volume.remove(beside));
    const NodeId node = TRY(volume.create_file(beside));
    Status done = volume.write(node, 0, bytes);
    if (done.has_value() && durable) done = volume.sync_file(node);
    if (done.has_value()) done = volume.rename(beside, path);
    if (!done.has_value()) (void)volume.remove(beside).has_value();
    return done;
}

Status SimulatedDisk::replace(const std::string& path, std::string_view bytes) {
    const std::lock_guard lock(machine_->mutex);
    TRY(put(path, bytes, true));
    return machine_->volume.sync_directory_of(path);
}

Status SimulatedDisk::place(const std::string& path, std::string_view bytes) {
    const std::lock_guard lock(machine_->mutex);
    return put(path, bytes, false);
}

Status SimulatedDisk::settle(const std::string& path) {
    TRY(TRY(open(path, false))->sync());
    const std::lock_guard lock(machine_->mutex);
    return machine_->volume.sync_directory_of(path);
}

Result<std::string> SimulatedDisk::read(const std::string& path, std::size_t size_max) {
    const std::unique_ptr<File> file = TRY(open(path, false));
    const std::uint64_t size = TRY(file->size());
    if (size > size_max) {
        return fail(Code::data_corrupt, "`" + path + "` is over " + std::to_string(size_max) + " bytes");
    }
    return file->read_at(0, size);
}

Status SimulatedDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(machine_->mutex);
    TRY(machine_->volume.rename(from, to));
    TRY(machine_->volume.sync_directory_of(to));
    return machine_->volume.sync_directory_of(from);
}

Status SimulatedDisk::remove(const std::string& path) {
    const std::lock_guard lock(machine_->mutex);
    TRY(machine_->volume.remove(path));
    return machine_->volume.sync_directory_of(path);
}

Status SimulatedDisk::remove_directory(const std::string& path) {
    const std::lock_guard lock(machine_->mutex);
    TRY(split_directory_path(path));
    const auto node = machine_->volume.find(path);
    if (!node && node.error().code == Code::data_missing) return {};
    if (machine_->volume.is_file(TRY(node))) return fail(Code::io_failed, "`" + path + "` is not a directory");
    for (const std::string& name : TRY(machine_->volume.list(*node)))
        TRY(machine_->volume.remove(path + "/" + name));
    return machine_->volume.remove_directory(path);
}

Status SimulatedDisk::make_directory(const std::string& path) {
    const std::lock_guard lock(machine_->mutex);
    TRY(machine_->volume.make_directory(path));
    return machine_->volume.sync_directory_of(path);
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& path) {
    const std::lock_guard lock(machine_->mutex);
    TRY(split_directory_path(path));
    const NodeId node = TRY(machine_->volume.find(path));
    if (machine_->volume.is_file(node)) return fail(Code::io_failed, "`" + path + "` is not a directory");
    auto names = TRY(machine_->volume.list(node));
    std::erase_if(names, [](const std::string& name) { return name.ends_with(kReplacingSuffix); });
    return names;
}

Result<std::uint64_t> SimulatedDisk::free_bytes() {
    const std::lock_guard lock(machine_->mutex);
    return machine_->volume.free_bytes();
}

std::uint64_t SimulatedDisk::operations() const {
    const std::lock_guard lock(machine_->mutex);
    return machine_->volume.operations();
}

void SimulatedDisk::fail_after(std::uint64_t operations, Fault fault) {
    const std::lock_guard lock(machine_->mutex);
    machine_->volume.fail_after(operations, fault);
}

void SimulatedDisk::clear_fault() {
    const std::lock_guard lock(machine_->mutex);
    machine_->volume.clear_fault();
}

void SimulatedDisk::power_loss(std::uint64_t seed) {
    const std::lock_guard lock(machine_->mutex);
    machine_->volume.power_loss(seed);
    ++machine_->boots;
}

void SimulatedDisk::restart() {
    const std::lock_guard lock(machine_->mutex);
    ++machine_->boots;
}

void SimulatedDisk::set_free_bytes(std::uint64_t bytes) {
    const std::lock_guard lock(machine_->mutex);
    machine_->volume.set_free_bytes(bytes);
}

void SimulatedDisk::flip_bit(const std::string& path, std::uint64_t bit) {
    const std::lock_guard lock(machine_->mutex);
    const Result<NodeId> node = machine_->volume.find(path);
    INVARIANT(node.has_value() && machine_->volume.is_file(*node));
    machine_->volume.flip_bit(*node, bit);
}

std::uint64_t SimulatedDisk::forbidden_syncs() const {
    const std::lock_guard lock(machine_->mutex);
    return machine_->forbidden_syncs;
}

}  // namespace parmana::disk
