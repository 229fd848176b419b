// SPDX-License-Identifier: Apache-2.0
// GetLogEvents: a page of one stream, forwards or backwards, always ascending. Tokens name the
// event to go on from
// ("f/<id>/s": after it, "b/<id>/s": before it); an empty page repeats the token that led to it.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
#include <algorithm>

#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct GetLogEventsInput {
    std::optional<std::string> log_group_name;
    std::optional<std::string> log_group_identifier;
    std::optional<std::string> log_stream_name;
    std::optional<std::int64_t> start_time;
    std::optional<std::int64_t> end_time;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> limit;
    std::optional<bool> start_from_head;
    std::optional<bool> unmask;

    static constexpr auto shape() {
        using I = GetLogEventsInput;
        return wire::structure(
            "GetLogEventsRequest", group_name_member<&I::log_group_name>(),
            group_identifier_member<&I::log_group_identifier>(),
            stream_name_member<&I::log_stream_name>().required(),
            wire::member<&I::start_time>("startTime").range(0, wire::unbounded_above),
            wire::member<&I::end_time>("endTime").range(0, wire::unbounded_above),
            wire::member<&I::next_token>("nextToken").length(1, wire::unbounded_above),
            wire::member<&I::limit>("limit").range(1, limits::logs::page_events_max),
            wire::member<&I::start_from_head>("startFromHead"), wire::member<&I::unmask>("unmask"));
    }
};

struct OutputLogEvent {
    std::int64_t timestamp = 0;
    std::string message;
    std::int64_t ingestion_time = 0;

    static constexpr auto shape() {
        using E = OutputLogEvent;
        return wire::structure("OutputLogEvent", wire::member<&E::timestamp>("timestamp"),
                               wire::member<&E::message>("message"),
                               wire::member<&E::ingestion_time>("ingestionTime"));
    }
};

struct GetLogEventsOutput {
    std::vector<OutputLogEvent> events;
    std::string next_forward_token;
    std::string next_backward_token;

    static constexpr auto shape() {
        using O = GetLogEventsOutput;
        return wire::structure("GetLogEventsResponse", wire::member<&O::events>("events"),
                               wire::member<&O::next_forward_token>("nextForwardToken"),
                               wire::member<&O::next_backward_token>("nextBackwardToken"));
    }
};

std::string forward_token(EventKey key) { return "f/" + event_id(key) + "/s"; }
std::string backward_token(EventKey key) { return "b/" + event_id(key) + "/s"; }

struct Token {
    EventKey key;
    bool is_forward;
};

Result<Token> read_token(std::string_view text) {
    const bool is_forward = text.starts_with("f/");
    if ((is_forward || text.starts_with("b/")) && text.ends_with("/s") && text.size() > 4) {
        if (const auto key = parse_event_id(text.substr(2, text.size() - 4)))
            return Token{*key, is_forward};
    }
    return invalid_parameter("The specified nextToken is invalid.");
}

class OneStream final : public EventFilter {
  public:
    explicit OneStream(StreamNumber number) : number_(number) {}
    bool accepts(const EventView& event) const override { return event.stream == number_; }

  private:
    StreamNumber number_;
};

// The newest events lie at the end: look there first, in windows that grow until the page is full.
Task<Result<Page>> newest_page(GroupPointer group, SearchRange range, StreamNumber number,
                               std::size_t limit) {
    const OneStream filter(number);
    for (std::int64_t window_ms = 60'000;; window_ms *= 8) {
        SearchRange part = range;
        part.first_ms = std::max(range.first_ms, range.last_ms - window_ms);
        Page page(limit, limits::logs::page_bytes_max, true);
        MILL_CO_CHECK(co_await group->search(part, &filter, &page));
        if (page.is_more() || part.first_ms == range.first_ms) co_return page;
    }
}

Task<Result<Page>> oldest_page(GroupPointer group, SearchRange range, StreamNumber number,
                               std::size_t limit) {
    const OneStream filter(number);
    Page page(limit, limits::logs::page_bytes_max, false);
    MILL_CO_CHECK(co_await group->search(range, &filter, &page));
    co_return page;
}

// Narrows the range to what the token leaves, and to the stream's own events.
SearchRange range_of(const GetLogEventsInput& input, const std::optional<Token>& token,
                     const StreamRow& stream) {
    SearchRange range;
    range.first_ms = std::max(input.start_time.value_or(0), stream.first_event_ms.value_or(0));
    range.last_ms = std::min(input.end_time.value_or(wire::unbounded_above) - 1,
                             stream.last_event_ms.value_or(-1));
    if (!token) return range;
    const auto token_ms = static_cast<std::int64_t>(token->key >> 64);
    if (token->is_forward) {
        range.first_key = token->key + 1;
        range.first_ms = std::max(range.first_ms, token_ms);
    } else {
        range.last_key = token->key == 0 ? 0 : token->key - 1;
        range.last_ms = std::min(range.last_ms, token_ms);
    }
    return range;
}

Task<Result<GetLogEventsOutput>> get_log_events(Logs& logs, Caller caller,
                                                GetLogEventsInput input) {
    MILL_CO_TRY(const auto group,
                logs.find_group(caller, input.log_group_name, input.log_group_identifier));
    std::optional<Token> token;
    if (input.next_token) {
        MILL_CO_TRY(token, read_token(*input.next_token));
    }
    MILL_CO_CHECK(co_await group->ready());
    const StreamRow* stream = group->find_stream(*input.log_stream_name);
    if (!stream) co_return stream_not_found();
    const SearchRange range = range_of(input, token, *stream);
    const auto number = static_cast<StreamNumber>(stream->number);
    const auto limit =
        static_cast<std::size_t>(input.limit.value_or(limits::logs::page_events_max));
    const bool is_forward = token ? token->is_forward : input.start_from_head.value_or(false);

    Page page(limit, limits::logs::page_bytes_max, !is_forward);
    if (range.first_ms <= range.last_ms) {
        MILL_CO_TRY(page, is_forward ? co_await oldest_page(group, range, number, limit)
                                     : co_await newest_page(group, range, number, limit));
    }
    GetLogEventsOutput output;
    for (const auto& [key, event] : page.events()) {
        output.events.push_back({event.timestamp_ms, event.message, event.ingestion_ms});
    }
    if (!page.is_empty()) {
        output.next_forward_token = forward_token(page.last_key());
        output.next_backward_token = backward_token(page.first_key());
    } else {
        // The way back from an empty page begins with the event that the token names.
        const EventKey key = token ? token->key : event_key(range.first_ms, 0);
        const bool is_back = token && !token->is_forward;
        output.next_forward_token = forward_token((is_back || !token) && key > 0 ? key - 1 : key);
        output.next_backward_token = backward_token(token && token->is_forward ? key + 1 : key);
    }
    co_return output;
}

}  // namespace

extern const wire::Operation get_log_events_operation;
const wire::Operation get_log_events_operation = operation<&get_log_events>("GetLogEvents");

}  // namespace mill::logs
