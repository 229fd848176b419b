// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/intrinsics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cloudformation/dependencies.h"

namespace mill::cloudformation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using wire::Value;

class FakeReferences final : public References {
  public:
    Result<Value> ref(const std::string& name) const override {
        if (name == "Zones") return Value(Value::List{"a", "b"});
        if (name == "Count") return Value(2);
        if (name == "Env") return Value("prod");
        return Value("ref-" + name);
    }
    Result<Value> get_att(const std::string& resource,
                          const std::string& attribute) const override {
        return Value("att-" + resource + "-" + attribute);
    }
    Result<Value> import_value(const std::string& name) const override {
        return Value("import-" + name);
    }
    Result<std::string> parameter(const std::string& name) const override {
        return "value-of-" + name;
    }
};

Value json(std::string_view text) {
    Result<Value> value = wire::parse_json(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(Value());
}

// The result as JSON, "<none>" for AWS::NoValue, or the error's message.
std::string evaluated(std::string_view text) {
    const FakeReferences references;
    const Value mappings = json(R"({"M":{"prod":{"size":"large","list":[1,2]}}})");
    const ConditionValues conditions{{"Yes", true}, {"No", false}};
    const auto value = evaluate(json(text), {references, mappings, conditions});
    if (!value) return value.error().message;
    return *value ? write_json(**value) : "<none>";
}

TEST(Intrinsics, PlainValuesKeepTheirKind) {
    EXPECT_EQ(evaluated(R"({"a":[1,true,"x"]})"), R"({"a":[1,true,"x"]})");
    EXPECT_EQ(evaluated(R"({"Condition":{"Bool":"x"}})"), R"({"Condition":{"Bool":"x"}})");
}

TEST(Intrinsics, ImportValueTakesANameOrAFunction) {
    EXPECT_EQ(evaluated(R"({"Fn::ImportValue":"net"})"), R"("import-net")");
    EXPECT_EQ(evaluated(R"({"Fn::ImportValue":{"Fn::Sub":"${Env}-net"}})"), R"("import-prod-net")");
    EXPECT_THAT(evaluated(R"({"Fn::ImportValue":["net"]})"), HasSubstr("must be a string"));
}

TEST(Intrinsics, RefAndGetAtt) {
    EXPECT_EQ(evaluated(R"({"Ref":"S"})"), R"("ref-S")");
    EXPECT_EQ(evaluated(R"({"Fn::GetAtt":["S","Arn"]})"), R"("att-S-Arn")");
    EXPECT_EQ(evaluated(R"({"Fn::GetAtt":"S.Outputs.X"})"), R"("att-S-Outputs.X")");
    EXPECT_EQ(evaluated(R"({"Fn::GetAtt":["S"]})"),
              "Template error: every Fn::GetAtt object requires two non-empty parameters, the "
              "resource name and the "
              "resource attribute");
}

TEST(Intrinsics, NoValueRemovesTheMemberOrItem) {
    EXPECT_EQ(evaluated(R"({"a":{"Ref":"AWS::NoValue"},"b":[1,{"Ref":"AWS::NoValue"},2]})"),
              R"({"b":[1,2]})");
}

TEST(Intrinsics, SubKnowsReferencesAttributesVariablesAndLiterals) {
    EXPECT_EQ(evaluated(R"({"Fn::Sub":"${A}/${B.Arn}/${!C}/$D/${ Count }"})"),
              R"("ref-A/att-B-Arn/${C}/$D/2")");
    EXPECT_EQ(evaluated(R"({"Fn::Sub":["${x}-${A}",{"x":{"Ref":"Env"}}]})"), R"("prod-ref-A")");
    EXPECT_EQ(evaluated(R"({"Fn::Sub":"${AWS::Region}"})"), R"("ref-AWS::Region")");
    EXPECT_EQ(evaluated(R"({"Fn::Sub":"${Zones}"})"),
              "Template error: Fn::Sub expression does not resolve to a string");
}

TEST(Intrinsics, JoinSelectSplit) {
    EXPECT_EQ(evaluated(R"({"Fn::Join":["-",["a",1,true,{"Ref":"Env"}]]})"), R"("a-1-true-prod")");
    EXPECT_EQ(evaluated(R"({"Fn::Join":[",",{"Ref":"Zones"}]})"), R"("a,b")");
    EXPECT_EQ(evaluated(R"({"Fn::Select":["1",{"Fn::Split":[",","x,y,z"]}]})"), R"("y")");
    EXPECT_EQ(evaluated(R"({"Fn::Select":[3,["a"]]})"),
              "Template error: Fn::Select cannot select nonexistent value at index 3");
    EXPECT_EQ(evaluated(R"({"Fn::Select":["x",["a"]]})"),
              "Template error: Fn::Select requires a list argument with two elements: an integer "
              "index and a list");
    EXPECT_EQ(evaluated(R"({"Fn::Split":[",","a,,b,"]})"), R"(["a","","b",""])");
}

TEST(Intrinsics, FindInMap) {
    EXPECT_EQ(evaluated(R"({"Fn::FindInMap":["M",{"Ref":"Env"},"size"]})"), R"("large")");
    EXPECT_EQ(evaluated(R"({"Fn::FindInMap":["M","A","B"]})"),
              "Template error: Unable to get mapping for M::A::B");
}

TEST(Intrinsics, IfTakesTheBranchOfItsCondition) {
    EXPECT_EQ(
        evaluated(R"({"a":{"Fn::If":["Yes",1,2]},"b":{"Fn::If":["No",1,{"Ref":"AWS::NoValue"}]}})"),
        R"({"a":1})");
    EXPECT_EQ(evaluated(R"({"Fn::If":["C",1,2]})"),
              "Template error: unresolved condition dependency C in Fn::If");
}

TEST(Intrinsics, Base64) {
    EXPECT_EQ(evaluated(R"({"Fn::Base64":{"Fn::Sub":"${Env}"}})"), R"("cHJvZA==")");
}

TEST(Intrinsics, FindInMapFallsBackToItsDefault) {
    EXPECT_EQ(evaluated(R"({"Fn::FindInMap":["M","A","B",{"DefaultValue":{"Ref":"Env"}}]})"),
              R"("prod")");
    EXPECT_EQ(evaluated(R"({"Fn::FindInMap":["M","prod","size",{"DefaultValue":"x"}]})"),
              R"("large")");
    EXPECT_EQ(
        evaluated(R"({"Fn::FindInMap":["M","A","B",{"DefaultValue":{"Ref":"AWS::NoValue"}}]})"),
        "<none>");
}

TEST(Intrinsics, ZonesAreThoseOfTheRegion) {
    EXPECT_EQ(evaluated(R"({"Fn::GetAZs":"eu-west-1"})"),
              R"(["eu-west-1a","eu-west-1b","eu-west-1c"])");
    EXPECT_EQ(evaluated(R"({"Fn::Select":[5,{"Fn::GetAZs":"us-east-1"}]})"), R"("us-east-1f")");
    EXPECT_EQ(evaluated(R"({"Fn::Select":[0,{"Fn::GetAZs":""}]})"), R"("ref-AWS::Regiona")");
    EXPECT_THAT(evaluated(R"({"Fn::GetAZs":["a"]})"), HasSubstr("every Fn::GetAZs object"));
}

TEST(Intrinsics, CidrMakesBlocksOfABlock) {
    EXPECT_EQ(evaluated(R"({"Fn::Cidr":["192.168.0.0/24","6","5"]})"),
              R"(["192.168.0.0/27","192.168.0.32/27","192.168.0.64/27","192.168.0.96/27",)"
              R"("192.168.0.128/27","192.168.0.160/27"])");
    EXPECT_EQ(evaluated(R"({"Fn::Select":[2,{"Fn::Cidr":["10.1.255.0/14",3,16]}]})"),
              R"("10.2.0.0/16")");
    EXPECT_EQ(evaluated(R"({"Fn::Cidr":["2001:db8:1234:1a00::/56",2,64]})"),
              R"(["2001:db8:1234:1a00::/64","2001:db8:1234:1a01::/64"])");
    EXPECT_EQ(evaluated(R"({"Fn::Cidr":["::/0",2,127]})"), R"(["::/1","8000::/1"])");
    EXPECT_EQ(evaluated(R"({"Fn::Cidr":["1:0:0:2::3:0/127",1,1]})"), R"(["1::2:0:0:3:0/127"])");
    for (const char* wrong :
         {R"(["10.0.0.0/24",257,1])", R"(["10.0.0.0/24",2,8])", R"(["10.0.0.0/24",0,4])",
          R"(["10.0.0.0/24",1,0])", R"(["10.0.0.0/24",1,32])", R"(["10.0.0.0/16",1,20])"}) {
        EXPECT_THAT(evaluated(fmt::format(R"({{"Fn::Cidr":{}}})", wrong)),
                    HasSubstr("Fn::Cidr cannot make"))
            << wrong;
    }
    for (const char* wrong :
         {R"(["10.0.0/24",1,4])", R"(["10.0.0.256/24",1,4])", R"(["10.0.0.0",1,4])",
          R"(["10.0.0.0/33",1,4])", R"(["1::2::3/64",1,4])", R"(["1:2/64",1,4])",
          R"(["10.0.0.0/24",1])", R"(["10.0.0.0/24","x",4])", R"("10.0.0.0/24")"}) {
        EXPECT_THAT(evaluated(fmt::format(R"({{"Fn::Cidr":{}}})", wrong)),
                    HasSubstr("every Fn::Cidr object requires"))
            << wrong;
    }
}

TEST(Intrinsics, LengthAndJson) {
    EXPECT_EQ(evaluated(R"({"Fn::Length":[1,{"Ref":"AWS::NoValue"},2]})"), "2");
    EXPECT_EQ(evaluated(R"({"Fn::Length":{"Ref":"Zones"}})"), "2");
    EXPECT_THAT(evaluated(R"({"Fn::Length":"x"})"), HasSubstr("every Fn::Length object"));
    EXPECT_EQ(
        evaluated(R"({"Fn::ToJsonString":{"a":{"Ref":"Env"},"b":[1,{"Ref":"AWS::NoValue"}]}})"),
        R"("{\"a\":\"prod\",\"b\":[1]}")");
    EXPECT_THAT(evaluated(R"({"Fn::ToJsonString":"x"})"),
                HasSubstr("requires an object or a list"));
}

TEST(Intrinsics, WhatIsNotKnownYetIsNotTakenApart) {
    const std::string unknown = R"("{{changeSet:KNOWN_AFTER_APPLY}}")";
    EXPECT_EQ(
        evaluated(R"({"Fn::Select":[5,{"Fn::Split":[":","a{{changeSet:KNOWN_AFTER_APPLY}}"]}]})"),
        unknown);
    EXPECT_EQ(evaluated(R"({"Fn::Base64":)" + unknown + "}"), unknown);
    EXPECT_EQ(evaluated(R"({"Fn::Cidr":[)" + unknown + ",1,1]}"), unknown);
}

TEST(Intrinsics, UnknownFunctionsAreNamed) {
    EXPECT_THAT(evaluated(R"({"Fn::Transform":"x"})"), HasSubstr("Fn::Transform"));
}

TEST(Intrinsics, DynamicReferencesAreReadWhereverTheyStand) {
    EXPECT_EQ(evaluated(R"("a {{resolve:ssm:/x/name:1}} b {{resolve:ssm:y}}")"),
              R"("a value-of-/x/name:1 b value-of-y")");
    EXPECT_EQ(evaluated(R"({"Fn::Sub":"{{resolve:ssm:${Env}:3}}"})"), R"("value-of-prod:3")");
    EXPECT_EQ(evaluated(R"({"Fn::Join":["",["{{resolve:ssm:",{"Ref":"Env"},"}}"]]})"),
              R"("value-of-prod")");
    EXPECT_THAT(evaluated(R"("{{resolve:secretsmanager:s:SecretString:key}}")"),
                HasSubstr("Secrets Manager can't find the specified secret."));
    EXPECT_THAT(evaluated(R"("{{resolve:vault:x}}")"),
                HasSubstr("Incorrect format is used in the following SSM reference: "
                          "[{{resolve:vault:x}}]"));
}

TEST(Conditions, MayUseEachOtherInAnyOrder) {
    const Value section = json(R"({
        "Both": {"Fn::And": [{"Condition": "Prod"}, {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}]},
        "Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "Two": {"Fn::Equals": [{"Ref": "Count"}, "2"]},
        "Either": {"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Condition": "Prod"}]}})");
    const auto values = evaluate_conditions(&section, FakeReferences(), Value());
    ASSERT_TRUE(values);
    EXPECT_EQ(*values,
              (ConditionValues{{"Both", true}, {"Either", true}, {"Prod", true}, {"Two", true}}));
}

