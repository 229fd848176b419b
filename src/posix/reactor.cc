// SPDX-License-Identifier: Apache-2.0
#include "posix/reactor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "base/assert.h"

namespace mill::posix {
namespace {

Instant now() { return Instant(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace

Reactor::Reactor()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    MILL_ASSERT(epoll_ && event_);
    MILL_ASSERT(watch(event_.get(), EPOLLIN | EPOLLET, arrivals_));
}

bool Reactor::watch(int fd, std::uint32_t events, Watcher& watcher) {
    epoll_event event{.events = events, .data = {.ptr = &watcher}};
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Reactor::forget(int fd, const Watcher& watcher) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    for (std::size_t i = event_at_; i < events_there_; ++i) {
        if (events_[i].data.ptr == &watcher) events_[i].data.ptr = nullptr;
    }
}

// Each write to the event wakes, so it is never read.
void Reactor::post_from_elsewhere(Job job) {
    const std::lock_guard lock(mutex_);
    from_elsewhere_.push_back(std::move(job));
    if (from_elsewhere_.size() > 1) return;
    const std::uint64_t one = 1;
    MILL_ASSERT(::write(event_.get(), &one, sizeof one) == sizeof one);
}

void Reactor::take_arrivals() {
    const std::lock_guard lock(mutex_);
    for (Job& job : from_elsewhere_) posted_.push_back(std::move(job));
    from_elsewhere_.clear();
}

void Reactor::run() {
    while (!stopped_) {
        run_posted();
        if (!stopped_) run_due();
        if (!stopped_) run_last();
        if (!stopped_) wait();
    }
}

void Reactor::run_posted() { run_all(posted_); }
void Reactor::run_last() { run_all(last_); }

// Those posted meanwhile wait for the next round.
void Reactor::run_all(std::vector<Job>& jobs) {
    running_.swap(jobs);
    for (std::size_t i = 0; i < running_.size(); ++i) {
        Job job = std::move(running_[i]);
        job();
        if (!stopped_) continue;
        const auto rest = running_.begin() + static_cast<std::ptrdiff_t>(i) + 1;
        jobs.insert(jobs.begin(), std::make_move_iterator(rest),
                    std::make_move_iterator(running_.end()));
        break;
    }
    running_.clear();
}

void Reactor::run_due() {
    if (heap_.empty()) return;
    const Instant time = now();
    const std::uint64_t last = next_order_;
    while (!stopped_ && !heap_.empty()) {
        Alarm& first = *heap_.front();
        if (first.when_ > time || first.order_ >= last) return;
        Job job = std::move(first.job_);
        first.cancel();
        job();
    }
}

void Reactor::wait() {
    const int count = wait_for_events();
    events_there_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    for (event_at_ = 0; event_at_ < events_there_;) {
        const epoll_event& event = events_[event_at_++];
        if (event.data.ptr) static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
    }
    events_there_ = event_at_ = 0;
}

int Reactor::wait_for_events() {
    using namespace std::chrono;
    constexpr auto size = static_cast<int>(events_max);
    if (!posted_.empty() || !last_.empty())
        return ::epoll_wait(epoll_.get(), events_.data(), size, 0);
    if (heap_.empty()) return ::epoll_wait(epoll_.get(), events_.data(), size, -1);
    constexpr auto longest = hours(1);
    const Instant time = now();
    const Instant when = heap_.front()->when_;
    const nanoseconds left = when <= time            ? nanoseconds(0)
                             : when > time + longest ? longest
                                                     : when - time;
    if (has_fine_wait_) {
        const timespec timeout{.tv_sec = left / seconds(1), .tv_nsec = (left % seconds(1)).count()};
        const int count = ::epoll_pwait2(epoll_.get(), events_.data(), size, &timeout, nullptr);
        if (count >= 0 || errno != ENOSYS) return count;
        has_fine_wait_ = false;
    }
    return ::epoll_wait(epoll_.get(), events_.data(), size,
                        static_cast<int>(ceil<milliseconds>(left).count()));
}

bool Reactor::is_earlier(const Alarm& a, const Alarm& b) const {
    return a.when_ != b.when_ ? a.when_ < b.when_ : a.order_ < b.order_;
}

void Reactor::put(Alarm* alarm, std::size_t place) {
    heap_[place] = alarm;
    alarm->place_ = place;
}

void Reactor::rise(Alarm* alarm, std::size_t place) {
    while (place > 0 && is_earlier(*alarm, *heap_[(place - 1) / 2])) {
        put(heap_[(place - 1) / 2], place);
        place = (place - 1) / 2;
    }
    put(alarm, place);
}

void Reactor::sink(Alarm* alarm, std::size_t place) {
    while (true) {
        std::size_t child = place * 2 + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && is_earlier(*heap_[child + 1], *heap_[child])) ++child;
        if (!is_earlier(*heap_[child], *alarm)) break;
        put(heap_[child], place);
        place = child;
    }
    put(alarm, place);
}

void Reactor::Alarm::set(Instant when, Job job) {
    cancel();
    when_ = when;
    order_ = reactor_.next_order_++;
    job_ = std::move(job);
    reactor_.heap_.push_back(this);
    reactor_.rise(this, reactor_.heap_.size() - 1);
}

void Reactor::Alarm::cancel() {
    if (place_ == nowhere) return;
    std::vector<Alarm*>& heap = reactor_.heap_;
    Alarm* const last = heap.back();
    heap.pop_back();
    if (last != this) {
        if (place_ > 0 && reactor_.is_earlier(*last, *heap[(place_ - 1) / 2])) {
            reactor_.rise(last, place_);
        } else {
            reactor_.sink(last, place_);
        }
    }
    place_ = nowhere;
    job_ = nullptr;
}

}  // namespace mill::posix
