// SPDX-License-Identifier: Apache-2.0
// StartLiveTail: what a session shows, and when.
#include <gmock/gmock.h>

#include "services/logs/logs_fixture.h"
#include "wire/events.h"

namespace mill::logs {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

using Source = std::shared_ptr<wire::EventSource>;

struct LiveTailTest : LogsTest {
    LiveTailTest() { create(); }
    static std::string request(const std::string& more = "", const std::string& groups = "g") {
        std::string identifiers;
        for (const char group : groups) {
            identifiers += identifiers.empty() ? "" : ",";
            identifiers +=
                "\"arn:aws:logs:us-east-1:000000000000:log-group:" + std::string(1, group) + "\"";
        }
        return R"({"logGroupIdentifiers":[)" + identifiers + "]" + more + "}";
    }
    Source tail(const std::string& more = "", const std::string& groups = "g") {
        auto output = sim_.await(start("StartLiveTail", request(more, groups)));
        EXPECT_TRUE(output) << output.error().message;
        if (!output) return nullptr;
        EXPECT_NE(next(output->events).find("sessionStart"), nullptr);
        return output->events;
    }
    wire::Value next(const Source& source) {
        const auto given = sim_.await(source->next());
        EXPECT_TRUE(given && *given);
        if (!given || !*given) return {};
        std::string text;
        wire::encode(*(*given)->structure, (*given)->object.get(), *wire::json_writer(text));
        return *wire::parse_json(text);
    }
    wire::Value update(const Source& source) { return *next(source).find("sessionUpdate"); }
    std::vector<std::string> messages(const Source& source) {
        return texts(update(source), "sessionResults");
    }
    static bool is_sampled(const wire::Value& update) {
        return *update.find("sessionMetadata")->find("sampled")->boolean();
    }
};

TEST_F(LiveTailTest, BeginsWithWhatWasAsked) {
    auto output = sim_.await(start(
        "StartLiveTail", request(R"(,"logStreamNames":["s"],"logEventFilterPattern":"error")")));
    ASSERT_TRUE(output);
    const auto start = *next(output->events).find("sessionStart");
    EXPECT_EQ(wire::text_of(start, "logEventFilterPattern"), "error");
    EXPECT_THAT(*start.find("logGroupIdentifiers")->items(), SizeIs(1));
    EXPECT_EQ(*start.find("logStreamNames")->items()->front().string(), "s");
    EXPECT_THAT(wire::text_of(start, "sessionId"), SizeIs(36));
}

TEST_F(LiveTailTest, ShowsOnceASecondWhatHasCome) {
    print("before");
    const auto source = tail();
    print("one");
    put(event(now_ms(), "two"));
    const auto shown = update(source);
    EXPECT_THAT(texts(shown, "sessionResults"), ElementsAre("one", "two"));
    EXPECT_FALSE(is_sampled(shown));
    const wire::Value& first = shown.find("sessionResults")->items()->front();
    EXPECT_EQ(wire::text_of(first, "logGroupIdentifier"), "000000000000:g");
    EXPECT_EQ(wire::text_of(first, "logStreamName"), "s");
    const Instant before = sim_.machine().clock.now();
    EXPECT_THAT(messages(source), IsEmpty());
    EXPECT_EQ(sim_.machine().clock.now() - before, seconds(1));
}

TEST_F(LiveTailTest, ShowsTheStreamsAndTheTextsThatAreMeant) {
    const auto named = tail(R"(,"logStreamNames":["s"])");
    const auto prefixed = tail(R"(,"logStreamNamePrefixes":["ot"])");
    const auto matching = tail(R"(,"logEventFilterPattern":"error")");
    print("fine", "s");
    print("an error", "other");
    EXPECT_THAT(messages(named), ElementsAre("fine"));
    EXPECT_THAT(messages(prefixed), ElementsAre("an error"));
    EXPECT_THAT(messages(matching), ElementsAre("an error"));
}

TEST_F(LiveTailTest, ShowsSeveralGroupsAndNoOthers) {
    create("h", "s");
    create("i", "s");
    const auto source = tail("", "gh");
    for (const char* group : {"g", "h", "i"}) {
        logs_->append(caller_.account, caller_.region, group, "s",
                      {{sim_.machine().clock.wall(), group}});
    }
    EXPECT_THAT(messages(source), ElementsAre("g", "h"));
}

TEST_F(LiveTailTest, AGroupThatIsMadeAgainGoesOnBeingShown) {
    const auto source = tail();
    ok("DeleteLogGroup", R"({"logGroupName":"g"})");
    print("again");
    EXPECT_THAT(messages(source), ElementsAre("again"));
}

TEST_F(LiveTailTest, ManyEventsComeInSeveralUpdates) {
    const auto source = tail();
    for (int n = 0; n < 700; ++n) print(std::to_string(n));
    EXPECT_THAT(messages(source), SizeIs(500));
    EXPECT_THAT(messages(source), SizeIs(200));
}

TEST_F(LiveTailTest, ASlowClientLosesTheOldestAndIsToldSo) {
    const auto source = tail();
    for (int n = 0; n < 5'100; ++n) print(std::to_string(n));
    const auto first = update(source);
    EXPECT_TRUE(is_sampled(first));
    EXPECT_EQ(texts(first, "sessionResults").front(), "100");
    EXPECT_FALSE(is_sampled(update(source)));
    for (int n = 0; n < 10; ++n) messages(source);
    for (int n = 0; n < 7; ++n) print(std::string(1'000'000, static_cast<char>('a' + n)));
    EXPECT_THAT(messages(source), SizeIs(4));
}

TEST_F(LiveTailTest, EndsAfterThreeHours) {
    const auto source = tail();
    sim_.run_for(std::chrono::hours(3));
    const auto given = sim_.await(source->next());
    ASSERT_FALSE(given);
    EXPECT_EQ(given.error().code, "SessionTimeoutException");
}

TEST_F(LiveTailTest, RefusesWhatItCannotTail) {
    EXPECT_EQ(error("StartLiveTail", request("", "x")),
              "ResourceNotFoundException: The specified log group does not exist.");
    EXPECT_THAT(error("StartLiveTail", R"({"logGroupIdentifiers":["g"]})"),
                StartsWith("InvalidParameterException: Log groups are named by their ARNs"));
    create("h", "s");
    EXPECT_THAT(error("StartLiveTail", request(R"(,"logStreamNames":["s"])", "gh")),
                StartsWith("InvalidParameterException"));
    EXPECT_THAT(
        error("StartLiveTail", request(R"(,"logStreamNames":["s"],"logStreamNamePrefixes":["s"])")),
        StartsWith("InvalidParameterException"));
}

TEST_F(LiveTailTest, AnAccountHasFifteenSessions) {
    std::vector<Source> sessions;
    for (int n = 0; n < 15; ++n) sessions.push_back(tail());
    EXPECT_THAT(error("StartLiveTail", request()), StartsWith("LimitExceededException"));
    sessions.pop_back();
    EXPECT_NE(tail(), nullptr);
}

}  // namespace
}  // namespace mill::logs
