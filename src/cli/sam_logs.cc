// SPDX-License-Identifier: Apache-2.0
// sam logs: a function's log events, and with --tail those to come.
#include <fmt/format.h>

#include <utility>

#include "cli/log_cursor.h"
#include "cli/sam.h"

namespace mill::cli {
namespace {

constexpr auto tail_interval = std::chrono::milliseconds(250);
constexpr std::int64_t default_minutes = 10;

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
    LogCursor cursor{.group = given_group, .pattern = options.get("--filter")};
    MILL_CO_TRY(cursor.from_ms,
                start_ms(options.get("--start-time"), session.machine.clock.wall()));
    if (cursor.group.empty()) {
        cursor.group =
            "/aws/lambda/" + co_await function_name(client, options.get("--stack-name"), name);
    }
    for (bool told = false;;) {
        MILL_CO_TRY(const auto events, co_await new_events(client, cursor));
        for (const wire::Value& event : events) print_event(session, event);
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
