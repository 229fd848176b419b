// SPDX-License-Identifier: Apache-2.0
// What event source mappings read: ports::RecordSource over the streams.
#include <algorithm>

#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct Place {
    StreamPointer stream;
    ShardPointer shard;
};

Result<Place> place_of(const Kinesis& kinesis, const std::string& arn,
                       const std::string& shard_id) {
    MILL_TRY(auto stream, kinesis.find_stream(arn));
    ShardPointer shard = stream->find_shard(shard_id);
    if (!shard) return shard_not_found(shard_id, stream->row().name, stream->row().account);
    return Place{std::move(stream), std::move(shard)};
}

}  // namespace

Result<void> Kinesis::check_source(const std::string& arn) {
    MILL_CHECK(find_resource(arn));
    return {};
}

Result<std::string> Kinesis::incarnation(const std::string& stream_arn) {
    MILL_TRY(const auto stream, find_stream(stream_arn));
    return stream->row().id;
}

Result<std::vector<ports::SourceShard>> Kinesis::shards(const std::string& stream_arn) {
    MILL_TRY(const auto stream, find_stream(stream_arn));
    std::vector<ports::SourceShard> shards;
    for (const ShardPointer& shard : stream->shards()) {
        if (stream->has_expired(*shard)) continue;
        ports::SourceShard described{.shard_id = shard->id(),
                                     .closed = shard->closed().has_value()};
        for (const auto& index : {shard->lineage().parent, shard->lineage().adjacent_parent}) {
            if (index) described.parents.push_back(model::shard_id(*index));
        }
        shards.push_back(std::move(described));
    }
    return shards;
}

Result<ports::Position> Kinesis::trim_horizon(const std::string& stream_arn,
                                              const std::string& shard_id) {
    MILL_TRY(const auto place, place_of(*this, stream_arn, shard_id));
    return place.shard->first();
}

Result<ports::Position> Kinesis::latest(const std::string& stream_arn,
                                        const std::string& shard_id) {
    MILL_TRY(const auto place, place_of(*this, stream_arn, shard_id));
    return place.shard->next();
}

Task<Result<ports::Position>> Kinesis::at_time(std::string stream_arn, std::string shard_id,
                                               WallTime time) {
    MILL_CO_TRY(const auto place, place_of(*this, stream_arn, shard_id));
    co_return co_await place.shard->at_time(std::max(time, place.stream->horizon()));
}

Task<Result<ports::SourceRun>> Kinesis::read_after(std::string stream_arn, std::string shard_id,
                                                   ports::Position from, std::uint32_t records_max,
                                                   std::uint64_t bytes_max) {
    MILL_CO_TRY(const auto place, place_of(*this, stream_arn, shard_id));
    const ReadBounds bounds{.records = records_max, .bytes = bytes_max};
    MILL_CO_TRY(const auto run, co_await place.shard->read(from, bounds, place.stream->horizon()));
    place.stream->trim_lazily(*place.shard);
    ports::SourceRun source;
    source.next = run.next;
    source.at_end = place.shard->ends_at(run.next);
    source.records.reserve(run.items.size());
    model::SequenceNumbers numbers(place.shard->identity());
    for (const auto& [offset, record] : run.items) {
        source.records.push_back({.position = offset,
                                  .sequence_number = numbers.at(offset, record.arrival).str(),
                                  .partition_key = record.partition_key,
                                  .data = record.data,
                                  .arrival = record.arrival});
    }
    for (const auto& batch : run.batches) source.payloads.push_back(batch.payload);
    co_return source;
}

Task<void> Kinesis::wait_beyond(std::string stream_arn, std::string shard_id, ports::Position from,
                                Instant deadline) {
    const auto place = place_of(*this, stream_arn, shard_id);
    // read_after() tells
    if (!place || place->shard->next() > from || place->shard->ends_at(from)) co_return;
    co_await place->shard->changed().wait_until(machine_.timers, deadline);
}

}  // namespace mill::kinesis
