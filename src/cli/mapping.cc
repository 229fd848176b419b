// SPDX-License-Identifier: Apache-2.0
#include "cli/mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/sam.h"
#include "wire/http_client.h"

namespace mill::cli {
namespace {

using wire::Value;

std::int64_t number_of(const Value& map, std::string_view name) {
    const Value* value = map.find(name);
    return value && value->integer() ? *value->integer() : 0;
}

std::string seconds_text(std::int64_t ms) {
    return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
}

// One line: what the lane does now, and what comes next.
std::string lane_text(const Value& lane) {
    const Value* batch = lane.find("batch");
    std::string text = "waits for records";
    if (batch && batch->members()) {
        text = fmt::format(
            "{} {} record{} from {} (attempt {})", wire::text_of(*batch, "doing"),
            number_of(*batch, "records"), number_of(*batch, "records") == 1 ? "" : "s",
            wire::text_of(*batch, "first_sequence_number"), number_of(*batch, "attempts"));
        if (batch->find("next_attempt_ms"))
            text += ", next attempt in " + seconds_text(number_of(*batch, "next_attempt_ms"));
    } else if (number_of(lane, "queued") > 0) {
        text = fmt::format("gathers a batch, {} so far", number_of(lane, "queued"));
    }
    return text;
}

std::string as_text(const Session& session, const Value& status) {
    std::string text = session.bold(wire::text_of(status, "uuid")) + "  " +
                       session.green(wire::text_of(status, "state")) + "\n";
    const auto row = [&](const char* name, const std::string& value) {
        text += fmt::format("  {:<13}{}\n", name, value);
    };
    row("source", wire::text_of(status, "source"));
    row("function", wire::text_of(status, "function"));
    row("last result", wire::text_of(status, "last_result"));
    std::string counts;
    if (const Value* all = status.find("counts"); all && all->members()) {
        for (const auto& [name, value] : *all->members()) {
            std::string words = name;
            std::ranges::replace(words, '_', ' ');
            counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", words,
                                  value.integer() ? *value.integer() : 0);
        }
    }
    row("since start", counts);
    if (const std::int64_t discarded = number_of(status, "discarded_records"); discarded > 0)
        row("given up",
            fmt::format("{} records; millrace mapping replay-failed {} tries them again", discarded,
                        wire::text_of(status, "uuid")));
    for (const Value& shard : wire::list_of(status, "shards")) {
        text +=
            fmt::format("  {}  {} records behind, the oldest {} old\n",
                        session.cyan(wire::text_of(shard, "shard")),
                        number_of(shard, "lag_records"), seconds_text(number_of(shard, "lag_ms")));
        const auto& lanes = wire::list_of(shard, "lanes");
        for (std::size_t index = 0; index < lanes.size(); ++index) {
            const std::string name = lanes.size() > 1 ? fmt::format("lane {}: ", index) : "";
            text += "    " + name + lane_text(lanes[index]) + "\n";
            if (const std::string error = wire::text_of(lanes[index], "last_error"); !error.empty())
                text += "    " + session.red("last error: " + error) + "\n";
        }
    }
    if (const Value* queue = status.find("queue")) {
        text += fmt::format("  {} of {} batches in flight\n", number_of(*queue, "batches"),
                            number_of(*queue, "batches_max"));
    } else if (wire::list_of(status, "shards").empty()) {
        text += "  nothing is read: the mapping is not enabled, or its source is gone\n";
    }
    return text;
}

std::string replay_text(const Value& result) {
    return fmt::format("{} records handled, {} failed again and are kept, {} had left the stream\n",
                       number_of(result, "replayed"), number_of(result, "failed"),
                       number_of(result, "expired"));
}

struct Request {
    std::string verb;
    std::string uuid;
    std::string to;
    std::string method = "POST";
    std::string target;
};

Result<Request> request_of(const Arguments& arguments) {
    const auto& words = arguments.words();
    if (words.size() != 2)
        return fail("usage",
                    "say what to do with which mapping: show, rewind or replay-failed, "
                    "and its UUID");
    Request request{.verb = words[0], .uuid = words[1], .to = arguments.get("--to"), .target = {}};
    request.target = "/_millrace/mappings/" + wire::http::percent_encode(request.uuid);
    if (request.verb == "rewind" && request.to.empty())
        return fail("usage", "rewind needs --to TRIM_HORIZON, a time or a sequence number");
    if (request.verb != "rewind" && !request.to.empty())
        return fail("usage", "--to is for rewind only");
    if (request.verb == "show") {
        request.method = "GET";
    } else if (request.verb == "rewind") {
        request.target += "/rewind?to=" + wire::http::percent_encode(request.to);
    } else if (request.verb == "replay-failed") {
        request.target += "/replay-failed";
    } else {
        return fail("usage", "there is no 'mapping " + request.verb +
                                 "'; there are show, rewind and replay-failed");
    }
    return request;
}

}  // namespace

