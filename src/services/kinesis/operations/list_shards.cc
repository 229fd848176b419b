// SPDX-License-Identifier: Apache-2.0
// ListShards: pages of shards. A NextToken names its stream and lives 300 seconds.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html
#include <fmt/format.h>

#include "model/shard_iterator.h"
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

constexpr std::string_view token_purpose = "list-shards";
constexpr std::array<std::string_view, 6> filter_types = {"AFTER_SHARD_ID",    "AT_TRIM_HORIZON",
                                                          "FROM_TRIM_HORIZON", "AT_LATEST",
                                                          "AT_TIMESTAMP",      "FROM_TIMESTAMP"};

struct ShardFilter {
    std::optional<std::string> type;
    std::optional<std::string> shard_id;
    std::optional<WallTime> timestamp;

    static constexpr auto shape() {
        return wire::structure(
            "ShardFilter", wire::member<&ShardFilter::type>("Type").required().one_of(filter_types),
            shard_id_member<&ShardFilter::shard_id>("ShardId"),
            wire::member<&ShardFilter::timestamp>("Timestamp"));
    }
};

struct ListShardsInput {
    std::optional<std::string> stream_name;
    std::optional<std::string> next_token;
    std::optional<std::string> exclusive_start_shard_id;
    std::optional<std::int64_t> max_results;
    std::optional<WallTime> stream_creation_timestamp;
    std::optional<ShardFilter> shard_filter;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = ListShardsInput;
        return wire::structure(
            "ListShardsInput", stream_name_member<&I::stream_name>(),
            wire::member<&I::next_token>("NextToken").length(1, limits::kinesis::token_length_max),
            shard_id_member<&I::exclusive_start_shard_id>("ExclusiveStartShardId"),
            wire::member<&I::max_results>("MaxResults").range(1, limits::kinesis::list_max),
            wire::member<&I::stream_creation_timestamp>("StreamCreationTimestamp"),
            wire::member<&I::shard_filter>("ShardFilter"), stream_arn_member<&I::stream_arn>());
    }
};

struct ListShardsOutput {
    std::vector<ShardDescription> shards;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("ListShardsOutput",
                               wire::member<&ListShardsOutput::shards>("Shards"),
                               wire::member<&ListShardsOutput::next_token>("NextToken"));
    }
};

// What a NextToken says, and what the first page starts from.
struct Place {
    std::int64_t issued_ms = 0;
    std::string stream_arn;
    std::int64_t next_index = 0;

    static constexpr auto shape() {
        return wire::structure("Place", wire::member<&Place::issued_ms>("issued_ms"),
                               wire::member<&Place::stream_arn>("stream_arn"),
                               wire::member<&Place::next_index>("next_index"));
    }
};

Result<Place> read_token(const Kinesis& kinesis, const std::string& token) {
    const auto payload = model::open_token(kinesis.token_key(), token_purpose, token);
    if (!payload) return invalid_argument("NextToken is invalid.");
    MILL_TRY(auto place, wire::from_json<Place>(*payload));
    const WallTime issued = from_epoch_ms(place.issued_ms);
    if (kinesis.now() - issued > limits::kinesis::list_token_life) {
        return fail(
            "ExpiredNextTokenException",
            fmt::format("NextToken expired. The NextToken was created at time {} while right now "
                        "it is {} which is "
                        "further in the future than the tolerated delay of {} milliseconds.",
                        model::java_date(issued), model::java_date(kinesis.now()),
                        limits::kinesis::list_token_life.count()),
            400);
    }
    return place;
}

// Every shard of today's streams is open and as old as its stream, so of the filters only
// AFTER_SHARD_ID selects.
Result<std::int64_t> start_of(const StreamRow& row, const ListShardsInput& input) {
    const auto index_after = [&row](const std::string& shard_id) -> Result<std::int64_t> {
        const auto index = model::parse_shard_id(shard_id);
        if (index) return std::int64_t{*index} + 1;
        return fail("ResourceNotFoundException",
                    fmt::format("Could not find shard {} in stream {} under account {}.", shard_id,
                                row.name, row.account),
                    400);
    };
    if (const auto& filter = input.shard_filter) {
        if (filter->type == "AFTER_SHARD_ID") {
            if (!filter->shard_id)
                return invalid_argument(
                    "ShardId must be specified for ShardFilter type AFTER_SHARD_ID.");
            return index_after(*filter->shard_id);
        }
        if (filter->type->ends_with("TIMESTAMP") && !filter->timestamp) {
            return invalid_argument(
                fmt::format("Timestamp must be specified for ShardFilter type {}.", *filter->type));
        }
    }
    if (input.exclusive_start_shard_id) return index_after(*input.exclusive_start_shard_id);
    return 0;
}

Task<Result<ListShardsOutput>> list_shards(Kinesis& kinesis, Caller caller, ListShardsInput input) {
    const bool has_stream = input.stream_name || input.stream_arn;
    if (input.next_token && has_stream) {
        co_return invalid_argument("NextToken and StreamName cannot be provided together.");
    }
    if (!input.next_token && !has_stream) {
        co_return invalid_argument("Either NextToken or StreamName should be provided.");
    }
    Place place;
    if (input.next_token) {
        MILL_CO_TRY(place, read_token(kinesis, *input.next_token));
        input.stream_arn = place.stream_arn;
    }
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    const StreamRow& row = stream->row();
    if (stream->is("CREATING")) {
        co_return fail(
            "ResourceInUseException",
            fmt::format("Stream {} under account {} not ACTIVE, instead in state CREATING",
                        row.name, row.account),
            400);
    }
    if (!input.next_token) {
        MILL_CO_TRY(place.next_index, start_of(row, input));
    }
    ListShardsOutput output;
    const auto shards = stream->shards();
    const auto limit =
        static_cast<std::size_t>(input.max_results.value_or(limits::kinesis::list_shards_default));
    auto next = static_cast<std::size_t>(place.next_index);
    for (; next < shards.size() && output.shards.size() < limit; ++next) {
        output.shards.push_back(describe(*shards[next]));
    }
    if (next < shards.size()) {
        const Place rest{epoch_ms(kinesis.now()), row.arn(), static_cast<std::int64_t>(next)};
        output.next_token =
            model::seal_token(kinesis.token_key(), token_purpose, wire::to_json(rest));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_shards_operation;
const wire::Operation list_shards_operation = wire::operation<&list_shards>("ListShards");

}  // namespace mill::kinesis
