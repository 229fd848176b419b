// SPDX-License-Identifier: Apache-2.0
// CreateStream: answered once the stream's description is durable; CREATING until
// Options::transition has passed.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct CreateStreamInput {
    std::optional<std::int64_t> shard_count;
    std::optional<std::string> stream_name;
    std::optional<StreamModeDetails> stream_mode_details;
    std::optional<std::map<std::string, std::string>> tags;
    std::optional<std::int64_t> max_record_size_in_kib;
    std::optional<std::int64_t> warm_throughput_mibps;

    static constexpr auto shape() {
        using I = CreateStreamInput;
        return wire::structure(
            "CreateStreamInput",
            wire::member<&I::shard_count>("ShardCount").range(1, wire::unbounded_above),
            stream_name_member<&I::stream_name>().required(),
            wire::member<&I::stream_mode_details>("StreamModeDetails"), tags_member<&I::tags>(),
            wire::member<&I::max_record_size_in_kib>("MaxRecordSizeInKiB")
                .range(limits::kinesis::record_kib_default, limits::kinesis::record_kib_max),
            wire::member<&I::warm_throughput_mibps>("WarmThroughputMiBps")
                .range(0, wire::unbounded_above));
    }
};

Task<Result<wire::Empty>> create_stream(Kinesis& kinesis, Caller caller, CreateStreamInput input) {
    NewStream spec;
    spec.name = *std::move(input.stream_name);
    spec.shard_count = input.shard_count;
    if (input.stream_mode_details) spec.mode = input.stream_mode_details->stream_mode;
    if (input.max_record_size_in_kib) spec.record_kib_max = *input.max_record_size_in_kib;
    spec.warm_mibps = input.warm_throughput_mibps;
    if (input.tags) spec.tags = *std::move(input.tags);
    MILL_CO_CHECK(co_await kinesis.create_stream(std::move(caller), std::move(spec)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation create_stream_operation;
const wire::Operation create_stream_operation = wire::operation<&create_stream>("CreateStream");

}  // namespace mill::kinesis
