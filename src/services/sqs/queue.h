// SPDX-License-Identifier: Apache-2.0
// Queue: one queue: its row in the Table, its messages in one StreamLog, and who may have them next
// in memory (Schedule).
//
// Sends, deletions and purges are records of the log, durable before they are answered, and take
// effect in the order of the log, so that memory is what a replay of the log gives. A crash forgets
// who had received what: those messages are visible again. How often each was received is a record
// as well, that nobody waits for, where it may matter: not the first time, unless the queue has a
// dead-letter queue. The log is replayed once, when the queue
// is first used (ready()). What is no longer wanted at its front is forgotten; what is still wanted
// there, when it has become little, is copied to the end first. Format: docs/formats/queue.md.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "services/sqs/queue_settings.h"
#include "services/sqs/receipt.h"
#include "services/sqs/schedule.h"
#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::sqs {

// Members may be added, never renamed: older stores are read.
struct QueueRow {
    std::string id;  // 16 hexadecimal digits, names its log
    std::string account;
    std::string region;
    std::string name;
    std::int64_t created_ms = 0;
    std::int64_t modified_ms = 0;
    Attributes attributes;  // those that were set
    std::map<std::string, std::string> tags;

    std::string table_key() const;
    std::string log_name() const;
    std::string arn() const { return "arn:aws:sqs:" + region + ":" + account + ":" + name; }

    static constexpr auto shape() {
        using R = QueueRow;
        return wire::structure(
            "QueueRow", wire::member<&R::id>("id"), wire::member<&R::account>("account"),
            wire::member<&R::region>("region"), wire::member<&R::name>("name"),
            wire::member<&R::created_ms>("created_ms"),
            wire::member<&R::modified_ms>("modified_ms"),
            wire::member<&R::attributes>("attributes"), wire::member<&R::tags>("tags"));
    }
};

constexpr std::string_view queue_rows_prefix = "sqs/queue/";
constexpr std::string_view queue_logs_prefix = "sqs/";

// A message to be sent.
struct Draft {
    Content content;  // gets its id, if it has none
    std::optional<std::int64_t> delay_seconds;
    std::optional<WallTime> sent;  // of a dead letter that keeps its time
    bool deduplicate = true;       // in a FIFO queue
};
struct Sent {
    std::string message_id;
    Number number = 0;
};

struct Received {
    Number number = 0;
    std::string handle;
    std::uint32_t receives = 0;
    WallTime sent;
    WallTime first_received;
    Content content;
};

class Queue : public std::enable_shared_from_this<Queue> {
  public:
    Queue(Machine& machine, storage::StreamLog& log, QueueRow row, std::uint64_t waste_bytes_min);
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    const QueueRow& row() const { return row_; }
    const QueueSettings& settings() const { return settings_; }
    void set_row(QueueRow row);
    bool is_fifo() const { return settings_.is_fifo; }

    // Until the log has been replayed. To be awaited before all that follows; QueueDoesNotExist
    // after close().
    Task<Result<void>> ready();
    // All or none of them, in order. What was sent before, in the last five minutes, is answered
    // as then.
    Task<Result<std::vector<Sent>>> send(std::vector<Draft> drafts);
    // Durable when done. Those that are gone already are no error.
    Task<Result<void>> erase(std::vector<Number> numbers);
    Task<Result<void>> purge();

    // `notes`: a crash does not forget that they were received. Else note_failed() sees to it.
    Schedule::Taken take(std::size_t count, Duration visibility, std::uint32_t receives_max,
                         bool notes = true);
    // With its receipt handle as it stands; empty if it is gone meanwhile.
    Task<Result<std::optional<Received>>> read(Number number);
    // ReceiptHandleIsInvalid; InvalidParameterValue for one of a FIFO queue that has expired.
    // Empty: the message is gone.
    Result<std::optional<Number>> message_of(const std::string& handle);
    // MessageNotInflight, InvalidParameterValue
    Result<void> change_visibility(const std::string& handle, std::int64_t seconds);
    // Nobody gets held messages until they are erased or released.
    void hold(Number number) { schedule_.hold(number); }
    void release(Number number);
    // Visible again at once.
    void give_back(Number number);
    // If these are their latest receipts, both:
    void note_failed(const std::vector<std::string>& handles);
    // as if they had not been received.
    void untake(const std::vector<std::string>& handles);
    Schedule::Counts counts();

