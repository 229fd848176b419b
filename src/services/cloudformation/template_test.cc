// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cloudformation/template_url.h"

namespace mill::cloudformation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using wire::Value;

std::string mistake(std::string_view text) {
    const Result<Value> document = read_template(text);
    if (!document) return document.error().message;
    const Result<void> checked = check_template(*document);
    return checked ? "" : checked.error().message;
}

TEST(Template, StructureIsCheckedInAwsWords) {
    EXPECT_EQ(mistake(R"({"Resources":{}})"),
              "Template format error: At least one Resources member must be defined.");
    EXPECT_EQ(mistake(R"({"Parameters":{}})"),
              "Template format error: At least one Resources member must be defined.");
    EXPECT_EQ(mistake(R"({"Resources":{"A":"x"}})"),
              "Template format error: Any Resources member must be an object.");
    EXPECT_EQ(
        mistake(R"({"Resources":{"A":{}}})"),
        "Template format error: [/Resources/A] Every Resources object must contain a Type member.");
    EXPECT_EQ(mistake(R"({"Resources":{"A":{"Type":"T","Invalid":1}}})"),
              "Invalid template resource property 'Invalid'");
    EXPECT_EQ(mistake(R"({"Resources":{"A-b":{"Type":"T"}}})"),
              "Template format error: Resource name A-b is non alphanumeric.");
    EXPECT_EQ(mistake(R"({"Foo":1,"Resources":{"A":{"Type":"T"}}})"),
              "Invalid template property or properties [Foo]");
    EXPECT_EQ(mistake(R"({"Resources":{"A":{"Type":"T"}},"Outputs":{"X":{"Value":null}}})"),
              "[/Outputs/X/Value] 'null' values are not allowed in templates");
    EXPECT_EQ(mistake(R"({"Resources":{"A":{"Type":"T"}},"Outputs":{"X":{}}})"),
              "Template format error: Every Outputs member must contain a Value object");
}

TEST(Template, NotationErrorsSayWhere) {
    EXPECT_THAT(mistake("{\"Resources\": "),
                StartsWith("Template format error: JSON not well-formed."));
    EXPECT_THAT(mistake("Resources:\n  A: [1\n"),
                StartsWith("Template format error: YAML not well-formed. (line "));
    EXPECT_EQ(mistake("- a\n"), "Template format error: unsupported structure.");
}

TEST(Template, NestsNoDeeperThanCanBeReadAgain) {
    const auto nested = [](int lists) {
        return "Resources: {A: {Type: T, Properties: {x: " + std::string(lists, '[') +
               std::string(lists, ']') + "}}}";
    };
    EXPECT_EQ(mistake(nested(116)), "");
    EXPECT_EQ(mistake(nested(117)), "Template format error: nested too deeply.");
}

TEST(Template, MissingReferencesAreNamedWithTheirBlock) {
    EXPECT_EQ(mistake(R"({"Resources":{"A":{"Type":"T","Properties":{"x":{"Ref":"B"}}}}})"),
              "Template format error: Unresolved resource dependencies [B] in the Resources block "
              "of the template");
    EXPECT_EQ(
        mistake(
            R"({"Resources":{"A":{"Type":"T","Properties":{"x":{"Fn::Sub":"${Gone.Arn}${AWS::Region}"}}}}})"),
        "Template format error: Unresolved resource dependencies [Gone] in the Resources block of "
        "the template");
    EXPECT_EQ(mistake(R"({"Resources":{"A":{"Type":"T","DependsOn":"B"}}})"),
              "Template format error: Unresolved resource dependencies [B] in the Resources block "
              "of the template");
    EXPECT_EQ(mistake(R"({"Resources":{"A":{"Type":"T"}},"Outputs":{"O":{"Value":{"Ref":"X"}}}})"),
              "Unresolved resource dependencies [X] in the Outputs block of the template");
    EXPECT_EQ(
        mistake(R"({"Resources":{"A":{"Type":"T","Properties":{"x":{"Fn::If":["C",1,2]}}}}})"),
        "Template error: unresolved condition dependency C in Fn::If");
    EXPECT_EQ(
        mistake(
            R"({"Resources":{"A":{"Type":"T","Properties":{"x":{"Ref":"B"}}},"B":{"Type":"T","DependsOn":["A"]}}})"),
        "Circular dependency between resources: [A, B]");
}

TEST(Template, YamlShortTagsWork) {
    EXPECT_EQ(mistake("Resources:\n  A:\n    Type: T\n  B:\n    Type: T\n    Properties:\n      x: "
                      "!GetAtt A.Arn\n      y: !Sub '${A}'\n"),
              "");
}

