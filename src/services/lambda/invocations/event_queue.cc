// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/invocations/event_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/arn.h"

namespace mill::lambda {
namespace {

constexpr std::string_view prefix = "lambda/event/";
constexpr auto back_off_first = std::chrono::seconds(1);
constexpr auto back_off_max = std::chrono::minutes(5);

std::string key_of(const std::string& request_id) { return std::string(prefix) + request_id; }

Duration back_off(std::int64_t failures_in_a_row) {
    return std::min<Duration>(
        back_off_first * (1LL << std::min<std::int64_t>(failures_in_a_row, 9)), back_off_max);
}

// "aws/lambda/async/<function>/2019/11/14/2019-11-14T00.38.06-<random>"
std::string object_key_of(const std::string& function, WallTime now, const std::string& random) {
    std::string second = iso8601_s(now).substr(0, 19), day = second.substr(0, 10);
    std::ranges::replace(second, ':', '.');
    std::ranges::replace(day, '-', '/');
    return fmt::format("aws/lambda/async/{}/{}/{}-{}", function, day, second, random);
}

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
                         std::int64_t refusals_in_a_row, WallTime now,
                         const EventSettings& settings) {
    const std::int64_t attempts = event.attempts + (ran ? 1 : 0);
    if (!failed) return {.finished = true, .attempts = attempts};
    const std::int64_t retries_max = settings.retries_max.value_or(event_retries_default);
    if (ran && attempts > retries_max)
        return {.finished = true, .attempts = attempts, .condition = "RetriesExhausted"};
    // One minute before the second attempt, two before the third.
    const Duration wait = ran ? std::chrono::minutes(attempts) : back_off(refusals_in_a_row);
    const auto age_max =
        std::chrono::seconds(settings.age_seconds_max.value_or(event_age_seconds_default));
    return {.finished = (ran ? now + wait : now) - event.accepted >= age_max,
            .attempts = attempts,
            .wait = wait,
            .condition = "EventAgeExceeded"};
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
    MILL_CO_CHECK(co_await store(event));
    tasks_.spawn(deliver(request_id, machine_.clock.now()));
    co_return request_id;
}

Task<Result<void>> EventQueue::store(const QueuedEvent& event) {
    storage::Table::Commit commit;
    commit.puts = {{key_of(event.request_id), wire::to_json(event)}};
    return table_.commit(std::move(commit));  // no coroutine: `event` may go
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

// A function that is gone counts as success: there is nobody left to retry with.
Task<Result<ports::InvokeOutcome>> EventQueue::attempt(QueuedEvent event, bool* ran) {
    *ran = false;
    auto reference = parse_function_name(caller_of(event.function_arn), event.function_arn, "");
    if (!reference) co_return ports::InvokeOutcome();
    const auto function = functions_.resolve(*reference);
    if (!function) co_return ports::InvokeOutcome();
    Invocation invocation =
        invocations_.prepare(*function, event.function_arn, std::move(event.payload.bytes));
    invocation.request_id = event.request_id;  // the same over retries
    invocation.client_context = event.client_context;
    auto outcome = co_await invocations_.invoke(std::move(invocation));
    *ran = outcome.has_value();
    co_return outcome;
}

Result<EventSettings> EventQueue::settings_of(const QueuedEvent& event) {
    MILL_TRY(const auto reference,
             parse_function_name(caller_of(event.function_arn), event.function_arn, ""));
    MILL_TRY(auto settings, find_event_settings(table_, reference));
    return std::move(settings).value_or(EventSettings());
}

// Its function has reserved concurrency, but none of it: nobody waits for that to change.
bool EventQueue::is_shut_off(const QueuedEvent& event) const {
    const auto reference =
        parse_function_name(caller_of(event.function_arn), event.function_arn, "");
    if (!reference) return false;
    const auto reserved = functions_.reserved().find(reference->id);
    return reserved != functions_.reserved().end() && reserved->second == 0;
}

Task<void> EventQueue::deliver(std::string request_id, Instant due) {
    Delivery delivery{.request_id = std::move(request_id)};
    std::optional<Instant> next = due;
    while (next) {
        if (*next > machine_.clock.now()) co_await machine::sleep_until(machine_.timers, *next);
        if (stopping_) co_return;
        ++attempts_running_;
        next = co_await attempt_and_judge(&delivery);
        --attempts_running_;
        changed_.notify_all();
    }
}

Task<std::optional<Instant>> EventQueue::attempt_and_judge(Delivery* delivery) {
    if (delivery->ended) co_return co_await keep_end(delivery);
    const std::string& request_id = delivery->request_id;
    auto loaded = load(request_id);
    if (!loaded)
        machine_.log.error("lambda.event_unreadable",
                           {{"request", request_id}, {"error", loaded.error().message}});
    if (!loaded || !*loaded) co_return std::nullopt;
    QueuedEvent event = **std::move(loaded);
    if (!event.outgoing.empty()) co_return co_await tell_destinations(std::move(event), delivery);
    const auto settings = settings_of(event);
    if (!settings) {
        machine_.log.error("lambda.event_settings_unreadable",
                           {{"request", request_id}, {"error", settings.error().message}});
        co_return machine_.clock.now() + back_off_max;
    }
    bool ran = false, failed = true;
    std::optional<ports::InvokeOutcome> outcome;
    std::optional<Error> refusal;
    // One that is too old before it runs is judged as if it had been refused.
    EventVerdict verdict =
        judge_event(event, ran, failed, delivery->refusals, machine_.clock.wall(), *settings);
    if (!verdict.finished && is_shut_off(event))
        verdict = {
            .finished = true, .attempts = event.attempts, .condition = "ZeroReservedConcurrency"};
    if (!verdict.finished) {
        auto result = co_await attempt(event, &ran);
        failed = !result || result->function_error;
        if (ran) {
            outcome = *std::move(result);
        } else if (!result) {
            refusal = std::move(result).error();
        }
        verdict =
            judge_event(event, ran, failed, delivery->refusals, machine_.clock.wall(), *settings);
    }
    if (!verdict.finished)
        co_return co_await wait_for_next(std::move(event), verdict, ran, delivery);
    EndOfEvent end{.request_id = request_id,
                   .function_arn = event.function_arn,
                   .condition = std::string(verdict.condition),
                   .invocations = verdict.attempts,
                   .payload = std::move(event.payload.bytes),
                   .last = std::move(outcome),
                   .refusal = std::move(refusal),
                   .now = machine_.clock.wall()};
    if (failed || ran)
        co_return co_await conclude(std::move(event), std::move(end), *settings, delivery);
    co_await forget(request_id);
    co_return std::nullopt;
}

Task<std::optional<Instant>> EventQueue::wait_for_next(QueuedEvent event, EventVerdict verdict,
                                                       bool ran, Delivery* delivery) {
    delivery->refusals = ran ? 0 : delivery->refusals + 1;
    const Instant due = machine_.clock.now() + verdict.wait;
    if (!ran) co_return due;
    event.attempts = verdict.attempts;
    event.due = machine_.clock.wall() + std::chrono::ceil<std::chrono::milliseconds>(verdict.wait);
    if (const auto stored = co_await store(event); !stored) {
        machine_.log.error("lambda.event_attempt_not_counted",
                           {{"request", event.request_id}, {"error", stored.error().message}});
    }
    co_return due;
}

Task<std::optional<Instant>> EventQueue::conclude(QueuedEvent event, EndOfEvent end,
                                                  EventSettings settings, Delivery* delivery) {
    const bool failed = end.condition != "Success";
    if (failed) {
        machine_.log.warning("lambda.event_dropped",
                             {{"request", event.request_id}, {"function", event.function_arn}});
    }
    event.attempts = end.invocations;
    event.due = end.now;
    event.outgoing = outgoing_of(std::move(end), settings);
    if (event.outgoing.empty()) {
        co_await forget(event.request_id);
        co_return std::nullopt;
    }
    delivery->refusals = 0;
    delivery->ended = std::move(event);
    co_return co_await keep_end(delivery);
}

std::vector<Outgoing> EventQueue::outgoing_of(EndOfEvent end, const EventSettings& settings) {
    std::vector<Outgoing> outgoing;
    const auto named = parse_function_name(caller_of(end.function_arn), end.function_arn, "");
    if (!named) return outgoing;
    const bool failed = end.condition != "Success";
    const std::string& destination = failed ? settings.on_failure : settings.on_success;
    if (!destination.empty()) {
        outgoing.push_back(
            {destination, event_document(end),
             object_key_of(named->id.name, end.now, machine::uuid_v4(machine_.entropy))});
    }
    const auto function = functions_.find(*named);
    if (failed && function && !(*function)->dead_letter_arn.empty()) {
        DeadLetter letter = dead_letter_of(end);
        outgoing.push_back(
            {(*function)->dead_letter_arn, std::move(end.payload), {}, std::move(letter)});
    }
    return outgoing;
}

// Before anybody is told, the row says who has to be: else the function would run again after a
// crash, and its next end be told as well.
Task<std::optional<Instant>> EventQueue::keep_end(Delivery* delivery) {
    if (const auto stored = co_await store(*delivery->ended); !stored) {
        machine_.log.error("lambda.event_end_not_kept",
                           {{"request", delivery->request_id}, {"error", stored.error().message}});
        co_return machine_.clock.now() + back_off(delivery->refusals++);
    }
    delivery->refusals = 0;
    QueuedEvent event = *std::exchange(delivery->ended, std::nullopt);
    co_return co_await tell_destinations(std::move(event), delivery);
}

// Again and again while a destination fails; one that refuses for good (the queue is gone ...) is
// not told.
Task<std::optional<Instant>> EventQueue::tell_destinations(QueuedEvent event, Delivery* delivery) {
    for (;;) {
        const auto told = co_await tell(event.outgoing.front());
        if (!told) {
            const bool for_good = told.error().status >= 400 && told.error().status < 500;
            machine_.log.write(for_good ? LogLevel::error : LogLevel::warning, "destination.failed",
                               {{"request", event.request_id},
                                {"destination", event.outgoing.front().destination_arn},
                                {"error", told.error().message}});
            if (!for_good) co_return machine_.clock.now() + back_off(delivery->refusals++);
        }
        event.outgoing.erase(event.outgoing.begin());
        if (event.outgoing.empty()) break;
        if (const auto stored = co_await store(event); !stored) {  // who was told is told again
            machine_.log.error("lambda.event_end_not_kept",
                               {{"request", event.request_id}, {"error", stored.error().message}});
            co_return machine_.clock.now() + back_off(delivery->refusals++);
        }
    }
    co_await forget(event.request_id);
    co_return std::nullopt;
}

Task<Result<void>> EventQueue::tell(Outgoing outgoing) {
    const std::string service =
        model::parse_arn(outgoing.destination_arn).value_or(model::Arn{}).service;
    if (service == "lambda") {
        MILL_CO_TRY(const auto reference, parse_function_name(caller_of(outgoing.destination_arn),
                                                              outgoing.destination_arn, ""));
        MILL_CO_TRY(const auto function, functions_.find(reference));
        MILL_CO_TRY(const auto accepted,
                    co_await accept(invocations_.prepare(function, reference.arn(),
                                                         std::move(outgoing.document))));
        static_cast<void>(accepted);
        co_return Result<void>();
    }
    const auto destination = destinations_.find(service);
    if (destination == destinations_.end()) {
        co_return fail("InvalidParameterValueException",
                       "Nothing here takes documents for " + outgoing.destination_arn, 400);
    }
    ports::FailureNotice notice{.destination_arn = std::move(outgoing.destination_arn),
                                .document = std::move(outgoing.document),
                                .object_key = std::move(outgoing.object_key),
                                .attributes = {}};
    if (const auto& letter = outgoing.dead_letter) {
        notice.attributes["RequestID"] = {"String", false, letter->request_id};
        notice.attributes["ErrorCode"] = {"Number", false, letter->error_code};
        if (!letter->error_message.empty())
            notice.attributes["ErrorMessage"] = {"String", false, letter->error_message};
    }
    co_return co_await destination->second->deliver(std::move(notice));
}

Task<void> EventQueue::stop(Instant deadline) {
    stopping_ = true;
    while (attempts_running_ > 0 && co_await changed_.wait_until(machine_.timers, deadline)) {
    }
    tasks_.clear();
}

}  // namespace mill::lambda
