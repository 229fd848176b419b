// SPDX-License-Identifier: Apache-2.0
#include "services/logs/group.h"

#include <algorithm>

#include "model/limits.h"

namespace mill::logs {
namespace {

using storage::Offset;

constexpr std::int64_t time_max = std::numeric_limits<std::int64_t>::max();

// Without overflow at either end; times before 1970 do not occur.
std::int64_t minus(std::int64_t time_ms, std::int64_t by) {
    return std::max<std::int64_t>(0, time_ms - by);
}
std::int64_t plus(std::int64_t time_ms, std::int64_t by) {
    return time_ms > time_max - by ? time_max : time_ms + by;
}

std::int64_t doubled_beyond(std::int64_t bound, std::int64_t value) {
    while (bound < value) bound *= 2;
    return bound;
}

WallTime wall(std::int64_t time_ms) { return from_epoch_ms(time_ms); }

}  // namespace

class Group::Use {
  public:
    explicit Use(Group& group) : group_(group) { ++group_.readers_; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
        if (--group_.readers_ == 0) group_.changed_.notify_all();
    }

  private:
    Group& group_;
};

std::string GroupRow::table_key() const {
    return std::string(group_rows_prefix) + account + "/" + region + "/" + name;
}

std::string Group::stream_key(std::string_view name) const {
    return std::string(stream_rows_prefix) + row_.id + "/" + std::string(name);
}

Group::Group(Machine& machine, storage::Table& table, const LiveTails& tails,
             storage::StreamLog& log, GroupRow row, std::vector<StreamRow> streams)
    : machine_(machine),
      table_(table),
      tails_(tails),
      log_(log),
      row_(std::move(row)),
      last_ingestion_ms_(epoch_ms(log.last_arrival())),
      pending_base_(log.bounds().next),
      is_ready_(static_cast<Offset>(row_.summed_until) >= log.bounds().next),
      trim_next_(machine.clock.now()),
      changed_(machine.executor) {
    for (StreamRow& stream : streams) {
        names_.emplace(static_cast<StreamNumber>(stream.number), stream.name);
        std::string name = stream.name;
        streams_.emplace(std::move(name), std::move(stream));
    }
}

const StreamRow* Group::find_stream(std::string_view name) const {
    const auto found = streams_.find(name);
    return found == streams_.end() ? nullptr : &found->second;
}

const std::string* Group::stream_name(StreamNumber number) const {
    const auto found = names_.find(number);
    return found == names_.end() ? nullptr : &found->second;
}

void Group::mark_row() {
    is_row_dirty_ = true;
    ++row_changes_;
}

void Group::mark_stream(const std::string& name) {
    dirty_streams_[name] = streams_.contains(name);
    ++row_changes_;
}

const StreamRow& Group::add_stream(std::string name) {
    StreamRow row;
    row.number = row_.next_stream++;
    row.name = name;
    row.created_ms = epoch_ms(machine_.clock.wall());
    names_.emplace(static_cast<StreamNumber>(row.number), name);
    const auto [at, is_new] = streams_.emplace(name, std::move(row));
    mark_row();
    mark_stream(name);
    return at->second;
}

void Group::remove_stream(const std::string& name) {
    const auto found = streams_.find(name);
    if (found == streams_.end()) return;
    names_.erase(static_cast<StreamNumber>(found->second.number));
    streams_.erase(found);
    touched_streams_.erase(name);
    mark_stream(name);
}

void Group::set_retention(std::optional<std::int64_t> days) {
    row_.retention_days = days;
    mark_row();
}

void Group::set_tags(Tags tags) {
    row_.tags = std::move(tags);
    mark_row();
}

bool Group::add_events(const std::string& stream, std::vector<NewEvent> events) {
    std::size_t bytes = 0;
    for (const NewEvent& event : events) bytes += event.message.size();
    if (pending_bytes_ + bytes > limits::logs::tail_bytes_max) {
        machine_.log.warning("logs.dropped",
                             {{"group", row_.name}, {"events", std::to_string(events.size())}});
        return false;
    }
    const auto number = static_cast<StreamNumber>(streams_.find(stream)->second.number);
    last_ingestion_ms_ = std::max(last_ingestion_ms_, epoch_ms(machine_.clock.wall()));
    pending_bytes_ += bytes;
    for (NewEvent& event : events) {
        widen_bounds(event.timestamp_ms, last_ingestion_ms_);
        pending_.push_back(
            {number, event.timestamp_ms, last_ingestion_ms_, std::move(event.message)});
        summarize(pending_.back().view());
        if (!tails_.is_empty()) show(stream, pending_.back().view());
    }
    return true;
}

void Group::show(const std::string& stream, const EventView& event) const {
    for (LiveTail* tail : tails_.of_group(row_.table_key())) {
        if (!tail->wants(stream, event.message)) continue;
        tail->take({.log_stream_name = stream,
                    .log_group_identifier = row_.account + ":" + row_.name,
                    .message = std::string(event.message),
                    .timestamp = event.timestamp_ms,
                    .ingestion_time = event.ingestion_ms});
    }
}

void Group::widen_bounds(std::int64_t timestamp_ms, std::int64_t ingestion_ms) {
    const std::int64_t lead = timestamp_ms - ingestion_ms;
    if (lead > row_.lead_ms) {
        row_.lead_ms = doubled_beyond(row_.lead_ms, lead);
        mark_row();
    }
    if (-lead > row_.lag_ms) {
        row_.lag_ms = doubled_beyond(row_.lag_ms, -lead);
        mark_row();
    }
}

void Group::summarize(const EventView& event) {
    const std::string* name = stream_name(event.stream);
    if (!name) return;
    StreamRow& stream = streams_.find(*name)->second;
    stream.first_event_ms =
        std::min(stream.first_event_ms.value_or(event.timestamp_ms), event.timestamp_ms);
    stream.last_event_ms =
        std::max(stream.last_event_ms.value_or(event.timestamp_ms), event.timestamp_ms);
    stream.last_ingestion_ms = std::max(stream.last_ingestion_ms.value_or(0), event.ingestion_ms);
    touched_streams_[*name] = true;
}

bool Group::has_work() const { return !pending_.empty() || durable_row_changes_ < row_changes_; }

Task<Result<void>> Group::sync() {
    const std::uint64_t rows = row_changes_;
    const Offset offset = next_offset();
    const std::uint64_t failures = failures_;
    while (durable_row_changes_ < rows || pending_base_ < offset) {
        if (failures_ > failures) co_return std::unexpected(last_failure_);
        if (is_closed_) {
            co_return fail("ResourceNotFoundException", "The specified log group does not exist.",
                           400);
        }
        co_await changed_.wait();
    }
    co_return Result<void>();
}

Task<void> Group::flush() {
    if (is_flushing_) co_return;
    is_flushing_ = true;
    co_await machine::yield(
        machine_.executor);  // what comes in the same breath goes into the same batch
    if (auto summed = co_await ready(); !summed) {
        machine_.log.warning("logs.read_failed",
                             {{"group", row_.name}, {"error", summed.error().message}});
    }
    while (has_work() && !is_closed_) {
        auto written = co_await write_rows();
        if (written) written = co_await write_events();
        if (!written) {
            ++failures_;
            last_failure_ = written.error();
            machine_.log.warning("logs.write_failed",
                                 {{"group", row_.name}, {"error", written.error().message}});
        }
        changed_.notify_all();
        if (!written && !is_closed_) {
            const Instant retry = machine_.clock.now() + limits::logs::flush_retry_delay;
            co_await changed_.wait_until(machine_.timers, retry);
        }
    }
    if (!is_closed_) co_await trim();
    is_flushing_ = false;
    changed_.notify_all();
}

Task<Result<void>> Group::write_rows() {
    covered_ = pending_.size();
    if (unsummed_bytes_ >= limits::logs::summary_bytes_max && is_ready_) {
        // All that is durable by now is in the summaries.
        unsummed_bytes_ = 0;
        row_.summed_until = static_cast<std::int64_t>(pending_base_);
        for (const auto& [name, touched] : touched_streams_) mark_stream(name);
        touched_streams_.clear();
        mark_row();
    }
    if (durable_row_changes_ == row_changes_) co_return Result<void>();
    const std::uint64_t changes = row_changes_;
    storage::Table::Commit commit;
    if (is_row_dirty_) commit.puts.push_back({row_.table_key(), wire::to_json(row_)});
    const auto dirty = std::exchange(dirty_streams_, {});
    const bool was_row_dirty = std::exchange(is_row_dirty_, false);
    for (const auto& [name, is_there] : dirty) {
        if (const StreamRow* stream = find_stream(name)) {
            commit.puts.push_back({stream_key(name), wire::to_json(*stream)});
        } else {
            commit.erases.push_back(stream_key(name));
        }
    }
    auto committed = co_await table_.commit(std::move(commit));
    if (committed) {
        durable_row_changes_ = changes;
        co_return committed;
    }
    is_row_dirty_ = is_row_dirty_ || was_row_dirty;
    for (const auto& [name, is_there] : dirty) dirty_streams_.emplace(name, is_there);
    co_return committed;
}

Task<Result<void>> Group::write_events() {
    storage::Batch batch{.can_wait = true};
    for (const Pending& event : pending_) {
        // What came during the commit of rows may need a row that was not in it.
        if (batch.records == covered_) break;
        if (batch.payload.size() >= limits::logs::flush_bytes_max) break;
        if (batch.records == 0) batch.first_arrival = wall(event.ingestion_ms);
        batch.last_arrival = wall(event.ingestion_ms);
        append_event(batch.payload, event.view());
        ++batch.records;
    }
    if (batch.records == 0) co_return Result<void>();
    const std::size_t count = batch.records;
    unsummed_bytes_ += batch.payload.size();
    MILL_CO_TRY(const Offset base, co_await log_.append(std::move(batch)));
    for (std::size_t i = 0; i < count; ++i) {
        pending_bytes_ -= pending_.front().message.size();
        pending_.pop_front();
    }
    pending_base_ = base + count;
    co_return Result<void>();
}

Task<Result<void>> Group::ready() {
    if (is_ready_) co_return Result<void>();
    const Use use(*this);
    const Offset end = pending_base_;
    Offset offset = static_cast<Offset>(row_.summed_until);
    while (offset < end) {
        const storage::ReadLimits limits{.records = 1'000'000,
                                         .bytes = limits::logs::scan_step_bytes};
        MILL_CO_TRY(const auto batches, co_await log_.read(offset, limits));
        if (batches.empty()) break;
        for (const auto& batch : batches) {
            EventCursor cursor(*batch.payload);
            for (auto event = cursor.next(); event; event = cursor.next()) summarize(*event);
            offset = batch.end();
        }
    }
    is_ready_ = true;
    co_return Result<void>();
}

Task<Result<std::vector<storage::StoredBatch>>> Group::read(Offset from) {
    const Use use(*this);
    const storage::ReadLimits limits{.records = 1'000'000, .bytes = limits::logs::scan_step_bytes};
    co_return co_await log_.read(from, limits);
}

std::int64_t Group::horizon_ms() const {
    if (!row_.retention_days) return 0;
    return epoch_ms(machine_.clock.wall() - std::chrono::hours(24 * *row_.retention_days));
}

namespace {

struct Offer {
    SearchRange range;
    const EventFilter* filter;
    Page* page;

