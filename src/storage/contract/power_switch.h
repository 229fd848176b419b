// SPDX-License-Identifier: Apache-2.0
// Files with a switch: after a number of operations that change something the power is off, in the
// middle of whatever was going on, and every further operation fails. What the disk then keeps is
// up to SimMachine::power_loss.
#pragma once

#include "machine/files.h"

namespace mill::storage::contract {

class PowerSwitch final : public machine::Files {
  public:
    explicit PowerSwitch(machine::Files& files) : files_(files) {}

    void cut_after(std::uint64_t operations) { left_ = operations; }
    void switch_on() { left_ = std::nullopt; }
    bool is_off() const { return left_ == 0; }

    Result<std::unique_ptr<machine::File>> open(const std::string& path,
                                                machine::Open how) override {
        if (how != machine::Open::read) MILL_CHECK(spend());
        MILL_TRY(auto file, files_.open(path, how));
        return std::make_unique<Switched>(*this, std::move(file));
    }
    Result<void> remove(const std::string& path) override {
        MILL_CHECK(spend());
        return files_.remove(path);
    }
    Result<void> remove_tree(const std::string& path) override {
        MILL_CHECK(spend());
        return files_.remove_tree(path);
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        MILL_CHECK(spend());
        return files_.rename(from, to);
    }
    Result<void> make_directories(const std::string& path) override {
        return files_.make_directories(path);
    }
    Result<void> sync_directory(const std::string& path) override {
        MILL_CHECK(spend());
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
    class Switched final : public machine::File {
      public:
        Switched(PowerSwitch& power, std::unique_ptr<machine::File> file)
            : power_(power), file_(std::move(file)) {}
        Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) override {
            return file_->read_at(offset, to, count);
        }
        Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
            return write_at(offset, {&bytes, 1});
        }
        Result<void> write_at(std::uint64_t offset, std::span<const BytesView> pieces) override {
            const bool was_on = !power_.is_off();
            const auto spent = power_.spend();
            if (!was_on) return spent;
            MILL_CHECK(file_->write_at(offset, pieces));  // the write that the cut hits tears
            return spent;
        }
        Result<void> sync() override {
            MILL_CHECK(power_.spend());
            return file_->sync();
        }
        Result<std::uint64_t> size() override { return file_->size(); }
        Result<void> truncate(std::uint64_t size) override {
            MILL_CHECK(power_.spend());
            return file_->truncate(size);
        }

      private:
        PowerSwitch& power_;
        std::unique_ptr<machine::File> file_;
    };

    Result<void> spend() {
        if (left_ && *left_ > 0) --*left_;
        if (is_off()) return fail("io", "the power is off");
        return {};
    }

    machine::Files& files_;
    std::optional<std::uint64_t> left_;
};

}  // namespace mill::storage::contract
