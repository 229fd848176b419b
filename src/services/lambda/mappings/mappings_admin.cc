// SPDX-License-Identifier: Apache-2.0
// What mappings tell and do beyond AWS: status, rewind, replay of discarded records, metrics.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "model/sequence_number.h"
#include "services/lambda/mappings/mappings.h"
#include "services/lambda/mappings/stream_run.h"

namespace mill::lambda {
namespace {

using wire::Value;

// When the next attempt is made, in milliseconds from now.
std::int64_t ms_until(Instant then, Instant now) {
    return std::max<std::int64_t>(
        0, std::chrono::floor<std::chrono::milliseconds>(then - now).count());
}

Value value_of(const DeliveryStatus& batch, Instant now) {
    Value value = Value::map();
    value["doing"] = batch.doing;
    value["records"] = batch.records;
    value["first_sequence_number"] = batch.first_sequence_number;
    value["attempts"] = batch.attempts;
    if (batch.next_attempt) value["next_attempt_ms"] = ms_until(*batch.next_attempt, now);
    return value;
}

Value value_of(const LaneStatus& lane, Instant now) {
    Value value = Value::map();
    value["position"] = static_cast<std::int64_t>(lane.position);
    value["queued"] = lane.queued;
    value["batch"] = lane.batch ? value_of(*lane.batch, now) : Value();
    if (!lane.last_error.empty()) value["last_error"] = lane.last_error;
    return value;
}

Value value_of(const ShardStatus& shard, WallTime wall, Instant now) {
    Value value = Value::map();
    value["shard"] = shard.shard_id;
    value["lag_records"] =
        static_cast<std::int64_t>(shard.tail - std::min(shard.position, shard.tail));
    std::optional<WallTime> oldest;
    value["lanes"] = Value::list();
    for (const LaneStatus& lane : shard.lanes) {
        if (lane.oldest) oldest = std::min(oldest.value_or(*lane.oldest), *lane.oldest);
        value["lanes"].push_back(value_of(lane, now));
    }
    value["lag_ms"] =
        oldest ? std::max<std::int64_t>(0, epoch_ms(wall) - epoch_ms(*oldest)) : std::int64_t{0};
    return value;
}

// A count, as the status and as the metrics call it.
struct Series {
    enum class Of : std::uint8_t { all, streams, queues };
    const char* name;
    const char* metric;
    const char* help;
    std::uint64_t MappingCounts::* count;
    Of of = Of::all;
    bool is_of(const Mapping& mapping) const {
        return of == Of::all || (of == Of::queues) == mapping.reads_queue();
    }
};
constexpr Series all_series[] = {
    {"polled", "polled", "Records read", &MappingCounts::polled},
    {"filtered", "filtered_out", "Records that no filter let pass", &MappingCounts::filtered},
    {"invoked", "invoked", "Records that the function has handled", &MappingCounts::invoked},
    {"failed", "failed_invoke", "Records that the function has failed on", &MappingCounts::failed},
    {"deleted", "deleted", "Messages deleted from the queue", &MappingCounts::deleted,
     Series::Of::queues},
    {"dropped", "dropped", "Records given up", &MappingCounts::dropped, Series::Of::streams},
    {"delivered_to_destination", "on_failure_destination_delivered",
     "Records told to the failure destination", &MappingCounts::delivered, Series::Of::streams},
    {"destination_failures", "destination_delivery_failures",
     "Documents the failure destination did not take", &MappingCounts::delivery_failures,
     Series::Of::streams}};

Value counts_of(const Mapping& mapping, const MappingCounts& counts) {
    Value value = Value::map();
    for (const Series& series : all_series) {
        if (series.is_of(mapping))
            value[series.name] = static_cast<std::int64_t>(counts.*series.count);
    }
    return value;
}

std::optional<WallTime> time_in(const std::string& text) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr std::size_t digits_max = 12;  // more is a sequence number
    if (error == std::errc() && end == text.data() + text.size() && text.size() <= digits_max)
        return from_epoch_ms(seconds * 1000);
    return parse_iso8601(text);
}

// The shard, and all that were made of it.
std::set<std::string> with_descendants(const std::vector<ports::SourceShard>& shards,
                                       const std::string& first) {
    std::set<std::string> family = {first};
    for (bool grows = true; grows;) {
        grows = false;
        for (const auto& shard : shards) {
            const bool is_child = std::ranges::any_of(
                shard.parents, [&](const auto& parent) { return family.contains(parent); });
            if (is_child && family.insert(shard.shard_id).second) grows = true;
        }
    }
    return family;
}

}  // namespace

