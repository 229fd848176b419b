// SPDX-License-Identifier: Apache-2.0
// Core: simulated time and the jobs of the simulated machine. One job runs at a time; among those
// ready the seed picks. Two sides share it: `inside` is the server's machine, which crashes;
// `outside` is the rest of the world (clients and workloads), which does not. Owned by SimMachine;
// everything else holds it weakly, so any handle may outlive it.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "machine/executor.h"
#include "sim/machine/random.h"

namespace mill::sim {

enum class Side { inside, outside };
enum class JobKind : std::uint8_t { post, offload, timer, network, process };

class Core : public std::enable_shared_from_this<Core> {
  public:
    explicit Core(std::uint64_t seed);

    Instant now() const { return now_; }
    WallTime wall() const;
    void step_wall_clock(std::chrono::milliseconds by) { wall_offset_ += by; }

    void post(Side side, JobKind kind, machine::Job job);
    // Without a handle: cancelled only by drop().
    void after(Side side, JobKind kind, Duration delay, machine::Job job);
    machine::TimerHandle at(Side side, Instant when, machine::Job job);

    // Runs one job, letting time jump to the next timer but not past `limit`. False if there is
    // none.
    bool step(Instant limit);
    void skip_to(Instant when) { now_ = std::max(now_, when); }
    // Destroys the jobs and timers of one side without running them.
    void drop(Side side);

    std::uint64_t hash() const { return hash_; }
    void mix(std::uint64_t value);

    // One stream of random numbers per purpose, so that asking for one does not change another.
    Random schedule;
    Random entropy;
    Random delays;
    Random workload;

  private:
    struct Entry {
        Side side;
        JobKind kind;
        std::uint64_t sequence;
        machine::Job job;  // empty once run or cancelled
    };
    using Key = std::pair<Instant, std::uint64_t>;
    struct Cancel;

    std::shared_ptr<Entry> entry(Side side, JobKind kind, machine::Job job);
    void collect_due();
    std::vector<machine::Job> take(Side side);

    Instant now_{};
    std::chrono::milliseconds wall_offset_{};
    std::vector<std::shared_ptr<Entry>> ready_;
    std::map<Key, std::shared_ptr<Entry>> timers_;
    std::uint64_t sequence_ = 0;
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

class SimClock final : public machine::Clock {
  public:
    explicit SimClock(Core& core) : core_(core) {}
    WallTime wall() const override { return core_.wall(); }
    Instant now() const override { return core_.now(); }

  private:
    Core& core_;
};

class SimExecutor final : public machine::Executor {
  public:
    SimExecutor(Core& core, Side side) : core_(core), side_(side) {}
    void post(machine::Job job) override { core_.post(side_, JobKind::post, std::move(job)); }
    void offload(machine::Job work, machine::Job done) override;
    void set_offload_delay_max(Duration most) { offload_delay_max_ = most; }
    bool has_spare_core() const override { return has_spare_core_; }
    void set_has_spare_core(bool has) { has_spare_core_ = has; }

  private:
    Core& core_;
    Side side_;
    bool has_spare_core_ = true;
    Duration offload_delay_max_ = std::chrono::milliseconds(5);
};

class SimTimers final : public machine::Timers {
  public:
    SimTimers(Core& core, Side side) : core_(core), side_(side) {}
    machine::TimerHandle at(Instant when, machine::Job job) override {
        return core_.at(side_, when, std::move(job));
    }

  private:
    Core& core_;
    Side side_;
};

class SimEntropy final : public machine::Entropy {
  public:
    explicit SimEntropy(Core& core) : core_(core) {}
    void fill(char* to, std::size_t count) override;

  private:
    Core& core_;
};

}  // namespace mill::sim
