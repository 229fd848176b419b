// SPDX-License-Identifier: Apache-2.0
// retention_and_cleaning: days pass over two streams in one log, of which one keeps its records for
// a day or more and gets most of the bytes, the other for a week. So the cleaner copies the few
// that last out of segments that are dead else. Exactly the records within retention are read, and
// disk space comes back.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/retention_checker.h"

namespace mill::sim {

class RetentionAndCleaning final : public Workload {
  public:
    explicit RetentionAndCleaning(World& world) : world_(world) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return done_; }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override { return violations_; }
    Duration pause_max() const override { return std::chrono::hours(12); }
    Duration patience() const override { return std::chrono::hours(600); }

  private:
    Task<Result<void>> make_stream(std::string name, std::int64_t hours);
    Task<void> live();
    Task<void> put_some();
    Task<void> put_one(std::string stream, std::size_t bytes);
    Task<void> look();
    Task<Result<Look>> read_all();
    Task<void> days(Duration time);
    Task<void> sleep(Duration time);
    Task<Result<void>> give_back();
    void judge(const Look& look);
    void check_room(std::uint64_t kept_bytes);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    WallTime wall();

    World& world_;
    std::map<std::string, std::chrono::milliseconds> kept_;
    std::vector<KeptPut> puts_;
    WallTime latest_{};  // that the wall clock has ever shown
    bool done_ = false;
    std::vector<std::string> violations_;
    Scope scope_;
};

}  // namespace mill::sim
