// SPDX-License-Identifier: Apache-2.0
// sam logs: a function's log events, and with --tail those to come.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "cli/sam.h"

namespace mill::cli {
namespace {

constexpr auto tail_interval = std::chrono::milliseconds(250);
constexpr std::int64_t default_minutes = 10;

struct Cursor {
    std::string group;
    std::string pattern;
    std::int64_t from_ms = 0;
    std::set<std::string> seen;  // ids of the events at from_ms
    bool group_is_there = true;
};

void print_event(const Session& session, const wire::Value& event) {
    const std::int64_t* ms = event.find("timestamp") ? event.find("timestamp")->integer() : nullptr;
    std::string message = wire::text_of(event, "message");
    while (message.ends_with('\n')) message.pop_back();
    const bool failed =
        message.find("Task timed out") != std::string::npos ||
        message.find("Process exited before completing request") != std::string::npos;
    session.out(session.cyan(wire::text_of(event, "logStreamName")) + " " +
                session.yellow(iso8601_ms(from_epoch_ms(ms ? *ms : 0))) + " " +
                (failed ? session.red(message) : message) + "\n");
}

// Prints what is new; how many events that was. A group that is not there yet has none.
Task<Result<std::size_t>> print_new(Session& session, AwsClient& client, Cursor& cursor) {
    std::size_t printed = 0;
    std::string token;
    for (;;) {
        wire::Value input;
        input["logGroupName"] = cursor.group;
        input["startTime"] = cursor.from_ms;
        if (!cursor.pattern.empty()) input["filterPattern"] = cursor.pattern;
        if (!token.empty()) input["nextToken"] = token;
        auto answer =
            co_await client.json("logs", "Logs_20140328.FilterLogEvents", std::move(input));
        cursor.group_is_there = answer || answer.error().code != "ResourceNotFoundException";
        if (!cursor.group_is_there) co_return printed;
        if (!answer) co_return std::unexpected(answer.error());
        const wire::Value* events = answer->find("events");
        for (const wire::Value& event :
             events && events->items() ? *events->items() : wire::Value::List()) {
            if (!cursor.seen.insert(wire::text_of(event, "eventId")).second) continue;
            print_event(session, event);
            ++printed;
            const std::int64_t* ms =
                event.find("timestamp") ? event.find("timestamp")->integer() : nullptr;
            if (ms && *ms > cursor.from_ms) {
                cursor.from_ms = *ms;
                cursor.seen = {wire::text_of(event, "eventId")};
            }
        }
        token = wire::text_of(*answer, "nextToken");
        if (token.empty()) co_return printed;
    }
}

// The physical name: by the stack's resources if there is such a logical id, else the name as it
// is.
Task<std::string> function_name(AwsClient& client, std::string stack, std::string name) {
    if (stack.empty()) co_return name;
    auto answer = co_await cloudformation(client, "DescribeStackResource",
                                          {{"StackName", stack}, {"LogicalResourceId", name}});
    if (!answer) co_return name;
    const wire::Value* detail = answer->find("StackResourceDetail");
    co_return detail ? wire::text_of(*detail, "PhysicalResourceId", name) : name;
}

// "10min ago", "2 hours ago", "30s ago", or milliseconds since the epoch.
Result<std::int64_t> start_ms(const std::string& text, WallTime now) {
    if (text.empty()) return epoch_ms(now) - default_minutes * 60'000;
    std::size_t digits = 0;
    while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
    if (digits == 0 || digits > 15)
        return fail("usage", "--start-time takes '10min ago', '2hours ago' and the like, not '" +
                                 text + "'");
    const std::int64_t count = std::stoll(text.substr(0, digits));
    if (digits == text.size()) return count;
    std::size_t unit_at = digits;
    while (unit_at < text.size() && text[unit_at] == ' ') ++unit_at;
    static constexpr std::pair<char, std::int64_t> units[] = {
        {'s', 1000}, {'m', 60'000}, {'h', 3'600'000}, {'d', 86'400'000}};
    for (const auto& [letter, ms] : units) {
        if (unit_at < text.size() && text[unit_at] == letter) return epoch_ms(now) - count * ms;
    }
    return fail("usage",
                "--start-time takes '10min ago', '2hours ago' and the like, not '" + text + "'");
}

}  // namespace

Task<Result<void>> sam_logs(Session& session, SamOptions options) {
    std::string name = options.get("--name");
    if (name.empty() && !options.arguments.words().empty())
        name = options.arguments.words().front();
    const std::string given_group = options.get("--cw-log-group");
    if (name.empty() && given_group.empty()) co_return fail("usage", "Missing option '--name'");
    MILL_CO_TRY(const Target target,
                find_target(session, options.get("--endpoint-url"), options.get("--region")));
    AwsClient client(session.machine, target);
    Cursor cursor{.group = given_group, .pattern = options.get("--filter")};
    MILL_CO_TRY(cursor.from_ms,
                start_ms(options.get("--start-time"), session.machine.clock.wall()));
    if (cursor.group.empty()) {
        cursor.group =
            "/aws/lambda/" + co_await function_name(client, options.get("--stack-name"), name);
    }
    for (bool told = false;;) {
        MILL_CO_TRY(const std::size_t printed, co_await print_new(session, client, cursor));
        static_cast<void>(printed);
        // As SAM CLI, which succeeds; but silence would look like a function without output.
        if (!std::exchange(told, true) && !cursor.group_is_there) {
            session.err("There is no log group " + cursor.group +
                        ": the function has not run yet, or has another name.\n");
        }
        if (!options.flag("--tail")) co_return Result<void>();
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + tail_interval);
    }
}

}  // namespace mill::cli
