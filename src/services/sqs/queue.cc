// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/queue.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/limits.h"
#include "services/sqs/errors.h"

namespace mill::sqs {
namespace {

using storage::Offset;
using storage::StoredBatch;

}  // namespace

std::string QueueRow::table_key() const {
    return std::string(queue_rows_prefix) + account + "/" + region + "/" + name;
}
std::string QueueRow::log_name() const { return std::string(queue_logs_prefix) + id; }

class Queue::Use {
  public:
    explicit Use(Queue& queue) : queue_(queue.shared_from_this()) { ++queue_->users_; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
        if (--queue_->users_ == 0) queue_->changed_.notify_all();
    }

  private:
    std::shared_ptr<Queue> queue_;
};

Queue::Queue(Machine& machine, storage::StreamLog& log, QueueRow row, std::uint64_t waste_bytes_min)
    : machine_(machine),
      log_(log),
      row_(std::move(row)),
      settings_(settings_of(row_.attributes)),
      schedule_(settings_.is_fifo, waste_bytes_min),
      start_(static_cast<std::uint32_t>(machine::random_u64(machine.entropy))),
      last_arrival_(log.last_arrival()),
      arrived_(machine.executor),
      changed_(machine.executor) {}

void Queue::set_row(QueueRow row) {
    row_ = std::move(row);
    settings_ = settings_of(row_.attributes);
    arrived_.notify_all();
}

WallTime Queue::horizon() const {
    return machine_.clock.wall() - std::chrono::seconds(settings_.retention_seconds);
}

// Delays outlive a restart. A clock that was set back meanwhile makes none and prolongs none.
Instant Queue::available_at(const RecordView& message) const {
    const auto delay = std::max(message.available - message.sent, std::chrono::milliseconds(0));
    return now() +
           std::clamp<Duration>(message.available - machine_.clock.wall(), Duration::zero(), delay);
}

std::string Queue::dedup_key(std::string_view group, std::string_view id) const {
    std::string key(id);
    if (settings_.deduplicates_per_group) key += '\n' + std::string(group);
    return key;
}

// Sending

void Queue::remember(std::string key, std::shared_ptr<Dedup> sent, Instant until) {
    sent->until = until;
    sent_until_.emplace_back(until, key);
    sent_.insert_or_assign(std::move(key), std::move(sent));
}

void Queue::forget_old_sends() {
    while (!sent_until_.empty() && sent_until_.front().first <= now()) {
        const auto found = sent_.find(sent_until_.front().second);
        if (found != sent_.end() && found->second->until <= now()) sent_.erase(found);
        sent_until_.pop_front();
    }
}

Task<Result<std::vector<Sent>>> Queue::send(std::vector<Draft> drafts) {
    const Use use(*this);
    forget_old_sends();
    const WallTime wall = machine_.clock.wall();
    RecordsBuilder records;
    std::vector<Schedule::New> added;
    std::vector<std::pair<std::string, std::shared_ptr<Dedup>>> own;
    std::vector<std::shared_ptr<Dedup>> all;
    for (Draft& draft : drafts) {
        Content& content = draft.content;
        const bool deduplicates = is_fifo() && draft.deduplicate;
        std::string key;
        if (deduplicates) {
            key = dedup_key(content.group_id, content.deduplication_id);
            if (const auto found = sent_.find(key); found != sent_.end()) {
                all.push_back(found->second);
                continue;
            }
        }
        if (content.message_id.empty()) content.message_id = machine::uuid_v4(machine_.entropy);
        const auto sent = std::make_shared<Dedup>(Dedup{{content.message_id, next_number_++}});
        all.push_back(sent);
        own.emplace_back(key, sent);
        const WallTime sent_at = draft.sent.value_or(wall);
        const std::chrono::seconds delay(draft.delay_seconds.value_or(settings_.delay_seconds));
        const std::size_t before = records.bytes();
        records.add_message(sent->sent.number, sent_at, sent_at + delay, content);
        added.push_back({.number = sent->sent.number,
                         .offset = added.size(),
                         .bytes = static_cast<std::uint32_t>(records.bytes() - before),
                         .sent = sent_at,
                         .available = now() + delay,
                         .group = std::move(content.group_id)});
        if (deduplicates)
            remember(std::move(key), sent, now() + limits::sqs::deduplication_interval);
    }
    if (!added.empty()) {
        MILL_CO_CHECK(co_await write(
            std::move(records), [this, added = std::move(added), own = std::move(own)](
                                    std::optional<Offset> base) { sent_out(base, added, own); }));
    }
    std::vector<Sent> sent;
    for (const auto& one : all) {
        while (one->state == Dedup::State::pending && !is_closed_) co_await changed_.wait();
        if (one->state != Dedup::State::stored)
            co_return fail("sqs.repeated", "what this repeats was not stored");
        sent.push_back(one->sent);
    }
    co_return sent;
}

void Queue::sent_out(std::optional<Offset> base, std::vector<Schedule::New> added,
                     const std::vector<std::pair<std::string, std::shared_ptr<Dedup>>>& own) {
    for (const auto& [key, sent] : own) {
        sent->state = base ? Dedup::State::stored : Dedup::State::failed;
        if (!base && !key.empty()) sent_.erase(key);
    }
    if (!base) return;
    for (Schedule::New& message : added) {
        message.offset += *base;
        schedule_.add(std::move(message), now());
    }
    arrived_.notify_all();
}

// Writing

Task<Result<void>> Queue::write(RecordsBuilder records, Apply apply) {
    if (is_closed_) {  // the log may be gone
        apply(std::nullopt);
        co_return queue_not_found();
    }
    const auto write = begin_write(std::move(records), std::move(apply));
    co_return co_await write->done.take();
}

std::shared_ptr<Queue::Write> Queue::begin_write(RecordsBuilder records, Apply apply,
                                                 bool can_wait) {
    last_arrival_ = std::max(last_arrival_, machine_.clock.wall());
    storage::Batch batch = records.take(next_number_, last_arrival_);
    batch.can_wait = can_wait;
    const auto account = [this, bytes = batch.payload.size(), arrival = last_arrival_,
                          apply = std::move(apply)](std::optional<Offset> base) {
        if (base) schedule_.space().add_batch(*base, bytes, arrival);
        apply(base);
    };
    const auto write =
        std::make_shared<Write>(Write{account, machine::OneShot<Result<void>>(machine_.executor)});
    writes_.push_back(write);
    // By itself: whoever asked for it may go before it is done.
    background_.spawn(run_write(write, std::move(batch)));
    return write;
}

Task<void> Queue::run_write(std::shared_ptr<Write> write, storage::Batch batch) {
    write->base = co_await log_.append(std::move(batch));
    apply_in_order();
}

void Queue::apply_in_order() {
    while (!writes_.empty() && writes_.front()->base) {
        const auto write = std::move(writes_.front());
        writes_.pop_front();
        const Result<Offset>& base = *write->base;
        write->apply(base ? std::optional(*base) : std::nullopt);
        write->done.set(base ? Result<void>() : Result<void>(std::unexpected(base.error())));
    }
    changed_.notify_all();
    clean_lazily();
}

Task<Result<void>> Queue::erase(std::vector<Number> numbers) {
    const Use use(*this);
    while (are_removals_held_) co_await changed_.wait();
    RecordsBuilder records;
    std::erase_if(numbers, [&](Number number) { return !schedule_.find(number); });
    if (numbers.empty()) co_return Result<void>();
    for (const Number number : numbers) {
        if (schedule_.find(number)->state != Schedule::State::held) schedule_.hold(number);
        records.add_deletion(number);
    }
    ++removals_;
    co_return co_await write(std::move(records), [this, numbers](std::optional<Offset> base) {
        --removals_;
        for (const Number number : numbers) {
            if (base) schedule_.erase(number);
            release(number);
        }
    });
}

Task<Result<void>> Queue::purge() {
    const Use use(*this);
    while (are_removals_held_) co_await changed_.wait();
    const Number end = next_number_;
    if (end == 0) co_return Result<void>();
    RecordsBuilder records;
    records.add_purge(end - 1);
    ++removals_;
    co_return co_await write(std::move(records), [this, end](std::optional<Offset> base) {
        --removals_;
        if (base) schedule_.purge(end - 1);
    });
}

// Receiving

Schedule::Taken Queue::take(std::size_t count, Duration visibility, std::uint32_t receives_max,
                            bool notes) {
    schedule_.advance(now(), horizon());
    auto taken = schedule_.take({.count = count,
                                 .receives_max = receives_max,
                                 .now = now(),
                                 .due = now() + visibility,
                                 .wall = machine_.clock.wall(),
                                 .horizon = horizon()});
    if (notes) note_receives(taken.given, 2);
    return taken;
}

// If it is lost, a message comes once more than it should.
void Queue::note_receives(const std::vector<Number>& numbers, std::uint32_t least) {
    RecordsBuilder records;
    for (const Number number : numbers) {
        const Schedule::Message* message = schedule_.find(number);
        if (!message || (message->receives < least && settings_.receives_max == 0)) continue;
        records.add_reception(number, message->receives, message->first_received);
        schedule_.note_receives(number);
    }
    if (records.records() == 0 || is_closed_) return;
    begin_write(std::move(records), [](std::optional<Offset>) {}, true);
}

Task<Result<StoredBatch>> Queue::read_batch(Offset offset) {
    if (last_read_ && last_read_->base <= offset && offset < last_read_->end())
        co_return *last_read_;
    MILL_CO_TRY(auto batches, co_await log_.read(offset, {.records = 1, .bytes = 1}));
    if (batches.empty() || batches.front().base > offset)
        co_return fail("storage.corrupt", fmt::format("the log of queue {} has lost its record {}",
                                                      row_.name, offset));
    last_read_ = batches.front();
    co_return std::move(batches.front());
}

Task<Result<std::optional<Received>>> Queue::read(Number number) {
    const Use use(*this);
    const Schedule::Message* message = schedule_.find(number);
    while (message && !is_closed_) {
        const Offset offset = message->offset;
        const auto batch = co_await read_batch(offset);
        message = schedule_.find(number);
        if (message && message->offset != offset) continue;  // a copy of it was made meanwhile
        if (!batch) co_return std::unexpected(batch.error());
        if (!message) break;
        RecordCursor cursor(*batch->payload);
        auto record = cursor.next();
        for (Offset at = batch->base; record && at < offset; ++at) record = cursor.next();
        if (!record || record->kind != RecordKind::message)
            co_return fail("sqs.malformed", "a message is not as it was written");
        Received received{.number = number,
                          .handle = handle_of({row_.id, number, message->receipt, start_}),
                          .receives = message->receives,
                          .sent = message->sent,
                          .first_received = message->first_received};
        MILL_CO_TRY(received.content, content_of(*record));
        co_return received;
    }
    co_return std::nullopt;
}

Result<std::optional<Number>> Queue::message_of(const std::string& handle) {
    schedule_.advance(now(), horizon());
    const auto receipt = parse_handle(handle);
    if (!receipt || receipt->queue_id != row_.id) {
        return fail(
            "ReceiptHandleIsInvalid",
            fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle),
            404);
    }
    const Schedule::Message* message = schedule_.find(receipt->number);
    if (!message) return std::nullopt;
    const bool is_latest = receipt->start == start_ && receipt->receipt == message->receipt;
    const bool is_visible = message->state == Schedule::State::waiting;
    if (is_fifo() && (!is_latest || is_visible)) {
        return invalid_parameter(
            fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: The receipt "
                        "handle has expired.",
                        handle));
    }
    return receipt->number;
}

