// SPDX-License-Identifier: Apache-2.0
// Blobs: immutable bytes in files named by their SHA-256 (function code, S3 objects). Durable when
// put() returns.
#pragma once

#include "machine/machine.h"

namespace mill::storage {

class BlobStore {
  public:
    // `directory` is made if missing.
    BlobStore(Machine& machine, std::string directory);
    Task<Result<std::string>> put(
        Bytes bytes);  // its name: 64 hex digits; a blob that exists is not written again
    Task<Result<Bytes>> get(std::string name);  // "io.not_found"
    const std::string& directory() const { return directory_; }

  private:
    Machine& machine_;
    std::string directory_;
};

}  // namespace mill::storage
