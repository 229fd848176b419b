// SPDX-License-Identifier: Apache-2.0
// Files: storage with POSIX's durability rules. Written bytes are safe after File::sync; a created,
// renamed or removed name is safe after sync_directory of its parent. Errors carry code
// "io.not_found", "io.exists", "io.no_space", "io.locked", "io.permission" or "io" and name the
// path. Calls block; those that sync are made inside Executor::offload. Distinct files may be used
// from distinct threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mill::machine {

class File {
  public:
    virtual ~File() = default;
    // Fewer bytes than asked for only at the end of the file.
    virtual Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) = 0;
    virtual Result<void> write_at(std::uint64_t offset, BytesView bytes) = 0;
    // The pieces one after the other, in one call.
    virtual Result<void> write_at(std::uint64_t offset, std::span<const BytesView> pieces) = 0;
    // As write_at, but for its end: the bytes may be on their way until finish_write(), and stay
    // where they are so long. One at a time, and nothing else is done with the file meanwhile.
    virtual Result<void> begin_write_at(std::uint64_t offset, BytesView bytes) {
        return write_at(offset, bytes);
    }
    virtual Result<void> finish_write() { return {}; }
    virtual Result<void> sync() = 0;  // fdatasync: contents and size
    virtual Result<std::uint64_t> size() = 0;
    virtual Result<void> truncate(std::uint64_t size) = 0;
};

// What a file system hands to a disk at once: File::write_at of whole pages at multiples of it,
// from memory aligned to it, may go past the system's cache (Open::write_direct).
inline constexpr std::size_t page_bytes = 4096;

enum class Open {
    read,          // must exist
    write,         // read and write, must exist
    write_direct,  // the same; whole pages past the cache, where the file system can
    create,        // read and write, made if missing
    create_new,    // read and write, must not exist
};

struct DirectoryEntry {
    std::string name;
    bool is_directory = false;
    bool operator==(const DirectoryEntry&) const = default;
};

class Files {
  public:
    virtual ~Files() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& path, Open how) = 0;
    virtual Result<void> remove(const std::string& path) = 0;       // a file
    virtual Result<void> remove_tree(const std::string& path) = 0;  // missing is fine
    virtual Result<void> rename(const std::string& from,
                                const std::string& to) = 0;  // replaces atomically
    virtual Result<void> make_directories(const std::string& path) = 0;
    virtual Result<void> sync_directory(const std::string& path) = 0;
    virtual Result<std::vector<DirectoryEntry>> list(
        const std::string& path) = 0;  // sorted by name
    virtual bool exists(const std::string& path) = 0;
    // Permission bits of a file (functions need an executable bootstrap). Simulation remembers
    // nothing of it.
    virtual Result<void> set_mode(const std::string& path, unsigned mode) = 0;
    // An advisory lock held while the handle lives; "io.locked" if another process has it.
    virtual Result<std::unique_ptr<File>> lock(const std::string& path) = 0;
};

// "/a" of "/a/b", "/" of "/a", "." of "a".
std::string parent_directory(const std::string& path);

// Makes what is missing of the path and syncs the parents of what it made, and the two directories
// above it in any case: an earlier process may have died between making and syncing. After a crash
// it is all there.
Result<void> make_directories_durably(Files& files, const std::string& path);
// The sizes of all files below a directory; what goes away meanwhile does not count.
std::uint64_t tree_bytes(Files& files, const std::string& path);
// Whole-file conveniences over the above.
Result<Bytes> read_file(Files& files, const std::string& path);
// Writes to a temporary name, syncs, renames over `path` and syncs the directory: after a crash old
// or new, never half.
Result<void> write_file_durably(Files& files, const std::string& path, BytesView bytes);

}  // namespace mill::machine