Result<void> Queue::change_visibility(const std::string& handle, std::int64_t seconds) {
    if (seconds < 0 || seconds > limits::sqs::visibility_seconds_max) {
        return invalid_parameter(
            fmt::format("Value {} for parameter VisibilityTimeout is invalid. Reason: "
                        "VisibilityTimeout must be an integer between 0 and {}.",
                        seconds, limits::sqs::visibility_seconds_max));
    }
    MILL_TRY(const auto number, message_of(handle));
    const Schedule::Message* message = number ? schedule_.find(*number) : nullptr;
    if (!message) {
        return invalid_parameter(
            fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: Message does "
                        "not exist or is not available for visibility timeout change.",
                        handle));
    }
    if (message->state != Schedule::State::in_flight) {
        return fail("MessageNotInflight",
                    fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: Message "
                                "does not exist or is not available for visibility timeout change.",
                                handle),
                    400);
    }
    const Instant due = now() + std::chrono::seconds(seconds);
    if (due - message->received > std::chrono::seconds(limits::sqs::visibility_seconds_max)) {
        return invalid_parameter(
            fmt::format("Value {} for parameter VisibilityTimeout is invalid. Reason: Total "
                        "VisibilityTimeout for the message is beyond the limit [{} seconds].",
                        seconds, limits::sqs::visibility_seconds_max));
    }
    schedule_.set_due(*number, due, now());
    arrived_.notify_all();
    return {};
}

