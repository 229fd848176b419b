// SPDX-License-Identifier: Apache-2.0
// Where function code lies: zips as blobs (durable before put() returns), and extracted trees that
// processes mount.
//
// Trees are derived data: they belong to one run of the server, are made under a temporary name and
// renamed, and are made again from the blob after a restart. So a crash leaves nothing half, and
// extraction needs no syncing.
//
// A server that is gone at its end may also be told of folders that are trees already: they are
// used as they lie, without a zip.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "machine/machine.h"
#include "storage/blob_store.h"

namespace mill::lambda {

struct StoredCode {
    std::string sha256;  // 64 hex digits: the blob's name
    std::int64_t bytes = 0;
};

class CodeStore {
  public:
    // `folders`: paths by their names.
    CodeStore(Machine& machine, std::string directory,
              std::map<std::string, std::string> folders = {});
    // Forgets the trees and scratch directories of earlier runs, and blobs that no function uses.
    Result<void> clean(const std::set<std::string>& used);
    // Checks, extracts and keeps a zip.
    Task<Result<StoredCode>> put(Bytes zip);
    bool has_folders() const { return !folders_.empty(); }
    // One of the folders as code, of no bytes, if there is one of that name.
    std::optional<StoredCode> folder(const std::string& name);
    // The directory that holds the extracted code.
    Task<Result<std::string>> tree(std::string sha256);
    // One that holds them all, the later over the earlier: made once for each such list. A single
    // one's is tree().
    Task<Result<std::string>> merged_tree(std::vector<std::string> sha256s);
    // What they take together when extracted, each by itself.
    Task<Result<std::uint64_t>> unzipped_bytes(std::vector<std::string> sha256s);
    const std::string& directory() const { return directory_; }

  private:
    std::string tree_path(const std::string& sha256) const {
        return directory_ + "/code/" + sha256;
    }
    Task<Result<void>> merge(std::vector<std::string> sha256s, std::string temporary);
    Task<Result<void>> extract(std::string sha256, std::shared_ptr<const Bytes> zip);

    Machine& machine_;
    std::string directory_;
    storage::BlobStore blobs_;
    std::map<std::string, std::string> folders_;
    std::map<std::string, std::string> folder_trees_;  // a path by what stands for its SHA-256
};

}  // namespace mill::lambda
