// SPDX-License-Identifier: Apache-2.0
// Group: one log group: its row and its streams' rows in the Table, its events in one StreamLog.
//
// Changes and events are taken in memory at once, and can be read at once; one flush at a time
// writes them: first the rows, then a batch of events, so that no event is stored before its
// stream. Who must not answer before that awaits sync(). Events that waited for the disk are lost
// by a crash. A search reads only the part of the log whose ingestion times may hold the wanted
// timestamps (GroupRow::lead_ms, lag_ms). Format: docs/formats/log-events.md.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/caller.h"
#include "machine/machine.h"
#include "services/logs/live_tail.h"
#include "services/logs/log_events.h"
#include "services/logs/page.h"
#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::logs {

using Tags = std::map<std::string, std::string>;

// Members may be added, never renamed: older stores are read.
struct GroupRow {
    std::string id;  // 16 hexadecimal digits, names its log
    std::string account;
    std::string region;
    std::string name;
    std::int64_t created_ms = 0;
    std::optional<std::int64_t> retention_days;
    Tags tags;
    std::int64_t next_stream = 0;
    std::int64_t summed_until = 0;
    std::int64_t lead_ms = 1'000;
    std::int64_t lag_ms = 10'000;

    std::string table_key() const;
    std::string arn() const {
        return "arn:aws:logs:" + region + ":" + account + ":log-group:" + name;
    }

    static constexpr auto shape() {
        using R = GroupRow;
        return wire::structure(
            "GroupRow", wire::member<&R::id>("id"), wire::member<&R::account>("account"),
            wire::member<&R::region>("region"), wire::member<&R::name>("name"),
            wire::member<&R::created_ms>("created_ms"),
            wire::member<&R::retention_days>("retention_days"), wire::member<&R::tags>("tags"),
            wire::member<&R::next_stream>("next_stream"),
            wire::member<&R::summed_until>("summed_until"), wire::member<&R::lead_ms>("lead_ms"),
            wire::member<&R::lag_ms>("lag_ms"));
    }
};

struct StreamRow {
    std::int64_t number = 0;
    std::string name;
    std::int64_t created_ms = 0;
    std::optional<std::int64_t> first_event_ms;
    std::optional<std::int64_t> last_event_ms;
    std::optional<std::int64_t> last_ingestion_ms;

    static constexpr auto shape() {
        using R = StreamRow;
        return wire::structure("StreamRow", wire::member<&R::number>("number"),
                               wire::member<&R::name>("name"),
                               wire::member<&R::created_ms>("created_ms"),
                               wire::member<&R::first_event_ms>("first_event_ms"),
                               wire::member<&R::last_event_ms>("last_event_ms"),
                               wire::member<&R::last_ingestion_ms>("last_ingestion_ms"));
    }
};

constexpr std::string_view group_rows_prefix = "logs/group/";
constexpr std::string_view stream_rows_prefix = "logs/stream/";
constexpr std::string_view group_logs_prefix = "logs/";

struct NewEvent {
    std::int64_t timestamp_ms = 0;
    std::string message;
};

// Events are taken for which `accepts` says so and first_ms <= timestamp <= last_ms, first_key <=
// key <= last_key.
class EventFilter {
  public:
    virtual ~EventFilter() = default;
    virtual bool accepts(const EventView& event) const = 0;
};

struct SearchRange {
    std::int64_t first_ms = 0;
    std::int64_t last_ms = std::numeric_limits<std::int64_t>::max();
    EventKey first_key = 0;
    EventKey last_key = event_key_max;
};

class Group {
  public:
    Group(Machine& machine, storage::Table& table, const LiveTails& tails, storage::StreamLog& log,
          GroupRow row, std::vector<StreamRow> streams);
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    const GroupRow& row() const { return row_; }
    const std::map<std::string, StreamRow, std::less<>>& streams() const { return streams_; }
    const StreamRow* find_stream(std::string_view name) const;
    const std::string* stream_name(StreamNumber number) const;  // nullptr: deleted

    // Changes in memory; durable after sync(). A new group, too, is one.
    void mark_new() { mark_row(); }
    const StreamRow& add_stream(std::string name);
    void remove_stream(const std::string& name);
    void set_retention(std::optional<std::int64_t> days);
    void set_tags(Tags tags);
    // Of a stream that is there. False if too much is waiting already: the events are dropped.
    bool add_events(const std::string& stream, std::vector<NewEvent> events);
    storage::Offset next_offset() const { return pending_base_ + pending_.size(); }

    // Until all that was changed or added before this call is durable; the error of the write that
    // failed.
    Task<Result<void>> sync();
    bool has_work() const;
    bool is_flushing() const { return is_flushing_; }
    // Writes until nothing is left. One at a time.
    Task<void> flush();

    // Brings the summaries of streams up to date after a start.
    Task<Result<void>> ready();
    Task<Result<void>> search(SearchRange range, const EventFilter* filter, Page* page);
    // For those who follow what becomes durable, in the order in which it came: whole batches from
    // there on, about a scan step of them. changed() is told of each write, and of the end.
    storage::Offset durable_end() const { return pending_base_; }
    machine::Signal& changed() { return changed_; }
    Task<Result<std::vector<storage::StoredBatch>>> read(storage::Offset from);
    // Timestamps before this have expired.
    std::int64_t horizon_ms() const;

    // The end: stops flushing, waits for those who use the log. Then its rows and its log may go.
    Task<void> close();
    bool is_closed() const { return is_closed_; }

  private:
    struct Pending {
        StreamNumber stream;
        std::int64_t timestamp_ms;
        std::int64_t ingestion_ms;
        std::string message;
        EventView view() const { return {stream, timestamp_ms, ingestion_ms, message}; }
    };
    class Use;  // counts a call that reads the log

    void show(const std::string& stream, const EventView& event) const;
    void mark_row();
    void mark_stream(const std::string& name);
    void widen_bounds(std::int64_t timestamp_ms, std::int64_t ingestion_ms);
    void summarize(const EventView& event);
    Task<Result<void>> write_rows();
    Task<Result<void>> write_events();
    Task<void> trim();
    std::string stream_key(std::string_view name) const;

    Machine& machine_;
    storage::Table& table_;
    const LiveTails& tails_;
    storage::StreamLog& log_;
    GroupRow row_;
    std::map<std::string, StreamRow, std::less<>> streams_;
    std::map<StreamNumber, std::string> names_;

    std::int64_t last_ingestion_ms_;
    std::deque<Pending> pending_;  // not durable yet; the first one gets offset pending_base_
    storage::Offset pending_base_;
    std::size_t pending_bytes_ = 0;
    std::size_t covered_ = 0;  // pending events all of whose rows are durable
    std::size_t unsummed_bytes_ = 0;
    bool is_ready_;

    bool is_row_dirty_ = false;
    std::map<std::string, bool> dirty_streams_;  // true: to be written, false: to be erased
    std::map<std::string, bool>
        touched_streams_;  // their summaries changed since the last time they were written
    std::uint64_t row_changes_ = 0;          // made
    std::uint64_t durable_row_changes_ = 0;  // of these
    std::uint64_t failures_ = 0;
    Error last_failure_;
    Instant trim_next_;

    bool is_flushing_ = false;
    bool is_closed_ = false;
    int readers_ = 0;
    machine::Signal changed_;
};

}  // namespace mill::logs
