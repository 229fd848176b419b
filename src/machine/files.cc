// SPDX-License-Identifier: Apache-2.0
#include "machine/files.h"

namespace mill::machine {

std::string parent_directory(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == 0) return "/";
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

Result<void> make_directories_durably(Files& files, const std::string& path) {
    constexpr std::size_t synced_always = 2;
    std::vector<std::string> above;
    std::string at = path;
    while (at.size() > 1 && at != "." && (above.size() < synced_always || !files.exists(at))) {
        at = parent_directory(at);
        above.push_back(at);
    }
    MILL_CHECK(files.make_directories(path));
    for (const std::string& parent : above) MILL_CHECK(files.sync_directory(parent));
    return {};
}

std::uint64_t tree_bytes(Files& files, const std::string& path) {
    std::uint64_t bytes = 0;
    for (const DirectoryEntry& entry : files.list(path).value_or(std::vector<DirectoryEntry>())) {
        const std::string below = path + "/" + entry.name;
        if (entry.is_directory) {
            bytes += tree_bytes(files, below);
            continue;
        }
        const auto file = files.open(below, Open::read);
        bytes += file ? (*file)->size().value_or(0) : 0;
    }
    return bytes;
}

Result<Bytes> read_file(Files& files, const std::string& path) {
    MILL_TRY(auto file, files.open(path, Open::read));
    MILL_TRY(const std::uint64_t size, file->size());
    Bytes bytes(size, '\0');
    MILL_TRY(const std::size_t count, file->read_at(0, bytes.data(), bytes.size()));
    bytes.resize(count);
    return bytes;
}

Result<void> write_file_durably(Files& files, const std::string& path, BytesView bytes) {
    const std::string temporary = path + ".new";
    {
        MILL_TRY(auto file, files.open(temporary, Open::create));
        MILL_CHECK(file->truncate(0));
        MILL_CHECK(file->write_at(0, bytes));
        MILL_CHECK(file->sync());
    }
    MILL_CHECK(files.rename(temporary, path));
    return files.sync_directory(parent_directory(path));
}

}  // namespace mill::machine
