// SPDX-License-Identifier: Apache-2.0
// backup_while_writing: writers fill streams, a pipeline moves its checkpoints, streams come and
// go, and all the while the server is asked for backups, which misfortunes cut off. While one is
// made, records go into the log and marks (log groups) into the table in turn, each as soon as the
// one before is acknowledged: a copy of both that is not of one moment holds one without the other.
// Each backup that was completed is restored in another world, on an empty disk that then loses
// power; the server that starts there is judged. So is a copy of the files after the server has
// died.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/backup_checker.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

class BackupWhileWriting final : public Workload {
  public:
    explicit BackupWhileWriting(World& world) : world_(world), pipeline_(world) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return clients_left_ == 0 && pipeline_.producers_done(); }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    Task<void> write(int writer);
    Task<Result<void>> put(std::string stream);
    Task<void> come_and_go();
    Task<void> put_and_mark(std::size_t backup);
    Task<Result<void>> mark();
    Task<void> back_up();
    Task<Result<void>> back_up_once();
    Task<void> sleep(std::uint64_t ms_max);
    void judge_all();
    Result<RestoredState> restore(const BackupTaken& backup);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }

    World& world_;
    Pipeline pipeline_;
    std::vector<std::string> streams_;
    WritingHistory history_;
    std::vector<BackupTaken> backups_;  // ended: 0 while nobody knows
    std::vector<std::string> violations_;
    int clients_left_ = 0;
    Scope scope_;
};

}  // namespace mill::sim
