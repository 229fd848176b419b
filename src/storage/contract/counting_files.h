// SPDX-License-Identifier: Apache-2.0
// Files that count what is read and written, for tests that bound the cost of an operation.
#pragma once

#include "machine/files.h"

namespace mill::storage::contract {

struct FileTraffic {
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t opens = 0;
    std::vector<std::string> creations;  // paths of opens that may make the file
};

class CountingFiles : public machine::Files {
  public:
    explicit CountingFiles(machine::Files& files) : files_(files) {}

    FileTraffic traffic;

    Result<std::unique_ptr<machine::File>> open(const std::string& path,
                                                machine::Open how) override {
        ++traffic.opens;
        if (how == machine::Open::create || how == machine::Open::create_new)
            traffic.creations.push_back(path);
        MILL_TRY(auto file, files_.open(path, how));
        return std::make_unique<Counted>(traffic, std::move(file));
    }
    Result<void> remove(const std::string& path) override { return files_.remove(path); }
    Result<void> remove_tree(const std::string& path) override { return files_.remove_tree(path); }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return files_.rename(from, to);
    }
    Result<void> make_directories(const std::string& path) override {
        return files_.make_directories(path);
    }
    Result<void> sync_directory(const std::string& path) override {
        return files_.sync_directory(path);
    }
    Result<std::vector<machine::DirectoryEntry>> list(const std::string& path) override {
        return files_.list(path);
    }
    bool exists(const std::string& path) override { return files_.exists(path); }
    Result<void> set_mode(const std::string& path, unsigned mode) override {
        return files_.set_mode(path, mode);
    }
    Result<std::unique_ptr<machine::File>> lock(const std::string& path) override {
        return files_.lock(path);
    }

  private:
    class Counted final : public machine::File {
      public:
        Counted(FileTraffic& traffic, std::unique_ptr<machine::File> file)
            : traffic_(traffic), file_(std::move(file)) {}
        Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) override {
            auto read = file_->read_at(offset, to, count);
            traffic_.bytes_read += read.value_or(0);
            return read;
        }
        Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
            return write_at(offset, {&bytes, 1});
        }
        Result<void> write_at(std::uint64_t offset, std::span<const BytesView> pieces) override {
            for (const BytesView piece : pieces) traffic_.bytes_written += piece.size();
            return file_->write_at(offset, pieces);
        }
        Result<void> sync() override { return file_->sync(); }
        Result<std::uint64_t> size() override { return file_->size(); }
        Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }

      private:
        FileTraffic& traffic_;
        std::unique_ptr<machine::File> file_;
    };

    machine::Files& files_;
};

}  // namespace mill::storage::contract
