// SPDX-License-Identifier: Apache-2.0
// Rules, transforms, tags of the stack; and what a template says that is refused.
#include "services/cloudformation/cloudformation_fixture.h"

namespace mill::cloudformation {
namespace {

using testing::HasSubstr;

TEST_F(CloudFormationTest, RulesAreCheckedBeforeAnythingIsMade) {
    const std::string text = R"({"Parameters":{"Env":{"Type":"String"}},"Rules":{"Known":{
        "Assertions":[{"Assert":{"Fn::Contains":[["a","b"],{"Ref":"Env"}]},
                       "AssertDescription":"Env is a or b."}]}},
        "Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}})";
    const auto with = [](const std::string& env) {
        return Value::Map{{"Parameters", Value::List{Value::Map{{"ParameterKey", "Env"},
                                                                {"ParameterValue", env}}}}};
    };
    EXPECT_EQ(message(create(text, with("c"))),
              "Template validation error: Rule Known failed: Env is a or b.");
    EXPECT_THAT(service->stacks().all(), testing::IsEmpty());
    ASSERT_TRUE(create(text, with("a")));
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_EQ(
        message(call("ValidateTemplate", {{"TemplateBody", R"({"Rules":{"R":{}},"Resources":{"S":{
                               "Type":"AWS::Kinesis::Stream"}}})"}})),
        "Template format error: Rule R must contain a list of Assertions.");
}

TEST_F(CloudFormationTest, LanguageExtensionsNeedTheirTransform) {
    const std::string resources = R"("Parameters":{"Names":{"Type":"CommaDelimitedList"}},
        "Resources":{"Fn::ForEach::Streams":["Name",{"Ref":"Names"},{"Stream${Name}":{
            "Type":"AWS::Kinesis::Stream","Properties":{"Name":{"Ref":"Name"},
                "Count":{"Fn::Length":{"Ref":"Names"}}}}}]},
        "Outputs":{"Fn::ForEach::Outs":["Name",{"Ref":"Names"},{"Out${Name}":{
            "Value":{"Fn::GetAtt":["Stream${Name}","Arn"]}}}]}})";
    const Value::List names{Value::Map{{"ParameterKey", "Names"}, {"ParameterValue", "a,b"}}};
    EXPECT_THAT(message(create("{" + resources, {{"Parameters", names}})),
                HasSubstr(R"(Fn::ForEach::Streams needs "Transform": "AWS::LanguageExtensions".)"));
    const std::string text = R"({"Transform":"AWS::LanguageExtensions",)" + resources;
    EXPECT_THAT(message(create(text, {{"Parameters", names}})),
                HasSubstr("CAPABILITY_AUTO_EXPAND"));
    ASSERT_TRUE(create(
        text, {{"Parameters", names}, {"Capabilities", Value::List{"CAPABILITY_AUTO_EXPAND"}}}));
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_EQ(describe().find("Outputs")->items()->size(), 2u);
    EXPECT_EQ(write_json(provider.existing.at("b")), R"({"Name":"b","Count":2})");
    const auto processed =
        call("GetTemplate", {{"StackName", "s"}, {"TemplateStage", "Processed"}});
    EXPECT_THAT(text_of(*processed, "TemplateBody"), HasSubstr(R"("Streamb")"));
    const auto summary = call("GetTemplateSummary", {{"TemplateBody", text}});
    ASSERT_TRUE(summary) << message(summary);
    EXPECT_THAT(write_json(*summary),
                HasSubstr(R"("DeclaredTransforms":["AWS::LanguageExtensions"])"));
}

