// SPDX-License-Identifier: Apache-2.0
// ListShards: pages of shards, open and closed, at most 1,000 each. A NextToken tells its stream,
// the filter and where to go on, and lives 300 seconds.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html
#include <fmt/format.h>

#include <algorithm>

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
    std::vector<wire::Encoded<ShardDescription>> shards;
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
    std::string filter = "FROM_TRIM_HORIZON";
    std::int64_t filter_ms = 0;  // of the filters by time

    static constexpr auto shape() {
        return wire::structure("Place", wire::member<&Place::issued_ms>("issued_ms"),
                               wire::member<&Place::stream_arn>("stream_arn"),
                               wire::member<&Place::next_index>("next_index"),
                               wire::member<&Place::filter>("filter"),
                               wire::member<&Place::filter_ms>("filter_ms"));
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

Result<std::int64_t> index_after(const StreamRow& row, const std::string& shard_id) {
    const auto index = model::parse_shard_id(shard_id);
    if (!index) return no_such_shard(shard_id, row);
    return std::int64_t{*index} + 1;
}

// AT_TRIM_HORIZON is the oldest moment of which records may be left.
Result<Place> first_place(const Stream& stream, const ListShardsInput& input) {
    const StreamRow& row = stream.row();
    Place place{.stream_arn = row.arn()};
    if (input.exclusive_start_shard_id) {
        MILL_TRY(place.next_index, index_after(row, *input.exclusive_start_shard_id));
    }
    if (!input.shard_filter) return place;
    const ShardFilter& filter = *input.shard_filter;
    place.filter = *filter.type;
    if (place.filter == "AFTER_SHARD_ID") {
        if (!filter.shard_id)
            return invalid_argument(
                "ShardId must be specified for ShardFilter type AFTER_SHARD_ID.");
        MILL_TRY(const auto next, index_after(row, *filter.shard_id));
        place.next_index = std::max(place.next_index, next);
    }
    if (place.filter.ends_with("TIMESTAMP")) {
        if (!filter.timestamp)
            return invalid_argument(
                fmt::format("Timestamp must be specified for ShardFilter type {}.", place.filter));
        place.filter_ms = epoch_ms(*filter.timestamp);
    }
    if (place.filter == "AT_TRIM_HORIZON")
        place.filter_ms = epoch_ms(std::max(stream.horizon(), row.created()));
    return place;
}

bool is_selected(const Place& place, const Shard& shard) {
    const Lineage& lineage = shard.lineage();
    const WallTime time = from_epoch_ms(place.filter_ms);
    const bool is_open_later = !lineage.closed || *lineage.closed >= time;
    if (place.filter == "AT_LATEST") return !lineage.closed;
    if (place.filter == "FROM_TIMESTAMP") return is_open_later;
    if (place.filter == "AT_TIMESTAMP" || place.filter == "AT_TRIM_HORIZON")
        return is_open_later && lineage.opened <= time;
    return true;
}

// One page from `place` on, which it leaves where the next one begins; true if there is one.
bool fill_page(const Stream& stream, Place& place, std::size_t limit, ListShardsOutput& output) {
    const auto shards = stream.shards();
    const auto index = [](const ShardPointer& shard) {
        return std::int64_t{shard->identity().index};
    };
    auto shard = std::ranges::lower_bound(shards, place.next_index, {}, index);
    for (; shard != shards.end(); ++shard) {
        if (stream.has_expired(**shard) || !is_selected(place, **shard)) continue;
        place.next_index = index(*shard);
        if (output.shards.size() == limit) return true;
        output.shards.push_back((*shard)->description());
    }
    return false;
}

Result<void> check_arguments(const ListShardsInput& input) {
    const bool has_stream = input.stream_name || input.stream_arn;
    if (!input.next_token && !has_stream)
        return invalid_argument("Either NextToken or StreamName should be provided.");
    if (!input.next_token) return {};
    if (has_stream)
        return invalid_argument("NextToken and StreamName cannot be provided together.");
    if (input.stream_creation_timestamp)
        return invalid_argument(
            "NextToken and StreamCreationTimestamp cannot be provided together.");
    if (input.exclusive_start_shard_id)
        return invalid_argument("NextToken and ExclusiveStartShardId cannot be provided together.");
    return {};
}

Task<Result<ListShardsOutput>> list_shards(Kinesis& kinesis, Caller caller, ListShardsInput input) {
    MILL_CO_CHECK(check_arguments(input));
    Place place;
    if (input.next_token) {
        MILL_CO_TRY(place, read_token(kinesis, *input.next_token));
        input.stream_arn = place.stream_arn;
    }
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    const StreamRow& row = stream->row();
    if (stream->is("CREATING")) MILL_CO_CHECK(check_active(row));
    // It tells streams of one name apart.
    if (input.stream_creation_timestamp &&
        model::epoch_s(*input.stream_creation_timestamp) != model::epoch_s(row.created()))
        co_return stream_not_found(row.name, row.account);
    if (!input.next_token) {
        MILL_CO_TRY(place, first_place(*stream, input));
    }
    ListShardsOutput output;
    const auto limit = static_cast<std::size_t>(
        std::min(input.max_results.value_or(limits::kinesis::list_shards_default),
                 limits::kinesis::list_shards_default));
    if (fill_page(*stream, place, limit, output)) {
        place.issued_ms = epoch_ms(kinesis.now());
        output.next_token =
            model::seal_token(kinesis.token_key(), token_purpose, wire::to_json(place));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_shards_operation;
const wire::Operation list_shards_operation = wire::operation<&list_shards>("ListShards");

}  // namespace mill::kinesis
