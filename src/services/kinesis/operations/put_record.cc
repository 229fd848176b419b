// SPDX-License-Identifier: Apache-2.0
// PutRecord: append one record to the shard that owns its hash key. Answered only once the log has
// it durable; the answer is made while the disk writes.
//
// A shard's numbers grow with each append, so SequenceNumberForOrdering is checked and then already
// satisfied. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
#include "services/kinesis/record_checks.h"
#include "services/kinesis/throttle.h"
#include "wire/held.h"

namespace mill::kinesis {
namespace {

struct PutRecordInput {
    std::optional<std::string> sequence_number_for_ordering;
    std::optional<std::string_view> partition_key;
    std::optional<std::string_view> explicit_hash_key;
    std::optional<wire::BlobView> data;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = PutRecordInput;
        return wire::structure(
            "PutRecordInput",
            wire::member<&I::sequence_number_for_ordering>("SequenceNumberForOrdering")
                .pattern(sequence_number_pattern),
            wire::member<&I::partition_key>("PartitionKey")
                .required()
                .length(1, limits::kinesis::partition_key_length_max),
            wire::member<&I::explicit_hash_key>("ExplicitHashKey").pattern(hash_key_pattern),
            wire::member<&I::data>("Data").required().length(0,
                                                             limits::kinesis::record_bytes_ceiling),
            stream_name_member<&I::stream_name>(), stream_arn_member<&I::stream_arn>());
    }
};

struct PutRecordOutput {
    model::ShardIdText shard_id;
    model::SequenceText sequence_number;
    std::optional<std::string_view> encryption_type;

    static constexpr auto shape() {
        return wire::structure("PutRecordOutput",
                               wire::member<&PutRecordOutput::shard_id>("ShardId"),
                               wire::member<&PutRecordOutput::sequence_number>("SequenceNumber"),
                               wire::member<&PutRecordOutput::encryption_type>("EncryptionType"));
    }
};

Result<void> check_ordering(const Kinesis& kinesis, const StreamRow& row,
                            const std::optional<std::string>& text) {
    if (!text) return {};
    const auto number = model::parse_sequence_number(*text);
    if (number && number->arrived_s <= model::epoch_s(kinesis.now())) return {};
    return invalid_argument(
        fmt::format("ExclusiveMinimumSequenceNumber {} used in PutRecord on stream {} under "
                    "account {} is invalid.",
                    *text, row.name, row.account));
}

Task<Result<wire::Held<PutRecordOutput>>> put_record(Kinesis& kinesis, Caller caller,
                                                     PutRecordInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.writable_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_CHECK(
        check_size(stream->row(), input.partition_key->size(), input.data->size(), "data"));
    MILL_CO_CHECK(check_explicit_hash_key(input.explicit_hash_key));
    MILL_CO_CHECK(check_ordering(kinesis, stream->row(), input.sequence_number_for_ordering));
    const model::HashKey hash_key = hash_key_of(*input.partition_key, input.explicit_hash_key);
    Bytes kept;
    if (stream->is_held()) {
        keep_record(input.partition_key, input.data, kept);
        co_await stream->until_released();
    }
    Shard& shard = stream->owner_of(hash_key);
    if (stream->is_limited()) {
        MILL_CO_CHECK(admit_record(*stream, shard, input.partition_key->size() + input.data->size(),
                                   kinesis.machine().clock.now()));
    }
    const WallTime arrival = shard.next_arrival();
    const auto encryption_type = described_encryption(stream->row().is_encrypted());
    storage::BatchBuilder batch;
    input.data->copy_to(batch.add(arrival, *input.partition_key, input.data->size()));
    MILL_CO_TRY(auto begun, shard.begin_append(batch.take()));
    MILL_CO_TRY(const auto offset, co_await begun.appending.placed());
    stream->trim_lazily(shard);
    co_return wire::Held<PutRecordOutput>{
        std::make_shared<const PutRecordOutput>(model::ShardIdText(shard.id()),
                                                shard.sequence_number(offset, arrival),
                                                encryption_type),
        shard.settled(std::move(begun), stream)};
}

}  // namespace

extern const wire::Operation put_record_operation;
const wire::Operation put_record_operation = wire::held_operation<&put_record>("PutRecord");
extern const wire::HeldOperation put_record_held;
const wire::HeldOperation put_record_held = wire::held<&put_record>(put_record_operation);

}  // namespace mill::kinesis
