// SPDX-License-Identifier: Apache-2.0
#include "bench/load/runner.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "bench/load/requests.h"
#include "bench/load/setup.h"

namespace mill::bench {
namespace {

constexpr double second_ns = 1e9;
constexpr int errors_max = 10'000;
constexpr std::uint64_t no_deadline = ~std::uint64_t{0};
constexpr std::uint64_t wait_ns_max = 100'000'000;
constexpr std::uint64_t stragglers_ns = 5'000'000'000;  // how long a record may be missing

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * second_ns); }

struct Connection {
    int fd = -1;
    std::string_view unsent;
    bool busy = false;
    std::uint64_t started_ns = 0;
    std::uint64_t resume_ns = no_deadline;  // a poller's pause
    AnswerReader reader;
};

class Runner {
  public:
    Runner(const Options& options, Workload& workload)
        : options_(options), workload_(workload), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    ~Runner() {
        for (const auto& c : connections_) ::close(c->fd);
        ::close(epoll_);
    }
    Outcome run();

  private:
    void open(std::size_t index);
    void start(std::size_t index, std::uint64_t started_ns);
    void send(std::size_t index);
    void receive(std::size_t index);
    void finish_exchange(std::size_t index);
    void proceed(std::size_t index, std::uint64_t now);
    void reopen(std::size_t index);
    void fail(std::string why);
    void start_due();
    void begin_measuring(std::uint64_t now);
    std::uint64_t next_deadline() const;
    bool over(std::uint64_t now) const;
    bool ending(std::uint64_t now) const;
    bool paced(std::size_t index) const { return options_.rate > 0 && workload_.measured(index); }

    const Options& options_;
    Workload& workload_;
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<std::size_t> idle_;   // paced connections that wait for a request to fall due
    std::uint64_t due_ns_ = 0;        // of the next request of the open loop
    std::uint64_t measure_from_ = 0;  // 0: in the warm-up
    std::uint64_t sent_ = 0;
    double load_cpu_before_ = 0;
    Outcome outcome_;
};

void Runner::open(std::size_t index) {
    Connection& c = *connections_[index];
    c.fd = connect_socket(options_.port, false);
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = index}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
}

void Runner::start(std::size_t index, std::uint64_t started_ns) {
    Connection& c = *connections_[index];
    c.unsent = workload_.next(index);
    c.busy = true;
    c.started_ns = started_ns;
    ++sent_;
    send(index);
}

void Runner::send(std::size_t index) {
    Connection& c = *connections_[index];
    while (!c.unsent.empty()) {
        const ssize_t put = ::send(c.fd, c.unsent.data(), c.unsent.size(), MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno == EAGAIN) return;  // epoll says when there is room
        if (put < 0) return;                     // the read tells that it is closed
        c.unsent.remove_prefix(static_cast<std::size_t>(put));
    }
}

void Runner::receive(std::size_t index) {
    Connection& c = *connections_[index];
    if (!c.busy) return;
    switch (c.reader.receive(c.fd)) {
        case AnswerReader::State::incomplete:
            return;
        case AnswerReader::State::complete:
            return finish_exchange(index);
        case AnswerReader::State::malformed:
            fail("an answer that is not HTTP/1.1 with a length");
            return reopen(index);
        case AnswerReader::State::closed:
            fail("the server closed the connection");
            return reopen(index);
    }
}

void Runner::finish_exchange(std::size_t index) {
    Connection& c = *connections_[index];
    const std::uint64_t now = now_ns();
    const std::uint64_t started = c.started_ns;
    const Answer answer = c.reader.answer();
    const bool good = answer.status == 200;
    c.busy = false;
    if (good) workload_.answered(index, answer);
    if (answer.keep_alive) {
        proceed(index, now);  // its answer overwrites this one only once it is received
    }
    const auto records = good ? workload_.digest(index, answer) : std::nullopt;
    if (!records) {
        fail(std::to_string(answer.status) + " " + std::string(answer.body.substr(0, 200)));
    }
    const bool counted = measure_from_ != 0 && started >= measure_from_ && records;
    if (counted && workload_.measured(index)) {
        ++outcome_.requests;
        outcome_.records += *records;
        outcome_.latency.add(now - started);
    }
    c.reader.reset();
    if (!answer.keep_alive) reopen(index);
}

