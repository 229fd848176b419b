// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/value.h"

namespace mill::wire {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The document as JSON, or the complaint.
std::string read(std::string_view text) {
    const auto value = parse_yaml(text);
    if (value) return write_json(*value);
    EXPECT_EQ(value.error().code, "yaml");
    return value.error().message;
}

TEST(ParseYaml, ResolvesPlainScalars) {
    EXPECT_EQ(read("[true, False, null, ~, yes, off, 1, -2, +3, 0x1F, 1.5, .5, 1e3, -1.]"),
              "[true,false,null,null,true,false,1,-2,3,31,1.5,0.5,1000.0,-1.0]");
    EXPECT_EQ(read("a:\nb: ''\n"), R"({"a":null,"b":""})");
    EXPECT_EQ(read(""), "null");
}

TEST(ParseYaml, KeepsTheTextOfWhatIsNoNumber) {
    EXPECT_EQ(read("AWSTemplateFormatVersion: 2010-09-09"),
              R"({"AWSTemplateFormatVersion":"2010-09-09"})");
    EXPECT_EQ(
        read("[000000000000, 012, 12:30, 1_000, 1.2.3, 340282366920938463463374607431768211455, -, "
             "e5, infinity, 1e999]"),
        R"(["000000000000","012","12:30","1_000","1.2.3","340282366920938463463374607431768211455","-","e5","infinity","1e999"])");
    EXPECT_EQ(read("['1', \"true\", 'null', ! 5, !!str 7]"), R"(["1","true","null","5","7"])");
    EXPECT_EQ(read("[!!int '5', !!float '1.5', !!bool 'true']"), "[5,1.5,true]");
    EXPECT_EQ(read("{1: a, true: b, ~: c}"), R"({"1":"a","true":"b","null":"c"})");
}

TEST(ParseYaml, TurnsShortTagsIntoIntrinsics) {
    EXPECT_EQ(read("!Ref Stream"), R"({"Ref":"Stream"})");
    EXPECT_EQ(read("!Ref 123"), R"({"Ref":"123"})");
    EXPECT_EQ(read("!GetAtt Nested.Outputs.Arn"), R"({"Fn::GetAtt":["Nested","Outputs.Arn"]})");
    EXPECT_EQ(read("!GetAtt [A, Arn]"), R"({"Fn::GetAtt":["A","Arn"]})");
    EXPECT_EQ(read("!Sub '${A}-x'"), R"({"Fn::Sub":"${A}-x"})");
    EXPECT_EQ(read("!Sub ['${A}', {A: !Ref B}]"), R"({"Fn::Sub":["${A}",{"A":{"Ref":"B"}}]})");
    EXPECT_EQ(read("!Join [':', [a, !Ref B]]"), R"({"Fn::Join":[":",["a",{"Ref":"B"}]]})");
    EXPECT_EQ(read("!Select [0, !Split [',', a]]"),
              R"({"Fn::Select":[0,{"Fn::Split":[",","a"]}]})");
    EXPECT_EQ(
        read("!If [C, !Equals [a, b], !And [!Not [!Condition D], !Or []]]"),
        R"({"Fn::If":["C",{"Fn::Equals":["a","b"]},{"Fn::And":[{"Fn::Not":[{"Condition":"D"}]},{"Fn::Or":[]}]}]})");
    EXPECT_EQ(read("!FindInMap [M, !Ref R, k]"), R"({"Fn::FindInMap":["M",{"Ref":"R"},"k"]})");
    EXPECT_EQ(
        read("[!ImportValue x, !Base64 y, !Cidr [a, 1], !GetAZs '']"),
        R"([{"Fn::ImportValue":"x"},{"Fn::Base64":"y"},{"Fn::Cidr":["a",1]},{"Fn::GetAZs":""}])");
    EXPECT_EQ(read("!Transform {Name: T}"), R"({"Fn::Transform":{"Name":"T"}})");
    EXPECT_EQ(read("!Base64\n  Fn::Sub: a"), R"({"Fn::Base64":{"Fn::Sub":"a"}})");
    EXPECT_EQ(read("!Sub |\n  a\n  b\n"), R"({"Fn::Sub":"a\nb\n"})");
}

TEST(ParseYaml, FollowsAnchorsAndMerges) {
    EXPECT_EQ(read("a: &x [1]\nb: *x"), R"({"a":[1],"b":[1]})");
    EXPECT_EQ(read("base: &b {p: 1, q: 2}\nd:\n  q: 3\n  <<: *b\n"),
              R"({"base":{"p":1,"q":2},"d":{"p":1,"q":3}})");
    EXPECT_EQ(read("<<: [{p: 1}, {p: 2, q: 2}]"), R"({"p":1,"q":2})");
    EXPECT_EQ(read("'<<': 1"), R"({"<<":1})");
    EXPECT_THAT(read("a: 1\n<<: 5"), StartsWith("'<<' takes a map or a list of maps (line 2,"));
}

TEST(ParseYaml, OfEqualKeysTheLastCounts) {
    EXPECT_EQ(read("a: 1\nb: 2\na: 3"), R"({"a":3,"b":2})");
}

TEST(ParseYaml, SaysWhereATextIsWrong) {
    EXPECT_THAT(read("a: [1, 2\nb: 3"), HasSubstr("(line 2, column"));
    EXPECT_THAT(read("a: b: c"), HasSubstr("(line 1, column 5)"));
    EXPECT_THAT(read("\ta: 1"), HasSubstr("(line 1, column"));
    EXPECT_THAT(read("a: *nowhere"), HasSubstr("(line 1, column 4)"));
    EXPECT_THAT(read("? [a]\n: b"), StartsWith("a key must be a scalar (line 1,"));
    EXPECT_THAT(read("a: 1\n---\nb: 2"), StartsWith("unexpected text after the document (line 2,"));
    EXPECT_THAT(read(",a"), StartsWith("unexpected text after the document (line 1, column 1)"));
    EXPECT_THAT(read("'abc"), HasSubstr("(line 1, column"));
}

TEST(ParseYaml, IsSafeFromBombs) {
    EXPECT_THAT(read(std::string(200, '[') + std::string(200, ']')),
                HasSubstr("nested too deeply"));
    EXPECT_THAT(read(std::string(100'000, '[')), HasSubstr("(line 1, column"));
    EXPECT_THAT(read("a: &a [*a]"), HasSubstr("nested too deeply"));
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int k = 0; k < 9; ++k) laughs += ", " + last;
        laughs += "]\n";
    }
    EXPECT_THAT(read(laughs), HasSubstr("the document is too large"));
}

TEST(ParseTemplate, TakesEitherNotation) {
    EXPECT_EQ(*parse_template(" {\"a\": 1}"), *parse_template("a: 1\n"));
    EXPECT_EQ(parse_template("{a: 1}").error().code, "json");
    EXPECT_EQ(parse_template("a: [").error().code, "yaml");
}

TEST(WriteYaml, IsReadable) {
    const Value value = *parse_json(
        R"({"Resources":{"Fn":{"Type":"AWS::Lambda::Function","Tags":[{"Key":"a","Value":"1"},[1,2]],"Code":"x\n y\n","Empty":[],"Nil":null}},"V":"2010-09-09"})");
    EXPECT_EQ(write_yaml(value),
              "Resources:\n"
              "  Fn:\n"
              "    Type: AWS::Lambda::Function\n"
              "    Tags:\n"
              "      - Key: a\n"
              "        Value: \"1\"\n"
              "      - - 1\n"
              "        - 2\n"
              "    Code: |\n"
              "      x\n"
              "       y\n"
              "    Empty: []\n"
              "    Nil: null\n"
              "V: \"2010-09-09\"\n");
}

const char* const awkward_texts[] = {
    "",
    " ",
    "a",
    "a b",
    " a",
    "a ",
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    "a#b",
    "- a",
    "-",
    "---",
    "...",
    "? a",
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "`a",
    "|",
    ">",
    "[a",
    "{a",
    "a]",
    "a, b",
    "'a'",
    "\"a\"",
    "a\\b",
    "true",
    "null",
    "~",
    "yes",
    "n",
    "1",
    "1.5",
    "0x1f",
    "012",
    "12:30",
    "1e5",
    ".inf",
    ".nan",
    "=",
    "<<",
    "2010-09-09",
    "${AWS::Region}",
    "arn:aws:s3:::b/*",
    "/a/b",
    "a\nb",
    "a\nb\n",
    "a\n\nb",
    "a\nb\n\n",
    "\na",
    " a\nb",
    "a\n b\n  c",
    "a\n \nb",
    "a\r\nb",
    "\ta\nb",
    "a\tb",
    "a\n",
    "\n",
    "a\n---\nb",
    "a\n# b",
    "\x01",
    "\x7f",
    "\xC2\x85",
    "\xE2\x80\xA8",
    "\xEF\xBB\xBF_a",
    "\xC3\xA9t\xC3\xA9",
    "\xF0\x9F\x98\x80",
};

TEST(WriteYaml, WhatItWritesReadsBackTheSame) {
    for (const char* text : awkward_texts) {
        const Value shapes[] = {
            Value(text), Value(Value::List{text, Value::List{text}}),
            Value(Value::Map{{text, text}, {"k", Value::List{Value::Map{{"m", text}, {"z", 1}}}}})};
        for (const Value& value : shapes) {
            const auto back = parse_yaml(write_yaml(value));
            ASSERT_TRUE(back) << back.error().message << "\n" << write_yaml(value);
            EXPECT_EQ(*back, value) << write_yaml(value);
        }
    }
}

TEST(WriteYaml, KeepsKindsAndLongKeys) {
    Value value = *parse_json(
        R"({"a":[null,true,1,-1,1.5,1e300,[],{},[[[]]],[{}]],"b":{"c":{"d":[{"e":[1]}]}},"i":-9223372036854775808})");
    value[std::string(3000, 'k')] = Value::List{"v"};
    value[std::string(3000, 'q') + ": "] = "w";
    value[std::string(300, '\5')] = "written longer than it is";
    value["nul"] = std::string("a\0b", 3);
    value["inf"] = -std::numeric_limits<double>::infinity();
    value["blob"] = Blob{"\xff\x00"};
    const auto back = parse_yaml(write_yaml(value));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, value);
    for (const Value& root : {Value(), Value(5), Value("x\ny"), Value::list(), Value::map()}) {
        EXPECT_EQ(*parse_yaml(write_yaml(root)), root);
    }
}

}  // namespace
}  // namespace mill::wire
