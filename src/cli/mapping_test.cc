// SPDX-License-Identifier: Apache-2.0
#include "cli/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/session_fixture.h"
#include "wire/http.h"

namespace mill::cli {
namespace {

using testing::HasSubstr;

struct MappingVerb : testing::Test {
    // Answers one request with that, and keeps its first line.
    void listen(int status, std::string body) {
        listener = *test.world.machine().network.listen(
            {"127.0.0.1", 4566},
            [this, status, body](std::unique_ptr<machine::Connection> connection) {
                scope.spawn(serve_one(std::move(connection), status, body, &asked));
            });
    }
    static Task<void> serve_one(std::unique_ptr<machine::Connection> connection, int status,
                                std::string body, std::string* asked) {
        wire::http::RequestParser parser;
        char buffer[1024];
        while (true) {
            const auto got = co_await connection->read(buffer, sizeof buffer);
            if (!got || *got == 0 || !parser.feed(BytesView(buffer, *got))) co_return;
            const auto request = parser.take();
            if (!request) continue;
            *asked = request->method + " " + request->target;
            wire::http::Response response;
            response.status = status;
            response.body = body;
            const std::string bytes = wire::http::serialize(response, false);
            if (!co_await connection->write(bytes)) co_return;
            co_return;
        }
    }
    int run(std::vector<std::string> words) {
        return test.world.await(mapping(test.session, std::move(words)));
    }

    TestSession test;
    std::string asked;
    std::unique_ptr<machine::Listener> listener;
    Scope scope;
};

constexpr const char* busy =
    R"({"uuid":"u","source":"arn:s","function":"arn:f","state":"Enabled","last_result":"PROBLEM: Function call failed",)"
    R"("counts":{"polled":5,"delivered_to_destination":1},"discarded_records":3,"shards":[{"shard":"shardId-0","lag_records":12,)"
    R"("lag_ms":3200,"lanes":[{"queued":0,"batch":{"doing":"retrying","records":10,"first_sequence_number":"495","attempts":3,)"
    R"("next_attempt_ms":1500},"last_error":"poison"}]}]})";

TEST_F(MappingVerb, ShowsWhatGoesOnAndWhatComesNext) {
    listen(200, busy);
    EXPECT_EQ(run({"show", "u"}), exit_ok);
    EXPECT_EQ(asked, "GET /_millrace/mappings/u");
    for (const char* part :
         {"12 records behind, the oldest 3.2 s old", "retrying 10 records from 495 (attempt 3)",
          "next attempt in 1.5 s", "last error: poison", "polled 5, delivered to destination 1",
          "3 records; millrace mapping replay-failed u"})
        EXPECT_THAT(test.out, HasSubstr(part));
    test.out.clear();
    EXPECT_EQ(run({"show", "u", "--output", "json"}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("\"lag_records\": 12"));
}

TEST_F(MappingVerb, RewindsToAPlace) {
    listen(200, busy);
    EXPECT_EQ(run({"rewind", "u", "--to", "2026-01-12T15:37:00Z"}), exit_ok);
    EXPECT_EQ(asked, "POST /_millrace/mappings/u/rewind?to=2026-01-12T15%3A37%3A00Z");
    EXPECT_EQ(run({"--to", "TRIM_HORIZON", "rewind", "u"}), exit_ok) << "options may come first";
    EXPECT_EQ(asked, "POST /_millrace/mappings/u/rewind?to=TRIM_HORIZON");
    EXPECT_EQ(run({"rewind", "u"}), exit_usage);
    EXPECT_THAT(test.err, HasSubstr("rewind needs --to"));
}

TEST_F(MappingVerb, ReplaysWhatWasGivenUp) {
    listen(200, R"({"replayed":2,"failed":1,"expired":0})");
    EXPECT_EQ(run({"replay-failed", "u"}), exit_ok);
    EXPECT_EQ(asked, "POST /_millrace/mappings/u/replay-failed");
    EXPECT_THAT(test.out, HasSubstr("2 records handled, 1 failed again"));
}

TEST_F(MappingVerb, TellsWhatTheServerRefuses) {
    listen(404, R"({"code":"x","message":"The resource you requested does not exist."})");
    EXPECT_EQ(run({"show", "u"}), exit_failed);
    EXPECT_THAT(test.err, HasSubstr("does not exist"));
    EXPECT_EQ(run({"show", "u", "--endpoint", "http://127.0.0.1:9999"}), exit_unreachable);
    EXPECT_EQ(run({"pause", "u"}), exit_usage);
    EXPECT_EQ(run({"show"}), exit_usage);
    EXPECT_EQ(run({"show", "u", "--to", "5"}), exit_usage);
}

}  // namespace
}  // namespace mill::cli