Task<int> mapping(Session& session, std::vector<std::string> words) {
    const auto arguments = Arguments::parse(words, {{"--endpoint", {}, true, false},
                                                    {"--endpoint-url", {}, true, false},
                                                    {"--output", {}, true, false},
                                                    {"--to", {}, true, false}});
    if (!arguments) co_return usage_error(session, "mapping", arguments.error().message);
    const std::string output = arguments->get("--output", "text");
    if (output != "text" && output != "json")
        co_return usage_error(session, "mapping",
                              "--output must be text or json, not '" + output + "'");
    const auto request = request_of(*arguments);
    if (!request) co_return usage_error(session, "mapping", request.error().message);
    const auto target =
        find_target(session, arguments->get("--endpoint", arguments->get("--endpoint-url")), {});
    if (!target) co_return usage_error(session, "mapping", target.error().message);
    const auto answer =
        co_await wire::http::exchange(session.machine.network, target->endpoint,
                                      {.method = request->method, .target = request->target});
    if (!answer) {
        session.err("No server answers at http://" + target->endpoint.text() + " (" +
                    answer.error().message +
                    "). Start one with 'millrace serve', or name it with --endpoint URL.\n");
        co_return exit_unreachable;
    }
    const auto result = wire::parse_json(answer->body);
    if (answer->status != 200 || !result) {
        session.err("millrace mapping: " +
                    (result ? wire::text_of(*result, "message") : answer->body) + "\n");
        co_return exit_failed;
    }
    if (output == "json") {
        session.out(wire::write_json_pretty(*result) + "\n");
    } else {
        session.out(request->verb == "replay-failed" ? replay_text(*result)
                                                     : as_text(session, *result));
    }
    co_return exit_ok;
}

std::string mapping_help() {
    return "Usage: millrace mapping show UUID [--output text|json]\n"
           "       millrace mapping rewind UUID --to TIME|SEQUENCE|TRIM_HORIZON\n"
           "       millrace mapping replay-failed UUID\n"
           "\n"
           "What an event source mapping does now, and two things that AWS has no call for.\n"
           "\n"
           "  show             how far each shard is behind, the batches in flight, the last\n"
           "                   error, and what happens next\n"
           "  rewind           reads the stream again from there; the function sees records\n"
           "                   that it has seen\n"
           "  replay-failed    drives the records that were given up (retries exhausted, too\n"
           "                   old) through the function once more\n"
           "\n"
           "  --to PLACE       TRIM_HORIZON, a time (2026-01-12T15:37:00Z or epoch seconds), or\n"
           "                   a sequence number: that record's shard and those made of it\n"
           "  --endpoint URL   the server (default: $AWS_ENDPOINT_URL, else\n"
           "                   http://127.0.0.1:4566)\n"
           "  --output FORMAT  text (default) or json\n"
           "\n"
           "Examples:\n"
           "  aws lambda list-event-source-mappings --query 'EventSourceMappings[].UUID'\n"
           "  millrace mapping show 0f8e8f0e-4a2b-4c0e-9a55-0d7e5a1c2b3d\n"
           "  millrace mapping rewind 0f8e8f0e-4a2b-4c0e-9a55-0d7e5a1c2b3d --to TRIM_HORIZON\n"
           "\n"
           "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 nothing answers.\n";
}

}  // namespace mill::cli