TEST_F(CloudFormationTest, SnippetsComeFromTheObjectStore) {
    objects.objects["b/tags.yaml"] = "Shards: 2\nName: not-this\n";
    objects.objects["b/outputs"] = R"({"Outputs":{"O":{"Value":{"Ref":"S"}}}})";
    const std::string text = R"({"Transform":{"Name":"AWS::Include","Parameters":{
            "Location":"s3://b/outputs"}},
        "Parameters":{"Bucket":{"Type":"String","Default":"b"}},
        "Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{"Name":"one","Fn::Transform":{
            "Name":"AWS::Include","Parameters":{"Location":{"Fn::Sub":"s3://${Bucket}/tags.yaml"}}}}}}})";
    EXPECT_THAT(message(create(text)), HasSubstr("CAPABILITY_AUTO_EXPAND"));
    const Value::Map expand{{"Capabilities", Value::List{"CAPABILITY_AUTO_EXPAND"}}};
    ASSERT_TRUE(create(text, expand));
    EXPECT_EQ(status(), "CREATE_COMPLETE");
    EXPECT_EQ(write_json(provider.existing.at("one")), R"({"Name":"one","Shards":2})");
    EXPECT_EQ(text_of((*describe().find("Outputs")->items())[0], "OutputValue"), "one");

    objects.objects["b/tags.yaml"] = "Shards: 3";
    auto again = call("UpdateStack", {{"StackName", "s"},
                                      {"UsePreviousTemplate", true},
                                      {"Capabilities", Value::List{"CAPABILITY_AUTO_EXPAND"}}});
    ASSERT_TRUE(again) << message(again);
    settle();
    EXPECT_EQ(write_json(provider.existing.at("one")), R"({"Name":"one","Shards":3})");
    objects.objects.erase("b/tags.yaml");
    EXPECT_EQ(message(update(text)), "S3 error: The specified key does not exist.");
}

TEST_F(CloudFormationTest, ASnippetAmongMembersTellsTheCapabilityThatItNeeds) {
    const std::string text = R"({"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{
        "Fn::Transform":{"Name":"AWS::Include","Parameters":{"Location":"s3://b/part"}}}}}})";
    objects.objects["b/part"] = "Shards: 2";
    EXPECT_THAT(message(create(text)), HasSubstr("CAPABILITY_AUTO_EXPAND"));
    for (const char* operation : {"ValidateTemplate", "GetTemplateSummary"}) {
        const auto told = call(operation, {{"TemplateBody", text}});
        ASSERT_TRUE(told) << message(told);
        EXPECT_THAT(write_json(*told), HasSubstr(R"("Capabilities":["CAPABILITY_AUTO_EXPAND"])"));
    }
}

TEST_F(CloudFormationTest, SnippetsThatMakeNoTemplateAreRefused) {
    const auto answer = [&](const std::string& text, const std::string& snippet) {
        objects.objects["b/part"] = snippet;
        return message(create(text, {{"Capabilities", Value::List{"CAPABILITY_AUTO_EXPAND"}}}));
    };
    const std::string part = R"({"Name":"AWS::Include","Parameters":{"Location":"s3://b/part"}})";
    const std::string all = R"({"Resources":{"Fn::Transform":)" + part + "}}";
    EXPECT_THAT(answer(all, R"(["S"])"), HasSubstr("At least one Resources member"));
    EXPECT_THAT(answer(all, R"({"S":"stream"})"), HasSubstr("member must be an object"));
    EXPECT_THAT(answer(all, R"({"S":{"Type":"AWS::Kinesis::Stream","Properties":{"Name":null}}})"),
                HasSubstr("'null' values are not allowed"));
    EXPECT_THAT(answer(all, R"({"S":{"Fn::Transform":{"Name":"AWS::Include"}}})"),
                HasSubstr("The snippet s3://b/part must not contain Fn::Transform itself."));
    const std::string more =
        R"({"Resources":{"S":{"Type":"AWS::Kinesis::Stream"}},"Transform":)" + part + "}";
    EXPECT_THAT(answer(more, R"({"Outputs":"none"})"), HasSubstr("Outputs must be an object."));
    EXPECT_THAT(answer(more, R"({"Output":{}})"), HasSubstr("properties [Output]"));
}

