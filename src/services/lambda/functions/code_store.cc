// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/code_store.h"

#include "services/lambda/functions/zip_archive.h"

namespace mill::lambda {
namespace {

Result<void> write_entry(machine::Files& files, const std::string& root, const ZipEntry& entry) {
    const std::string path = root + "/" + entry.path;
    MILL_CHECK(files.make_directories(path.substr(0, path.rfind('/'))));
    MILL_TRY(auto file, files.open(path, machine::Open::create));
    MILL_CHECK(file->truncate(0));
    MILL_CHECK(file->write_at(0, BytesView(entry.contents)));
    file.reset();  // an executable that is open for writing cannot be started
    // Whoever runs the function must be able to read it.
    return files.set_mode(path, entry.mode | 0444U);
}

Result<void> extract_to(machine::Files& files, const std::string& temporary,
                        const std::string& path, BytesView zip) {
    MILL_CHECK(files.make_directories(temporary));
    Result<void> written =
        read_zip(zip, [&](ZipEntry entry) { return write_entry(files, temporary, entry); });
    if (written) written = files.rename(temporary, path);
    if (!written) {
        // An error of the extraction is more telling than one of tidying up.
        if (const auto removed = files.remove_tree(temporary); !removed) return written;
    }
    return written;
}

// The paths that a tree has so far, and which of them are folders.
struct Taken {
    std::set<std::string, std::less<>> files, folders;

    // Whether there is room for a file: nothing of its path is a file already, and it is no folder.
    bool take(const std::string& path) {
        if (files.contains(path) || folders.contains(path)) return false;
        for (std::size_t slash = path.find('/'); slash != path.npos;
             slash = path.find('/', slash + 1)) {
            if (files.contains(path.substr(0, slash))) return false;
        }
        for (std::size_t slash = path.find('/'); slash != path.npos;
             slash = path.find('/', slash + 1))
            folders.insert(path.substr(0, slash));
        files.insert(path);
        return true;
    }
};

}  // namespace

CodeStore::CodeStore(Machine& machine, std::string directory,
                     std::map<std::string, std::string> folders)
    : machine_(machine),
      directory_(std::move(directory)),
      blobs_(machine, directory_ + "/blobs"),
      folders_(std::move(folders)) {}

Result<void> CodeStore::clean(const std::set<std::string>& used) {
    machine::Files& files = machine_.files;
    MILL_CHECK(files.remove_tree(directory_ + "/code"));
    MILL_CHECK(files.remove_tree(directory_ + "/scratch"));
    MILL_CHECK(files.make_directories(directory_ + "/code"));
    MILL_CHECK(files.make_directories(directory_ + "/scratch"));
    MILL_CHECK(machine::make_directories_durably(files, blobs_.directory()));
    return blobs_.keep_only(used);
}

Task<Result<StoredCode>> CodeStore::put(Bytes zip) {
    auto shared = std::make_shared<const Bytes>(std::move(zip));
    StoredCode stored{.sha256 = hex(sha256(*shared)),
                      .bytes = static_cast<std::int64_t>(shared->size())};
    if (!machine_.files.exists(tree_path(stored.sha256)))
        MILL_CO_CHECK(co_await extract(stored.sha256, shared));
    MILL_CO_TRY(const std::string name, co_await blobs_.put(*shared));
    MILL_ASSERT(name == stored.sha256);
    co_return stored;
}

std::optional<StoredCode> CodeStore::folder(const std::string& name) {
    const auto found = folders_.find(name);
    if (found == folders_.end()) return std::nullopt;
    StoredCode stored{.sha256 = hex(sha256(found->second))};
    folder_trees_[stored.sha256] = found->second;
    return stored;
}

Task<Result<std::string>> CodeStore::tree(std::string sha256) {
    if (const auto found = folder_trees_.find(sha256); found != folder_trees_.end())
        co_return found->second;
    if (!machine_.files.exists(tree_path(sha256))) {
        MILL_CO_TRY(Bytes zip, co_await blobs_.get(sha256));
        MILL_CO_CHECK(co_await extract(sha256, std::make_shared<const Bytes>(std::move(zip))));
    }
    co_return tree_path(sha256);
}

Task<Result<std::string>> CodeStore::merged_tree(std::vector<std::string> sha256s) {
    if (sha256s.size() == 1) co_return co_await tree(std::move(sha256s.front()));
    std::string names;
    for (const std::string& name : sha256s) names += name;
    const std::string path = tree_path(hex(sha256(names)));
    if (machine_.files.exists(path)) co_return path;
    const std::string temporary = path + "." + machine::random_hex(machine_.entropy, 8);
    Result<void> merged = co_await merge(std::move(sha256s), temporary);
    if (merged) merged = machine_.files.rename(temporary, path);
    if (merged) co_return path;
    if (const auto removed = machine_.files.remove_tree(temporary); !removed)
        machine_.log.warning("lambda.tree_left_behind", {{"path", temporary}});
    if (machine_.files.exists(path)) co_return path;  // of two at once the first one stands
    co_return std::unexpected(std::move(merged).error());
}

// Backwards, so that what is there already stays.
Task<Result<void>> CodeStore::merge(std::vector<std::string> sha256s, std::string temporary) {
    auto taken = std::make_shared<Taken>();
    auto result = std::make_shared<Result<void>>(machine_.files.make_directories(temporary));
    for (auto name = sha256s.rbegin(); *result && name != sha256s.rend(); ++name) {
        MILL_CO_TRY(Bytes bytes, co_await blobs_.get(*name));
        co_await machine::offload(
            machine_.executor,
            [result, taken, temporary, zip = std::make_shared<const Bytes>(std::move(bytes)),
             &files = machine_.files] {
                *result = read_zip(*zip, [&](ZipEntry entry) {
                    return taken->take(entry.path) ? write_entry(files, temporary, entry)
                                                   : Result<void>();
                });
            });
    }
    co_return *result;
}

Task<Result<std::uint64_t>> CodeStore::unzipped_bytes(std::vector<std::string> sha256s) {
    std::vector<std::string> paths;
    for (std::string& name : sha256s) {
        MILL_CO_TRY(std::string path, co_await tree(std::move(name)));
        paths.push_back(std::move(path));
    }
    auto total = std::make_shared<std::uint64_t>(0);
    co_await machine::offload(machine_.executor, [total, paths, &files = machine_.files] {
        for (const std::string& path : paths) *total += machine::tree_bytes(files, path);
    });
    co_return *total;
}

Task<Result<void>> CodeStore::extract(std::string sha256, std::shared_ptr<const Bytes> zip) {
    const std::string path = tree_path(sha256);
    const std::string temporary = path + "." + machine::random_hex(machine_.entropy, 8);
    auto result = std::make_shared<Result<void>>();
    co_await machine::offload(machine_.executor,
                              [result, zip, temporary, path, &files = machine_.files] {
                                  *result = extract_to(files, temporary, path, *zip);
                                  // Two extractions of the same code: the first one stands, and is
                                  // as good.
                                  if (!*result && files.exists(path)) *result = {};
                              });
    co_return *result;
}

}  // namespace mill::lambda
