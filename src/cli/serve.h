// SPDX-License-Identifier: Apache-2.0
// `millrace serve`: its options, its words. The server itself is started by app/program/.
#pragma once

#include "cli/session.h"
#include "machine/network.h"

namespace mill::cli {

struct ServeOptions {
    std::string data;  // directory; empty when ephemeral
    bool ephemeral = false;
    std::vector<machine::Endpoint> listen = {{"127.0.0.1", 4566}, {"::1", 4566}};
    bool sync = true;  // --durability synced
    std::string sandbox = "auto";
    bool aws_limits = false;          // --limits aws
    bool record_unsupported = false;  // --unsupported-resources record
    int retention_hours_min = 24;
    Duration state_delay = std::chrono::milliseconds(10);  // 0 to 10 minutes
    std::string python;
    std::string ca_bundle;  // file of certificates; empty: none beside the host's
    LogLevel log_level = LogLevel::warning;
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> allowed_origins;
    // Of an ephemeral server.
    std::vector<std::pair<std::string, std::string>> code_folders;  // names and paths
    std::optional<int> function_logs_descriptor;
};

// Command line over environment (MILLRACE_DATA, MILLRACE_LISTEN, ...; lists are separated by
// commas; AWS_CA_BUNDLE as AWS's own clients have it). Code "usage".
Result<ServeOptions> parse_serve(const Session& session, const std::vector<std::string>& words);
std::string serve_help();
// Where data is without --data: $MILLRACE_DATA, $XDG_DATA_HOME/millrace or
// ~/.local/share/millrace.
Result<std::string> default_data(const Session& session);

struct ReadyInfo {
    std::vector<machine::Endpoint> endpoints;
    std::string data;
    std::string durability;
    std::string isolation;
};
// One line for stdout: "Millrace 0.1.0 ready on http://127.0.0.1:4566, ... | data: ... |
// durability: ... | isolation: ..."
std::string ready_line(const std::string& version, const ReadyInfo& info);

// One line that says what to do about an error at start.
std::string with_remedy(const Error& error, const ServeOptions& options);

}  // namespace mill::cli
