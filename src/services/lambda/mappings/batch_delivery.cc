// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/batch_delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "model/batch_window.h"
#include "model/function_answer.h"

namespace mill::lambda {
namespace {

Failure stopped() { return fail("mapping.stopped", "the mapping is being changed"); }

}  // namespace

BatchDelivery::BatchDelivery(Place place, std::vector<RenderedRecord> batch, Done done)
    : shared_(place.mapping),
      shard_id_(place.shard_id),
      shard_failed_(place.shard_failed),
      batch_(std::move(batch)),
      window_(place.window),
      done_(std::move(done)),
      parts_({Part{{.begin = 0, .end = batch_.size()}}}) {}

Task<Result<void>> BatchDelivery::run() {
    while (!parts_.empty()) {
        if (must_stop()) co_return stopped();
        MILL_CO_TRY(const Duration delay, co_await attempt());
        if (delay > Duration{0}) {
            status_.doing = "retrying";
            MILL_CO_CHECK(co_await pause(std::min(delay, until_all_is_old(parts_.back()))));
        }
    }
    co_return Result<void>();
}

Task<Result<void>> BatchDelivery::pause(Duration delay) {
    status_.next_attempt = shared_.machine.clock.now() + delay;
    const Instant until = *status_.next_attempt;
    while (!must_stop() && co_await shared_.stop.wait_until(shared_.machine.timers, until)) {
    }
    status_.next_attempt.reset();
    if (must_stop()) co_return stopped();
    co_return shared_.check_stream();
}

Task<Result<Duration>> BatchDelivery::attempt() {
    const Delivery under_way(shared_);
    Part part = parts_.back();
    parts_.pop_back();
    model::Verdict verdict;
    if (const std::size_t old = expired(part); old > 0) {
        verdict = model::Discard{0, old, model::DiscardReason::record_age_exceeded};
    } else {
        const model::BatchOutcome outcome = co_await invoke(part);
        const bool ran = !std::holds_alternative<model::NotRun>(outcome);
        verdict = model::judge(shared_.mapping.settings.retry_policy(), part.size(), outcome,
                               ran ? part.failures : part.throttles, shared_.jitter());
    }
    const auto* retry = std::get_if<model::Retry>(&verdict);
    const Duration delay = retry ? retry->delay : Duration{0};
    MILL_CO_CHECK(co_await settle(std::move(part), verdict));
    co_return delay;
}

Task<Result<void>> BatchDelivery::report(std::size_t done) {
    if (done == 0) co_return Result<void>();
    co_return co_await done_(batch_[done - 1].position, done == batch_.size());
}

Task<Result<void>> BatchDelivery::settle(Part part, model::Verdict verdict) {
    const model::Settled settled = model::settle(part, verdict);
    for (const model::BatchPart& left : settled.left | std::views::reverse)
        parts_.push_back({left, left.invocations > 0 ? part.last : LastInvocation{}});
    if (const auto* discard = std::get_if<model::Discard>(&verdict)) {
        const bool is_old = discard->reason == model::DiscardReason::record_age_exceeded;
        MILL_CO_CHECK(co_await give_up({*settled.given_up, std::move(part.last)},
                                       is_old ? "RecordAgeExceeded" : "RetryAttemptsExhausted"));
    } else if (std::holds_alternative<model::Advance>(verdict)) {
        const Duration age = shared_.machine.clock.wall() - batch_[part.end - 1].arrival;
        shared_.counts.iterator_age_ms =
            std::max<std::int64_t>(0, std::chrono::floor<std::chrono::milliseconds>(age).count());
    }
    co_return co_await report(settled.done);
}

Task<model::BatchOutcome> BatchDelivery::invoke(Part& part) {
    const auto records = records_of(part);
    status_ = {.doing = "invoking",
               .records = records.size(),
               .first_sequence_number = records.front().sequence_number,
               .attempts = part.failures + part.throttles + 1,
               .last_error = status_.last_error};
    Bytes event = window_ ? render_window_event(records, *window_, {}) : render_event(records);
    if (event.size() > model::event_bytes_max) {  // of one record: more are not put together
        status_.last_error =
            fmt::format("The event of record {} has {} bytes; a function takes at most {}.",
                        records.front().sequence_number, event.size(), model::event_bytes_max);
        shared_.last_result = "PROBLEM: " + status_.last_error;
        count(model::FunctionFailed{}, records.size());
        co_return model::FunctionFailed{};
    }
    auto result =
        co_await shared_.invoker.invoke({shared_.mapping.function_arn, std::move(event), {}});
    model::BatchOutcome outcome = model::NotRun{};
    if (!result) {
        status_.last_error = result.error().message;
        shared_.last_result = "PROBLEM: " + result.error().message;
    } else {
        ++part.invocations;
        part.last = {result->request_id, result->executed_version, result->function_error};
        outcome = result->function_error ? model::BatchOutcome(model::FunctionFailed{})
                                         : read_answer(result->payload, part);
        const bool failed = std::holds_alternative<model::FunctionFailed>(outcome);
        shared_.last_result = failed ? "PROBLEM: Function call failed" : "OK";
        if (failed) status_.last_error = result->payload.substr(0, 1000);
    }
    count(outcome, records.size());
    co_return outcome;
}

model::BatchOutcome BatchDelivery::read_answer(const std::string& payload, const Part& part) {
    const auto records = records_of(part);
    auto answer = model::read_answer(
        payload,
        {.reports_item_failures = shared_.mapping.settings.retry_policy().report_item_failures,
         .keeps_state = window_ != nullptr},
        [records](std::string_view identifier) { return place_of(records, identifier); });
    if (answer.state) window_->state = *std::move(answer.state);
    return answer.outcome;
}

void BatchDelivery::count(const model::BatchOutcome& outcome, std::size_t records) {
    std::size_t handled = 0;
    if (std::holds_alternative<model::Succeeded>(outcome)) handled = records;
    if (const auto* from = std::get_if<model::FailedFrom>(&outcome)) handled = from->index;
    shared_.counts.invoked += handled;
    shared_.counts.failed += records - handled;
}

std::size_t BatchDelivery::expired(const Part& part) const {
    std::optional<ports::Position> horizon;
    if (part.was_tried()) {  // retention may have passed meanwhile
        if (const auto kept = shared_.source.trim_horizon(shared_.stream_arn, shard_id_))
            horizon = *kept;
    }
    return model::expired(shared_.mapping.settings.retry_policy(), records_of(part),
                          shared_.machine.clock.wall(), horizon);
}

Duration BatchDelivery::until_all_is_old(const Part& part) const {
    return model::until_over_age(shared_.mapping.settings.retry_policy(),
                                 records_of(part).back().arrival, shared_.machine.clock.wall());
}

Task<Result<void>> BatchDelivery::give_up(Part part, std::string condition) {
    const auto records = records_of(part);
    if (part.last.request_id.empty())
        part.last.request_id = machine::uuid_v4(shared_.machine.entropy);
    shared_.machine.log.warning("records.discarded", {{"mapping", shared_.mapping.uuid},
                                                      {"shard", shard_id_},
                                                      {"records", std::to_string(records.size())},
                                                      {"first", records.front().sequence_number},
                                                      {"condition", condition}});
    if (!shared_.mapping.settings.on_failure.empty())
        MILL_CO_CHECK(co_await tell_destination(part, condition));
    Discard discard{.shard_id = shard_id_,
                    .positions = {},
                    .condition = std::move(condition),
                    .at = shared_.machine.clock.wall()};
    for (const RenderedRecord& record : records)
        discard.positions.push_back(static_cast<std::int64_t>(record.position));
    for (std::int64_t failures = 0;; ++failures) {
        const auto horizon = shared_.source.trim_horizon(shared_.stream_arn, shard_id_);
        const auto kept = co_await shared_.discards.add(discard, horizon.value_or(0));
        if (kept) break;
        status_.last_error = kept.error().message;
        MILL_CO_CHECK(co_await pause(model::retry_delay(failures, shared_.jitter())));
    }
    shared_.counts.dropped += records.size();
    co_return Result<void>();
}

// Until it is there: records that nobody hears of must not be passed.
Task<Result<void>> BatchDelivery::tell_destination(Part part, std::string condition) {
    const auto records = records_of(part);
    const WallTime now = shared_.machine.clock.wall();
    const std::string& arn = shared_.mapping.settings.on_failure;
    const std::string service = model::parse_arn(arn).value_or(model::Arn{}).service;
    const GivenUp given_up{.function_arn = shared_.mapping.function_arn,
                           .condition = std::move(condition),
                           .invocations = std::max<std::int64_t>(1, part.invocations),
                           .last = part.last,
                           .now = now,
                           .stream_arn = shared_.stream_arn,
                           .shard_id = shard_id_,
                           .records = records};
    const ports::FailureNotice notice{
        .destination_arn = arn,
        .document = failure_document(given_up, service == "s3"),
        .object_key = failure_object_key(shared_.mapping.uuid, shard_id_, now,
                                         machine::uuid_v4(shared_.machine.entropy))};
    status_.doing = "sending to the failure destination";
    for (std::int64_t failures = 0;; ++failures) {
        const auto destination = shared_.destinations.find(service);
        Result<void> told = fail("destination.missing", "Nothing here takes documents for " + arn);
        if (destination != shared_.destinations.end())
            told = co_await destination->second->deliver(notice);
        if (told) break;
        ++shared_.counts.delivery_failures;
        status_.last_error = told.error().message;
        shared_.last_result = "PROBLEM: " + told.error().message;
        shared_.machine.log.warning("destination.failed", {{"mapping", shared_.mapping.uuid},
                                                           {"destination", arn},
                                                           {"error", told.error().message}});
        MILL_CO_CHECK(co_await pause(model::retry_delay(failures, shared_.jitter())));
    }
    shared_.counts.delivered += records.size();
    co_return Result<void>();
}

}  // namespace mill::lambda
