// SPDX-License-Identifier: Apache-2.0
// Reactor: one thread waits for descriptors, timers and jobs, and calls whom they concern. A
// descriptor is registered once; waiting for it costs neither a system call nor memory. All that is
// ready is served in rounds, so that nobody who is always ready keeps the others out. Members are
// for the thread that runs it, but for post_from_elsewhere(). Inside posix/ only.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <mutex>
#include <vector>

#include "machine/executor.h"
#include "posix/files.h"

namespace mill::posix {

class Reactor {
  public:
    using Job = machine::Job;

    class Watcher {
      public:
        virtual void on_ready(std::uint32_t events) = 0;  // EPOLLIN and so on

      protected:
        ~Watcher() = default;
    };
    // A job for a time. Taken out of the reactor when destroyed; not moved.
    class Alarm {
      public:
        explicit Alarm(Reactor& reactor) : reactor_(reactor) {}
        Alarm(const Alarm&) = delete;
        Alarm& operator=(const Alarm&) = delete;
        ~Alarm() { cancel(); }
        // Calls `job` once, at `when` or soon after. The job may destroy the Alarm.
        void set(Instant when, Job job);
        void cancel();

      private:
        friend class Reactor;
        static constexpr std::size_t nowhere = ~std::size_t{0};
        Reactor& reactor_;
        Instant when_;
        std::uint64_t order_ = 0;
        std::size_t place_ = nowhere;  // in the reactor's heap
        Job job_;
    };

    Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    // Tells `watcher` of events; those of EPOLLET once for each change. False if the system has no
    // room for another descriptor.
    bool watch(int fd, std::uint32_t events, Watcher& watcher);
    // Before the descriptor is closed or the watcher destroyed.
    void forget(int fd, const Watcher& watcher);

    // Runs `job` soon, never inside this call.
    void post(Job job) { posted_.push_back(std::move(job)); }
    void post_from_elsewhere(Job job);
    // Runs `job` at the end of this turn, behind all that was ready in it.
    void post_last(Job job) { last_.push_back(std::move(job)); }

    // Until stop(), also one that came since restart().
    void run();
    void restart() { stopped_ = false; }
    void stop() { stopped_ = true; }

  private:
    static constexpr std::size_t events_max = 256;
    struct Arrivals final : Watcher {
        explicit Arrivals(Reactor& r) : reactor(r) {}
        void on_ready(std::uint32_t) override { reactor.take_arrivals(); }
        Reactor& reactor;
    };
    void take_arrivals();
    void run_posted();
    void run_last();
    void run_all(std::vector<Job>& jobs);
    void run_due();
    void wait();
    int wait_for_events();
    bool is_earlier(const Alarm& a, const Alarm& b) const;
    void put(Alarm* alarm, std::size_t place);
    void rise(Alarm* alarm, std::size_t place);
    void sink(Alarm* alarm, std::size_t place);

    Descriptor epoll_;
    Descriptor event_;  // written to by other threads
    Arrivals arrivals_{*this};
    std::mutex mutex_;
    std::vector<Job> from_elsewhere_;  // guarded by mutex_
    std::vector<Job> posted_;
    std::vector<Job> running_;
    std::vector<Job> last_;
    std::vector<Alarm*> heap_;
    std::uint64_t next_order_ = 0;
    std::array<epoll_event, events_max> events_;
    std::size_t event_at_ = 0;  // those before it are served
    std::size_t events_there_ = 0;
    bool stopped_ = false;
    bool has_fine_wait_ = true;  // epoll_pwait2, Linux 5.11
};

}  // namespace mill::posix
