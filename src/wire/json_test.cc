// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/json_scan.h"
#include "wire/value.h"

namespace mill::wire {
namespace {

using testing::HasSubstr;

std::string complaint(std::string_view text) {
    const auto value = parse_json(text);
    if (value) return "accepted: " + write_json(*value);
    EXPECT_EQ(value.error().code, "json");
    return value.error().message;
}

TEST(Value, MembersAreFoundMadeAndErased) {
    Value value;
    value["a"] = 1;
    value["b"].push_back("x");
    value["a"] = 2;
    EXPECT_EQ(write_json(value), R"({"a":2,"b":["x"]})");
    EXPECT_EQ(value.find("c"), nullptr);
    EXPECT_EQ(Value("text").find("a"), nullptr);
    EXPECT_TRUE(value.erase("a"));
    EXPECT_FALSE(value.erase("a"));
    EXPECT_EQ(text_of(value, "b", "fallback"), "fallback");
    EXPECT_EQ(text_of(*parse_json(R"({"s":"t"})"), "s"), "t");
}

TEST(ParseJson, ReadsEveryKind) {
    const auto value = parse_json(
        R"( {"n":null,"t":true,"i":-7,"d":1.5,"s":"a\u00e9\n\ud83d\ude00","l":[1,[]],"m":{}} )");
    ASSERT_TRUE(value);
    EXPECT_TRUE(value->find("n")->is_null());
    EXPECT_EQ(*value->find("i")->integer(), -7);
    EXPECT_EQ(*value->find("d")->real(), 1.5);
    EXPECT_EQ(*value->find("s")->string(), "a\xC3\xA9\n\xF0\x9F\x98\x80");
    EXPECT_EQ(value->find("l")->items()->size(), 2U);
    EXPECT_EQ(parse_json("3"), Value(3));
    EXPECT_EQ(parse_json("\"\""), Value(""));
}

TEST(ParseJson, BigIntegersBecomeDoublesAndSmallOnesStay) {
    const auto value = parse_json(
        R"({"max":9223372036854775807,"min":-9223372036854775808,"u":18446744073709551615,"big":340282366920938463463374607431768211455,"neg":-99999999999999999999,"s":"99999999999999999999\"99999999999999999999"})");
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(*value->find("max")->integer(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(*value->find("min")->integer(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(*value->find("u")->real(), 18446744073709551615.0);
    EXPECT_EQ(*value->find("big")->real(), 340282366920938463463374607431768211455.0);
    EXPECT_EQ(*value->find("neg")->real(), -99999999999999999999.0);
    EXPECT_EQ(*value->find("s")->string(), "99999999999999999999\"99999999999999999999");
}

TEST(ParseJson, OfEqualNamesTheLastValueCounts) {
    EXPECT_EQ(write_json(*parse_json(R"({"a":1,"b":2,"a":3})")), R"({"a":3,"b":2})");
    std::string text = "{";
    for (int i = 0; i < 100; ++i)
        text += "\"k" + std::to_string(i % 50) + "\":" + std::to_string(i) + ",";
    const auto many = parse_json(text + "\"z\":0}");
    EXPECT_EQ(many->members()->size(), 51U);
    EXPECT_EQ(*many->find("k49")->integer(), 99);
    EXPECT_EQ(many->members()->front().first, "k0");
}

TEST(ParseJson, SaysWhereATextIsWrong) {
    EXPECT_EQ(complaint(""), "unexpected end of the text (line 1, column 1)");
    EXPECT_EQ(complaint("{\n \"a\": tru}"), "unexpected character (line 2, column 10)");
    EXPECT_EQ(complaint("{\"a\" 1}"), "expected ':' (line 1, column 6)");
    EXPECT_EQ(complaint("{a:1}"), "expected a member's name in quotes (line 1, column 2)");
    EXPECT_EQ(complaint("[1,]"), "unexpected character (line 1, column 4)");
    EXPECT_EQ(complaint("[1 2]"), "expected ',' or ']' (line 1, column 4)");
    EXPECT_EQ(complaint("[1] x"), "unexpected text after the document (line 1, column 5)");
    EXPECT_EQ(complaint("\"a\\x\""), "unknown escape (line 1, column 4)");
    EXPECT_EQ(complaint("\"a\nb\""), "control character in a string (line 1, column 3)");
    EXPECT_EQ(complaint("\"a\xFF\""), "invalid UTF-8 (line 1, column 3)");
    EXPECT_EQ(complaint("01"), "unexpected text after the document (line 1, column 2)");
    EXPECT_EQ(complaint("1e999"), "number out of range (line 1, column 1)");
    EXPECT_EQ(complaint("{\"a\":\"b"), "unexpected end of the text (line 1, column 8)");
    EXPECT_THAT(complaint("\"\\ud800\""), testing::Not(HasSubstr("accepted")));
    EXPECT_THAT(complaint(std::string("[\0]", 3)), HasSubstr("unexpected character"));
}

TEST(ParseJson, BoundsTheDepth) {
    const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse_json(nested(120)));
    EXPECT_THAT(complaint(nested(129)), HasSubstr("nested too deeply"));
    EXPECT_THAT(complaint(std::string(1'000'000, '[')), HasSubstr("nested too deeply"));
}

TEST(WriteJson, RoundTrips) {
    for (const char* text :
         {R"({"a":[1,2.5,"x",null,true,{"b":{}}],"c":[],"d":-0.0,"e":1e+300,"f":1.0})",
          R"("\u0000\u001f\u007f\"\\")", "0"}) {
        EXPECT_EQ(write_json(*parse_json(text)), text);
    }
}

TEST(WriteJson, EscapesAndReplaces) {
    EXPECT_EQ(write_json("a\"\\\b\f\n\r\t\x01/"), R"("a\"\\\b\f\n\r\t\u0001/")");
    EXPECT_EQ(write_json("\xC3\xA9 \xE2\x82\xAC"), "\"\xC3\xA9 \xE2\x82\xAC\"");
    // a lone byte, an overlong form, a surrogate, a cut character
    EXPECT_EQ(write_json("\xFF|\xC0\x80|\xED\xA0\x80|\xE2\x82"),
              "\"\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|"
              "\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(write_json(Blob{"foo"}), "\"Zm9v\"");
    EXPECT_EQ(write_json(std::numeric_limits<double>::quiet_NaN()), "\"NaN\"");
    EXPECT_EQ(write_json(-std::numeric_limits<double>::infinity()), "\"-Infinity\"");
}

TEST(WriteJson, PrettyIndents) {
    EXPECT_EQ(
        write_json_pretty(*parse_json(R"({"a":[1,{"b":2}],"c":{},"d":[]})")),
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
}

TEST(AsciiJson, EscapesWhatIsBeyondAscii) {
    EXPECT_EQ(ascii_json("\"a \u00e9 \u20ac \U0001F600\""), R"("a \u00e9 \u20ac \ud83d\ude00")");
    EXPECT_EQ(ascii_json("\xF0\x9F"), R"(\u001f)") << "cut off, but nothing beyond is read";
}

}  // namespace
}  // namespace mill::wire
