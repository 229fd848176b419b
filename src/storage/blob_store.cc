// SPDX-License-Identifier: Apache-2.0
#include "storage/blob_store.h"

namespace mill::storage {

Result<Bytes> read_blob(machine::Files& files, const std::string& directory,
                        const std::string& name) {
    const std::string path = directory + "/" + name;
    MILL_TRY(Bytes bytes, machine::read_file(files, path));
    if (hex(sha256(bytes)) != name)
        return fail("storage.corrupt",
                    path + " at byte 0: its bytes do not have the SHA-256 that it is named by");
    return bytes;
}

BlobStore::BlobStore(Machine& machine, std::string directory)
    : machine_(machine), directory_(std::move(directory)) {}

Task<Result<std::string>> BlobStore::put(Bytes bytes) {
    struct Work {
        std::string directory, path;
        Bytes bytes;
        Result<void> result;
    };
    std::string name = hex(sha256(bytes));
    auto work = std::make_shared<Work>(directory_, directory_ + "/" + name, std::move(bytes),
                                       Result<void>());
    co_await machine::offload(machine_.executor, [work, &files = machine_.files] {
        work->result = machine::make_directories_durably(files, work->directory);
        if (!work->result) return;
        // One that is there is whole; whoever made it may have died before its name was synced.
        work->result = files.exists(work->path)
                           ? files.sync_directory(work->directory)
                           : machine::write_file_durably(files, work->path, work->bytes);
    });
    MILL_CO_CHECK(work->result);
    co_return name;
}

Task<Result<Bytes>> BlobStore::get(std::string name) {
    auto result = std::make_shared<Result<Bytes>>();
    co_await machine::offload(machine_.executor,
                              [result, &files = machine_.files, name, directory = directory_] {
                                  *result = read_blob(files, directory, name);
                              });
    co_return std::move(*result);
}

Result<void> BlobStore::keep_only(const std::set<std::string>& names) {
    machine::Files& files = machine_.files;
    if (!files.exists(directory_)) return {};
    MILL_TRY(const auto entries, files.list(directory_));
    for (const machine::DirectoryEntry& entry : entries) {
        if (!entry.is_directory && !names.contains(entry.name))
            MILL_CHECK(files.remove(directory_ + "/" + entry.name));
    }
    return {};
}

}  // namespace mill::storage
