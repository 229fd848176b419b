// SPDX-License-Identifier: Apache-2.0
// Waiting without polling. Signal: any number of coroutines wait until somebody notifies.
// OneShot<T>: one value, one waiter. Resumption always goes through Executor::post, never in the
// notifier's stack. Executor thread only.
#pragma once

#include <list>
#include <memory>
#include <optional>

#include "machine/executor.h"

namespace mill::machine {

namespace detail {

// Shared by the waiting coroutine and the one who wakes it; `handle` is null once the waiter is
// gone or resumed.
struct Waiter {
    std::coroutine_handle<> handle;
    TimerHandle timer;
    bool notified = false;
    bool woken = false;
};
void wake(Executor& executor, const std::shared_ptr<Waiter>& waiter, bool notified);

}  // namespace detail

class Signal {
  public:
    explicit Signal(Executor& executor) : executor_(&executor) {}
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    // Wakes all that wait now. Waiters re-check their condition in a loop: a wake-up says "look
    // again", no more.
    void notify_all();

    class Wait {
      public:
        Wait(Signal& signal, Timers* timers, Instant deadline)
            : signal_(&signal), timers_(timers), deadline_(deadline) {}
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        ~Wait();
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> handle);
        bool await_resume() const noexcept { return waiter_->notified; }

      private:
        Signal* signal_;
        Timers* timers_;
        Instant deadline_;
        std::shared_ptr<detail::Waiter> waiter_;
    };
    // co_await signal.wait(): until the next notify_all.
    Wait wait() { return Wait(*this, nullptr, {}); }
    // co_await signal.wait_until(timers, deadline): false if the deadline came first.
    Wait wait_until(Timers& timers, Instant deadline) { return Wait(*this, &timers, deadline); }
    bool has_waiters() const { return !waiters_.empty(); }

  private:
    Executor* executor_;
    std::list<std::weak_ptr<detail::Waiter>> waiters_;
};

// One value from a producer to a single awaiting coroutine. Copies share the slot. Setting twice
// keeps the first value.
template <class T>
class OneShot {
  public:
    explicit OneShot(Executor& executor) : state_(std::make_shared<State>(executor)) {}

    void set(T value) const {
        if (state_->value) return;
        state_->value.emplace(std::move(value));
        resume_soon(state_);
    }
    bool is_set() const { return state_->value.has_value(); }
    Task<T> take() const { return take_from(state_); }
    // Empty if the deadline came first; the value may still come later.
    Task<std::optional<T>> take_until(Timers& timers, Instant deadline) const {
        return take_until_from(state_, timers, deadline);
    }

  private:
    struct State {
        explicit State(Executor& e) : executor(e) {}
        Executor& executor;
        std::optional<T> value;
        std::coroutine_handle<> waiting;
    };
    struct Wait {
        State& state;
        explicit Wait(State& s) : state(s) {}
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        ~Wait() { state.waiting = nullptr; }
        bool await_ready() const noexcept { return state.value.has_value(); }
        void await_suspend(std::coroutine_handle<> handle) noexcept { state.waiting = handle; }
        void await_resume() const noexcept {}
    };
    static void resume_soon(const std::shared_ptr<State>& state) {
        if (!state->waiting) return;
        state->executor.post([state] {
            if (auto handle = std::exchange(state->waiting, nullptr)) handle.resume();
        });
    }
    static Task<T> take_from(std::shared_ptr<State> state) {
        co_await Wait(*state);
        co_return *std::move(state->value);
    }
    static Task<std::optional<T>> take_until_from(std::shared_ptr<State> state, Timers& timers,
                                                  Instant deadline) {
        {
            const TimerHandle timer = timers.at(deadline, [state] { resume_soon(state); });
            co_await Wait(*state);
        }
        if (!state->value) co_return std::nullopt;
        co_return std::optional<T>(*std::move(state->value));
    }
    std::shared_ptr<State> state_;
};

}  // namespace mill::machine
