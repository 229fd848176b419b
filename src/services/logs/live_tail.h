// SPDX-License-Identifier: Apache-2.0
// LiveTail: what StartLiveTail answers with: once a second what has come into some groups since.
//
// Events are taken as they are added to a group, before they are durable. A session holds a bounded
// number of them: a client that is slower loses the oldest, and is told so by "sampled". Nothing of
// it outlives a crash. A group that nobody tails pays one look at an empty list.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "services/logs/filter_pattern.h"
#include "wire/events.h"

namespace mill::logs {

class LiveTail;

// The sessions that go on. By the group's name, not by the group: one that is deleted and made
// again goes on being tailed.
class LiveTails {
  public:
    bool is_empty() const { return by_group_.empty(); }
    std::size_t sessions_of(const std::string& account) const;
    // Of the group with that key in the table.
    std::span<LiveTail* const> of_group(std::string_view key) const;

  private:
    friend class LiveTail;
    std::map<std::string, std::vector<LiveTail*>, std::less<>> by_group_;
    std::vector<LiveTail*> all_;
};

struct TailedEvent {
    std::string log_stream_name;
    std::string log_group_identifier;  // "account:group"
    std::string message;
    std::int64_t timestamp = 0;
    std::int64_t ingestion_time = 0;

    static constexpr auto shape() {
        using E = TailedEvent;
        return wire::structure(
            "LiveTailSessionLogEvent", wire::member<&E::log_stream_name>("logStreamName"),
            wire::member<&E::log_group_identifier>("logGroupIdentifier"),
            wire::member<&E::message>("message"), wire::member<&E::timestamp>("timestamp"),
            wire::member<&E::ingestion_time>("ingestionTime"));
    }
};

struct SessionMetadata {
    bool sampled = false;

    static constexpr auto shape() {
        return wire::structure("LiveTailSessionMetadata",
                               wire::member<&SessionMetadata::sampled>("sampled"));
    }
};

struct SessionStart {
    std::string request_id;
    std::string session_id;
    std::vector<std::string> log_group_identifiers;
    std::vector<std::string> log_stream_names;
    std::vector<std::string> log_stream_name_prefixes;
    std::string log_event_filter_pattern;

    static constexpr auto shape() {
        using S = SessionStart;
        return wire::structure("LiveTailSessionStart", wire::member<&S::request_id>("requestId"),
                               wire::member<&S::session_id>("sessionId"),
                               wire::member<&S::log_group_identifiers>("logGroupIdentifiers"),
                               wire::member<&S::log_stream_names>("logStreamNames"),
                               wire::member<&S::log_stream_name_prefixes>("logStreamNamePrefixes"),
                               wire::member<&S::log_event_filter_pattern>("logEventFilterPattern"));
    }
};

struct SessionUpdate {
    SessionMetadata metadata;
    std::vector<TailedEvent> results;

    static constexpr auto shape() {
        return wire::structure("LiveTailSessionUpdate",
                               wire::member<&SessionUpdate::metadata>("sessionMetadata"),
                               wire::member<&SessionUpdate::results>("sessionResults"));
    }
};

struct LiveTailEvents {
    std::optional<SessionStart> session_start;
    std::optional<SessionUpdate> session_update;

    static constexpr auto shape() {
        using E = LiveTailEvents;
        return wire::structure("StartLiveTailResponseStream",
                               wire::member<&E::session_start>("sessionStart"),
                               wire::member<&E::session_update>("sessionUpdate"),
                               wire::event_error("SessionTimeoutException"),
                               wire::event_error("SessionStreamingException"));
    }
};

class LiveTail final : public wire::EventSource {
  public:
    struct Spec {
        std::string account;
        std::vector<std::string> group_keys;
        FilterPattern pattern;
        SessionStart start;  // also which streams are meant
    };
    LiveTail(Machine& machine, LiveTails& tails, Spec spec);
    LiveTail(const LiveTail&) = delete;
    LiveTail& operator=(const LiveTail&) = delete;
    ~LiveTail() override;

    bool wants(std::string_view stream, std::string_view message) const;
    void take(TailedEvent event);
    Task<Result<std::optional<wire::Event>>> next() override;

  private:
    friend class LiveTails;
    SessionUpdate update();

    Machine& machine_;
    LiveTails& tails_;
    Spec spec_;
    Instant began_;
    Instant next_update_;
    bool is_begun_ = false;
    std::deque<TailedEvent> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool is_sampled_ = false;  // some have been dropped since the last update
};

}  // namespace mill::logs
