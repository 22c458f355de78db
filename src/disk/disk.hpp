// The Disk seam: all that the store asks of a file system, with the guarantees it relies on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace parmana::disk {

/// One open file. Errors are io_failed with the operation, the path and the system's words.
/// Thread rule: one thread at a time, but `read_at` may run beside a writer on ranges that are not
/// being written.
class File {
  public:
    virtual ~File() = default;
    /// Bytes at [offset, offset + size); shorter only at the end of the file.
    virtual Result<std::string> read_at(std::uint64_t offset, std::size_t size) const = 0;
    /// Writes all bytes. Not durable, not atomic: after a crash any subset of the sectors may be
    /// there.
    virtual Status write_at(std::uint64_t offset, std::string_view bytes) = 0;
    virtual Result<std::uint64_t> size() const = 0;
    /// fdatasync. Durable on return: every byte written before it survives a power loss. After an
    /// error nothing is known about any byte written since the last success, and a second call on
    /// this file must never be made (the kernel may report success for data it has dropped).
    virtual Status sync() = 0;
};

/// One directory tree; paths are relative to its root and use `/`; `..`, `.` and empty names are
/// io_failed. Names that end in `.replacing` belong to `replace`. An attacker of the disk can
/// destroy and withhold; every alteration is detected by checksum, digest or signature.
class Disk {
  public:
    virtual ~Disk() = default;
    /// Opens an existing regular file; never follows a symbolic link. Errors: data_missing when it
    /// is not there.
    virtual Result<std::unique_ptr<File>> open(const std::string& path, bool writable) = 0;
    /// Creates exclusively (io_failed when it exists), filled with `size` zero bytes that are
    /// written and synced, name included.
    virtual Result<std::unique_ptr<File>> create(const std::string& path, std::uint64_t size) = 0;
    /// Replaces or creates a whole file: write temporary, sync, rename, sync directory. Atomic and
    /// durable on return.
    virtual Status replace(const std::string& path, std::string_view bytes) = 0;
    /// Like `replace`, and not durable: after a crash the old content, the new, or a torn one is there. For
    /// what can be derived anew.
    virtual Status place(const std::string& path, std::string_view bytes) = 0;
    /// Durable on return: the content of a file that was placed, and its name.
    virtual Status settle(const std::string& path) = 0;
    /// Whole content, at most `size_max` bytes (data_corrupt when larger). Errors: data_missing.
    virtual Result<std::string> read(const std::string& path, std::size_t size_max) = 0;
    /// Atomic; durable on return (syncs the directories).
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    virtual Status remove(const std::string& path) = 0;
    /// Removes a directory and the files in it; its absence is success. Not durable.
    virtual Status remove_directory(const std::string& path) = 0;
    /// Creates one directory if it is not there; durable on return.
    virtual Status make_directory(const std::string& path) = 0;
    /// Names in a directory, sorted, without the remains of an interrupted `replace`; `.` is the
    /// root.
    virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
    /// Bytes that may still be written.
    virtual Result<std::uint64_t> free_bytes() = 0;
};

/// The real one, below `root`, which must exist. Files 0600, directories 0700.
Result<std::unique_ptr<Disk>> open_disk(const std::string& root);

}  // namespace parmana::disk
