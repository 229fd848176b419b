// SPDX-License-Identifier: Apache-2.0
#include "posix/executor.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <thread>

#include "base/assert.h"

namespace mill::posix {
namespace {

using machine::Job;

// Threads that do one piece of work after the other, and no signal handling.
class Workers {
  public:
    Workers() {
        sigset_t all, before;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        for (std::thread& thread : threads_) thread = std::thread([this] { work(); });
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        there_is_work_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    void add(Job job) {
        {
            const std::lock_guard lock(mutex_);
            queue_.push_back(std::move(job));
        }
        there_is_work_.notify_one();
    }

  private:
    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            there_is_work_.wait(lock, [this] { return ending_ || !queue_.empty(); });
            if (queue_.empty()) return;
            Job job = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            job();
            job = nullptr;
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable there_is_work_;
    std::deque<Job> queue_;
    bool ending_ = false;
    std::array<std::thread, 2> threads_;
};

class HostExecutor final : public machine::Executor {
  public:
    explicit HostExecutor(Reactor& reactor) : reactor_(reactor) {}

    void post(Job job) override { reactor_.post(std::move(job)); }
    void offload(Job work, Job done) override {
        workers_.add([this, work = std::move(work), done = std::move(done)]() mutable {
            work();
            work = nullptr;
            reactor_.post_from_elsewhere(std::move(done));
        });
    }
    // A hand-over and back costs more than most of such work. It is handed over nevertheless while
    // it takes long, as on a slow disk.
    void offload_brief(Job work, Job done) override {
        if (brief_usual_.load() > brief_max) {
            offload([this, work = std::move(work)]() mutable { timed(work); }, std::move(done));
            return;
        }
        reactor_.post([this, work = std::move(work), done = std::move(done)]() mutable {
            timed(work);
            work = nullptr;
            done();
        });
    }
    bool has_spare_core() const override { return has_spare_core_; }

  private:
    // On average: of the two pieces of a commit one is over at once and the other waits for the
    // disk.
    static constexpr Duration brief_max = std::chrono::microseconds(500);
    // Read and written by whichever thread does the work: an estimate, no more.
    void timed(Job& work) {
        const auto begun = std::chrono::steady_clock::now();
        work();
        const Duration took = std::chrono::steady_clock::now() - begun;
        const Duration usual = brief_usual_.load();
        brief_usual_ = usual + (took - usual) / 8;
    }

    static bool may_use_several_cores() {
        cpu_set_t cores;
        return ::sched_getaffinity(0, sizeof cores, &cores) != 0 || CPU_COUNT(&cores) > 1;
    }

    Reactor& reactor_;
    const bool has_spare_core_ = may_use_several_cores();
    std::atomic<Duration> brief_usual_ = Duration(0);
    Workers workers_;
};

struct AlarmHandle final : machine::TimerHandle::Cancel {
    explicit AlarmHandle(Reactor& reactor) : alarm(reactor) {}
    Reactor::Alarm alarm;
};

class HostTimers final : public machine::Timers {
  public:
    explicit HostTimers(Reactor& reactor) : reactor_(reactor) {}

    machine::TimerHandle at(Instant when, Job job) override {
        auto handle = std::make_unique<AlarmHandle>(reactor_);
        handle->alarm.set(when, std::move(job));
        return machine::TimerHandle(std::move(handle));
    }

  private:
    Reactor& reactor_;
};

class HostClock final : public machine::Clock {
  public:
    WallTime wall() const override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
    Instant now() const override {
        return Instant(std::chrono::steady_clock::now().time_since_epoch());
    }
};

// The kernel's, fetched some pages' worth at a time. What was given out is forgotten.
class HostEntropy final : public machine::Entropy {
  public:
    void fill(char* to, std::size_t count) override {
        while (count > 0) {
            if (used_ == buffer_.size()) refill();
            const std::size_t piece = std::min(count, buffer_.size() - used_);
            std::memcpy(to, buffer_.data() + used_, piece);
            ::explicit_bzero(buffer_.data() + used_, piece);
            used_ += piece;
            to += piece;
            count -= piece;
        }
    }

  private:
    void refill() {
        for (std::size_t there = 0; there < buffer_.size();) {
            const ssize_t got = ::getrandom(buffer_.data() + there, buffer_.size() - there, 0);
            MILL_ASSERT(got > 0 || errno == EINTR);
            if (got > 0) there += static_cast<std::size_t>(got);
        }
        used_ = 0;
    }
    std::array<char, 4096> buffer_;
    std::size_t used_ = buffer_.size();
};

}  // namespace

std::unique_ptr<machine::Executor> make_executor(Reactor& reactor) {
    return std::make_unique<HostExecutor>(reactor);
}
std::unique_ptr<machine::Timers> make_timers(Reactor& reactor) {
    return std::make_unique<HostTimers>(reactor);
}
std::unique_ptr<machine::Clock> make_clock() { return std::make_unique<HostClock>(); }
std::unique_ptr<machine::Entropy> make_entropy() { return std::make_unique<HostEntropy>(); }

}  // namespace mill::posix
