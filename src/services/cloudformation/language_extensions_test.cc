// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/language_extensions.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cloudformation/template.h"

namespace mill::cloudformation {
namespace {

using testing::HasSubstr;
using wire::Value;

class Parameters final : public References {
  public:
    Result<Value> ref(const std::string& name) const override {
        if (name == "Names") return Value(Value::List{"red", "blue"});
        if (name == "Policy") return Value("Retain");
        if (name == "Which") return Value("Second");
        return fail("ValidationError", "no " + name, 400);
    }
    Result<Value> get_att(const std::string& name, const std::string&) const override {
        return fail("ValidationError", "no " + name, 400);
    }
    Result<Value> import_value(const std::string&) const override { return ""; }
    Result<std::string> parameter(const std::string&) const override { return ""; }
};

// The section Resources as JSON, or the error's message.
std::string expanded(std::string_view resources) {
    auto document = wire::parse_json(R"({"Mappings":{"M":{"a":{"list":["x","y"]}}},"Resources":)" +
                                     std::string(resources) + "}");
    EXPECT_TRUE(document) << resources;
    const auto made = language_extensions(*std::move(document), Parameters());
    return made ? write_json(section_of(*made, "Resources")) : made.error().message;
}

TEST(LanguageExtensions, ALoopGivesItsMembersOncePerValue) {
    EXPECT_EQ(
        expanded(R"({"Fn::ForEach::Topics":["Name",["a","b"],{"Topic${Name}":{"Type":"T",
            "Properties":{"Name":{"Ref":"Name"},"Text":"of ${Name}","Other":{"Ref":"Else"}}}}]})"),
        R"({"Topica":{"Type":"T","Properties":{"Name":"a","Text":"of a","Other":{"Ref":"Else"}}},)"
        R"("Topicb":{"Type":"T","Properties":{"Name":"b","Text":"of b","Other":{"Ref":"Else"}}}})");
}

TEST(LanguageExtensions, CollectionsMayBeParametersAndMappings) {
    EXPECT_EQ(expanded(R"({"Fn::ForEach::L":["N",{"Ref":"Names"},{"${N}":{"Type":"T"}}]})"),
              R"({"red":{"Type":"T"},"blue":{"Type":"T"}})");
    EXPECT_EQ(expanded(R"({"Fn::ForEach::L":["N",{"Fn::FindInMap":["M","a","list"]},{"${N}":1}]})"),
              R"({"x":1,"y":1})");
}

TEST(LanguageExtensions, LoopsNestAndStandInProperties) {
    EXPECT_EQ(expanded(R"({"Fn::ForEach::Outer":["A",["1","2"],{"Fn::ForEach::Inner":["B",["x"],
                           {"R${A}${B}":{"Type":"T"}}]}]})"),
              R"({"R1x":{"Type":"T"},"R2x":{"Type":"T"}})");
    EXPECT_EQ(expanded(R"({"R":{"Properties":{"Fn::ForEach::P":["K",["a","b"],{"k${K}":"${K}"}],
                           "last":1}}})"),
              R"({"R":{"Properties":{"ka":"a","kb":"b","last":1}}})");
}

TEST(LanguageExtensions, AnAmpersandTakesLettersAndDigitsOnly) {
    EXPECT_EQ(expanded(R"({"Fn::ForEach::L":["Ip",["10.0.0.1"],{"R&{Ip}":{"Type":"${Ip}"}}]})"),
              R"({"R10001":{"Type":"10.0.0.1"}})");
}

TEST(LanguageExtensions, NamesAndPoliciesMayBeFunctions) {
    EXPECT_EQ(expanded(R"({"R":{"Properties":{
                  "a":{"Ref":{"Fn::Sub":"My${Which}"}},
                  "b":{"Fn::GetAtt":[{"Fn::Join":["",["R",{"Ref":"Which"}]]},"Arn"]}},
                  "DeletionPolicy":{"Ref":"Policy"}}})"),
              R"({"R":{"Properties":{"a":{"Ref":"MySecond"},"b":{"Fn::GetAtt":["RSecond","Arn"]}},)"
              R"("DeletionPolicy":"Retain"}})");
}

TEST(LanguageExtensions, MistakesAreNamed) {
    EXPECT_THAT(expanded(R"({"Fn::ForEach::L":["N",["a"]]})"),
                HasSubstr("Fn::ForEach::L layout is incorrect"));
    EXPECT_THAT(expanded(R"({"Fn::ForEach::L":["N",["a","b"],{"Same":1}]})"),
                HasSubstr("Fn::ForEach::L makes Same more than once"));
    EXPECT_THAT(expanded(R"({"Fn::ForEach::L":["N",["a"],{"${N}":1}],"a":2})"),
                HasSubstr("Fn::ForEach::L makes a more than once"));
    EXPECT_THAT(expanded(R"({"Fn::ForEach::L":["N","a",{"${N}":1}]})"),
                HasSubstr("must be a list of strings"));
    EXPECT_THAT(expanded(R"({"Fn::ForEach::L":["N",{"Ref":"Stream"},{"${N}":1}]})"),
                HasSubstr("Transform AWS::LanguageExtensions failed with: no Stream"));
}

TEST(LanguageExtensions, LoopsOfLoopsComeToAnEnd) {
    std::string hundred, body = R"({"${A}${B}${C}${D}${E}":1})";
    for (int i = 0; i < 100; ++i) hundred += fmt::format("{}\"{}\"", i == 0 ? "" : ",", i);
    for (const char name : {'E', 'D', 'C', 'B', 'A'})
        body = fmt::format(R"({{"Fn::ForEach::L{0}":["{0}",[{1}],{2}]}})", name, hundred, body);
    EXPECT_THAT(expanded(body), HasSubstr("failed with: "));
    body = fmt::format(R"({{"Fn::ForEach::L0":["F",["a"],{}]}})", R"({"x":1})");
    for (int i = 1; i < 6; ++i)
        body = fmt::format(R"({{"Fn::ForEach::L{0}":["F{0}",["a"],{1}]}})", i, body);
    EXPECT_THAT(expanded(body), HasSubstr("nested 5 deep at most"));
}

}  // namespace
}  // namespace mill::cloudformation
