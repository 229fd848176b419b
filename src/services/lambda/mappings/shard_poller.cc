// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/shard_poller.h"

#include <algorithm>

namespace mill::lambda {
namespace {

// Nothing is polled: this only bounds how long a lost wake-up could go unnoticed.
constexpr auto quiet_max = std::chrono::hours(1);

// Counts a delivery for as long as it is under way, also when its coroutine is destroyed.
class Delivery {
  public:
    explicit Delivery(PollerShared& shared) : shared_(shared) { ++shared_.deliveries; }
    ~Delivery() {
        if (--shared_.deliveries == 0) shared_.idle.notify_all();
    }
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

  private:
    PollerShared& shared_;
};

}  // namespace

ShardPoller::ShardPoller(PollerShared& shared, std::string shard_id)
    : shared_(shared),
      shard_id_(std::move(shard_id)),
      renderer_({shared.mapping.source_arn, shard_id_, shared.role_arn, shared.mapping.region}) {}

// Whatever ends the poller, its checkpoint is settled: the next one begins where this one has come.
Task<Result<void>> ShardPoller::run() {
    const auto consumed = co_await consume();
    const auto settled = co_await settle();
    co_return consumed ? settled : consumed;
}

Task<Result<void>> ShardPoller::consume() {
    MILL_CO_CHECK(co_await find_start());
    for (;;) {
        MILL_CO_TRY(auto batch, co_await next_batch());
        if (batch.empty()) co_return Result<void>();  // the shard has ended
        // While the function works on it, what comes next is read and rendered.
        Scope under_way;
        const machine::OneShot<Result<void>> delivered(shared_.machine.executor);
        under_way.spawn(deliver_to(std::move(batch), delivered));
        const auto ahead = co_await read_more();
        MILL_CO_CHECK(co_await delivered.take());
        MILL_CO_CHECK(ahead);
    }
}

Task<void> ShardPoller::deliver_to(std::vector<RenderedRecord> batch,
                                   machine::OneShot<Result<void>> delivered) {
    delivered.set(co_await deliver(std::move(batch)));
}

Task<Result<void>> ShardPoller::find_start() {
    const std::string& arn = shared_.mapping.source_arn;
    const ports::Position* checkpoint = shared_.checkpoints.find(shard_id_);
    if (!checkpoint) {  // a child that resharding made: always from its beginning
        MILL_CO_TRY(next_read_, shared_.source.trim_horizon(arn, shard_id_));
        co_return Result<void>();
    }
    next_read_ = *checkpoint;
    MILL_CO_TRY(const ports::Position latest, shared_.source.latest(arn, shard_id_));
    if (next_read_ > latest) {
        shared_.machine.log.warning("checkpoint.beyond_tail",
                                    {{"mapping", shared_.mapping.uuid}, {"shard", shard_id_}});
        next_read_ = latest;
        MILL_CO_CHECK(co_await shared_.checkpoints.reset(shard_id_, latest));
    }
    co_return Result<void>();
}

Task<Result<void>> ShardPoller::read_more() {
    const model::BatchLimits limits = shared_.mapping.settings.batch_limits();
    if (ended_ || queue_.size() >= limits.records_max || queue_bytes_ >= limits.bytes_max)
        co_return Result<void>();
    const auto room = static_cast<std::uint32_t>(limits.records_max - queue_.size());
    MILL_CO_TRY(auto run, co_await shared_.source.read_after(shared_.mapping.source_arn, shard_id_,
                                                             next_read_, room,
                                                             limits.bytes_max - queue_bytes_));
    next_read_ = run.next;
    ended_ = run.at_end;
    for (auto& record : run.records) {
        queue_.push_back(renderer_.render(std::move(record)));
        queue_bytes_ += queue_.back().json.size() + 1;
    }
    co_return Result<void>();
}

model::Gathered ShardPoller::measure(Instant first_taken) const {
    const model::BatchLimits limits = shared_.mapping.settings.batch_limits();
    model::Gathered gathered{
        .bytes = event_frame_bytes, .source_ended = ended_, .first_taken = first_taken};
    for (const RenderedRecord& record : queue_) {
        const std::uint64_t bytes = gathered.bytes + record.json.size() + 1;
        // One record alone is sent whatever its size: refusing it is the invoker's business.
        if (gathered.records > 0 && bytes > limits.bytes_max) {
            gathered.next_does_not_fit = true;
            break;
        }
        gathered.bytes = bytes;
        if (++gathered.records == limits.records_max) break;
    }
    return gathered;
}

Task<Result<std::vector<RenderedRecord>>> ShardPoller::next_batch() {
    const model::BatchLimits limits = shared_.mapping.settings.batch_limits();
    Instant first_taken = shared_.machine.clock.now();
    for (;;) {
        const bool was_empty = queue_.empty();
        MILL_CO_CHECK(co_await read_more());
        const Instant now = shared_.machine.clock.now();
        if (was_empty) first_taken = now;
        const model::Gathered gathered = measure(first_taken);
        const auto decision = model::decide_window(limits, gathered, now);
        if (std::holds_alternative<model::Fire>(decision)) {
            std::vector<RenderedRecord> batch;
            batch.reserve(gathered.records);
            for (std::uint32_t i = 0; i < gathered.records; ++i) {
                queue_bytes_ -= queue_.front().json.size() + 1;
                batch.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
            co_return batch;
        }
        if (ended_) co_return std::vector<RenderedRecord>();
        const auto until = std::get<model::WaitForRecords>(decision).until;
        co_await shared_.source.wait_beyond(shared_.mapping.source_arn, shard_id_, next_read_,
                                            until.value_or(now + quiet_max));
    }
}

Task<Result<void>> ShardPoller::deliver(std::vector<RenderedRecord> batch) {
    std::vector<Part> parts = {{.begin = 0, .end = batch.size()}};  // the last one is next
    while (!parts.empty()) {
        if (shared_.stopping) co_return fail("mapping.stopped", "the mapping is being changed");
        MILL_CO_TRY(const Duration delay, co_await attempt(batch, parts));
        if (delay > Duration{0}) {
            co_await machine::sleep_until(shared_.machine.timers,
                                          shared_.machine.clock.now() + delay);
        }
    }
    co_return Result<void>();
}

Task<Result<Duration>> ShardPoller::attempt(const std::vector<RenderedRecord>& batch,
                                            std::vector<Part>& parts) {
    const Delivery under_way(shared_);
    if (const std::size_t old = expired(batch, parts.back()); old > 0) {
        Part& part = parts.back();
        log_discard(batch, part.begin, part.begin + old, "RecordAgeExceeded");
        part.begin += old;
        const std::size_t done = part.begin;
        if (part.begin == part.end) parts.pop_back();
        MILL_CO_CHECK(co_await commit(batch, done));
        co_return Duration{0};
    }
    const Part part = parts.back();
    const auto span = std::span(batch).subspan(part.begin, part.end - part.begin);
    const model::BatchOutcome outcome = co_await invoke(render_event(span), batch, part);
    const bool ran = !std::holds_alternative<model::NotRun>(outcome);
    const model::Verdict verdict =
        model::judge(shared_.mapping.settings.retry_policy(), part.end - part.begin, outcome,
                     ran ? part.failures : part.throttles, jitter());
    parts.pop_back();
    std::size_t done = part.begin;
    Duration delay{0};
    if (std::holds_alternative<model::Advance>(verdict)) {
        done = part.end;
    } else if (const auto* retry = std::get_if<model::Retry>(&verdict)) {
        done = part.begin + retry->from;
        delay = retry->delay;
        Part next{
            .begin = done, .end = part.end, .failures = part.failures, .throttles = part.throttles};
        if (retry->from > 0) next.failures = next.throttles = 0;
        ++(retry->counts ? next.failures : next.throttles);
        parts.push_back(next);
    } else if (const auto* bisect = std::get_if<model::Bisect>(&verdict)) {
        const std::size_t middle = part.begin + bisect->middle;
        parts.push_back({.begin = middle, .end = part.end, .failures = part.failures});
        parts.push_back({.begin = part.begin, .end = middle, .failures = part.failures});
    } else {
        log_discard(batch, part.begin + std::get<model::Discard>(verdict).from, part.end,
                    "RetryAttemptsExhausted");
        done = part.end;
    }
    MILL_CO_CHECK(co_await commit(batch, done));
    co_return delay;
}

Task<model::BatchOutcome> ShardPoller::invoke(std::string event,
                                              const std::vector<RenderedRecord>& batch, Part part) {
    auto result =
        co_await shared_.invoker.invoke({shared_.mapping.function_arn, std::move(event), {}});
    if (!result) {
        shared_.last_result = "PROBLEM: " + result.error().message;
        co_return model::NotRun{};
    }
    if (result->function_error) {
        shared_.last_result = "PROBLEM: Function call failed";
        co_return model::FunctionFailed{};
    }
    shared_.last_result = "OK";
    if (!shared_.mapping.settings.retry_policy().report_item_failures) co_return model::Succeeded{};
    co_return read_item_failures(result->payload,
                                 std::span(batch).subspan(part.begin, part.end - part.begin));
}

std::size_t ShardPoller::expired(const std::vector<RenderedRecord>& batch, const Part& part) const {
    std::vector<WallTime> arrivals;
    for (std::size_t i = part.begin; i < part.end; ++i) arrivals.push_back(batch[i].arrival);
    std::size_t old = model::over_age(shared_.mapping.settings.retry_policy(), arrivals,
                                      shared_.machine.clock.wall());
    if (part.failures + part.throttles > 0) {  // retention may have passed meanwhile
        const auto horizon = shared_.source.trim_horizon(shared_.mapping.source_arn, shard_id_);
        while (horizon && old < arrivals.size() && batch[part.begin + old].position < *horizon)
            ++old;
    }
    return old;
}

Task<Result<void>> ShardPoller::commit(const std::vector<RenderedRecord>& batch, std::size_t done) {
    if (done == 0) co_return Result<void>();
    MILL_CO_CHECK(co_await settle());
    checkpoint_.emplace(shared_.machine.executor);
    background_.spawn(write_checkpoint(batch[done - 1].position + 1, *checkpoint_));
    if (done < batch.size()) co_return co_await settle();
    co_return Result<void>();
}

Task<void> ShardPoller::write_checkpoint(ports::Position next, Written written) {
    const Delivery under_way(shared_);
    auto result = co_await shared_.checkpoints.commit(shard_id_, next);
    if (!result && result.error().code != "storage.conflict") {
        // The next commit covers it; a crash before that delivers again.
        shared_.machine.log.error("checkpoint.not_written", {{"mapping", shared_.mapping.uuid},
                                                             {"shard", shard_id_},
                                                             {"error", result.error().message}});
        result = {};
    }
    written.set(std::move(result));
}

Task<Result<void>> ShardPoller::settle() {
    if (!checkpoint_) co_return Result<void>();
    const Written written = *std::exchange(checkpoint_, std::nullopt);
    co_return co_await written.take();
}

void ShardPoller::log_discard(const std::vector<RenderedRecord>& batch, std::size_t begin,
                              std::size_t end, std::string_view why) const {
    shared_.machine.log.warning("records.discarded", {{"mapping", shared_.mapping.uuid},
                                                      {"shard", shard_id_},
                                                      {"records", std::to_string(end - begin)},
                                                      {"first", batch[begin].sequence_number},
                                                      {"condition", std::string(why)}});
}

double ShardPoller::jitter() {
    return static_cast<double>(machine::random_u64(shared_.machine.entropy) >> 11) * 0x1p-53;
}

}  // namespace mill::lambda
