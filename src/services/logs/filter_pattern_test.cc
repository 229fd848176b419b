// SPDX-License-Identifier: Apache-2.0
#include "services/logs/filter_pattern.h"

#include <gmock/gmock.h>

namespace mill::logs {
namespace {

bool matches(std::string_view pattern, std::string_view message) {
    const auto parsed = FilterPattern::parse(pattern);
    EXPECT_TRUE(parsed) << pattern << ": " << parsed.error().message;
    return parsed && parsed->matches(message);
}

TEST(FilterPattern, EmptyMatchesEverything) {
    for (const auto* pattern : {"", " ", "\" \""})
        EXPECT_TRUE(matches(pattern, "anything")) << pattern;
}

TEST(FilterPattern, AllTermsMustOccurInTheirCase) {
    EXPECT_TRUE(matches("ERROR order", "ERROR in order 1"));
    EXPECT_FALSE(matches("ERROR order", "ERROR"));
    EXPECT_FALSE(matches("error", "ERROR"));
}

TEST(FilterPattern, PhrasesAreTakenAsTheyStand) {
    EXPECT_TRUE(matches(R"("SERVER ERROR: \"x\"")", "a SERVER ERROR: \"x\" b"));
    EXPECT_FALSE(matches(R"("SERVER ERROR")", "ERROR SERVER"));
}

TEST(FilterPattern, AnyAndNone) {
    EXPECT_TRUE(matches("?a1 ?b1", "b1"));
    EXPECT_FALSE(matches("?a1 ?b1", "c1"));
    EXPECT_TRUE(matches("x ?a1", "x")) << "?terms are ignored beside plain ones";
    EXPECT_FALSE(matches("ERROR -Exiting", "ERROR Exiting"));
    EXPECT_TRUE(matches("-\"two words\"", "one word"));
}

TEST(FilterPattern, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(FilterPattern::parse("order-1").error().message,
              "Invalid character(s) in term 'order-1'");
    EXPECT_EQ(FilterPattern::parse("\"open").error().message, "Invalid filter pattern");
    for (const auto* pattern : {"{ $.a = 1 }", "[a, b]", "%re%"}) {
        const auto parsed = FilterPattern::parse(pattern);
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().code, "InvalidParameterException");
        EXPECT_THAT(parsed.error().message, testing::HasSubstr("Millrace supports"));
    }
}

}  // namespace
}  // namespace mill::logs