TEST(Conditions, MistakesAreNamed) {
    const auto message = [](std::string_view text) {
        const Value section = json(text);
        const auto values = evaluate_conditions(&section, FakeReferences(), Value());
        return values ? "" : values.error().message;
    };
    EXPECT_EQ(message(R"({"A":{"Fn::Equals":["x"]}})"),
              "Template error: every Fn::Equals object requires a list of 2 string parameters.");
    EXPECT_THAT(message(R"({"A":{"Condition":"B"},"B":{"Condition":"A"}})"),
                HasSubstr("Circular dependency"));
    EXPECT_THAT(message(R"({"A":{"Condition":"B"}})"), HasSubstr("B"));
}

TEST(References, OfEveryForm) {
    std::vector<Reference> found;
    const Value value = json(R"({"a":{"Ref":"R"},"b":[{"Fn::GetAtt":["G","Arn"]}],
        "c":{"Fn::Sub":["${S}${T.Arn}${v}${!L}",{"v":{"Ref":"V"}}]},"d":{"Fn::If":["C",{"Ref":"X"},{"Ref":"Y"}]}})");
    ASSERT_TRUE(collect_references(value, nullptr, found));
    EXPECT_THAT(found, ElementsAre(Reference{"R", ""}, Reference{"G", "Arn"}, Reference{"S", ""},
                                   Reference{"T", "Arn"}, Reference{"V", ""}, Reference{"X", ""},
                                   Reference{"Y", ""}));
    found.clear();
    const ConditionValues conditions{{"C", false}};
    ASSERT_TRUE(collect_references(*value.find("d"), &conditions, found));
    EXPECT_THAT(found, ElementsAre(Reference{"Y", ""}));
}