Result<Value> Mappings::status(const std::string& uuid) const {
    MILL_TRY(const Entry* entry, entry_of(uuid));
    const MappingDescription description = describe(*entry);
    Value status = Value::map();
    status["uuid"] = uuid;
    status["source"] = description.source_arn;
    status["function"] = description.function_arn;
    status["state"] = description.state;
    status["last_result"] = entry->counts.last_result;
    status["counts"] = counts_of(entry->mapping, entry->counts);
    MILL_TRY(status["discarded_records"], entry->discards->records());
    status["shards"] = Value::list();
    if (entry->run) {
        for (const ShardStatus& shard : entry->run->shards())
            status["shards"].push_back(
                value_of(shard, machine_.clock.wall(), machine_.clock.now()));
        if (const auto queue = entry->run->queue())
            status["queue"] =
                Value::Map{{"batches", queue->batches}, {"batches_max", queue->batches_max}};
    }
    return status;
}

Task<Result<std::vector<storage::Table::Entry>>> Mappings::rewound(Mapping mapping,
                                                                   std::string to) {
    const std::string stream = mapping.stream_arn();
    MILL_CO_TRY(const auto shards, source_.shards(stream));
    const auto sequence = model::parse_sequence_number(to);
    const auto time = sequence ? std::nullopt : time_in(to);
    if (to != "TRIM_HORIZON" && !sequence && !time)
        co_return invalid(
            "A mapping is rewound to TRIM_HORIZON, a time (ISO 8601 or epoch "
            "seconds) or a sequence number, not to '" +
            to + "'.");
    std::string first;
    std::set<std::string> family;
    if (sequence) {
        first = model::shard_id(sequence->shard.index);
        family = with_descendants(shards, first);
        const bool is_listed =
            std::ranges::any_of(shards, [&](const auto& shard) { return shard.shard_id == first; });
        if (!is_listed) co_return invalid("The shard of that record, " + first + ", is gone.");
    }
    Checkpoints known(table_, mapping.uuid);
    MILL_CO_CHECK(known.load());
    std::vector<storage::Table::Entry> rows;
    for (const auto& shard : shards) {
        if (sequence && !family.contains(shard.shard_id)) continue;
        // Only ever back: what was not delivered yet is not passed over. A shard without a
        // checkpoint was not begun, and one that has not come that far stays where it is.
        const model::LanePositions* stored = known.find(shard.shard_id);
        if (!stored) continue;
        auto start = source_.trim_horizon(stream, shard.shard_id);
        if (time) start = co_await source_.at_time(stream, shard.shard_id, *time);
        MILL_CO_TRY(ports::Position position, start);
        if (shard.shard_id == first) position = std::max(position, sequence->offset_at());
        if (position >= stored->highest() && !stored->has_earlier()) continue;
        position = std::min(position, stored->lowest());
        rows.push_back(
            Checkpoints::row(mapping.uuid, shard.shard_id, model::LanePositions(position)));
    }
    co_return rows;
}

Task<Result<void>> Mappings::rewind(std::string uuid, std::string to) {
    MILL_CO_TRY(Entry * entry, entry_of(uuid));
    if (entry->changing)
        co_return fail("ResourceInUseException",
                       "Cannot rewind the event source mapping because it is in use.", 400);
    if (entry->mapping.reads_queue())
        co_return invalid(
            "A queue keeps what was not handled and nothing else: its mapping cannot be rewound.");
    entry->changing = true;  // nobody removes it meanwhile
    auto rows = co_await rewound(entry->mapping, to);
    if (!rows) {  // what is wrong ends no delivery
        entry->changing = false;
        changed_.notify_all();
        co_return std::unexpected(std::move(rows).error());
    }
    co_await end_run(*entry);
    rows = co_await rewound(entry->mapping, to);
    Result<void> stored = rows ? Result<void>() : std::unexpected(rows.error());
    if (rows) {
        storage::Table::Commit commit;
        commit.puts = *std::move(rows);
        stored = co_await table_.commit(std::move(commit));
    }
    entry->changing = false;
    if (entry->mapping.enabled && started_) start_run(*entry);
    changed_.notify_all();
    co_return stored;
}

std::string Mappings::metrics_text() const {
    if (entries_.empty()) return {};
    std::string text;
    for (const Series& series : all_series) {
        text += fmt::format(
            "# HELP millrace_mapping_{0}_total {1}.\n"
            "# TYPE millrace_mapping_{0}_total counter\n",
            series.metric, series.help);
        for (const auto& [uuid, entry] : entries_) {
            if (!series.is_of(entry->mapping)) continue;
            text += fmt::format("millrace_mapping_{}_total{{uuid=\"{}\"}} {}\n", series.metric,
                                uuid, entry->counts.*series.count);
        }
    }
    text +=
        "# HELP millrace_mapping_iterator_age_seconds Age of the last record handled, then.\n"
        "# TYPE millrace_mapping_iterator_age_seconds gauge\n";
    for (const auto& [uuid, entry] : entries_) {
        if (entry->mapping.reads_queue()) continue;
        text += fmt::format("millrace_mapping_iterator_age_seconds{{uuid=\"{}\"}} {:.3f}\n", uuid,
                            static_cast<double>(entry->counts.iterator_age_ms) / 1000);
    }
    return text;
}

}  // namespace mill::lambda
