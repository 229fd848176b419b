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

}  // namespace

CodeStore::CodeStore(Machine& machine, std::string directory)
    : machine_(machine), directory_(std::move(directory)), blobs_(machine, directory_ + "/blobs") {}

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

Task<Result<std::string>> CodeStore::tree(std::string sha256) {
    if (!machine_.files.exists(tree_path(sha256))) {
        MILL_CO_TRY(Bytes zip, co_await blobs_.get(sha256));
        MILL_CO_CHECK(co_await extract(sha256, std::make_shared<const Bytes>(std::move(zip))));
    }
    co_return tree_path(sha256);
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
