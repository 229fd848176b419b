// SPDX-License-Identifier: Apache-2.0
// Blobs: immutable bytes in files named by their SHA-256 (function code, S3 objects). Durable when
// put() returns.
#pragma once

#include <set>

#include "machine/machine.h"

namespace mill::storage {

// One blob of a store's directory; blocks. Errors as of BlobStore::get.
Result<Bytes> read_blob(machine::Files& files, const std::string& directory,
                        const std::string& name);

class BlobStore {
  public:
    // `directory` is made if missing.
    BlobStore(Machine& machine, std::string directory);
    Task<Result<std::string>> put(
        Bytes bytes);  // its name: 64 hex digits; a blob that exists is not written again
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
