// SPDX-License-Identifier: Apache-2.0
// Appending: an append on its way. It is placed first: where its records will lie is settled, and
// whoever waits for it can prepare what he will say, while the disk writes. Then it is durable, or
// has failed.
//
// As two machine::OneShots, but for a single allocation and none to wait: there is one for each
// put. Copies share it. One coroutine waits at a time; it is resumed through Executor::post.
// Executor thread only.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/result.h"
#include "machine/executor.h"

namespace mill::storage {

// Counts the records of one log from 0. A record's offset never changes and is never given twice.
using Offset = std::uint64_t;

class Appending {
  public:
    explicit Appending(machine::Executor& executor) : state_(std::make_shared<State>(executor)) {}

    // co_await appending.placed(): the offset of its first record, should it succeed.
    auto placed() const { return Wait<&State::placement>(state_); }
    // co_await appending.durable(): the same, once it is durable.
    auto durable() const { return Wait<&State::outcome>(state_); }

    // For the engine.
    void place(Offset base) const {
        if (state_->placement) return;
        state_->placement = base;
        state_->resume_soon();
    }
    void finish(Result<Offset> outcome) const {
        if (state_->outcome) return;
        if (!state_->placement) state_->placement = outcome;
        state_->outcome = std::move(outcome);
        state_->resume_soon();
    }

  private:
    struct State : std::enable_shared_from_this<State> {
        explicit State(machine::Executor& e) : executor(e) {}
        void resume_soon() {
            if (!waiting || !(this->*awaited)) return;
            executor.post([self = shared_from_this()] {
                if (auto handle = std::exchange(self->waiting, nullptr)) handle.resume();
            });
        }

        machine::Executor& executor;
        std::optional<Result<Offset>> placement;
        std::optional<Result<Offset>> outcome;
        std::coroutine_handle<> waiting;
        std::optional<Result<Offset>> State::* awaited = nullptr;
    };

    template <std::optional<Result<Offset>> State::* Awaited>
    class Wait {
      public:
        explicit Wait(std::shared_ptr<State> state) : state_(std::move(state)) {}
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        ~Wait() { state_->waiting = nullptr; }
        bool await_ready() const noexcept { return (*state_.*Awaited).has_value(); }
        void await_suspend(std::coroutine_handle<> handle) noexcept {
            MILL_ASSERT(!state_->waiting);
            state_->waiting = handle;
            state_->awaited = Awaited;
        }
        Result<Offset> await_resume() const { return *(*state_.*Awaited); }

      private:
        std::shared_ptr<State> state_;
    };

    std::shared_ptr<State> state_;
};

}  // namespace mill::storage
