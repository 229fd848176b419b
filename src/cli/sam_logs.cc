// SPDX-License-Identifier: Apache-2.0
// sam logs: log events of a stack's functions, and with --tail those to come.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/human_time.h"
#include "cli/interruption.h"
#include "cli/log_cursor.h"
#include "cli/sam.h"
#include "cli/stack_resources.h"

namespace mill::cli {
namespace {

// SAM CLI asks again and again too. StartLiveTail would push, but it tells no eventId (--output
// json prints it), samples above 500 events a second, and refuses groups that are not there yet.
constexpr auto tail_interval = std::chrono::milliseconds(250);

// As Python's datetime.isoformat().
std::string python_time(WallTime time) {
    const std::string text = iso8601_ms(time);  // 2026-01-12T15:37:17.123Z
    const std::string fraction = text.substr(20, 3);
    return text.substr(0, 19) + (fraction == "000" ? "" : "." + fraction + "000") + "+00:00";
}

// As Python's json.dumps().
std::string python_json(const wire::Value& value) {
    if (const auto* members = value.members()) {
        std::string text;
        for (const auto& [name, item] : *members)
            text += (text.empty() ? "" : ", ") +
                    wire::ascii_json(wire::write_json(wire::Value(name))) + ": " +
                    python_json(item);
        return "{" + text + "}";
    }
    return wire::ascii_json(wire::write_json(value));
}

// Objects are indented.
std::string readable(const std::string& message) {
    if (!message.starts_with('{')) return message;
    const auto value = wire::parse_json(message);
    return value ? wire::ascii_json(wire::write_json_pretty(*value)) : message;
}

std::string underlined(const Session& session, std::string message, const std::string& word) {
    if (!session.colour || word.empty()) return message;
    const std::string shown = "\033[4m" + word + "\033[0m";
    for (std::size_t at = message.find(word); at != std::string::npos;
         at = message.find(word, at + shown.size()))
        message.replace(at, word.size(), shown);
    return message;
}

void print_event(const Session& session, const wire::Value& event, const std::string& pattern) {
    const std::int64_t* ms = event.find("timestamp") ? event.find("timestamp")->integer() : nullptr;
    const std::string told = wire::text_of(event, "message");
    const bool failed = told.contains("Task timed out") ||
                        told.contains("Process exited before completing request");
    std::string message = failed ? session.red(told) : told;
    message = readable(underlined(session, std::move(message), pattern));
    session.out(session.cyan(wire::text_of(event, "logStreamName")) + " " +
                session.yellow(python_time(from_epoch_ms(ms ? *ms : 0))) + " " + message +
                (message.ends_with('\n') ? "" : "\n"));
}

Task<Result<std::vector<StackResource>>> functions_of_stack(AwsClient& client, std::string stack) {
    auto resources = co_await stack_resources(client, stack);
    if (!resources && resources.error().code == "ValidationError") {
        co_return fail(
            "logs", "Invalid --stack-name parameter. Stack with id '" + stack + "' does not exist");
    }
    if (!resources) co_return resources;
    std::erase_if(*resources,
                  [](const StackResource& one) { return one.type != "AWS::Lambda::Function"; });
    co_return resources;
}

// The groups of the functions that are named, or of all.
Task<Result<std::vector<std::string>>> groups_of_stack(Session& session, AwsClient& client,
                                                       std::string stack,
                                                       std::vector<std::string> names) {
    MILL_CO_TRY(const auto functions, co_await functions_of_stack(client, stack));
    std::vector<std::string> groups;
    std::string known;
    for (const StackResource& one : functions) {
        known += (known.empty() ? "" : ", ") + one.logical_id;
        if (names.empty()) groups.push_back("/aws/lambda/" + one.physical_id);
    }
    for (const std::string& name : names) {
        const auto found = std::ranges::find(functions, name, &StackResource::logical_id);
        if (found == functions.end()) {
            session.err("Resource name (" + name +
                        ") does not exist. Available resource names: " + known + "\n");
        } else {
            groups.push_back("/aws/lambda/" + found->physical_id);
        }
    }
    co_return groups;
}

Result<std::int64_t> time_of(const std::string& text, const char* name, WallTime now) {
    const auto time = parse_human_time(text, now);
    if (!time) return fail("logs", fmt::format("Unable to parse the time provided by '{}'", name));
    return epoch_ms(*time);
}

Result<void> check_options(const SamOptions& options, const std::vector<std::string>& names,
                           const std::vector<std::string>& groups) {
    const bool has_stack = !options.get("--stack-name").empty();
    if (!names.empty() && !has_stack) {
        return fail("usage",
                    "Missing option. Please provide '--stack-name' when using '--name' option");
    }
    if (groups.empty() && !has_stack)
        return fail("usage", "Missing option. Please provide '--stack-name' or '--cw-log-group'");
    const std::string output = options.get("--output", "text");
    if (output != "text" && output != "json") {
        return fail("usage",
                    "Invalid value for '--output': '" + output + "' is not one of 'text', 'json'.");
    }
    return {};
}

Task<Result<std::vector<LogCursor>>> open_cursors(Session& session, AwsClient& client,
                                                  SamOptions options) {
    const std::vector<std::string> names = options.raw("--name");
    std::vector<std::string> groups = options.raw("--cw-log-group");
    MILL_CO_CHECK(check_options(options, names, groups));
    if (names.size() == 1) {
        session.out(
            "You can now use 'sam logs' without --name parameter, which will pull the logs from "
            "all supported resources in your stack.\n");
    }
    const WallTime now = session.machine.clock.wall();
    MILL_CO_TRY(const std::int64_t from,
                time_of(options.get("--start-time", "10m ago"), "start-time", now));
    MILL_CO_TRY(const std::int64_t to, time_of(options.get("--end-time", "now"), "end-time", now));
    if (groups.empty() || !names.empty()) {
        MILL_CO_TRY(const auto of_stack,
                    co_await groups_of_stack(session, client, options.get("--stack-name"), names));
        groups.insert(groups.begin(), of_stack.begin(), of_stack.end());
    }
    std::vector<LogCursor> cursors;
    for (const std::string& group : groups) {
        cursors.push_back({.group = group, .pattern = options.get("--filter"), .from_ms = from});
        if (!options.flag("--tail")) cursors.back().to_ms = to;
    }
    co_return cursors;
}

Task<Result<void>> print_new(Session& session, AwsClient& client, std::vector<LogCursor>& cursors,
                             bool as_json) {
    for (LogCursor& cursor : cursors) {
        MILL_CO_TRY(const auto events, co_await new_events(client, cursor));
        for (const wire::Value& event : events) {
            if (as_json) {
                session.out(python_json(event) + "\n");
            } else {
                print_event(session, event, cursor.pattern);
            }
        }
    }
    co_return Result<void>();
}

}  // namespace

Task<Result<void>> sam_logs(Session& session, SamOptions options) {
    MILL_CO_TRY(const Target target, find_target(session, options));
    AwsClient client(session.machine, target);
    MILL_CO_TRY(auto cursors, co_await open_cursors(session, client, options));
    const bool as_json = options.get("--output") == "json";
    if (!options.flag("--tail")) {
        MILL_CO_CHECK(co_await print_new(session, client, cursors, as_json));
        // SAM CLI is silent; but silence would look like a function without output.
        for (const LogCursor& cursor : cursors) {
            if (cursor.group_is_there) continue;
            session.err("There is no log group " + cursor.group +
                        ": the function has not run yet, or has another name.\n");
        }
        co_return Result<void>();
    }
    Interruption interruption(session);
    while (!interruption.interrupted) {
        MILL_CO_CHECK(co_await print_new(session, client, cursors, as_json));
        co_await interruption.changed.wait_until(session.machine.timers,
                                                 session.machine.clock.now() + tail_interval);
    }
    co_return fail("aborted", "Aborted!");
}

}  // namespace mill::cli
