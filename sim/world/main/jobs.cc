// SPDX-License-Identifier: Apache-2.0
#include "sim/world/main/jobs.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <new>
#include <span>

namespace mill::sim {
namespace {

// Which job each process is at, where its parent sees it.
class Places {
  public:
    explicit Places(std::size_t count) : bytes_(count * sizeof(std::atomic<std::size_t>)) {
        void* const memory =
            ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        MILL_ASSERT(memory != MAP_FAILED);
        places_ = {static_cast<std::atomic<std::size_t>*>(memory), count};
        for (auto& place : places_) new (&place) std::atomic<std::size_t>(0);
    }
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;
    ~Places() { ::munmap(places_.data(), bytes_); }
    std::atomic<std::size_t>& operator[](std::size_t process) { return places_[process]; }

  private:
    std::size_t bytes_;
    std::span<std::atomic<std::size_t>> places_;
};

bool run_share(const std::vector<Job>& jobs, std::size_t first, std::size_t step,
               std::atomic<std::size_t>& place, const std::function<bool(const Job&)>& run) {
    bool held = true;
    for (std::size_t i = first; i < jobs.size(); i += step) {
        place = i;
        held &= run(jobs[i]);
    }
    return held;
}

}  // namespace

bool run_jobs(const std::vector<Job>& jobs, std::size_t processes,
              const std::function<bool(const Job&)>& run) {
    Places places(processes);
    if (processes == 1) return run_share(jobs, 0, 1, places[0], run);
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < processes; ++i) {
        const pid_t child = ::fork();
        MILL_ASSERT(child >= 0);
        if (child == 0) {
            const bool held = run_share(jobs, i, processes, places[i], run);
            std::fflush(stdout);
            ::_exit(held ? 0 : 1);
        }
        children.push_back(child);
    }
    bool held = true;
    for (std::size_t i = 0; i < processes; ++i) {
        int status = 0;
        ::waitpid(children[i], &status, 0);
        held &= status == 0;
        if (WIFEXITED(status) && WEXITSTATUS(status) <= 1) continue;
        const Job& job = jobs[places[i]];
        fmt::print("{} {} DIED\n  again: ./mill sim {} --workload {}\n", job.workload, job.seed,
                   job.seed, job.workload);
    }
    return held;
}

}  // namespace mill::sim