TEST_F(CloudFormationTest, TheTagsOfAStackGoToItsResources) {
    const std::string text = R"({"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{
        "Name":"s","Tags":[{"Key":"team","Value":"own"}]}},
        "V":{"Type":"AWS::Lambda::LayerVersion","Properties":{"Name":"v"}}}})";
    const auto tags = [](const std::string& cost) {
        return Value::List{Value::Map{{"Key", "team"}, {"Value", "stack"}},
                           Value::Map{{"Key", "cost"}, {"Value", cost}}};
    };
    ASSERT_TRUE(create(text, {{"Tags", tags("1")}}));
    EXPECT_EQ(write_json(provider.existing.at("s")),
              R"({"Name":"s","Tags":[{"Key":"team","Value":"own"},{"Key":"cost","Value":"1"}]})");
    EXPECT_EQ(write_json(provider.existing.at("v")), R"({"Name":"v"})");
    ASSERT_TRUE(
        call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", text}, {"Tags", tags("2")}}));
    settle();
    EXPECT_EQ(status(), "UPDATE_COMPLETE");
    EXPECT_THAT(write_json(provider.existing.at("s")), HasSubstr(R"({"Key":"cost","Value":"2"})"));
    EXPECT_EQ(provider.calls.back(), "update S");
}

TEST_F(CloudFormationTest, PropertiesOfAnotherKindFailTheirResource) {
    const auto reason = [&](const std::string& properties) {
        EXPECT_TRUE(create(R"({"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":)" +
                           properties + "}}}"));
        EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
        const std::string told = reason_of("S CREATE_FAILED");
        EXPECT_TRUE(call("DeleteStack", {{"StackName", "s"}}));
        settle();
        crash();  // stacks that are gone are found by their ARN: begin anew
        engine = memory::make_engine(sim.machine());
        open();
        return told;
    };
    EXPECT_EQ(reason(R"({"Name":{"a":"b"}})"),
              "Properties validation failed for resource S with message: #/Name: expected type: "
              "String, found: JSONObject");
    EXPECT_EQ(reason(R"({"Tags":{"a":"b"}})"),
              "Properties validation failed for resource S with message: #/Tags: expected type: "
              "JSONArray, found: JSONObject");
    EXPECT_EQ(reason(R"({"StreamModeDetails":{"Mode":"ON_DEMAND"}})"),
              "Properties validation failed for resource S with message: #/StreamModeDetails: "
              "extraneous key [Mode] is not permitted");
}

TEST_F(CloudFormationTest, OtherMacrosAreRefusedByName) {
    for (const char* text :
         {R"({"Transform":"MyMacro","Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}})",
          R"({"Transform":[{"Name":"MyMacro"}],"Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}})",
          R"({"Transform":{"Name":"MyMacro"},"Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}})",
          R"({"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{
              "Fn::Transform":{"Name":"MyMacro"}}}}})",
          R"({"Resources":{"Fn::Transform":{"Name":"MyMacro"}}})"}) {
        EXPECT_THAT(
            message(create(text, {{"Capabilities", Value::List{"CAPABILITY_AUTO_EXPAND"}}})),
            HasSubstr("No transform named MyMacro found"))
            << text;
    }
}

TEST_F(CloudFormationTest, WhatIsNotCarriedOutIsRefusedByName) {
    const auto refused = [&](const std::string& more) {
        return message(
            create(R"({"Resources":{"S":{"Type":"AWS::Kinesis::Stream",)" + more + "}}}"));
    };
    EXPECT_THAT(refused(R"("CreationPolicy":{})"), HasSubstr("does not carry out CreationPolicy"));
    EXPECT_THAT(refused(R"("UpdatePolicy":{})"), HasSubstr("does not carry out UpdatePolicy"));
    EXPECT_THAT(refused(R"("Connectors":{})"), HasSubstr("resource property 'Connectors'"));
    EXPECT_THAT(refused(R"("DeletionPolicy":"Snapshot")"),
                HasSubstr("AWS::Kinesis::Stream does not support DeletionPolicy Snapshot"));
    EXPECT_EQ(refused(R"("DeletionPolicy":{"Ref":"AWS::Region"})"),
              "Template format error: Every DeletionPolicy member must be a string.");
    EXPECT_THAT(
        message(create(R"({"Hooks":{},"Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}})")),
        HasSubstr("does not carry out Hooks"));
    EXPECT_EQ(
        message(create(R"({"Globals":{},"Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}})")),
        "Invalid template property or properties [Globals]");
}

}  // namespace
}  // namespace mill::cloudformation