TEST(Template, CapabilitiesFollowIamResources) {
    const auto needed = [](std::string_view text) {
        return required_capabilities(*read_template(text)).capabilities;
    };
    EXPECT_THAT(needed(R"({"Resources":{"A":{"Type":"AWS::Kinesis::Stream"}}})"), ElementsAre());
    EXPECT_THAT(needed(R"({"Resources":{"A":{"Type":"AWS::IAM::Role"}}})"),
                ElementsAre("CAPABILITY_IAM"));
    EXPECT_THAT(
        needed(R"({"Resources":{"A":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"r"}}}})"),
        ElementsAre("CAPABILITY_NAMED_IAM"));
}

// "key=value ..." or the error's message.
std::string bound(std::string_view parameters, const std::vector<GivenParameter>& given = {},
                  const std::vector<Parameter>& previous = {}) {
    Value document = Value::map();
    document["Parameters"] = *wire::parse_json(parameters);
    const auto values = bind_parameters(document, given, previous);
    if (!values) return values.error().message;
    std::string out;
    for (const Parameter& parameter : *values) out += parameter.key + "=" + parameter.value + ";";
    return out;
}

TEST(Parameters, GivenThenPreviousThenDefault) {
    constexpr auto rules =
        R"({"A":{"Type":"String","Default":""},"B":{"Type":"Number","Default":3},"C":{"Type":"String"}})";
    EXPECT_EQ(bound(rules, {{"C", "c"}}), "A=;B=3;C=c;");
    EXPECT_EQ(bound(rules, {{"B", "4"}, {"C", std::nullopt, true}}, {{"C", "old", "String"}}),
              "A=;B=4;C=old;");
    EXPECT_EQ(bound(rules), "Parameters: [C] must have values");
    EXPECT_EQ(bound(rules, {{"C", "c"}, {"X", "x"}}),
              "Parameters: [X] do not exist in the template");
}

TEST(Parameters, ConstraintsHold) {
    EXPECT_EQ(bound(R"({"Value":{"Type":"Number"}})", {{"Value", "x"}}),
              "Parameter 'Value' must be a number.");
    EXPECT_EQ(bound(R"({"P":{"Type":"Number","MinValue":2}})", {{"P", "1"}}),
              "Parameter 'P' must be a number not less than 2");
    EXPECT_EQ(bound(R"({"P":{"Type":"String","AllowedValues":["a","b"]}})", {{"P", "c"}}),
              "Parameter 'P' must be one of AllowedValues");
    EXPECT_EQ(bound(R"({"P":{"Type":"String","AllowedPattern":"[a-z]+"}})", {{"P", "A"}}),
              "Parameter 'P' must match pattern [a-z]+");
    EXPECT_EQ(
        bound(
            R"({"P":{"Type":"String","AllowedPattern":"[a-z]+","ConstraintDescription":"lower case"}})",
            {{"P", "A"}}),
        "Parameter P failed to satisfy constraint: lower case");
    EXPECT_EQ(bound(R"({"P":{"Type":"String","MinLength":"2"}})", {{"P", "A"}}),
              "Parameter 'P' must contain at least 2 characters");
    EXPECT_EQ(bound(R"({"P":{"Type":"List<Number>"}})", {{"P", "1, 2,x"}}),
              "Parameter 'P' must be a number.");
}

TEST(Parameters, ListTypesAreLists) {
    EXPECT_EQ(write_json(parameter_value({"P", "a, b", "CommaDelimitedList"})), R"(["a","b"])");
    EXPECT_EQ(write_json(parameter_value({"P", "a, b", "String"})), R"("a, b")");
}

TEST(TemplateUrl, EveryForm) {
    const ObjectPlace place{"bucket", "a/b c.yaml"};
    EXPECT_EQ(parse_template_url("http://localhost:4566/bucket/a/b%20c.yaml"), place);
    EXPECT_EQ(parse_template_url("https://s3.us-east-1.amazonaws.com/bucket/a/b%20c.yaml"), place);
    EXPECT_EQ(
        parse_template_url("https://bucket.s3.us-east-1.amazonaws.com/a/b%20c.yaml?versionId=1"),
        place);
    EXPECT_EQ(parse_template_url("s3://bucket/a/b c.yaml"), place);
    for (const std::string_view bad :
         {"", "bucket/key", "ftp://h/b/k", "http://h", "http://h/b", "s3://bucket/"}) {
        EXPECT_FALSE(parse_template_url(bad)) << bad;
    }
}

}  // namespace
}  // namespace mill::cloudformation
