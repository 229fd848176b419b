// SPDX-License-Identifier: Apache-2.0
// Blobs: immutable bytes in files named by their SHA-256 (function code), or by that and a random
// end where each has one owner, who removes it (S3 objects). Durable when put() or finish()
// returns.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "base/digest.h"
#include "machine/machine.h"

namespace mill::storage {

// One blob of a store's directory; blocks. Errors as of BlobStore::get.
Result<Bytes> read_blob(machine::Files& files, const std::string& directory,
                        const std::string& name);

// "storage.corrupt" unless that is the SHA-256 that the blob is named by.
Result<void> verify_blob(const std::string& directory, const std::string& name, BytesView sha256);

// A blob that is written piece by piece, one of its own; blocks. Gone again unless it is finished.
class BlobFile {
  public:
    // `random` becomes a part of its name: 16 hexadecimal digits.
    BlobFile(machine::Files& files, std::string directory, std::string random);
    ~BlobFile();
    BlobFile(const BlobFile&) = delete;
    BlobFile& operator=(const BlobFile&) = delete;
    Result<void> append(BytesView bytes);
    Result<std::string> finish();  // its name; durable

  private:
    machine::Files& files_;
    std::string directory_, random_, path_;
    std::unique_ptr<machine::File> file_;
    std::uint64_t size_ = 0, synced_ = 0;
    Digest sha256_{Digest::Kind::sha256};
};

// A part of a blob, or all of it, read piece by piece; blocks.
class BlobReader {
  public:
    // `is_whole`: the bytes are verified when they have all been read.
    BlobReader(machine::Files& files, std::string directory, std::string name, std::uint64_t offset,
               std::uint64_t count, bool is_whole);
    // That many, and fewer only at the end. "storage.corrupt" in place of the last piece, if the
    // blob ends before or its bytes are not those that were put.
    Result<Bytes> next(std::size_t bytes_max);

  private:
    Result<Bytes> read(std::size_t count);

    machine::Files& files_;
    std::string directory_, name_;
    std::uint64_t offset_, left_;
    std::unique_ptr<machine::File> file_;
    std::optional<Digest> sha256_;
};

class BlobStore {
  public:
    // `directory` is made if missing.
    BlobStore(Machine& machine, std::string directory);
    Task<Result<std::string>> put(
        Bytes bytes);  // its name: 64 hex digits; a blob that exists is not written again
    // One of its own, whoever else has put the same, is called "<64 hex digits>-<16>": BlobFile.
    static bool is_own(std::string_view name) { return name.find('-') != std::string_view::npos; }
    // Those that are there. What stays because of an error is forgotten at the next start.
    Task<void> remove(std::vector<std::string> names);
    // "io.not_found", or "storage.corrupt" if the bytes are not those that were put.
    Task<Result<Bytes>> get(std::string name);
    // At the start: forgets all blobs but these. Blocks.
    Result<void> keep_only(const std::set<std::string>& names);
    const std::string& directory() const { return directory_; }

  private:
    Machine& machine_;
    std::string directory_;
};

}  // namespace mill::storage
