// SPDX-License-Identifier: Apache-2.0
// PutRecords: one batch for each shard that is concerned, appended at the same time; one answer for
// each record, made while the disk writes.
//
// Records of one shard keep their order. A batch that fails fails its records alone
// (InternalFailure). https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
#include "services/kinesis/record_checks.h"
#include "services/kinesis/throttle.h"
#include "wire/held.h"

namespace mill::kinesis {
namespace {

struct PutRecordsEntry {
    std::optional<std::string_view> partition_key;
    std::optional<std::string_view> explicit_hash_key;
    std::optional<wire::BlobView> data;

    static constexpr auto shape() {
        using E = PutRecordsEntry;
        // The name that Java prints of a list of them.
        return wire::structure(
            "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry",
            wire::member<&E::partition_key>("PartitionKey")
                .required()
                .length(1, limits::kinesis::partition_key_length_max),
            wire::member<&E::explicit_hash_key>("ExplicitHashKey").pattern(hash_key_pattern),
            wire::member<&E::data>("Data").required().length(
                0, limits::kinesis::record_bytes_ceiling));
    }
};

struct PutRecordsInput {
    std::optional<std::vector<PutRecordsEntry>> records;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = PutRecordsInput;
        return wire::structure("PutRecordsInput",
                               wire::member<&I::records>("Records").required().length(
                                   1, limits::kinesis::put_records_max),
                               stream_name_member<&I::stream_name>(),
                               stream_arn_member<&I::stream_arn>());
    }
};

struct PutRecordsResult {
    std::optional<model::SequenceText> sequence_number;
    std::optional<std::string_view> shard_id;
    std::optional<std::string_view> error_code;
    std::optional<std::string> error_message;

    static constexpr auto shape() {
        using R = PutRecordsResult;
        return wire::structure(
            "PutRecordsResultEntry", wire::member<&R::sequence_number>("SequenceNumber"),
            wire::member<&R::shard_id>("ShardId"), wire::member<&R::error_code>("ErrorCode"),
            wire::member<&R::error_message>("ErrorMessage"));
    }
};

struct PutRecordsOutput {
    std::int64_t failed_record_count = 0;
    std::vector<PutRecordsResult> records;
    std::optional<std::string_view> encryption_type = {};
    StreamPointer stream;  // keeps the shards' ids

    static constexpr auto shape() {
        return wire::structure(
            "PutRecordsOutput",
            wire::member<&PutRecordsOutput::failed_record_count>("FailedRecordCount"),
            wire::member<&PutRecordsOutput::records>("Records"),
            wire::member<&PutRecordsOutput::encryption_type>("EncryptionType"));
    }
};

// The records of one shard, and where their answers go.
struct ShardBatch {
    Shard* shard;
    WallTime arrival;
    std::size_t bytes = 0;  // of the payload
    storage::BatchBuilder batch = {};
    std::vector<std::uint32_t> entries = {};
    std::optional<Shard::Begun> begun = {};
};

Result<void> check_sizes(const StreamRow& row, const std::vector<PutRecordsEntry>& records) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::size_t key = records[i].partition_key->size(), data = records[i].data->size();
        bytes += key + data;
        if (key + data > static_cast<std::size_t>(row.record_kib_max) * 1024) {
            MILL_CHECK(check_size(row, key, data, fmt::format("records.{}.member.data", i + 1)));
        }
        MILL_CHECK(check_explicit_hash_key(records[i].explicit_hash_key));
    }
    if (bytes <= static_cast<std::size_t>(limits::kinesis::put_records_bytes_max)) return {};
    return invalid_argument("Records size exceeds 10 MB limit");
}

std::vector<model::HashKey> hash_keys_of(const std::vector<PutRecordsEntry>& records) {
    std::vector<std::string_view> partition_keys;
    partition_keys.reserve(records.size());
    for (const PutRecordsEntry& record : records) partition_keys.push_back(*record.partition_key);
    std::vector<model::HashKey> keys(records.size());
    model::hash_keys_of(partition_keys, keys.data());
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].explicit_hash_key)
            keys[i] = *model::parse_hash_key(*records[i].explicit_hash_key);
    }
    return keys;
}

// Each batch is made at once, and each record's data written straight into it.
void fill(ShardBatch& group, const std::vector<PutRecordsEntry>& records) {
    group.batch.reserve(group.bytes);
    for (const std::uint32_t i : group.entries) {
        const PutRecordsEntry& record = records[i];
        record.data->copy_to(
            group.batch.add(group.arrival, *record.partition_key, record.data->size()));
    }
}

// Of a record that its shard does not admit; the others are stored.
bool is_refused(Stream& stream, Shard& shard, const PutRecordsEntry& record, Instant now,
                PutRecordsResult& result) {
    const std::size_t bytes = record.partition_key->size() + record.data->size();
    const auto admitted = admit_record(stream, shard, bytes, now);
    if (admitted) return false;
    result.error_code = "ProvisionedThroughputExceededException";
    result.error_message = admitted.error().message;
    return true;
}