void Queue::release(Number number) {
    schedule_.release(number, now());
    arrived_.notify_all();
}

void Queue::give_back(Number number) {
    const Schedule::Message* message = schedule_.find(number);
    if (message && message->state == Schedule::State::in_flight)
        schedule_.set_due(number, now(), now());
    arrived_.notify_all();
}

std::vector<Number> Queue::in_flight_by(const std::vector<std::string>& handles) const {
    std::vector<Number> numbers;
    for (const std::string& handle : handles) {
        const auto receipt = parse_handle(handle);
        const Schedule::Message* message = receipt ? schedule_.find(receipt->number) : nullptr;
        if (message && receipt->queue_id == row_.id && receipt->start == start_ &&
            receipt->receipt == message->receipt && message->state == Schedule::State::in_flight)
            numbers.push_back(receipt->number);
    }
    return numbers;
}

void Queue::note_failed(const std::vector<std::string>& handles) {
    note_receives(in_flight_by(handles), 1);
}

void Queue::untake(const std::vector<std::string>& handles) {
    for (const Number number : in_flight_by(handles)) schedule_.untake(number, now());
    arrived_.notify_all();
}

Schedule::Counts Queue::counts() {
    schedule_.advance(now(), horizon());
    return schedule_.counts();
}

std::vector<Number> Queue::attempt(const std::string& id, Duration visibility) {
    std::erase_if(attempts_, [&](const auto& known) { return known.second.until <= now(); });
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return {};
    std::vector<Number> numbers;
    for (const auto& [number, receipt] : found->second.receipts) {
        const Schedule::Message* message = schedule_.find(number);
        if (!message || message->receipt != receipt || message->state != Schedule::State::in_flight)
            return {};
        numbers.push_back(number);
    }
    for (const Number number : numbers) schedule_.set_due(number, now() + visibility, now());
    return numbers;
}

void Queue::note_attempt(const std::string& id, std::vector<Number> numbers) {
    Attempt& attempt = attempts_[id];
    attempt = {.until = now() + limits::sqs::deduplication_interval};
    for (const Number number : numbers) {
        if (const Schedule::Message* message = schedule_.find(number))
            attempt.receipts.emplace_back(number, message->receipt);
    }
}

Task<void> Queue::wait(Instant deadline) {
    const Use use(*this);
    if (const auto due = schedule_.next_due()) deadline = std::min(deadline, *due);
    co_await arrived_.wait_until(machine_.timers, deadline);
}

Task<void> Queue::wait_for_ready(Instant deadline) {
    schedule_.advance(now(), horizon());
    const bool is_full = schedule_.counts().in_flight >= limits::sqs::in_flight_max;
    if (schedule_.has_ready() && !is_full) co_return;
    co_await wait(deadline);
}

Task<void> Queue::close() {
    const auto self = shared_from_this();
    is_closed_ = true;
    arrived_.notify_all();
    changed_.notify_all();
    while (users_ > 0 || !writes_.empty() || is_cleaning_ || load_ == Load::under_way)
        co_await changed_.wait();
}

}  // namespace mill::sqs