// The connection is free: the next request, now or when one is due.
void Runner::proceed(std::size_t index, std::uint64_t now) {
    Connection& c = *connections_[index];
    if (paced(index)) {
        idle_.push_back(index);
        return;
    }
    if (!workload_.measured(index) && options_.poll_pause_ms > 0) {
        c.resume_ns = now + to_ns(options_.poll_pause_ms / 1000);
        return;
    }
    if (options_.requests == 0 || sent_ < options_.requests) start(index, now);
}

void Runner::reopen(std::size_t index) {
    Connection& c = *connections_[index];
    ::close(c.fd);
    ++outcome_.reconnects;
    c.busy = false;
    c.reader.reset();
    open(index);
    proceed(index, now_ns());
}

void Runner::fail(std::string why) {
    if (outcome_.errors++ == 0) outcome_.first_error = std::move(why);
    if (outcome_.errors > errors_max) give_up("too many errors: " + outcome_.first_error);
}

// Requests whose time has come, as far as connections are free.
void Runner::start_due() {
    const std::uint64_t now = now_ns();
    const std::uint64_t gap = options_.rate > 0 ? to_ns(1 / options_.rate) : 0;
    while (gap && due_ns_ <= now && !idle_.empty() && !ending(now)) {
        const std::size_t index = idle_.back();
        idle_.pop_back();
        // A wake-up of ours that comes late is not the server's; a backlog is.
        start(index, due_ns_ + gap <= now ? due_ns_ : now);
        due_ns_ += gap;
    }
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        if (connections_[i]->resume_ns > now) continue;
        connections_[i]->resume_ns = no_deadline;
        start(i, now);
    }
}

std::uint64_t Runner::next_deadline() const {
    std::uint64_t deadline = options_.rate > 0 && !idle_.empty() ? due_ns_ : no_deadline;
    if (options_.poll_pause_ms > 0) {
        for (const auto& c : connections_) deadline = std::min(deadline, c->resume_ns);
    }
    return deadline;
}

void Runner::begin_measuring(std::uint64_t now) {
    outcome_.before = usage_of(options_.pid);
    load_cpu_before_ = own_cpu_seconds();
    measure_from_ = now;
}

bool Runner::over(std::uint64_t now) const {
    if (workload_.finished()) return true;
    if (options_.requests > 0 && outcome_.requests + outcome_.errors >= options_.requests) {
        return true;
    }
    if (!ending(now)) return false;
    return workload_.settled() || now >= measure_from_ + to_ns(options_.seconds) + stragglers_ns;
}

// No more requests fall due.
bool Runner::ending(std::uint64_t now) const {
    return measure_from_ != 0 && now >= measure_from_ + to_ns(options_.seconds);
}

Outcome Runner::run() {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    const std::uint64_t begun = now_ns();
    if (options_.warmup_seconds <= 0 || workload_.finished()) begin_measuring(begun);
    due_ns_ = begun;
    for (std::size_t i = 0; i < static_cast<std::size_t>(options_.connections); ++i) {
        connections_.push_back(std::make_unique<Connection>());
        open(i);
    }
    for (std::size_t i = 0; i < connections_.size() && !workload_.finished(); ++i) {
        proceed(i, now_ns());
    }
    std::array<epoll_event, 256> events;
    std::uint64_t now = now_ns();
    while (!over(now)) {
        const std::uint64_t deadline = next_deadline();
        const std::uint64_t wait = deadline <= now ? 0 : std::min(deadline - now, wait_ns_max);
        const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(wait)};
        const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
        for (int i = 0; i < count; ++i) {
            const std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
            if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) send(index);
            receive(index);
        }
        if (options_.rate > 0 || options_.poll_pause_ms > 0) start_due();
        now = now_ns();
        if (measure_from_ == 0 && now >= begun + to_ns(options_.warmup_seconds)) {
            begin_measuring(now);
        }
    }
    if (workload_.finished()) {  // it sends nothing: its work is all in finish()
        workload_.finish(measure_from_, outcome_.findings);
        now = now_ns();
    }
    outcome_.seconds = static_cast<double>(now - measure_from_) / second_ns;
    outcome_.after = usage_of(options_.pid);
    outcome_.load_cpu_seconds = own_cpu_seconds() - load_cpu_before_;
    if (!workload_.finished()) workload_.finish(measure_from_, outcome_.findings);
    return std::move(outcome_);
}

}  // namespace

Outcome run(const Options& options, Workload& workload) { return Runner(options, workload).run(); }

}  // namespace mill::bench
