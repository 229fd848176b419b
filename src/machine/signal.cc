// SPDX-License-Identifier: Apache-2.0
#include "machine/signal.h"

#include <array>

#include "base/bytes.h"

namespace mill::machine {

void detail::wake(Executor& executor, const std::shared_ptr<Waiter>& waiter, bool notified) {
    if (waiter->woken) return;
    waiter->woken = true;
    waiter->notified = notified;
    executor.post([waiter] {
        waiter->timer.reset();
        if (auto handle = std::exchange(waiter->handle, nullptr)) handle.resume();
    });
}

void Signal::notify_all() {
    if (waiters_.empty()) return;
    const auto waiting = std::exchange(waiters_, {});
    for (const auto& weak : waiting) {
        if (auto waiter = weak.lock()) detail::wake(*executor_, waiter, true);
    }
}

Signal::Wait::~Wait() {
    if (waiter_) {
        waiter_->handle = nullptr;
        waiter_->timer.reset();
    }
}

void Signal::Wait::await_suspend(std::coroutine_handle<> handle) {
    waiter_ = std::make_shared<detail::Waiter>();
    waiter_->handle = handle;
    auto& list = signal_->waiters_;
    // Waiters that gave up leave an empty place behind; clear those at the front, so that the list
    // stays short.
    while (!list.empty() && list.front().expired()) list.pop_front();
    list.push_back(waiter_);
    if (timers_) {
        waiter_->timer =
            timers_->at(deadline_, [executor = signal_->executor_, weak = std::weak_ptr(waiter_)] {
                if (auto waiter = weak.lock()) detail::wake(*executor, waiter, false);
            });
    }
}

namespace {

struct TimerWait {
    Timers* timers;
    Instant when;
    TimerHandle timer = {};
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
        timer = timers->at(when, [handle] { handle.resume(); });
    }
    void await_resume() const noexcept {}
};

// Resumed by a job that may outlive the coroutine: the shared slot tells the job whether there is
// still one to resume.
struct PostWait {
    Executor* executor;
    Job work = {};
    bool brief = false;
    std::shared_ptr<std::coroutine_handle<>> slot = std::make_shared<std::coroutine_handle<>>();
    ~PostWait() {
        if (slot) *slot = nullptr;
    }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
        *slot = handle;
        Job resume = [s = slot] {
            if (*s) std::exchange(*s, nullptr).resume();
        };
        if (work && brief) {
            executor->offload_brief(std::move(work), std::move(resume));
        } else if (work) {
            executor->offload(std::move(work), std::move(resume));
        } else {
            executor->post(std::move(resume));
        }
    }
    void await_resume() const noexcept {}
};

}  // namespace

Task<void> sleep_until(Timers& timers, Instant when) { co_await TimerWait{&timers, when}; }
Task<void> yield(Executor& executor) { co_await PostWait{&executor}; }
Task<void> offload(Executor& executor, Job work) { co_await PostWait{&executor, std::move(work)}; }
Task<void> offload_brief(Executor& executor, Job work) {
    co_await PostWait{&executor, std::move(work), true};
}

std::uint64_t random_u64(Entropy& entropy) {
    std::uint64_t value;
    entropy.fill(reinterpret_cast<char*>(&value), sizeof value);
    return value;
}

namespace {

// The alphabet's length is a power of two.
std::string random_text(Entropy& entropy, std::size_t digits, std::string_view alphabet) {
    std::string out(digits, '\0');
    entropy.fill(out.data(), digits);
    for (char& c : out) c = alphabet[static_cast<unsigned char>(c) & (alphabet.size() - 1)];
    return out;
}

}  // namespace

double random_unit(Entropy& entropy) {
    return static_cast<double>(random_u64(entropy) >> 11) * 0x1p-53;
}

std::string random_hex(Entropy& entropy, std::size_t digits) {
    return random_text(entropy, digits, "0123456789abcdef");
}

std::string random_base32(Entropy& entropy, std::size_t digits) {
    return random_text(entropy, digits, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
}

std::string random_base64(Entropy& entropy, std::size_t bytes) {
    Bytes raw(bytes, '\0');
    entropy.fill(raw.data(), raw.size());
    return base64_encode(raw);
}

// https://www.rfc-editor.org/rfc/rfc9562#section-5.4
std::string uuid_v4(Entropy& entropy) {
    static constexpr char alphabet[] = "0123456789abcdef";
    std::array<unsigned char, 16> raw;
    entropy.fill(reinterpret_cast<char*>(raw.data()), raw.size());
    raw[6] = static_cast<unsigned char>(0x40 | (raw[6] & 0x0f));
    raw[8] = static_cast<unsigned char>(0x80 | (raw[8] & 0x3f));
    std::string out(36, '-');
    char* to = out.data();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) ++to;
        *to++ = alphabet[raw[i] >> 4];
        *to++ = alphabet[raw[i] & 15];
    }
    return out;
}

}  // namespace mill::machine
