// SPDX-License-Identifier: Apache-2.0
// DescribeLogStreams: by name or by the time of the last event.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
#include <algorithm>
#include <array>
#include <tuple>

#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

constexpr std::array<std::string_view, 2> orders = {"LogStreamName", "LastEventTime"};

struct DescribeLogStreamsInput {
    std::optional<std::string> log_group_name;
    std::optional<std::string> log_group_identifier;
    std::optional<std::string> log_stream_name_prefix;
    std::optional<std::string> order_by;
    std::optional<bool> descending;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> limit;

    static constexpr auto shape() {
        using I = DescribeLogStreamsInput;
        return wire::structure(
            "DescribeLogStreamsRequest", group_name_member<&I::log_group_name>(),
            group_identifier_member<&I::log_group_identifier>(),
            stream_name_member<&I::log_stream_name_prefix>("logStreamNamePrefix"),
            wire::member<&I::order_by>("orderBy").one_of(orders),
            wire::member<&I::descending>("descending"),
            wire::member<&I::next_token>("nextToken").length(1, wire::unbounded_above),
            wire::member<&I::limit>("limit").range(1, limits::logs::describe_max));
    }
};

struct LogStream {
    std::string log_stream_name;
    std::int64_t creation_time = 0;
    std::optional<std::int64_t> first_event_timestamp;
    std::optional<std::int64_t> last_event_timestamp;
    std::optional<std::int64_t> last_ingestion_time;
    std::optional<std::string> upload_sequence_token;
    std::string arn;
    std::int64_t stored_bytes = 0;

    static constexpr auto shape() {
        using S = LogStream;
        return wire::structure("LogStream", wire::member<&S::log_stream_name>("logStreamName"),
                               wire::member<&S::creation_time>("creationTime"),
                               wire::member<&S::first_event_timestamp>("firstEventTimestamp"),
                               wire::member<&S::last_event_timestamp>("lastEventTimestamp"),
                               wire::member<&S::last_ingestion_time>("lastIngestionTime"),
                               wire::member<&S::upload_sequence_token>("uploadSequenceToken"),
                               wire::member<&S::arn>("arn"),
                               wire::member<&S::stored_bytes>("storedBytes"));
    }
};

struct DescribeLogStreamsOutput {
    std::vector<LogStream> log_streams;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("DescribeLogStreamsResponse",
                               wire::member<&DescribeLogStreamsOutput::log_streams>("logStreams"),
                               wire::member<&DescribeLogStreamsOutput::next_token>("nextToken"));
    }
};

LogStream describe(const Group& group, const StreamRow& row) {
    LogStream stream;
    stream.log_stream_name = row.name;
    stream.creation_time = row.created_ms;
    stream.first_event_timestamp = row.first_event_ms;
    stream.last_event_timestamp = row.last_event_ms;
    stream.last_ingestion_time = row.last_ingestion_ms;
    if (row.last_ingestion_ms)
        stream.upload_sequence_token = event_id(event_key(*row.last_ingestion_ms, 0));
    stream.arn = group.row().arn() + ":log-stream:" + row.name;
    return stream;
}

// What streams are sorted by, and what a token says (in base64): the last one of its page.
struct Place {
    std::int64_t last_event_ms = 0;
    std::string name;
    auto operator<=>(const Place&) const = default;

    static constexpr auto shape() {
        return wire::structure("Place", wire::member<&Place::last_event_ms>("last_event_ms"),
                               wire::member<&Place::name>("name"));
    }
};

Place place_of(const StreamRow& row, bool is_by_time) {
    return {is_by_time ? row.last_event_ms.value_or(0) : 0, row.name};
}

Result<std::optional<Place>> read_token(const std::optional<std::string>& token) {
    if (!token) return std::nullopt;
    const auto text = base64_decode(*token);
    auto place = text ? wire::from_json<Place>(*text) : Result<Place>(fail("base64", ""));
    if (!place) return invalid_parameter("The specified nextToken is invalid.");
    return *std::move(place);
}

Task<Result<DescribeLogStreamsOutput>> describe_log_streams(Logs& logs, Caller caller,
                                                            DescribeLogStreamsInput input) {
    const bool is_by_time = input.order_by == "LastEventTime";
    if (is_by_time && input.log_stream_name_prefix) {
        co_return invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    MILL_CO_TRY(const auto group,
                logs.find_group(caller, input.log_group_name, input.log_group_identifier));
    MILL_CO_TRY(const auto after, read_token(input.next_token));
    MILL_CO_CHECK(co_await group->ready());

    const bool is_descending = input.descending.value_or(false);
    const auto precedes = [is_descending](const Place& a, const Place& b) {
        return is_descending ? b < a : a < b;
    };
    std::vector<Place> places;
    for (const auto& [name, row] : group->streams()) {
        if (!name.starts_with(input.log_stream_name_prefix.value_or(""))) continue;
        Place place = place_of(row, is_by_time);
        if (!after || precedes(*after, place)) places.push_back(std::move(place));
    }
    std::ranges::sort(places, precedes);
    const auto limit = static_cast<std::size_t>(input.limit.value_or(limits::logs::describe_max));
    DescribeLogStreamsOutput output;
    if (places.size() > limit) {
        places.resize(limit);
        output.next_token = base64_encode(wire::to_json(places.back()));
    }
    for (const Place& place : places)
        output.log_streams.push_back(describe(*group, *group->find_stream(place.name)));
    co_return output;
}

}  // namespace

extern const wire::Operation describe_log_streams_operation;
const wire::Operation describe_log_streams_operation =
    operation<&describe_log_streams>("DescribeLogStreams");

}  // namespace mill::logs
