// SPDX-License-Identifier: Apache-2.0
// FilterLogEvents: events of a group, or of some of its streams, that match a pattern; by
// timestamp, then as they came.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
#include <algorithm>
#include <set>

#include "services/logs/declarations.h"
#include "services/logs/filter_pattern.h"

namespace mill::logs {
namespace {

struct FilterLogEventsInput {
    std::optional<std::string> log_group_name;
    std::optional<std::string> log_group_identifier;
    std::optional<std::vector<std::string>> log_stream_names;
    std::optional<std::string> log_stream_name_prefix;
    std::optional<std::int64_t> start_time;
    std::optional<std::int64_t> end_time;
    std::optional<std::string> filter_pattern;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> limit;
    std::optional<bool> interleaved;
    std::optional<bool> unmask;

    static constexpr auto shape() {
        using I = FilterLogEventsInput;
        return wire::structure(
            "FilterLogEventsRequest", group_name_member<&I::log_group_name>(),
            group_identifier_member<&I::log_group_identifier>(),
            wire::member<&I::log_stream_names>("logStreamNames")
                .length(1, limits::logs::filter_streams_max)
                .item_length(1, limits::logs::name_length_max),
            stream_name_member<&I::log_stream_name_prefix>("logStreamNamePrefix"),
            wire::member<&I::start_time>("startTime").range(0, wire::unbounded_above),
            wire::member<&I::end_time>("endTime").range(0, wire::unbounded_above),
            wire::member<&I::filter_pattern>("filterPattern")
                .length(0, limits::logs::filter_pattern_length_max),
            wire::member<&I::next_token>("nextToken").length(1, wire::unbounded_above),
            wire::member<&I::limit>("limit").range(1, limits::logs::page_events_max),
            wire::member<&I::interleaved>("interleaved"), wire::member<&I::unmask>("unmask"));
    }
};

struct FilteredLogEvent {
    std::string log_stream_name;
    std::int64_t timestamp = 0;
    std::string message;
    std::int64_t ingestion_time = 0;
    std::string event_id;

    static constexpr auto shape() {
        using E = FilteredLogEvent;
        return wire::structure(
            "FilteredLogEvent", wire::member<&E::log_stream_name>("logStreamName"),
            wire::member<&E::timestamp>("timestamp"), wire::member<&E::message>("message"),
            wire::member<&E::ingestion_time>("ingestionTime"),
            wire::member<&E::event_id>("eventId"));
    }
};

struct SearchedLogStream {
    std::string log_stream_name;
    bool searched_completely = false;

    static constexpr auto shape() {
        return wire::structure(
            "SearchedLogStream", wire::member<&SearchedLogStream::log_stream_name>("logStreamName"),
            wire::member<&SearchedLogStream::searched_completely>("searchedCompletely"));
    }
};

struct FilterLogEventsOutput {
    std::vector<FilteredLogEvent> events;
    std::vector<SearchedLogStream> searched_log_streams;  // always empty since 2019
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using O = FilterLogEventsOutput;
        return wire::structure("FilterLogEventsResponse", wire::member<&O::events>("events"),
                               wire::member<&O::searched_log_streams>("searchedLogStreams"),
                               wire::member<&O::next_token>("nextToken"));
    }
};

class MatchingEvents final : public EventFilter {
  public:
    MatchingEvents(const Group& group, std::optional<std::set<StreamNumber>> streams,
                   FilterPattern pattern)
        : group_(group), streams_(std::move(streams)), pattern_(std::move(pattern)) {}
    bool accepts(const EventView& event) const override {
        if (streams_ ? !streams_->contains(event.stream) : !group_.stream_name(event.stream))
            return false;
        return pattern_.matches(event.message);
    }

  private:
    const Group& group_;
    std::optional<std::set<StreamNumber>> streams_;  // empty: all that are there
    FilterPattern pattern_;
};

// Empty: all streams.
Result<std::optional<std::set<StreamNumber>>> streams_of(const FilterLogEventsInput& input,
                                                         const Group& group) {
    if (input.log_stream_names && input.log_stream_name_prefix) {
        return invalid_parameter(
            "Only one of logStreamNames and logStreamNamePrefix can be specified.");
    }
    std::set<StreamNumber> numbers;
    if (input.log_stream_names) {
        for (const std::string& name : *input.log_stream_names) {
            const StreamRow* stream = group.find_stream(name);
            if (!stream) return stream_not_found();
            numbers.insert(static_cast<StreamNumber>(stream->number));
        }
        return numbers;
    }
    if (!input.log_stream_name_prefix) return std::nullopt;
    const std::string& prefix = *input.log_stream_name_prefix;
    const auto& streams = group.streams();
    for (auto at = streams.lower_bound(prefix);
         at != streams.end() && at->first.starts_with(prefix); ++at) {
        numbers.insert(static_cast<StreamNumber>(at->second.number));
    }
    return numbers;
}

Task<Result<FilterLogEventsOutput>> filter_log_events(Logs& logs, Caller caller,
                                                      FilterLogEventsInput input) {
    MILL_CO_TRY(auto pattern, FilterPattern::parse(input.filter_pattern.value_or("")));
    MILL_CO_TRY(const auto group,
                logs.find_group(caller, input.log_group_name, input.log_group_identifier));
    MILL_CO_TRY(auto streams, streams_of(input, *group));
    SearchRange range;
    range.first_ms = input.start_time.value_or(0);
    range.last_ms = input.end_time.value_or(wire::unbounded_above);
    if (input.next_token) {  // the id of the last event of the page before
        const auto last = parse_event_id(*input.next_token);
        if (!last) co_return invalid_parameter("The specified nextToken is invalid.");
        range.first_key = *last + 1;
        range.first_ms = std::max(range.first_ms, static_cast<std::int64_t>(*last >> 64));
    }
    const auto limit =
        static_cast<std::size_t>(input.limit.value_or(limits::logs::page_events_max));
    const MatchingEvents filter(*group, std::move(streams), std::move(pattern));
    Page page(limit, limits::logs::page_bytes_max, false);
    if (range.first_ms <= range.last_ms) {
        MILL_CO_CHECK(co_await group->search(range, &filter, &page));
    }
    FilterLogEventsOutput output;
    for (const auto& [key, event] : page.events()) {
        const std::string* name = group->stream_name(event.stream);
        if (!name) continue;  // deleted meanwhile
        output.events.push_back(
            {*name, event.timestamp_ms, event.message, event.ingestion_ms, event_id(key)});
    }
    if (page.is_more()) output.next_token = event_id(page.last_key());
    co_return output;
}

}  // namespace

extern const wire::Operation filter_log_events_operation;
const wire::Operation filter_log_events_operation =
    operation<&filter_log_events>("FilterLogEvents");

}  // namespace mill::logs
