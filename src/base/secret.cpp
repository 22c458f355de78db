#include "base/secret.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <mutex>

#include "base/sanitized.hpp"

// The leak checker of a sanitized build stops at its end with ptrace, which a process that is not dumpable
// refuses.
namespace parmana {
namespace {

constexpr std::size_t kSlotBytes = 64;
constexpr std::size_t kRegionBytes = std::size_t{64} * 1024;

// A slot that is free holds the next one that is.
struct FreeSlot {
    FreeSlot* next;
};

// Nothing here is ever destroyed: secrets of static storage may go after everything else.
struct Pages {
    std::mutex mutex;
    std::array<FreeSlot*, secret_pages::kBytesMax / kSlotBytes + 1> free{};  // by size in slots
    std::uint8_t* fresh = nullptr;
    std::size_t fresh_bytes = 0;
};

constinit Pages pages;

std::uint8_t* new_region() {
    void* region = ::mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    INVARIANT(region != MAP_FAILED);
    // Without the lock a secret may be swapped out, which is better than not to serve at all. A core dump is
    // prevented for the whole process; leaving these pages out is a second bar for the day when it is not.
    [[maybe_unused]] const bool locked = ::mlock(region, kRegionBytes) == 0;
    [[maybe_unused]] const bool left_out = ::madvise(region, kRegionBytes, MADV_DONTDUMP) == 0;
    return static_cast<std::uint8_t*>(region);
}

std::size_t slots_of(std::size_t size) {
    INVARIANT(size > 0 && size <= secret_pages::kBytesMax);
    return (size + kSlotBytes - 1) / kSlotBytes;
}

}  // namespace

namespace secret_pages {

std::uint8_t* take(std::size_t size) {
    const std::size_t slots = slots_of(size);
    const std::lock_guard lock(pages.mutex);
    if (FreeSlot* slot = pages.free[slots]; slot != nullptr) {
        pages.free[slots] = slot->next;
        slot->next = nullptr;
        return reinterpret_cast<std::uint8_t*>(slot);
    }
    if (pages.fresh_bytes < slots * kSlotBytes) {
        pages.fresh = new_region();
        pages.fresh_bytes = kRegionBytes;
    }
    std::uint8_t* bytes = pages.fresh;
    pages.fresh += slots * kSlotBytes;
    pages.fresh_bytes -= slots * kSlotBytes;
    return bytes;
}

void give_back(std::uint8_t* bytes, std::size_t size) {
    explicit_bzero(bytes, size);
    const std::lock_guard lock(pages.mutex);
    auto* slot = reinterpret_cast<FreeSlot*>(bytes);
    slot->next = std::exchange(pages.free[slots_of(size)], slot);
}

}  // namespace secret_pages

void keep_memory_private() {
    const rlimit none{0, 0};
    INVARIANT(::setrlimit(RLIMIT_CORE, &none) == 0);
// The leak checker of a sanitized build stops the process with ptrace, which one that is not dumpable
// refuses.
#ifndef PARMANA_SANITIZED
    INVARIANT(::prctl(PR_SET_DUMPABLE, 0) == 0);
#endif
}

}  // namespace parmana