// What is refused is in `output`.
std::vector<ShardBatch> group_by_shard(Stream& stream, const std::vector<PutRecordsEntry>& records,
                                       const std::vector<model::HashKey>& keys, Instant now,
                                       PutRecordsOutput& output) {
    const bool is_limited = stream.is_limited();
    constexpr std::uint32_t none = ~0U;
    std::vector<ShardBatch> groups;
    std::vector<std::uint32_t> group_of(stream.open_shards().size(), none);
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        const std::size_t ordinal = stream.ordinal_of(keys[i]);
        if (is_limited && is_refused(stream, *stream.open_shards()[ordinal], records[i], now,
                                     output.records[i])) {
            ++output.failed_record_count;
            continue;
        }
        if (group_of[ordinal] == none) {
            group_of[ordinal] = static_cast<std::uint32_t>(groups.size());
            Shard* shard = stream.open_shards()[ordinal];
            groups.push_back({shard, shard->next_arrival()});
        }
        ShardBatch& group = groups[group_of[ordinal]];
        group.bytes += storage::record_header_bytes + records[i].partition_key->size() +
                       records[i].data->size();
        group.entries.push_back(i);
    }
    for (ShardBatch& group : groups) fill(group, records);
    return groups;
}

void tell(const ShardBatch& group, storage::Offset base, PutRecordsOutput& output) {
    model::SequenceNumbers numbers(group.shard->identity());
    for (std::size_t i = 0; i < group.entries.size(); ++i) {
        PutRecordsResult& result = output.records[group.entries[i]];
        result.sequence_number = numbers.at(base + i, group.arrival);
        result.shard_id = group.shard->id();
    }
}

void tell_failure(const ShardBatch& group, const Error& error, PutRecordsOutput& output) {
    for (const std::uint32_t i : group.entries) {
        output.records[i] = {.error_code = "InternalFailure",
                             .error_message = error.code == "storage.corrupt"
                                                  ? error.message
                                                  : "Internal Service Failure"};
    }
    output.failed_record_count += static_cast<std::int64_t>(group.entries.size());
}

// For a handler that must wait: the request's text goes meanwhile.
void keep(std::vector<PutRecordsEntry>& records, Bytes& kept) {
    std::size_t bytes = 0;
    for (const PutRecordsEntry& record : records)
        bytes += record.partition_key->size() + record.data->size();
    kept.reserve(bytes);  // once: what was kept must not move
    for (PutRecordsEntry& record : records) keep_record(record.partition_key, record.data, kept);
}

// A batch that fails after all changes what was told of its records.
Task<Result<wire::Told>> settled(std::vector<ShardBatch> groups,
                                 std::shared_ptr<PutRecordsOutput> output) {
    auto told = wire::Told::came_true;
    for (ShardBatch& group : groups) {
        if (!group.begun) continue;  // its failure is told
        const auto kept =
            co_await group.shard->settled(*std::exchange(group.begun, std::nullopt), nullptr);
        if (kept) continue;
        tell_failure(group, kept.error(), *output);
        told = wire::Told::has_changed;
    }
    co_return told;
}

Task<Result<wire::Held<PutRecordsOutput>>> put_records(Kinesis& kinesis, Caller caller,
                                                       PutRecordsInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.writable_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_CHECK(check_sizes(stream->row(), *input.records));
    const auto keys = hash_keys_of(*input.records);
    Bytes kept;
    if (stream->is_held()) {
        keep(*input.records, kept);
        co_await stream->until_released();
    }
    auto output = std::make_shared<PutRecordsOutput>();
    output->stream = stream;
    output->records.resize(input.records->size());
    output->encryption_type = described_encryption(stream->row().is_encrypted());
    const Instant now = stream->is_limited() ? kinesis.machine().clock.now() : Instant();
    auto groups = group_by_shard(*stream, *input.records, keys, now, *output);
    for (ShardBatch& group : groups) {
        if (auto begun = group.shard->begin_append(group.batch.take())) {
            group.begun.emplace(*std::move(begun));
        } else {
            tell_failure(group, begun.error(), *output);
        }
    }
    input.records.reset();  // the batches hold the data now
    kept = Bytes();
    for (ShardBatch& group : groups) {
        if (!group.begun) continue;
        if (const auto base = co_await group.begun->appending.placed()) {
            tell(group, *base, *output);
        } else {
            tell_failure(group, base.error(), *output);
            group.begun.reset();
        }
        stream->trim_lazily(*group.shard);
    }
    co_return wire::Held<PutRecordsOutput>{output, settled(std::move(groups), output)};
}

}  // namespace

extern const wire::Operation put_records_operation;
const wire::Operation put_records_operation = wire::held_operation<&put_records>("PutRecords");
extern const wire::HeldOperation put_records_held;
const wire::HeldOperation put_records_held = wire::held<&put_records>(put_records_operation);

}  // namespace mill::kinesis
