// SPDX-License-Identifier: Apache-2.0
#include "cli/log_cursor.h"

namespace mill::cli {

Task<Result<wire::Value::List>> new_events(AwsClient& client, LogCursor& cursor) {
    wire::Value::List fresh;
    const std::int64_t from_ms = cursor.from_ms;  // of all pages
    std::string token;
    do {
        wire::Value input;
        input["logGroupName"] = cursor.group;
        input["startTime"] = from_ms;
        if (cursor.to_ms) input["endTime"] = *cursor.to_ms;
        if (!cursor.pattern.empty()) input["filterPattern"] = cursor.pattern;
        if (!token.empty()) input["nextToken"] = token;
        auto answer =
            co_await client.json("logs", "Logs_20140328.FilterLogEvents", std::move(input));
        cursor.group_is_there = answer || answer.error().code != "ResourceNotFoundException";
        if (!cursor.group_is_there) co_return fresh;
        if (!answer) co_return std::unexpected(answer.error());
        static wire::Value::List none;
        wire::Value* events = answer->find("events");
        for (wire::Value& event : events && events->items() ? *events->items() : none) {
            if (!cursor.seen.insert(wire::text_of(event, "eventId")).second) continue;
            const std::int64_t* ms =
                event.find("timestamp") ? event.find("timestamp")->integer() : nullptr;
            if (ms && *ms > cursor.from_ms) {
                cursor.from_ms = *ms;
                cursor.seen = {wire::text_of(event, "eventId")};
            }
            fresh.push_back(std::move(event));
        }
        token = wire::text_of(*answer, "nextToken");
    } while (!token.empty());
    co_return fresh;
}

}  // namespace mill::cli
