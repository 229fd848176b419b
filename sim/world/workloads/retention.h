// SPDX-License-Identifier: Apache-2.0
// retention: days pass. Records older than the stream's retention period are never read, younger
// ones always, whether the disk space is back already or not.
#pragma once

#include <map>
#include <set>

#include "sim/world/workload.h"

namespace mill::sim {

class Retention final : public Workload {
  public:
    explicit Retention(World& world) : world_(world) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return done_; }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override { return violations_; }
    Duration pause_max() const override { return std::chrono::hours(12); }
    Duration patience() const override { return std::chrono::hours(300); }

  private:
    struct Put {
        WallTime began;  // by the wall clock
        std::string shard_id;
        std::string sequence_number;
    };
    Task<void> live();
    Task<void> put_some();
    Task<void> look();
    void judge(const std::vector<StoredRecord>& records, WallTime earliest);
    Task<void> sleep(Duration time);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    WallTime wall();

    World& world_;
    Duration kept_{};
    std::vector<Put> puts_;
    WallTime latest_{};  // that the wall clock has ever shown
    bool done_ = false;
    std::vector<std::string> violations_;
    Scope scope_;
};

}  // namespace mill::sim
