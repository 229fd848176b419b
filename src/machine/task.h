// SPDX-License-Identifier: Apache-2.0
// Task<T>: a coroutine that starts when awaited and gives its result to the one who awaits it.
//
// A Task owns its frame: destroying a Task destroys the coroutine wherever it is suspended, and
// with it every Task that it awaits. Awaiters in this room take themselves off their lists when
// destroyed, so a half-run Task can always be dropped. Rules: a coroutine is a function, never a
// capturing lambda; parameters are taken by value, or by reference to what surely outlives the Task
// (a service); no iterator or reference into a container is held across a co_await.
#pragma once

#include <coroutine>
#include <exception>
#include <list>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace mill::machine {

template <class T = void>
class Task;

namespace detail {

struct PromiseBase {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr exception;

    struct Final {
        bool await_ready() const noexcept { return false; }
        template <class P>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) const noexcept {
            return self.promise().continuation;
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() const noexcept { return {}; }
    Final final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <class U>
    void return_value(U&& from) {
        value.emplace(std::forward<U>(from));
    }
    T take() {
        if (exception) std::rethrow_exception(exception);
        return *std::move(value);
    }
};

template <>
struct Promise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() const noexcept {}
    void take() const {
        if (exception) std::rethrow_exception(exception);
    }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
  public:
    using promise_type = detail::Promise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit Task(Handle handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            if (handle_) handle_.destroy();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    struct Awaiter {
        Handle handle;
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
            handle.promise().continuation = awaiting;
            return handle;
        }
        T await_resume() { return handle.promise().take(); }
    };
    Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

  private:
    Handle handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

// Scope: the owner of tasks that nobody awaits. Destroying it destroys those still suspended. Not
// thread-safe; a task may not destroy the Scope it runs in. An exception that leaves a spawned task
// is a bug and stops the process.
class Scope {
  public:
    Scope() = default;
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { clear(); }

    // Starts the task at once, in the caller's stack, up to its first suspension.
    void spawn(Task<void> task) {
        Root root = run(*this, std::move(task));
        root.handle.resume();
    }
    std::size_t size() const { return roots_.size(); }
    // Destroys every task that is still suspended.
    void clear() {
        while (!roots_.empty()) roots_.front().destroy();  // its promise takes it off the list
    }

  private:
    struct Root {
        struct promise_type {
            Scope* scope;
            std::list<std::coroutine_handle<>>::iterator place;
            promise_type(Scope& owner, Task<void>&) : scope(&owner) {
                place = scope->roots_.insert(
                    scope->roots_.end(), std::coroutine_handle<promise_type>::from_promise(*this));
            }
            ~promise_type() { scope->roots_.erase(place); }
            Root get_return_object() {
                return {std::coroutine_handle<promise_type>::from_promise(*this)};
            }
            std::suspend_always initial_suspend() const noexcept { return {}; }
            std::suspend_never final_suspend() const noexcept { return {}; }
            void return_void() const noexcept {}
            void unhandled_exception() const noexcept { std::terminate(); }
        };
        std::coroutine_handle<> handle;
    };
    static Root run(Scope&, Task<void> task) { co_await std::move(task); }

    std::list<std::coroutine_handle<>> roots_;
};

}  // namespace mill::machine

namespace mill {
using machine::Scope;
using machine::Task;
}  // namespace mill
