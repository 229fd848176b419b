// SPDX-License-Identifier: Apache-2.0
#include "posix/executor.h"

#include <sys/random.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>

#include "base/assert.h"

namespace mill::posix {
namespace {

using machine::Job;

class AsioExecutor final : public machine::Executor {
  public:
    explicit AsioExecutor(Reactor& reactor) : reactor_(reactor) {}
    ~AsioExecutor() override { pool_.join(); }

    void post(Job job) override { boost::asio::post(reactor_, std::move(job)); }
    void offload(Job work, Job done) override {
        boost::asio::post(pool_, [this, work = std::move(work), done = std::move(done)]() mutable {
            work();
            work = nullptr;
            boost::asio::post(reactor_, std::move(done));
        });
    }

  private:
    static constexpr std::size_t threads = 2;
    Reactor& reactor_;
    boost::asio::thread_pool pool_{threads};
};

// Shared by the handle and Asio's queue; `job` is empty once it ran or the handle is gone.
struct Alarm {
    explicit Alarm(Reactor& reactor) : timer(reactor) {}
    boost::asio::steady_timer timer;
    Job job;
};

struct AlarmHandle final : machine::TimerHandle::Cancel {
    explicit AlarmHandle(std::shared_ptr<Alarm> a) : alarm(std::move(a)) {}
    ~AlarmHandle() override {
        alarm->job = nullptr;
        alarm->timer.cancel();
    }
    std::shared_ptr<Alarm> alarm;
};

class AsioTimers final : public machine::Timers {
  public:
    explicit AsioTimers(Reactor& reactor) : reactor_(reactor) {}

    machine::TimerHandle at(Instant when, Job job) override {
        auto alarm = std::make_shared<Alarm>(reactor_);
        alarm->job = std::move(job);
        alarm->timer.expires_at(std::chrono::steady_clock::time_point(when.time_since_epoch()));
        alarm->timer.async_wait([weak = std::weak_ptr(alarm)](const boost::system::error_code&) {
            // The job may destroy its own handle, and with it the Alarm: it runs from the stack.
            if (auto due = weak.lock()) {
                if (Job now = std::exchange(due->job, nullptr)) now();
            }
        });
        return machine::TimerHandle(std::make_unique<AlarmHandle>(std::move(alarm)));
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

class HostEntropy final : public machine::Entropy {
  public:
    void fill(char* to, std::size_t count) override {
        while (count > 0) {
            const ssize_t got = ::getrandom(to, count, 0);
            MILL_ASSERT(got > 0 || errno == EINTR);
            if (got <= 0) continue;
            to += got;
            count -= static_cast<std::size_t>(got);
        }
    }
};

}  // namespace

std::unique_ptr<machine::Executor> make_executor(Reactor& reactor) {
    return std::make_unique<AsioExecutor>(reactor);
}
std::unique_ptr<machine::Timers> make_timers(Reactor& reactor) {
    return std::make_unique<AsioTimers>(reactor);
}
std::unique_ptr<machine::Clock> make_clock() { return std::make_unique<HostClock>(); }
std::unique_ptr<machine::Entropy> make_entropy() { return std::make_unique<HostEntropy>(); }

}  // namespace mill::posix
