// SPDX-License-Identifier: Apache-2.0
// Discarded records through the function once more, decision by decision. What succeeds is
// forgotten; what fails, or was in no batch small enough, stays for another time.
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

// The records of a discard that the stream still has, rendered.
Task<Result<std::vector<RenderedRecord>>> read(ports::RecordSource& source, Mapping mapping,
                                               std::string role, Discard discard) {
    const RecordRenderer renderer({mapping.source_arn, discard.shard_id, role, mapping.region});
    std::vector<RenderedRecord> records;
    for (const std::int64_t wanted : discard.positions) {
        const auto position = static_cast<ports::Position>(wanted);
        MILL_CO_TRY(auto run, co_await source.read_after(mapping.stream_arn(), discard.shard_id,
                                                         position, 1, 1));
        if (!run.records.empty() && run.records.front().position == position)
            records.push_back(renderer.render(std::move(run.records.front())));
    }
    co_return records;
}

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
    Replay result;
    for (const Discard& discard : all) {
        const auto stream = source_.incarnation(mapping.stream_arn());
        const std::string& theirs = checkpoints.source();
        std::vector<RenderedRecord> records;  // none if their stream is gone, whatever has its name
        if (stream && (theirs.empty() || *stream == theirs)) {
            MILL_CO_TRY(records,
                        co_await read(source_, mapping, target ? target->role : "", discard));
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