    void operator()(const EventView& event, Offset offset) const {
        if (event.timestamp_ms < range.first_ms || event.timestamp_ms > range.last_ms) return;
        const EventKey key = event_key(event.timestamp_ms, offset);
        if (key < range.first_key || key > range.last_key || !page->wants(key)) return;
        if (filter->accepts(event)) page->offer(key, event);
    }
};

}  // namespace

Task<Result<void>> Group::search(SearchRange range, const EventFilter* filter, Page* page) {
    const Use use(*this);
    range.first_ms = std::max(range.first_ms, horizon_ms());
    const Offer offer{range, filter, page};
    const WallTime last_arrival = wall(plus(range.last_ms, row_.lag_ms));
    MILL_CO_TRY(Offset offset, co_await log_.offset_at(wall(minus(range.first_ms, row_.lead_ms))));
    bool is_past = false;
    while (!is_past && offset < log_.bounds().next) {
        const storage::ReadLimits limits{.records = 1'000'000,
                                         .bytes = limits::logs::scan_step_bytes};
        MILL_CO_TRY(const auto batches, co_await log_.read(offset, limits));
        if (batches.empty()) break;
        for (const auto& batch : batches) {
            offset = batch.end();
            // Whatever follows came too late to bear a timestamp in the range, or one that the page
            // still wants.
            const EventKey oldest = event_key(minus(epoch_ms(batch.first_arrival), row_.lag_ms), 0);
            is_past =
                batch.first_arrival > last_arrival || (!page->is_newest() && !page->wants(oldest));
            if (is_past) break;
            EventCursor cursor(*batch.payload);
            Offset at = batch.base;
            for (auto event = cursor.next(); event; event = cursor.next(), ++at) offer(*event, at);
        }
    }
    Offset at = pending_base_;
    for (const Pending& event : pending_) {
        if (at >= offset) offer(event.view(), at);
        ++at;
    }
    co_return Result<void>();
}

Task<void> Group::trim() {
    if (!row_.retention_days || machine_.clock.now() < trim_next_) co_return;
    trim_next_ = machine_.clock.now() + limits::logs::trim_interval;
    auto live = co_await log_.offset_at(wall(minus(horizon_ms(), row_.lead_ms)));
    if (live && *live <= log_.bounds().first) co_return;
    auto trimmed = live ? co_await log_.trim(*live) : Result<void>(std::unexpected(live.error()));
    if (!trimmed) {
        machine_.log.warning("logs.trim_failed",
                             {{"group", row_.name}, {"error", trimmed.error().message}});
    }
}

Task<void> Group::close() {
    is_closed_ = true;
    changed_.notify_all();
    while (is_flushing_ || readers_ > 0) co_await changed_.wait();
}

}  // namespace mill::logs
