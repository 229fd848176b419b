// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::cloudformation {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using wire::Value;

class Parameters final : public References {
  public:
    Result<Value> ref(const std::string& name) const override {
        if (name == "Zones") return Value(Value::List{"a", "b"});
        if (name == "AWS::Region") return Value("eu-west-1");
        return Value("prod");
    }
    Result<Value> get_att(const std::string&, const std::string&) const override { return ""; }
    Result<Value> import_value(const std::string&) const override { return ""; }
    Result<std::string> parameter(const std::string&) const override { return ""; }
};

std::string checked_rules(std::string_view rules) {
    const auto document = wire::parse_json(
        R"({"Parameters":{"Env":{"Type":"String"},"Zones":{"Type":"CommaDelimitedList"},
            "Subnet":{"Type":"AWS::EC2::Subnet::Id"}},"Rules":)" +
        std::string(rules) + "}");
    EXPECT_TRUE(document) << rules;
    const auto checked = check_rules(*document, Parameters());
    return checked ? "holds" : checked.error().message;
}

// Of one assertion without words.
std::string checked(std::string_view assertion) {
    const std::string answer =
        checked_rules(R"({"R":{"Assertions":[{"Assert":)" + std::string(assertion) +
                      R"(,"AssertDescription":"Not so."}]}})");
    return answer == "Template validation error: Rule R failed: Not so." ? "broken" : answer;
}

TEST(Rules, EachFunctionComparesAsItSays) {
    const std::pair<const char*, const char*> table[] = {
        {R"({"Fn::Equals":[{"Ref":"Env"},"prod"]})", "holds"},
        {R"({"Fn::Equals":[{"Ref":"Env"},"test"]})", "broken"},
        {R"({"Fn::Equals":[1,"1"]})", "holds"},
        {R"({"Fn::Contains":[["test","prod"],{"Ref":"Env"}]})", "holds"},
        {R"({"Fn::Contains":[["test"],{"Ref":"Env"}]})", "broken"},
        {R"({"Fn::Contains":[{"Ref":"Zones"},"b"]})", "holds"},
        {R"({"Fn::EachMemberEquals":[["x","x"],"x"]})", "holds"},
        {R"({"Fn::EachMemberEquals":[{"Ref":"Zones"},"a"]})", "broken"},
        {R"({"Fn::EachMemberIn":[{"Ref":"Zones"},["a","b","c"]]})", "holds"},
        {R"({"Fn::EachMemberIn":[{"Ref":"Zones"},["a"]]})", "broken"},
        {R"({"Fn::Not":[{"Fn::Equals":[{"Ref":"Env"},"prod"]}]})", "broken"},
        {R"({"Fn::And":[{"Fn::Equals":["a","a"]},{"Fn::Equals":["a","b"]}]})", "broken"},
        {R"({"Fn::Or":[{"Fn::Equals":["a","a"]},{"Fn::Equals":["a","b"]}]})", "holds"},
        {R"({"Fn::Contains":[{"Fn::RefAll":"AWS::EC2::AvailabilityZone::Name"},"eu-west-1c"]})",
         "holds"},
    };
    for (const auto& [assertion, answer] : table)
        EXPECT_EQ(checked(assertion), answer) << assertion;
}

TEST(Rules, ApplyWhereTheirConditionHolds) {
    const auto rule = [](std::string_view env) {
        return checked_rules(R"({"R":{"RuleCondition":{"Fn::Equals":[{"Ref":"Env"},")" +
                             std::string(env) +
                             R"("]},"Assertions":[{"Assert":{"Fn::Equals":["a","b"]}}]}})");
    };
    EXPECT_EQ(rule("test"), "holds");
    EXPECT_EQ(rule("prod"),
              R"(Template validation error: Rule R failed: {"Fn::Equals":["a","b"]})");
}

TEST(Rules, AllThatAreBrokenAreTold) {
    EXPECT_EQ(checked_rules(R"({"A":{"Assertions":[{"Assert":{"Fn::Equals":["a","b"]},
                                "AssertDescription":"One."}]},
                               "B":{"Assertions":[{"Assert":{"Fn::Equals":["a","b"]},
                                "AssertDescription":"Two."}]}})"),
              "Template validation error: Rule A failed: One.; Rule B failed: Two.");
}

TEST(Rules, MistakesAreNamed) {
    EXPECT_THAT(checked(R"({"Fn::Equals":["a"]})"), HasSubstr("every Fn::Equals object"));
    EXPECT_THAT(checked(R"({"Fn::Contains":["a","a"]})"), HasSubstr("a list of strings and"));
    EXPECT_THAT(checked(R"({"Fn::And":[{"Fn::Equals":["a","a"]}]})"), HasSubstr("2 to 10"));
    EXPECT_THAT(checked(R"({"Fn::Join":["",["a"]]})"), StartsWith("Template format error: Rule"));
    EXPECT_THAT(checked(R"({"Fn::Equals":[{"Fn::Join":["",["a"]]},"a"]})"),
                HasSubstr("not Fn::Join"));
    EXPECT_THAT(checked(R"({"Fn::Equals":[{"Ref":"Stream"},"a"]})"),
                HasSubstr("[Stream]. Cannot reference resources in the Rules block"));
    EXPECT_THAT(checked(R"({"Fn::Equals":[{"Fn::ValueOf":["Subnet","VpcId"]},"a"]})"),
                HasSubstr("cannot look up AWS::EC2::Subnet::Id"));
    EXPECT_THAT(checked(R"({"Fn::EachMemberIn":[{"Fn::ValueOfAll":["AWS::EC2::VPC::Id","Tags.X"]},
                            {"Fn::RefAll":"AWS::EC2::VPC::Id"}]})"),
                HasSubstr("cannot look up AWS::EC2::VPC::Id"));
    EXPECT_THAT(checked_rules(R"({"R":{"Assertions":[]}})"), HasSubstr("a list of Assertions"));
    EXPECT_THAT(checked_rules(R"({"R":{"Assertions":[{}]}})"), HasSubstr("contain an Assert"));
    EXPECT_THAT(checked_rules(R"({"R":{"Assertions":[{"Assert":true}],"Else":1}})"),
                HasSubstr("Invalid member Else"));
}

}  // namespace
}  // namespace mill::cloudformation
