// SPDX-License-Identifier: Apache-2.0
// Discarded records through the function once more, decision by decision. What succeeds is
// forgotten; what fails, or was in no batch small enough, stays for another time.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "model/function_answer.h"
#include "services/lambda/mappings/mappings.h"
#include "services/lambda/mappings/stream_run.h"

namespace mill::lambda {
namespace {

struct Replay {
    std::int64_t replayed = 0;  // handled now
    std::int64_t failed = 0;    // the function fails on them still
    std::int64_t expired = 0;   // gone from the stream
};

// Reads what discards name in runs: of each shard what lies close together is one read.
class DiscardReader {
  public:
    DiscardReader(ports::RecordSource& source, const Mapping& mapping, std::string role,
                  const std::vector<Discard>& all)
        : source_(source), mapping_(mapping), role_(std::move(role)) {
        for (const Discard& discard : all) {
            auto& positions = wanted_[discard.shard_id];
            positions.insert(discard.positions.begin(), discard.positions.end());
        }
    }

    // The records of a discard that the stream still has, rendered.
    Task<Result<std::vector<RenderedRecord>>> read(Discard discard) {
        const RecordRenderer renderer(
            {mapping_.source_arn, discard.shard_id, role_, mapping_.region});
        std::vector<RenderedRecord> records;
        for (const std::int64_t wanted : discard.positions) {
            const auto position = static_cast<ports::Position>(wanted);
            if (!has_read(discard.shard_id, position)) {
                MILL_CO_TRY(run_, co_await source_.read_after(
                                      mapping_.stream_arn(), discard.shard_id, position,
                                      run_length(discard.shard_id, wanted), run_bytes_max));
                shard_id_ = discard.shard_id;
                from_ = position;
            }
            const auto found = std::ranges::lower_bound(run_.records, position, {},
                                                        &ports::SourceRecord::position);
            if (found != run_.records.end() && found->position == position)
                records.push_back(renderer.render(*found));
        }
        co_return records;
    }

  private:
    static constexpr std::int64_t run_records_max = 1000;
    static constexpr std::uint64_t run_bytes_max = 4 * 1024 * 1024;

    bool has_read(const std::string& shard_id, ports::Position position) const {
        return shard_id_ == shard_id && from_ <= position && position < run_.next;
    }
    // From there to the last that is wanted within a run.
    std::uint32_t run_length(const std::string& shard_id, std::int64_t from) const {
        const auto& positions = wanted_.at(shard_id);
        const std::int64_t last = *std::prev(positions.lower_bound(from + run_records_max));
        return static_cast<std::uint32_t>(last - from + 1);
    }

    ports::RecordSource& source_;
    const Mapping mapping_;
    const std::string role_;
    std::map<std::string, std::set<std::int64_t>> wanted_;  // by shard
    std::string shard_id_;                                  // of what was read last
    ports::Position from_ = 0;
    ports::SourceRun run_;
};

bool has_failed(const Result<ports::InvokeOutcome>& outcome, const Mapping& mapping,
                const std::vector<RenderedRecord>& records) {
    if (!outcome || outcome->function_error) return true;
    const auto answer = model::read_answer(
        outcome->payload,
        {.reports_item_failures = mapping.settings.retry_policy().report_item_failures},
        [&](std::string_view identifier) { return place_of(records, identifier); });
    return !std::holds_alternative<model::Succeeded>(answer.outcome);
}

}  // namespace

Task<Result<wire::Value>> Mappings::replay_discarded(std::string uuid) {
    MILL_CO_TRY(const Entry* entry, entry_of(uuid));
    const Mapping mapping = entry->mapping;
    if (mapping.settings.has_windows())
        co_return fail("InvalidParameterValueException",
                       "Records of tumbling windows belong to states that are gone. Rewind the "
                       "mapping instead.",
                       400);
    const auto target =
        functions_({.account = mapping.account, .region = mapping.region}, mapping.function_arn);
    const std::shared_ptr<Discards> discards = entry->discards;
    Checkpoints checkpoints(table_, uuid);
    MILL_CO_CHECK(checkpoints.load());
    MILL_CO_TRY(const auto all, discards->all());
    DiscardReader reader(source_, mapping, target ? target->role : "", all);
    Replay result;
    for (const Discard& discard : all) {
        const auto stream = source_.incarnation(mapping.stream_arn());
        const std::string& theirs = checkpoints.source();
        std::vector<RenderedRecord> records;  // none if their stream is gone, whatever has its name
        if (stream && (theirs.empty() || *stream == theirs)) {
            MILL_CO_TRY(records, co_await reader.read(discard));
        }
        const auto wanted = static_cast<std::int64_t>(discard.positions.size());
        const auto found = static_cast<std::int64_t>(records.size());
        if (found > 0) {
            const auto outcome =
                co_await invoker_.invoke({mapping.function_arn, render_event(records), {}});
            if (has_failed(outcome, mapping, records)) {
                result.failed += found;
                continue;
            }
        }
        // Given up anew while this went on: that decision stays, or has left with its stream.
        const auto removed = co_await discards->remove(discard);
        if (!removed && removed.error().code != "storage.conflict")
            co_return std::unexpected(removed.error());
        result.replayed += found;
        result.expired += wanted - found;
    }
    co_return wire::Value(wire::Value::Map{
        {"replayed", result.replayed}, {"failed", result.failed}, {"expired", result.expired}});
}

}  // namespace mill::lambda
