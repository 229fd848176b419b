// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/lane.h"

#include <algorithm>
#include <type_traits>

namespace mill::lambda {
namespace {

// Nothing is polled: this only bounds how long a lost wake-up could go unnoticed.
constexpr auto quiet_max = std::chrono::hours(1);
constexpr std::uint32_t read_records_max = 10'000;
// A filter may let few of them pass.
constexpr std::size_t filtered_records_min = 1000;

Failure another_lane_failed() {
    return fail("mapping.stopped", "another lane of the shard has failed");
}

}  // namespace

ShardShared::ShardShared(PollerShared& all, std::string shard_id)
    : mapping(all),
      id(std::move(shard_id)),
      renderer({all.mapping.source_arn, id, all.role_arn, all.mapping.region}),
      filter_context{all.mapping.source_arn, id, all.mapping.region, all.role_arn},
      checkpoint(all, id) {}

Lane::Lane(ShardShared& shard, std::size_t index)
    : shard_(shard),
      shared_(shard.mapping),
      index_(index),
      lanes_(shard.checkpoint.positions().lanes()),
      next_read_(shard.checkpoint.positions().position(index)) {}

Task<Result<void>> Lane::run() {
    for (;;) {
        if (shard_.failed) co_return another_lane_failed();
        MILL_CO_TRY(auto batch, co_await next_batch());
        if (!batch.empty()) {
            MILL_CO_CHECK(co_await deliver(std::move(batch)));
        } else if (window_) {
            MILL_CO_CHECK(co_await close_window(false));
        } else {
            co_return Result<void>();  // the shard has ended
        }
    }
}

Task<Result<void>> Lane::read_more() {
    const model::BatchLimits limits = this->limits();
    if (ended_ || queue_.size() >= limits.records_max || queue_bytes_ >= limits.bytes_max)
        co_return Result<void>();
    if (shared_.mapping.reads_as_consumer())
        MILL_CO_CHECK(shared_.source.check_source(shared_.mapping.source_arn));
    MILL_CO_CHECK(shared_.check_stream());  // read_after() finds its stream before it awaits
    if (const auto run = shard_.runs.find(next_read_)) {
        take_in(*run);
        co_return Result<void>();
    }
    std::size_t room = (limits.records_max - queue_.size()) * lanes_;
    if (!shared_.filter.passes_all()) room = std::max<std::size_t>(room, filtered_records_min);
    const ports::Position from = next_read_;
    MILL_CO_TRY(auto run,
                co_await shared_.source.read_after(
                    shared_.stream_arn, shard_.id, from,
                    static_cast<std::uint32_t>(std::min<std::size_t>(room, read_records_max)),
                    limits.bytes_max - queue_bytes_));
    if (lanes_ == 1) {
        take_in(std::move(run));
    } else {
        take_in(*shard_.runs.keep(from, std::move(run)));
    }
    co_return Result<void>();
}

template <class Run>
void Lane::take_in(Run&& run) {
    constexpr bool is_own = !std::is_lvalue_reference_v<Run>;
    for (auto& record : run.records) {
        if (record.position < next_read_ || !is_mine(record)) continue;
        ++shared_.counts.polled;
        if (!shared_.filter.passes_all() && !wants(record)) continue;
        if constexpr (is_own) {
            queue_.push_back(shard_.renderer.render(std::move(record)));
        } else {
            queue_.push_back(shard_.renderer.render(record));
        }
        queue_bytes_ += queue_.back().json.size() + 1;
    }
    if (!run.records.empty()) last_arrival_ = run.records.back().arrival;
    is_caught_up_ = run.next == next_read_;
    next_read_ = run.next;
    ended_ = run.at_end;
}

bool Lane::is_mine(const ports::SourceRecord& record) const {
    const model::LanePositions& positions = shard_.checkpoint.positions();
    if (lanes_ == 1 && !positions.has_earlier()) return true;
    const std::uint64_t hash = model::lane_hash(record.partition_key);
    return hash % lanes_ == index_ && !positions.was_done_before(record.position, hash);
}

bool Lane::wants(const ports::SourceRecord& record) {
    const bool passes =
        shared_.filter.passes(shard_.filter_context, {.partition_key = record.partition_key,
                                                      .sequence_number = record.sequence_number,
                                                      .arrival = record.arrival,
                                                      .data = record.data});
    if (!passes) ++shared_.counts.filtered;
    return passes;
}

model::BatchLimits Lane::limits() const {
    model::BatchLimits limits = shared_.mapping.settings.batch_limits();
    constexpr std::uint64_t window_frame_bytes = 1024;
    if (shared_.mapping.settings.has_windows())
        limits.bytes_max -= model::window_state_bytes_max + window_frame_bytes;
    return limits;
}

model::TimeWindow Lane::window_of(const RenderedRecord& record) const {
    return model::window_at(record.arrival,
                            std::chrono::seconds(shared_.mapping.settings.tumbling_window_seconds));
}

std::optional<model::TimeWindow> Lane::current_window() const {
    if (window_) return window_->bounds;
    if (!shared_.mapping.settings.has_windows() || queue_.empty()) return std::nullopt;
    return window_of(queue_.front());
}

model::Gathered Lane::measure(const model::BatchLimits& limits, Instant first_taken) const {
    model::Gathered gathered{
        .bytes = event_frame_bytes, .source_ended = ended_, .first_taken = first_taken};
    const std::optional<model::TimeWindow> window = current_window();
    if (window && shared_.machine.clock.wall() >= window->end + model::window_grace &&
        !may_follow(*window))
        gathered.source_ended = true;  // no more can come into it
    for (const RenderedRecord& record : queue_) {
        const bool is_in_window = !window || window->contains(record.arrival);
        if (!gathered.add(limits, record.json.size() + 1, is_in_window)) break;
    }
    return gathered;
}

bool Lane::may_follow(const model::TimeWindow& window) const {
    return !ended_ && !is_caught_up_ && last_arrival_ < window.end;
}

bool Lane::is_window_over() const {
    if (queue_.empty() && may_follow(window_->bounds)) return false;
    std::optional<WallTime> next;
    if (!queue_.empty()) next = queue_.front().arrival;
    return model::window_is_over(window_->bounds, next, ended_, shared_.machine.clock.wall(),
                                 shared_.machine.clock.now() - window_->opened);
}

Task<Result<std::vector<RenderedRecord>>> Lane::next_batch() {
    const model::BatchLimits limits = this->limits();
    Instant first_taken = shared_.machine.clock.now();
    for (;;) {
        const bool was_empty = queue_.empty();
        const ports::Position before = next_read_;
        MILL_CO_CHECK(co_await read_more());
        const Instant now = shared_.machine.clock.now();
        if (was_empty) first_taken = now;
        // Filtered records and those of other lanes are passed without an invocation.
        if (queue_.empty() && !window_) shard_.checkpoint.move(index_, next_read_);
        if (window_ && is_window_over()) co_return std::vector<RenderedRecord>();
        const model::Gathered gathered = measure(limits, first_taken);
        const auto decision = model::decide_window(limits, gathered, now);
        if (std::holds_alternative<model::Fire>(decision)) co_return take(gathered.records);
        if (ended_ && queue_.empty()) co_return std::vector<RenderedRecord>();
        if (queue_.empty() && next_read_ != before) {  // there may be more, none of it to deliver
            co_await machine::yield(shared_.machine.executor);
        } else {
            co_await wait(std::get<model::WaitForRecords>(decision).until);
        }
    }
}

std::vector<RenderedRecord> Lane::take(std::uint32_t records) {
    std::vector<RenderedRecord> batch;
    batch.reserve(records);
    for (std::uint32_t i = 0; i < records; ++i) {
        queue_bytes_ -= queue_.front().json.size() + 1;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batch;
}

Task<void> Lane::wait(std::optional<Instant> until) {
    const Instant now = shared_.machine.clock.now();
    Instant deadline = until.value_or(now + quiet_max);
    if (const auto window = current_window()) {
        const Duration left = window->end + model::window_grace - shared_.machine.clock.wall();
        const Duration most = window->end - window->start + model::window_grace;
        deadline = std::min(deadline, now + std::clamp(left, Duration{0}, most));
    }
    co_await shared_.source.wait_beyond(shared_.stream_arn, shard_.id, next_read_, deadline);
}

// While the function works on the batch, what comes next is read and rendered.
Task<Result<void>> Lane::deliver(std::vector<RenderedRecord> batch) {
    if (shard_.failed) co_return another_lane_failed();
    if (shared_.mapping.settings.has_windows() && !window_)
        window_.emplace(OpenWindow{window_of(batch.front()), "{}", shard_.id,
                                   shared_.mapping.source_arn, shared_.machine.clock.now()});
    delivery_oldest_ = batch.front().arrival;
    BatchDelivery delivery(
        {shared_, shard_.id, shard_.failed, window_ ? &*window_ : nullptr}, std::move(batch),
        [this](ports::Position last, bool is_all) { return commit(last, is_all); });
    delivery_ = &delivery;
    Scope under_way;
    const machine::OneShot<Result<void>> delivered(shared_.machine.executor);
    is_delivering_ = true;
    under_way.spawn(deliver_to(delivery, delivered));
    const auto ahead = co_await read_more();
    const auto outcome = co_await delivered.take();
    is_delivering_ = false;
    delivery_ = nullptr;
    last_error_ = delivery.status().last_error;
    MILL_CO_CHECK(outcome);
    MILL_CO_CHECK(ahead);
    if (window_ && window_->state.size() > model::window_state_bytes_max)
        co_return co_await close_window(true);
    co_return Result<void>();
}

Task<void> Lane::deliver_to(BatchDelivery& delivery, machine::OneShot<Result<void>> delivered) {
    delivered.set(co_await delivery.run());
}

// Its last invocation, until it succeeds; the state goes with the window. Before that no record of
// the window is passed: after a crash the window begins anew.
Task<Result<void>> Lane::close_window(bool early) {
    for (std::int64_t failures = 0;; ++failures) {
        if (shared_.stopping || shard_.failed)
            co_return fail("mapping.stopped", "the mapping is being changed");
        {
            is_delivering_ = true;
            const Delivery under_way(shared_);
            const auto result = co_await shared_.invoker.invoke(
                {shared_.mapping.function_arn,
                 render_window_event({}, *window_, {.is_final = true, .is_early = early}),
                 {}});
            if (result && !result->function_error) {
                shared_.last_result = "OK";
                window_.reset();
                is_delivering_ = false;
                co_return co_await commit_all();
            }
            is_delivering_ = false;
            last_error_ = result ? result->payload.substr(0, 1000) : result.error().message;
            shared_.last_result =
                "PROBLEM: " + (result ? "Function call failed" : result.error().message);
        }
        const Instant again =
            shared_.machine.clock.now() + model::retry_delay(failures, shared_.jitter());
        co_await shared_.pause_until(again);
        MILL_CO_CHECK(shared_.check_stream());
    }
}

Task<Result<void>> Lane::commit(ports::Position last, bool is_all) {
    if (window_) co_return Result<void>();
    if (is_all) co_return co_await commit_all();
    shard_.checkpoint.move(index_, last + 1);
    co_return co_await shard_.checkpoint.settle();
}

Task<Result<void>> Lane::commit_all() {
    MILL_CO_CHECK(co_await shard_.checkpoint.settle());
    shard_.checkpoint.move(index_, rest());
    co_return Result<void>();
}

LaneStatus Lane::status() const {
    LaneStatus status{.position = shard_.checkpoint.positions().position(index_),
                      .queued = queue_.size(),
                      .oldest = {},
                      .batch = {},
                      .last_error = last_error_};
    if (!queue_.empty()) status.oldest = queue_.front().arrival;
    if (delivery_) {
        status.batch = delivery_->status();
        status.oldest = delivery_oldest_;
        status.last_error = status.batch->last_error;
    }
    return status;
}

}  // namespace mill::lambda
