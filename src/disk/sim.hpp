// SimulatedDisk: a file system in memory that fails and loses power on request, for tests of
// whatever stands on the Disk seam. It does exactly what the contract allows and grants no more
// than that:
//
// - A sector has 512 bytes and is written whole or not at all. A write, a creation, a removal and a
// rename are
//   undecided until a sync covers them; `power_loss` decides each sector and each name on its own.
// - A failed sync drops what it should have made durable: reads still see it, a power loss takes it
// away, and
//   a later successful sync brings back only what was written again in between.
// - `create`, `replace`, `rename`, `remove` and `make_directory` are several operations each, as
// they are on a real disk,
//   so a fault can strike in the middle of one.
//
// Exploring all crash states of a program:
//
//     SimulatedDisk disk;                        // prepared
//     for (std::uint64_t n = 0; ; ++n) {
//         SimulatedDisk run = disk;              // a copy is cheap and independent
//         run.fail_after(n, Fault::power_cut);
//         if (program(run)) break;               // came to its end: every operation has been
//         struck for (seed …) { SimulatedDisk after = run; after.power_loss(seed); check(after); }
//     }
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "disk/disk.hpp"

namespace parmana::disk {

enum class Fault : std::uint8_t {
    error_once,      // one operation fails; a failing write leaves its first half
    error_for_ever,  // that one and every later one fails
    power_cut,       // the machine goes dark: the operation is left undecided, later ones do nothing and
                     // fail
};

/// Any thread may call it. A copy has the same content and shares nothing that can be seen; files
/// that are open stay with the original. Copies that are used at the same time belong to one
/// thread.
class SimulatedDisk final : public Disk {
  public:
    SimulatedDisk();
    SimulatedDisk(const SimulatedDisk& other);
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;
    ~SimulatedDisk() override;

    Result<std::unique_ptr<File>> open(const std::string& path, bool writable) override;
    Result<std::unique_ptr<File>> create(const std::string& path, std::uint64_t size) override;
    Status replace(const std::string& path, std::string_view bytes) override;
    Status place(const std::string& path, std::string_view bytes) override;
    Status settle(const std::string& path) override;
    Result<std::string> read(const std::string& path, std::size_t size_max) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status remove_directory(const std::string& path) override;
    Status make_directory(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& path) override;
    Result<std::uint64_t> free_bytes() override;

    /// Operations so far: each write, sync, creation, removal and rename of the layer below; reads
    /// do not count.
    std::uint64_t operations() const;
    /// After `operations` more of them the next one fails. A new fault takes the place of an old
    /// one.
    void fail_after(std::uint64_t operations, Fault fault);
    void clear_fault();

    /// Everything undecided is decided by `seed`, what a failed sync dropped is gone, faults end,
    /// open files are stale.
    void power_loss(std::uint64_t seed);
    /// The process ends and the kernel lives: nothing is lost, open files are stale.
    void restart();

    /// Room for that many bytes more; a write beyond it leaves what fits and fails.
    void set_free_bytes(std::uint64_t bytes);
    /// Bit rot: inverts one bit of a file that exists, for good. Bit 0 is the lowest of the first
    /// byte.
    void flip_bit(const std::string& path, std::uint64_t bit);
    /// How often a file was asked to sync again after a failed sync; the contract forbids it, so it
    /// stays 0.
    std::uint64_t forbidden_syncs() const;

  private:
    struct Machine;
    class OpenFile;
    Status put(const std::string& path, std::string_view bytes, bool durable);

    std::shared_ptr<Machine> machine_;
};

}  // namespace parmana::disk
