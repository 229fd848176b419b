// SPDX-License-Identifier: Apache-2.0
// Executor: where the server's code runs. All state above posix/ and the engines belongs to the
// executor's one thread of execution; nothing there locks. Blocking work (fdatasync, SQLite) is
// handed to offload().
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"
#include "machine/task.h"

namespace mill::machine {

using Job = std::move_only_function<void()>;

class Executor {
  public:
    virtual ~Executor() = default;
    // Runs `job` soon, never inside this call. Executor thread only.
    virtual void post(Job job) = 0;
    // Runs `work` where it may block, then `done` on the executor. `work` may touch only what it
    // owns or shares by shared_ptr: the coroutine that asked may be gone. Simulation runs `work`
    // inline and delays `done`.
    virtual void offload(Job work, Job done) = 0;
    // As offload(), for work that is most often over sooner than a hand-over to another thread and
    // back: the executor may stand still meanwhile.
    virtual void offload_brief(Job work, Job done) { offload(std::move(work), std::move(done)); }
    // Whether offloaded work has a core beside the executor's. Where it has not, handing brief work
    // over takes longer than the work.
    virtual bool has_spare_core() const { return true; }
};

// A callback that is not made once the handle is gone.
class TimerHandle {
  public:
    struct Cancel {
        virtual ~Cancel() = default;  // destruction cancels
    };
    TimerHandle() = default;
    explicit TimerHandle(std::unique_ptr<Cancel> cancel) : cancel_(std::move(cancel)) {}
    void reset() { cancel_.reset(); }

  private:
    std::unique_ptr<Cancel> cancel_;
};

class Timers {
  public:
    virtual ~Timers() = default;
    // Calls `job` on the executor at `when` or soon after.
    virtual TimerHandle at(Instant when, Job job) = 0;
};

class Clock {
  public:
    virtual ~Clock() = default;
    virtual WallTime wall() const = 0;
    virtual Instant now() const = 0;
};

class Entropy {
  public:
    virtual ~Entropy() = default;
    virtual void fill(char* to, std::size_t count) = 0;
};

// co_await sleep_until(timers, when);
Task<void> sleep_until(Timers& timers, Instant when);
// co_await yield(executor): lets everything else that is ready run first.
Task<void> yield(Executor& executor);
// co_await offload(executor, work): see Executor::offload.
Task<void> offload(Executor& executor, Job work);
Task<void> offload_brief(Executor& executor, Job work);

std::string uuid_v4(Entropy& entropy);  // "1b4e28ba-2fa1-4d2e-883f-0016d3cca427"
std::string random_hex(Entropy& entropy, std::size_t digits);
std::string random_base32(Entropy& entropy, std::size_t digits);  // of A-Z, 2-7
std::string random_base64(Entropy& entropy, std::size_t bytes);   // that many, in base64
std::uint64_t random_u64(Entropy& entropy);
double random_unit(Entropy& entropy);  // from 0 to less than 1

}  // namespace mill::machine
