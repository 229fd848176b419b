// SPDX-License-Identifier: Apache-2.0
#include "cli/status.h"

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/sam.h"
#include "wire/http_client.h"

namespace mill::cli {
namespace {

std::string duration_text(std::int64_t seconds) {
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

std::string as_text(const Session& session, const wire::Value& health) {
    std::string text = session.green("running") + "\n";
    const auto row = [&](const char* name, const std::string& value) {
        text += fmt::format("  {:<12}{}\n", name, value);
    };
    row("version", wire::text_of(health, "version"));
    if (const auto* uptime = health.find("uptime_seconds"); uptime && uptime->integer()) {
        row("uptime", duration_text(*uptime->integer()));
    }
    if (const auto* endpoints = health.find("endpoints"); endpoints && endpoints->items()) {
        for (const auto& url : *endpoints->items())
            row("endpoint", url.string() ? *url.string() : "");
    }
    row("data", wire::text_of(health, "data"));
    row("durability", wire::text_of(health, "durability"));
    row("isolation", wire::text_of(health, "isolation"));
    return text;
}

}  // namespace

Task<int> status(Session& session, std::vector<std::string> words) {
    const auto arguments =
        Arguments::parse(words, {{"--endpoint"}, {"--endpoint-url"}, {"--output"}});
    if (!arguments) co_return usage_error(session, "status", arguments.error().message);
    const std::string output = arguments->get("--output", "text");
    if (output != "text" && output != "json") {
        co_return usage_error(session, "status",
                              "--output must be text or json, not '" + output + "'");
    }
    const auto target =
        find_target(session, arguments->get("--endpoint", arguments->get("--endpoint-url")), {});
    if (!target) co_return usage_error(session, "status", target.error().message);
    const std::string where = "http://" + target->endpoint.text();
    const auto answer =
        co_await wire::http::exchange(session.machine.network, target->endpoint,
                                      {.method = "GET", .target = "/_millrace/health"});
    if (!answer) {
        session.err("No server answers at " + where + " (" + answer.error().message +
                    "). Start one with 'millrace serve', or name it with --endpoint URL.\n");
        co_return exit_unreachable;
    }
    const auto health = wire::parse_json(answer->body);
    if (answer->status != 200 || !health || !health->find("version")) {
        session.err("What answers at " + where +
                    " is not Millrace. Name the server with --endpoint URL.\n");
        co_return exit_failed;
    }
    session.out(output == "json" ? wire::write_json_pretty(*health) + "\n"
                                 : as_text(session, *health));
    co_return exit_ok;
}

std::string status_help() {
    return "Usage: millrace status [--endpoint URL] [--output text|json]\n"
           "\n"
           "Asks a running server for its version, uptime, endpoints, durability and isolation.\n"
           "\n"
           "  --endpoint URL     the server (default: $AWS_ENDPOINT_URL, else "
           "http://127.0.0.1:4566)\n"
           "  --output FORMAT    text (default) or json\n"
           "\n"
           "Examples:\n"
           "  millrace status\n"
           "  millrace status --output json | jq -r .durability\n"
           "\n"
           "Exit codes: 0 running, 1 something else answers, 2 wrong command line, 3 nothing "
           "answers.\n";
}

}  // namespace mill::cli
