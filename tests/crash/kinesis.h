// SPDX-License-Identifier: Apache-2.0
// The operations of Kinesis that the crash test uses. "Nothing" always means that the server went
// away before it had answered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/crash/connection.h"
#include "tests/crash/history.h"

namespace mill::crash {

struct PutAnswer {
    std::string shard;
    std::string number;
    std::string error;  // empty: stored
};

// One answer for each record. A refused request: its error at each.
std::optional<std::vector<PutAnswer>> put_record(Connection& server, const Put& put);
std::optional<std::vector<PutAnswer>> put_records(Connection& server, const std::vector<Put>& puts);

// 200, or what it was refused with: "400 ResourceInUseException: ...".
std::optional<std::string> create_stream(Connection& server, const std::string& name, int shards);
std::optional<std::string> delete_stream(Connection& server, const std::string& name);
// CREATING, ACTIVE, DELETING; empty: there is none.
std::optional<std::string> stream_status(Connection& server, const std::string& name);
// Until it is ACTIVE. Gives up after half a minute.
void await_active(Connection& server, const std::string& name);

// The records after that number (empty: all), to the end. The server has to stay: gives up if it
// does not.
Shard read_shard(Connection& server, const std::string& stream, const std::string& shard,
                 const std::string& after);
// One page of the same.
std::optional<Shard> read_page(Connection& server, const std::string& stream,
                               const std::string& shard, const std::string& after);
std::vector<std::string> shard_ids(Connection& server, const std::string& stream);

}  // namespace mill::crash
