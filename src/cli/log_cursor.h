// SPDX-License-Identifier: Apache-2.0
// Follows a log group by FilterLogEvents: every call gives what came since the one before.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "cli/aws_client.h"

namespace mill::cli {

struct LogCursor {
    std::string group;
    std::string pattern;
    std::int64_t from_ms = 0;
    std::optional<std::int64_t> to_ms = {};  // the last one wanted
    std::set<std::string> seen;              // ids of the events at from_ms
    bool group_is_there = true;
};

// The new events in order. A group that is not there yet has none.
Task<Result<wire::Value::List>> new_events(AwsClient& client, LogCursor& cursor);

}  // namespace mill::cli