    // What was received by an attempt of that id: the same again if all of it is still in flight.
    std::vector<Number> attempt(const std::string& id, Duration visibility);
    void note_attempt(const std::string& id, std::vector<Number> numbers);

    // Until a message may have become visible, the queue is closed, or the deadline.
    Task<void> wait(Instant deadline);
    // As wait(), and at once if there is one.
    Task<void> wait_for_ready(Instant deadline);
    // Wakes those who wait; comes back when nobody uses the log. Then it may be dropped.
    Task<void> close();
    bool is_closed() const { return is_closed_; }
    // One change of the row at a time.
    machine::Signal& changed() { return changed_; }
    bool is_changing = false;

  private:
    class Use;
    // Takes effect: of the first record's offset, or of nothing if it could not be written.
    using Apply = std::function<void(std::optional<storage::Offset>)>;
    // One append that is under way.
    struct Write {
        Apply apply;
        machine::OneShot<Result<void>> done;
        std::optional<Result<storage::Offset>> base = {};
    };
    // A send to a FIFO queue, for those that repeat it.
    struct Dedup {
        Sent sent;
        enum class State : std::uint8_t { pending, stored, failed } state = State::pending;
        Instant until = {};
    };

    Instant now() const { return machine_.clock.now(); }
    WallTime horizon() const;
    Instant available_at(const RecordView& message) const;
    std::string dedup_key(std::string_view group, std::string_view id) const;
    Task<void> load();
    Task<Result<void>> replay_all();
    Result<void> replay(const storage::StoredBatch& batch);
    void remember(std::string key, std::shared_ptr<Dedup> sent, Instant until);
    void forget_old_sends();
    void sent_out(std::optional<storage::Offset> base, std::vector<Schedule::New> added,
                  const std::vector<std::pair<std::string, std::shared_ptr<Dedup>>>& own);
    // Appends, and applies in the order of the log.
    Task<Result<void>> write(RecordsBuilder records, Apply apply);
    // Its place in the log is taken now. `can_wait`: see storage::Batch.
    std::shared_ptr<Write> begin_write(RecordsBuilder records, Apply apply, bool can_wait = false);
    void note_receives(const std::vector<Number>& numbers, std::uint32_t least);
    std::vector<Number> in_flight_by(const std::vector<std::string>& handles) const;
    Task<void> run_write(std::shared_ptr<Write> write, storage::Batch batch);
    static Task<void> tell(Task<Result<void>> writing, machine::OneShot<Result<void>> written);
    void apply_in_order();
    Task<Result<storage::StoredBatch>> read_batch(storage::Offset offset);
    void clean_lazily();
    Task<void> clean();
    Task<Result<void>> move_survivors(LogSpace::Range range);
    WallTime keep_from() const;

    Machine& machine_;
    storage::StreamLog& log_;
    QueueRow row_;
    QueueSettings settings_;
    Schedule schedule_;
    std::uint32_t start_;  // tells receipts of this run of the server
    Number next_number_ = 0;
    WallTime last_arrival_;
    std::deque<std::shared_ptr<Write>> writes_;  // under way, in the order of the log
    std::size_t removals_ = 0;                   // of these, deletions and purges
    bool are_removals_held_ = false;

    std::map<std::string, std::shared_ptr<Dedup>, std::less<>> sent_;  // FIFO, of five minutes
    std::deque<std::pair<Instant, std::string>> sent_until_;
    struct Attempt {
        std::vector<std::pair<Number, std::uint32_t>> receipts;
        Instant until;
    };
    std::map<std::string, Attempt, std::less<>> attempts_;

    std::optional<storage::StoredBatch> last_read_;  // messages are read in the order of the log
    enum class Load : std::uint8_t { none, under_way, done } load_ = Load::none;
    std::optional<Error> load_error_;
    bool is_cleaning_ = false;
    bool is_closed_ = false;
    int users_ = 0;
    machine::Signal arrived_;  // something may be visible now
    machine::Signal changed_;  // anything else that somebody waits for
    Scope background_;
};

using QueuePointer = std::shared_ptr<Queue>;

}  // namespace mill::sqs
