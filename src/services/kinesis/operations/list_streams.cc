// SPDX-License-Identifier: Apache-2.0
// ListStreams: of the caller's account and region, by name.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html
#include "model/shard_iterator.h"
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

constexpr std::string_view token_purpose = "list-streams";

struct ListStreamsInput {
    std::optional<std::int64_t> limit;
    std::optional<std::string> exclusive_start_stream_name;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using I = ListStreamsInput;
        return wire::structure(
            "ListStreamsInput",
            wire::member<&I::limit>("Limit").range(1, limits::kinesis::list_max),
            wire::member<&I::exclusive_start_stream_name>("ExclusiveStartStreamName")
                .pattern(name_pattern)
                .length(1, limits::kinesis::name_length_max),
            wire::member<&I::next_token>("NextToken").length(1, limits::kinesis::token_length_max));
    }
};

struct StreamSummary {
    std::string stream_name;
    std::string stream_arn;
    std::string stream_status;
    StreamModeDetails stream_mode_details;
    WallTime stream_creation_timestamp;

    static constexpr auto shape() {
        using S = StreamSummary;
        return wire::structure(
            "StreamSummary", wire::member<&S::stream_name>("StreamName"),
            wire::member<&S::stream_arn>("StreamARN"),
            wire::member<&S::stream_status>("StreamStatus"),
            wire::member<&S::stream_mode_details>("StreamModeDetails"),
            wire::member<&S::stream_creation_timestamp>("StreamCreationTimestamp"));
    }
};

struct ListStreamsOutput {
    std::vector<std::string> stream_names;
    bool has_more_streams = false;
    std::optional<std::string> next_token;
    std::vector<StreamSummary> stream_summaries;

    static constexpr auto shape() {
        using O = ListStreamsOutput;
        return wire::structure("ListStreamsOutput", wire::member<&O::stream_names>("StreamNames"),
                               wire::member<&O::has_more_streams>("HasMoreStreams"),
                               wire::member<&O::next_token>("NextToken"),
                               wire::member<&O::stream_summaries>("StreamSummaries"));
    }
};

Task<Result<ListStreamsOutput>> list_streams(Kinesis& kinesis, Caller caller,
                                             ListStreamsInput input) {
    std::string after = input.exclusive_start_stream_name.value_or("");
    if (input.next_token) {
        auto payload = model::open_token(kinesis.token_key(), token_purpose, *input.next_token);
        if (!payload) co_return invalid_argument("NextToken is invalid.");
        after = *std::move(payload);
    }
    const auto limit =
        static_cast<std::size_t>(input.limit.value_or(limits::kinesis::list_streams_default));
    auto streams = kinesis.list_streams(caller, after, limit + 1);
    ListStreamsOutput output;
    output.has_more_streams = streams.size() > limit;
    if (output.has_more_streams) streams.pop_back();
    for (const auto& stream : streams) {
        const StreamRow& row = stream->row();
        output.stream_names.push_back(row.name);
        output.stream_summaries.push_back(
            {row.name, row.arn(), row.status, {row.mode}, row.created()});
    }
    if (output.has_more_streams) {
        output.next_token =
            model::seal_token(kinesis.token_key(), token_purpose, output.stream_names.back());
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_streams_operation;
const wire::Operation list_streams_operation = wire::operation<&list_streams>("ListStreams");

}  // namespace mill::kinesis