TEST(Dependencies, OrderFollowsReferencesAndKeepsTheTemplatesOtherwise) {
    const auto ordered =
        in_dependency_order({{"C", {"B"}}, {"A", {}}, {"B", {"A", "Elsewhere"}}, {"D", {}}});
    ASSERT_TRUE(ordered);
    std::vector<std::string> ids;
    for (const Node& node : *ordered) ids.push_back(node.id);
    EXPECT_THAT(ids, ElementsAre("A", "B", "C", "D"));
}

TEST(Dependencies, CyclesAreNamed) {
    const auto ordered = in_dependency_order({{"C", {}}, {"B", {"A"}}, {"A", {"B"}}});
    ASSERT_FALSE(ordered);
    EXPECT_EQ(ordered.error().message, "Circular dependency between resources: [A, B]");
}

TEST(Intrinsics, RefusesToMakeMuchOfLittle) {
    const std::string text(20'000, 'a');
    const std::string split = R"({"Fn::Split":["a",")" + text + R"("]})";
    const std::string join = R"({"Fn::Join":[")" + text + R"(",)" + split + "]}";
    const auto refusal = HasSubstr("may give at most 16777216 bytes");
    EXPECT_THAT(evaluated(join), refusal);
    std::string sub = R"({"Fn::Sub":[")";
    for (int i = 0; i < 2'000; ++i) sub += "${x}";
    EXPECT_THAT(evaluated(sub + R"(",{"x":")" + text + R"("}]})"), refusal);
    std::string mappings = "[";
    for (int i = 0; i < 1'000; ++i) mappings += split + ",";
    EXPECT_THAT(evaluated(mappings + "1]"), refusal);
}

TEST(Intrinsics, VariablesOfSubAreEvaluatedOnce) {
    std::string text = R"("x")";
    for (int i = 0; i < 20; ++i) text = R"({"Fn::Sub":["${a}${a}",{"a":)" + text + "}]}";
    EXPECT_EQ(evaluated(text), "\"" + std::string(1 << 20, 'x') + "\"");
    text = R"({"Ref":"AWS::NoValue"})";
    for (int i = 0; i < 40; ++i) text = R"({"Fn::Sub":["${a}${a}",{"a":)" + text + "}]}";
    EXPECT_EQ(evaluated(text), "\"\"");
}

TEST(Conditions, MayUseEachOtherManyTimesButNotEndlessly) {
    // Last things first, so that each leads to the next.
    const auto chain = [](int length) {
        Value::Map section;
        for (int i = length - 1; i > 0; --i)
            section.emplace_back("C" + std::to_string(i),
                                 json(R"({"Condition":"C)" + std::to_string(i - 1) + R"("})"));
        section.emplace_back("C0", json(R"({"Fn::Equals":["a","a"]})"));
        const Value conditions = section;
        return evaluate_conditions(&conditions, FakeReferences(), Value());
    };
    EXPECT_TRUE(chain(200));
    const auto refused = chain(20'000);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("at most 200 in a row"));
}

}  // namespace
}  // namespace mill::cloudformation
