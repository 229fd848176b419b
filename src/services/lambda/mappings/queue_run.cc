// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/queue_run.h"

#include <algorithm>
#include <utility>

#include "model/retry_policy.h"

namespace mill::lambda {
namespace {

// Nothing is polled: this only bounds how long a lost wake-up could go unnoticed.
constexpr auto quiet_max = std::chrono::hours(1);
// How soon a queue that is gone or broken is looked at again.
constexpr auto probe_interval = std::chrono::seconds(5);
constexpr std::size_t take_max = 10;  // at once, as ReceiveMessage
constexpr std::uint64_t frame_bytes = 14;

std::vector<std::string> receipts_of(std::span<const RenderedMessage> messages) {
    std::vector<std::string> receipts;
    for (const RenderedMessage& message : messages) receipts.push_back(message.receipt_handle);
    return receipts;
}

}  // namespace

QueueRun::QueueRun(const MappingServices& services, Mapping mapping, Duration timeout,
                   MappingCounts& counts)
    : shared_(services.machine, services.invoker, counts, std::move(mapping)),
      queues_(*services.queues),
      timeout_(timeout),
      concurrency_(shared_.mapping.settings.max_concurrency),
      ended_(services.machine.executor) {}

Task<void> QueueRun::finish() {
    co_await shared_.finish();
    tasks_.clear();
    untake(batch_);
}

void QueueRun::untake(const Batch& batch) {
    queues_.untake_messages(shared_.mapping.source_arn, receipts_of(batch.messages));
}

void QueueRun::note_problem(std::string message) {
    shared_.last_result = "PROBLEM: " + std::move(message);
}

Task<void> QueueRun::run() {
    auto filter = model::EventFilter::compile(shared_.mapping.settings.filters,
                                              model::EventFilter::Source::queue);
    if (!filter) {  // create and update have compiled it before
        note_problem(filter.error().message);
        co_return;
    }
    shared_.filter = *std::move(filter);
    while (!shared_.stopping) {
        co_await wait_for_place();
        const auto gathered = co_await gather();
        if (shared_.stopping) co_return;
        if (!gathered) {
            note_problem(gathered.error().message);
            untake(std::exchange(batch_, {}));
            co_await shared_.pause_until(shared_.machine.clock.now() + probe_interval);
        } else {
            ++batches_in_flight_;
            tasks_.spawn(deliver(std::exchange(batch_, {})));
        }
    }
}

Task<void> QueueRun::wait_for_place() {
    while (batches_in_flight_ >= concurrency_.limit()) {
        const Instant now = shared_.machine.clock.now();
        const auto more = concurrency_.ask_for_more(now);
        if (more && *more <= now) continue;
        co_await ended_.wait_until(shared_.machine.timers, more.value_or(now + quiet_max));
    }
}

// A window must not take so long that its messages are visible again before they are handled.
model::BatchLimits QueueRun::limits(const ports::SourceQueue& queue) const {
    model::BatchLimits limits = shared_.mapping.settings.batch_limits();
    limits.window = std::min<Duration>(limits.window, queue.visibility / 2);
    return limits;
}

Task<Result<void>> QueueRun::gather() {
    const std::string& arn = shared_.mapping.source_arn;
    for (;;) {
        MILL_CO_TRY(const ports::SourceQueue queue, queues_.source_queue(arn));
        const model::BatchLimits limits = this->limits(queue);
        const Instant now = shared_.machine.clock.now();
        const std::size_t there = batch_.messages.size();
        const auto decision = model::decide_window(limits,
                                                   {.records = static_cast<std::uint32_t>(there),
                                                    .bytes = batch_.bytes + frame_bytes,
                                                    .next_does_not_fit = batch_.next_does_not_fit,
                                                    .first_taken = batch_.first_taken},
                                                   now);
        if (std::holds_alternative<model::Fire>(decision)) co_return Result<void>();
        MILL_CO_TRY(const std::size_t taken,
                    co_await take_some(std::min(take_max, limits.records_max - there)));
        if (shared_.stopping) co_return Result<void>();
        if (there == 0 && !batch_.messages.empty()) {
            batch_.first_taken = now;
            batch_.visible_again = now + queue.visibility;
        }
        if (taken > 0) continue;
        if (there == 0) concurrency_.note_idle(batches_in_flight_);
        const auto until = std::get<model::WaitForRecords>(decision).until;
        co_await queues_.wait_for_messages(arn, until.value_or(now + quiet_max));
    }
}

Task<Result<std::size_t>> QueueRun::take_some(std::size_t count) {
    const Delivery under_way(shared_);  // what was taken is not to be forgotten
    MILL_CO_TRY(auto messages, co_await queues_.take_messages(shared_.mapping.source_arn, count));
    const std::size_t taken = messages.size();
    shared_.counts.polled += taken;
    MILL_CO_CHECK(co_await take_in(std::move(messages)));
    co_return taken;
}

Task<Result<void>> QueueRun::take_in(std::vector<ports::SourceMessage> messages) {
    const Mapping& mapping = shared_.mapping;
    std::vector<std::string> filtered, too_many;
    for (ports::SourceMessage& message : messages) {
        std::string around = render_around(message, mapping.source_arn, mapping.region);
        if (!shared_.filter.passes_all() &&
            !shared_.filter.passes({.around = around + "}", .body = message.body})) {
            filtered.push_back(std::move(message.receipt_handle));
            continue;
        }
        RenderedMessage rendered = render_message(std::move(message), std::move(around));
        const std::uint64_t bytes = batch_.bytes + rendered.json.size() + 1;
        batch_.next_does_not_fit |=
            !batch_.messages.empty() && bytes + frame_bytes > model::event_bytes_max;
        if (batch_.next_does_not_fit) {  // nor what follows it: groups stay in order
            too_many.push_back(std::move(rendered.receipt_handle));
            continue;
        }
        batch_.bytes = bytes;
        batch_.messages.push_back(std::move(rendered));
    }
    shared_.counts.polled -= too_many.size();
    if (!too_many.empty()) queues_.untake_messages(mapping.source_arn, too_many);
    if (filtered.empty()) co_return Result<void>();
    shared_.counts.filtered += filtered.size();
    shared_.counts.deleted += filtered.size();
    co_return co_await queues_.delete_messages(mapping.source_arn, std::move(filtered));
}

Task<void> QueueRun::deliver(Batch batch) {
    {
        const Delivery under_way(shared_);
        if (const auto outcome = co_await invoke(batch)) co_await conclude(batch, *outcome);
    }
    --batches_in_flight_;
    ended_.notify_all();
}

Task<std::optional<ports::InvokeOutcome>> QueueRun::invoke(const Batch& batch) {
    for (std::int64_t failures = 0;; ++failures) {
        auto result = co_await shared_.invoker.invoke(
            {shared_.mapping.function_arn, render_queue_event(batch.messages), {}});
        if (result) co_return *std::move(result);
        shared_.counts.failed += batch.messages.size();
        note_problem(result.error().message);
        concurrency_.note_failure();
        const Instant again =
            shared_.machine.clock.now() + model::retry_delay(failures, shared_.jitter());
        if (again + timeout_ >= batch.visible_again) {
            queues_.note_failed(shared_.mapping.source_arn, receipts_of(batch.messages));
            co_return std::nullopt;
        }
        if (!co_await shared_.pause_until(again)) {
            untake(batch);
            co_return std::nullopt;
        }
    }
}

Task<void> QueueRun::conclude(const Batch& batch, const ports::InvokeOutcome& outcome) {
    const std::size_t count = batch.messages.size();
    const bool reports = !shared_.mapping.settings.response_types.empty();
    std::vector<bool> handled(count, !outcome.function_error);
    if (!outcome.function_error && reports)
        handled = handled_messages(outcome.payload, batch.messages);
    std::vector<std::string> receipts, failed;
    for (std::size_t i = 0; i < count; ++i)
        (handled[i] ? receipts : failed).push_back(batch.messages[i].receipt_handle);
    if (!failed.empty()) queues_.note_failed(shared_.mapping.source_arn, failed);
    shared_.counts.invoked += receipts.size();
    shared_.counts.failed += count - receipts.size();
    shared_.last_result = outcome.function_error ? "PROBLEM: Function call failed" : "OK";
    // Who reports what failed expects failures.
    if (outcome.function_error && !reports) {
        concurrency_.note_failure();
    } else {
        concurrency_.note_success();
    }
    if (receipts.empty()) co_return;
    const std::size_t deleted = receipts.size();
    const auto done =
        co_await queues_.delete_messages(shared_.mapping.source_arn, std::move(receipts));
    if (done) {
        shared_.counts.deleted += deleted;
        co_return;
    }
    note_problem(done.error().message);  // they come again
    shared_.machine.log.warning("messages.not_deleted", {{"mapping", shared_.mapping.uuid},
                                                         {"error", done.error().message}});
}

}  // namespace mill::lambda
