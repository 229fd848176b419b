// SPDX-License-Identifier: Apache-2.0
#include "cli/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/session_fixture.h"
#include "wire/http.h"

namespace mill::cli {
namespace {

using testing::HasSubstr;

Task<void> serve_one(std::unique_ptr<machine::Connection> connection, std::string body) {
    wire::http::RequestParser parser;
    char buffer[1024];
    while (true) {
        const auto got = co_await connection->read(buffer, sizeof buffer);
        if (!got || *got == 0 || !parser.feed(BytesView(buffer, *got))) co_return;
        const auto request = parser.take();
        if (!request) continue;
        wire::http::Response response;
        response.status = request->target == "/_millrace/health" ? 200 : 404;
        response.body = body;
        const std::string bytes = wire::http::serialize(response, false);
        if (!co_await connection->write(bytes)) co_return;
        co_return;
    }
}

struct Status : testing::Test {
    void listen(std::string body) {
        listener = *test.world.machine().network.listen(
            {"127.0.0.1", 4566}, [this, body](std::unique_ptr<machine::Connection> connection) {
                scope.spawn(serve_one(std::move(connection), body));
            });
    }
    int run(std::vector<std::string> words) {
        return test.world.await(status(test.session, std::move(words)));
    }

    TestSession test;
    std::unique_ptr<machine::Listener> listener;
    Scope scope;
};

TEST_F(Status, ShowsWhatTheServerSays) {
    listen(
        R"({"version":"1.2.3","uptime_seconds":3700,"endpoints":["http://127.0.0.1:4566"],"durability":"synced"})");
    EXPECT_EQ(run({}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("1.2.3"));
    EXPECT_THAT(test.out, HasSubstr("1 h 1 min"));
    EXPECT_THAT(test.out, HasSubstr("http://127.0.0.1:4566"));
    test.out.clear();
    EXPECT_EQ(run({"--output", "json"}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("\"durability\": \"synced\""));
}

TEST_F(Status, SaysWhenNobodyAnswers) {
    EXPECT_EQ(run({"--endpoint", "http://127.0.0.1:9999"}), exit_unreachable);
    EXPECT_THAT(test.err, HasSubstr("No server answers at http://127.0.0.1:9999"));
    EXPECT_THAT(test.err, HasSubstr("millrace serve"));
}

TEST_F(Status, SaysWhenSomethingElseAnswers) {
    listen("hello");
    EXPECT_EQ(run({}), exit_failed);
    EXPECT_THAT(test.err, HasSubstr("is not Millrace"));
}

TEST_F(Status, RefusesOtherFormats) { EXPECT_EQ(run({"--output", "xml"}), exit_usage); }

}  // namespace
}  // namespace mill::cli
