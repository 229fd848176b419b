// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/invocations/event_queue.h"

#include <algorithm>

#include "model/arn.h"

namespace mill::lambda {
namespace {

constexpr std::string_view prefix = "lambda/event/";
constexpr std::int64_t retries_max = 2;
constexpr auto age_max = std::chrono::hours(6);
constexpr auto back_off_first = std::chrono::seconds(1);
constexpr auto back_off_max = std::chrono::minutes(5);

std::string key_of(const std::string& request_id) { return std::string(prefix) + request_id; }

// The account and region that an ARN of a function names.
Caller caller_of(const std::string& arn) {
    Caller caller;
    if (const auto parsed = model::parse_arn(arn)) {
        caller.account = parsed->account;
        caller.region = parsed->region;
    }
    return caller;
}

}  // namespace

EventVerdict judge_event(const QueuedEvent& event, bool ran, bool failed,
                         std::int64_t refusals_in_a_row, WallTime now) {
    if (!failed) return {.finished = true, .attempts = event.attempts};
    if (ran) {
        const std::int64_t attempts = event.attempts + 1;
        // One minute before the second attempt, two before the third.
        return {.finished = attempts > retries_max,
                .attempts = attempts,
                .wait = std::chrono::minutes(attempts)};
    }
    const Duration wait = std::min<Duration>(
        back_off_first * (1LL << std::min<std::int64_t>(refusals_in_a_row, 9)), back_off_max);
    return {.finished = now - event.accepted >= age_max, .attempts = event.attempts, .wait = wait};
}

Result<void> EventQueue::start() {
    MILL_TRY(auto rows, table_.scan(prefix));
    for (const auto& row : rows) {
        MILL_TRY(const QueuedEvent event, wire::from_json<QueuedEvent>(row.value));
        const auto wait = std::max(event.due - machine_.clock.wall(), std::chrono::milliseconds(0));
        tasks_.spawn(deliver(event.request_id, machine_.clock.now() + wait));
    }
    return {};
}

Task<Result<std::string>> EventQueue::accept(Invocation invocation) {
    const WallTime now = machine_.clock.wall();
    const std::string request_id = invocation.request_id;
    QueuedEvent event{.request_id = request_id,
                      .function_arn = std::move(invocation.invoked_arn),
                      .payload = {std::move(invocation.payload)},
                      .client_context = std::move(invocation.client_context),
                      .accepted = now,
                      .due = now};
    MILL_CO_CHECK(co_await store(std::move(event)));
    tasks_.spawn(deliver(request_id, machine_.clock.now()));
    co_return request_id;
}

Task<Result<void>> EventQueue::store(QueuedEvent event) {
    storage::Table::Commit commit;
    commit.puts = {{key_of(event.request_id), wire::to_json(event)}};
    co_return co_await table_.commit(std::move(commit));
}

Task<void> EventQueue::forget(std::string request_id) {
    storage::Table::Commit commit;
    commit.erases = {key_of(request_id)};
    const auto erased = co_await table_.commit(std::move(commit));
    if (!erased)
        machine_.log.error("lambda.event_kept",
                           {{"request", request_id}, {"error", erased.error().message}});
}

Result<std::optional<QueuedEvent>> EventQueue::load(const std::string& request_id) {
    MILL_TRY(const auto row, table_.get(key_of(request_id)));
    if (!row) return std::optional<QueuedEvent>();
    MILL_TRY(QueuedEvent event, wire::from_json<QueuedEvent>(*row));
    return std::optional<QueuedEvent>(std::move(event));
}

// Whether the function failed. A function that is gone counts as success: there is nobody left to
// retry with.
Task<Result<bool>> EventQueue::attempt(QueuedEvent event, bool* ran) {
    *ran = false;
    auto reference = parse_function_name(caller_of(event.function_arn), event.function_arn, "");
    if (!reference) co_return false;
    const auto function = functions_.find(*reference);
    if (!function) co_return false;
    Invocation invocation =
        invocations_.prepare(*function, event.function_arn, std::move(event.payload.bytes));
    invocation.request_id = event.request_id;  // the same over retries
    invocation.client_context = event.client_context;
    MILL_CO_TRY(const ports::InvokeOutcome outcome,
                co_await invocations_.invoke(std::move(invocation)));
    *ran = true;
    co_return outcome.function_error.has_value();
}

Task<void> EventQueue::deliver(std::string request_id, Instant due) {
    std::int64_t refusals = 0;
    std::optional<Instant> next = due;
    while (next) {
        if (*next > machine_.clock.now()) co_await machine::sleep_until(machine_.timers, *next);
        if (stopping_) co_return;
        ++attempts_running_;
        next = co_await attempt_and_judge(request_id, &refusals);
        --attempts_running_;
        changed_.notify_all();
    }
}

Task<std::optional<Instant>> EventQueue::attempt_and_judge(std::string request_id,
                                                           std::int64_t* refusals) {
    const auto loaded = load(request_id);
    if (!loaded)
        machine_.log.error("lambda.event_unreadable",
                           {{"request", request_id}, {"error", loaded.error().message}});
    if (!loaded || !*loaded) co_return std::nullopt;
    QueuedEvent event = **loaded;
    bool ran = false;
    const auto result = co_await attempt(event, &ran);
    const bool failed = !result || *result;
    const WallTime now = machine_.clock.wall();
    const EventVerdict verdict = judge_event(event, ran, failed, *refusals, now);
    if (verdict.finished) {
        if (failed) {
            machine_.log.warning("lambda.event_dropped",
                                 {{"request", request_id}, {"function", event.function_arn}});
        }
        co_await forget(request_id);
        co_return std::nullopt;
    }
    *refusals = ran ? 0 : *refusals + 1;
    const Instant due = machine_.clock.now() + verdict.wait;
    if (ran) {
        event.attempts = verdict.attempts;
        event.due = now + std::chrono::ceil<std::chrono::milliseconds>(verdict.wait);
        const auto stored = co_await store(std::move(event));
        if (!stored) {
            machine_.log.error("lambda.event_attempt_not_counted",
                               {{"request", request_id}, {"error", stored.error().message}});
        }
    }
    co_return due;
}

Task<void> EventQueue::stop(Instant deadline) {
    stopping_ = true;
    while (attempts_running_ > 0 && co_await changed_.wait_until(machine_.timers, deadline)) {
    }
    tasks_.clear();
}

}  // namespace mill::lambda
