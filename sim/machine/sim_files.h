// SPDX-License-Identifier: Apache-2.0
// Files on the simulated disk (disk.h), with machine/files.h's rules.
#pragma once

#include "machine/files.h"
#include "sim/machine/disk.h"

namespace mill::sim {

class SimFiles final : public machine::Files {
  public:
    explicit SimFiles(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}
    Result<std::unique_ptr<machine::File>> open(const std::string& path,
                                                machine::Open how) override;
    Result<void> remove(const std::string& path) override;
    Result<void> remove_tree(const std::string& path) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> make_directories(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override;
    Result<std::vector<machine::DirectoryEntry>> list(const std::string& path) override;
    bool exists(const std::string& path) override;
    Result<void> set_mode(const std::string& path, unsigned mode) override;
    Result<std::unique_ptr<machine::File>> lock(const std::string& path) override;

  private:
    Result<NodePointer> open_node(const std::string& path, machine::Open how);

    std::shared_ptr<Disk> disk_;
};

}  // namespace mill::sim
