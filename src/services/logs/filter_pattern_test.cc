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
    const std::string deep = "{" + std::string(500, '(') + "$.a = 1" + std::string(500, ')') + "}";
    for (const auto& pattern : std::initializer_list<std::string>{"\"open",
                                                                  "? x",
                                                                  "{",
                                                                  "{}",
                                                                  "{ $.a }",
                                                                  "{ $.a = }",
                                                                  "{ $ = 1 }",
                                                                  "{ a = 1 }",
                                                                  "{ $.a = 1",
                                                                  "{ $.a = 1 } x",
                                                                  "{ $.a IS }",
                                                                  "{ $.a NOT }",
                                                                  "{ $.a > x }",
                                                                  "{ $.a = 1 && }",
                                                                  "{ ($.a = 1 }",
                                                                  "{ $.a[x] = 1 }",
                                                                  "{ $.a[1 = 1 }",
                                                                  "{ $. = 1 }",
                                                                  "[",
                                                                  "[]",
                                                                  "[a",
                                                                  "[a,]",
                                                                  "[a b]",
                                                                  "[..., ...]",
                                                                  "[a = 1 || b = 2]",
                                                                  "[= 1]",
                                                                  "[a > x]",
                                                                  "[a] b",
                                                                  "%",
                                                                  "%%",
                                                                  "%(%",
                                                                  "%a% %b% %c%",
                                                                  deep}) {
        const auto parsed = FilterPattern::parse(pattern);
        ASSERT_FALSE(parsed) << pattern;
        EXPECT_EQ(parsed.error().code, "InvalidParameterException");
        EXPECT_EQ(parsed.error().message, "Invalid filter pattern") << pattern;
    }
}

TEST(FilterPattern, RegularExpressionsMatchAnyPart) {
    EXPECT_TRUE(matches("%order-[0-9]+%", "an order-17 came"));
    EXPECT_FALSE(matches("%^order%", "an order-17 came"));
    EXPECT_TRUE(matches("%a|b% order", "b order"));
    EXPECT_FALSE(matches("order -%a|b%", "b order"));
}

TEST(FilterPattern, PropertiesOfJsonAreCompared) {
    const std::string_view message =
        R"({"type":"UpdateTrail","ip":"123.123.1.2","items":[{"id":1,"n":"x"},{"id":2}],)"
        R"("a.b":"c","bytes":75.5,"flag":true,"none":null,"code":404})";
    for (const auto* pattern : {R"({ $.type = "UpdateTrail" })",
                                "{ $.type = UpdateTrail }",
                                R"({$.type="Update*"})",
                                "{ $.ip != 10.* }",
                                "{ $.ip = 123.123.* }",
                                "{ $.items[1].id = 2 }",
                                "{ $.items[*].id >= 2 }",
                                "{ $.items[*].n = x }",
                                R"({ $.["a.b"] = c })",
                                "{ $.['a.b'] = c }",
                                "{ $.bytes > 75 }",
                                "{ $.bytes <= 7.55e1 }",
                                "{ $.code = 404 }",
                                "{ $.code = 4* }",
                                "{ $.code != 405 }",
                                "{ $.flag IS TRUE }",
                                "{ $.none IS NULL }",
                                "{ $.other NOT EXISTS }",
                                "{ $.type = %^Up% }",
                                "{ $.* = c }",
                                "{ ($.code = 1 || $.code = 404) && $.flag IS TRUE }",
                                "{ $.code = 404 || $.code = 1 && $.code = 2 }"}) {
        EXPECT_TRUE(matches(pattern, message)) << pattern;
    }
    for (const auto* pattern :
         {"{ $.type = Update }", "{ $.other != x }", "{ $.other = x }", "{ $.items[2].id = 2 }",
          "{ $.items.id = 2 }", "{ $.bytes > 76 }", "{ $.type > 1 }", R"({ $.code = "404" })",
          "{ $.flag IS FALSE }", "{ $.code IS NULL }", "{ $.none NOT EXISTS }",
          "{ $.code = 404 && $.flag IS FALSE }"}) {
        EXPECT_FALSE(matches(pattern, message)) << pattern;
    }
    EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "no JSON"));
    EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "{broken"));
}

TEST(FilterPattern, FieldsOfALineAreCompared) {
    const std::string_view line =
        R"(127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534)";
    for (const auto* pattern :
         {"[ip, id, user, time, request, status, bytes]",
          "[ip, id, user, time, request = *.html*, status = 4*, bytes > 1000]",
          "[..., status = 404 || status = 410, bytes]", "[ip = %^127%, ...]",
          "[ip, ..., bytes >= 1534]", "[ip, id, user = frank && user != \"anna\", ...]", "[...]",
          "[ip, ..., time = 10/Oct*, request, status, bytes]"}) {
        EXPECT_TRUE(matches(pattern, line)) << pattern;
    }
    for (const auto* pattern :
         {"[ip, id]", "[ip, id, user, time, request, status, bytes, more]",
          "[..., status = 410, bytes]", "[user > 1, ...]", "[a, b, c, d, e, f, g, h, ...]"}) {
        EXPECT_FALSE(matches(pattern, line)) << pattern;
    }
}

}  // namespace
}  // namespace mill::logs
