// SPDX-License-Identifier: Apache-2.0
// GetRecords: what lies from the iterator on, at most Limit records and 10 MiB; nothing that is
// older than the retention period. An empty answer is a normal one: the caller polls on with
// NextShardIterator. Once everything in a closed shard was read there is none, and the answer names
// the shards where it goes on.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
#include "model/arn.h"
#include "model/shard_iterator.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/records.h"
#include "services/kinesis/throttle.h"

namespace mill::kinesis {
namespace {

struct GetRecordsInput {
    std::optional<std::int64_t> limit;
    std::optional<std::string> shard_iterator;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = GetRecordsInput;
        return wire::structure(
            "GetRecordsInput",
            wire::member<&I::limit>("Limit").range(1, limits::kinesis::get_records_max),
            wire::member<&I::shard_iterator>("ShardIterator")
                .required()
                .length(1, limits::kinesis::iterator_length_max),
            stream_arn_member<&I::stream_arn>());
    }
};

struct GetRecordsOutput {
    std::vector<RecordOutput> records;
    std::optional<std::string> next_shard_iterator;
    std::int64_t millis_behind_latest = 0;
    std::optional<std::vector<ChildShard>> child_shards;
    std::vector<storage::StoredBatch> batches;  // that hold the records

    static constexpr auto shape() {
        using O = GetRecordsOutput;
        return wire::structure("GetRecordsOutput", wire::member<&O::records>("Records"),
                               wire::member<&O::next_shard_iterator>("NextShardIterator"),
                               wire::member<&O::millis_behind_latest>("MillisBehindLatest"),
                               wire::member<&O::child_shards>("ChildShards"));
    }
};

// An iterator is no pass: it reads a stream of the caller's account and region, or the one that
// StreamARN names.
Result<void> check_reach(const Caller& caller, const std::optional<std::string>& arn,
                         const model::ShardIterator& iterator) {
    if (!arn) {
        if (iterator.account == caller.account && iterator.region == caller.region) return {};
        return invalid_argument("Invalid ShardIterator.");
    }
    const auto named = model::parse_arn(*arn);
    if (named && named->account == iterator.account && named->region == iterator.region &&
        named->resource == "stream/" + iterator.stream)
        return {};
    return invalid_argument("Invalid ShardIterator.");
}

std::int64_t bytes_of(const ShardRun& run) {
    std::size_t bytes = 0;
    for (const auto& [offset, record] : run.items)
        bytes += record.partition_key.size() + record.data.size();
    return static_cast<std::int64_t>(bytes);
}

Task<Result<GetRecordsOutput>> get_records(Kinesis& kinesis, Caller caller, GetRecordsInput input) {
    MILL_CO_TRY(auto iterator, model::read_shard_iterator(kinesis.token_key(),
                                                          *input.shard_iterator, kinesis.now()));
    MILL_CO_CHECK(check_reach(caller, input.stream_arn, iterator));
    auto found = kinesis.find_stream(iterator.account, iterator.region, iterator.stream);
    const ShardPointer shard = found && (*found)->tag() == iterator.stream_tag
                                   ? (*found)->find_shard(iterator.shard)
                                   : nullptr;
    if (!shard)
        co_return shard_not_found(model::shard_id(iterator.shard), iterator.stream,
                                  iterator.account);
    const StreamPointer stream = *std::move(found);
    if (stream->is_limited())
        MILL_CO_CHECK(admit_read(*stream, *shard, kinesis.machine().clock.now()));

    const ReadBounds bounds{
        .records =
            static_cast<std::uint64_t>(input.limit.value_or(limits::kinesis::get_records_max)),
        .bytes = static_cast<std::uint64_t>(limits::kinesis::get_records_bytes_max)};
    MILL_CO_TRY(auto run, co_await shard->read(iterator.offset, bounds, stream->horizon()));
    stream->trim_lazily(*shard);
    if (stream->is_limited()) shard->throughput->reads.returned(bytes_of(run));

    GetRecordsOutput output;
    output.records = describe_records(stream->row(), *shard, run);
    output.batches = std::move(run.batches);
    output.millis_behind_latest = millis_behind(*shard, run, kinesis.now());
    if (shard->ends_at(run.next)) {
        output.child_shards = describe_children(*stream, *shard);
        co_return output;
    }
    iterator.issued = kinesis.now();
    iterator.offset = run.next;
    output.next_shard_iterator = model::write_shard_iterator(kinesis.token_key(), iterator);
    co_return output;
}

}  // namespace

extern const wire::Operation get_records_operation;
const wire::Operation get_records_operation = wire::operation<&get_records>("GetRecords");

}  // namespace mill::kinesis
