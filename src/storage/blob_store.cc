// SPDX-License-Identifier: Apache-2.0
#include "storage/blob_store.h"

#include <algorithm>

#include "base/extend.h"

namespace mill::storage {
namespace {

constexpr std::size_t sha256_digits = 64;
constexpr std::size_t random_digits = 16;

// So that a writer is held back as soon as the disk is behind, not when it is done, and the last
// sync is a short one.
constexpr std::uint64_t unsynced_bytes_max = 64ull * 1024 * 1024;

// The same bytes may be put by several at once: each writes a file of its own, and any of them may
// have the name.
Result<void> write_blob(machine::Files& files, const std::string& temporary,
                        const std::string& path, BytesView bytes) {
    Result<void> written;
    {
        MILL_TRY(auto file, files.open(temporary, machine::Open::create_new));
        written = file->write_at(0, bytes);
        if (written) written = file->sync();
    }
    if (written) written = files.rename(temporary, path);
    if (!written) {
        static_cast<void>(files.remove(temporary));
        return written;
    }
    return files.sync_directory(path.substr(0, path.rfind('/')));
}

}  // namespace

Result<Bytes> read_blob(machine::Files& files, const std::string& directory,
                        const std::string& name) {
    MILL_TRY(Bytes bytes, machine::read_file(files, directory + "/" + name));
    MILL_CHECK(verify_blob(directory, name, sha256(bytes)));
    return bytes;
}

Result<void> verify_blob(const std::string& directory, const std::string& name, BytesView sha256) {
    if (hex(sha256) == name.substr(0, sha256_digits)) return {};
    return fail("storage.corrupt",
                directory + "/" + name +
                    " at byte 0: its bytes do not have the SHA-256 that it is named by");
}

BlobFile::BlobFile(machine::Files& files, std::string directory, std::string random)
    : files_(files),
      directory_(std::move(directory)),
      random_(std::move(random)),
      path_(directory_ + "/" + random_ + ".new") {}

BlobFile::~BlobFile() {
    if (!file_) return;
    file_.reset();
    static_cast<void>(files_.remove(path_));
}

Result<void> BlobFile::append(BytesView bytes) {
    if (!file_) {
        MILL_CHECK(machine::make_directories_durably(files_, directory_));
        MILL_TRY(file_, files_.open(path_, machine::Open::create_new));
    }
    MILL_CHECK(file_->write_at(size_, bytes));
    size_ += bytes.size();
    sha256_.add(bytes);
    if (size_ - synced_ < unsynced_bytes_max) return {};
    synced_ = size_;
    return file_->sync();
}

Result<std::string> BlobFile::finish() {
    if (!file_) MILL_CHECK(append({}));
    MILL_CHECK(file_->sync());
    std::string name = hex(sha256_.finish()) + "-" + random_;
    MILL_CHECK(files_.rename(path_, directory_ + "/" + name));
    file_.reset();
    MILL_CHECK(files_.sync_directory(directory_));
    return name;
}

BlobReader::BlobReader(machine::Files& files, std::string directory, std::string name,
                       std::uint64_t offset, std::uint64_t count, bool is_whole)
    : files_(files),
      directory_(std::move(directory)),
      name_(std::move(name)),
      offset_(offset),
      left_(count) {
    if (is_whole) sha256_.emplace(Digest::Kind::sha256);
}

Result<Bytes> BlobReader::read(std::size_t count) {
    const std::string path = directory_ + "/" + name_;
    if (!file_) {
        MILL_TRY(file_, files_.open(path, machine::Open::read));
    }
    Bytes bytes;
    MILL_TRY(const std::size_t got, file_->read_at(offset_, extend(bytes, count), count));
    if (got == count) return bytes;
    return fail("storage.corrupt", path + " at byte " + std::to_string(offset_ + got) +
                                       ": it is shorter than its owner says");
}

Result<Bytes> BlobReader::next(std::size_t bytes_max) {
    MILL_TRY(Bytes bytes,
             read(static_cast<std::size_t>(std::min<std::uint64_t>(bytes_max, left_))));
    offset_ += bytes.size();
    left_ -= bytes.size();
    if (!sha256_) return bytes;
    sha256_->add(bytes);
    if (left_ == 0) MILL_CHECK(verify_blob(directory_, name_, sha256_->finish()));
    return bytes;
}

BlobStore::BlobStore(Machine& machine, std::string directory)
    : machine_(machine), directory_(std::move(directory)) {}

// Hashing what is large takes as long as writing it: both are done aside.
Task<Result<std::string>> BlobStore::put(Bytes bytes) {
    struct Work {
        std::string directory, name, temporary;
        Bytes bytes;
        Result<void> result;
    };
    auto work = std::make_shared<Work>(
        directory_, std::string(),
        directory_ + "/" + machine::random_hex(machine_.entropy, random_digits) + ".new",
        std::move(bytes), Result<void>());
    co_await machine::offload(machine_.executor, [work, &files = machine_.files] {
        work->name = hex(sha256(work->bytes));
        const std::string path = work->directory + "/" + work->name;
        work->result = machine::make_directories_durably(files, work->directory);
        if (!work->result) return;
        // One that is there is whole; whoever made it may have died before its name was synced.
        work->result = files.exists(path) ? files.sync_directory(work->directory)
                                          : write_blob(files, work->temporary, path, work->bytes);
    });
    MILL_CO_CHECK(work->result);
    co_return std::move(work->name);
}

Task<void> BlobStore::remove(std::vector<std::string> names) {
    if (names.empty()) co_return;
    co_await machine::offload(machine_.executor, [names = std::move(names), &files = machine_.files,
                                                  directory = directory_] {
        for (const std::string& name : names)
            static_cast<void>(files.remove(directory + "/" + name));
    });
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
