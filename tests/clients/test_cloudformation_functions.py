# SPDX-License-Identifier: Apache-2.0
"""Rules, transforms and the functions that come with them, and what change sets show, with boto3."""
import json

import pytest
from conftest import running_server
from test_cloudformation import error_of, settled, stream, streams

EXPAND = ["CAPABILITY_AUTO_EXPAND"]


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        one.client("s3").create_bucket(Bucket="templates")
        yield one


@pytest.fixture(scope="module")
def stacks(server):
    return server.client("cloudformation", parameter_validation=False)


def put(server, key: str, body) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    server.client("s3").put_object(Bucket="templates", Key=key, Body=text)
    return f"s3://templates/{key}"


def outputs(stacks, name: str) -> dict[str, str]:
    return {one["OutputKey"]: one["OutputValue"]
            for one in stacks.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])}


def given(**parameters: str) -> list[dict]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]


def shown(stacks, name: str, **more) -> dict[str, dict]:
    described = stacks.describe_change_set(StackName=name, ChangeSetName="proposed", **more)
    return {change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"] for change in described["Changes"]}


def test_the_rule_that_cdk_writes(server, stacks):
    body = json.dumps({
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": [{
            "Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2", "3", "4", "5"], {"Ref": "BootstrapVersion"}]}]},
            "AssertDescription": "CDK bootstrap stack version 6 required."}]}},
        "Resources": {"A": stream("of-cdk")}})
    ssm = server.client("ssm")
    ssm.put_parameter(Name="/cdk/version", Value="5", Type="String")
    message = "ValidationError: Template validation error: Rule CheckBootstrapVersion failed: CDK bootstrap stack version 6 required."
    assert error_of(stacks.create_stack, StackName="ruled", TemplateBody=body) == message
    assert error_of(stacks.create_change_set, StackName="ruled", ChangeSetName="proposed", ChangeSetType="CREATE",
                    TemplateBody=body) == message
    assert error_of(stacks.describe_stacks, StackName="ruled") == "ValidationError: Stack with id ruled does not exist"
    ssm.put_parameter(Name="/cdk/version", Value="21", Type="String", Overwrite=True)
    stacks.create_stack(StackName="ruled", TemplateBody=body)
    assert settled(stacks, "ruled") == "CREATE_COMPLETE"


def test_lists_of_zones_and_blocks(stacks):
    body = """
Parameters: {Block: {Type: String, Default: 10.0.0.0/16}}
Mappings: {Sizes: {eu-west-1: {Bits: "8"}, us-east-1: {Bits: "9"}}}
Resources:
  Handle: {Type: "AWS::CloudFormation::WaitConditionHandle"}
Outputs:
  Zones: {Value: !Join [",", !GetAZs ""]}
  Elsewhere: {Value: !Select [2, !GetAZs eu-west-1]}
  Second: {Value: !Select [1, !Cidr [!Ref Block, 4, !FindInMap [Sizes, !Ref "AWS::Region", Bits]]]}
"""
    stacks.create_stack(StackName="lists", TemplateBody=body)
    assert settled(stacks, "lists") == "CREATE_COMPLETE"
    assert outputs(stacks, "lists") == {
        "Zones": "us-east-1a,us-east-1b,us-east-1c,us-east-1d,us-east-1e,us-east-1f", "Elsewhere": "eu-west-1c",
        "Second": "10.0.2.0/23"}


EXTENDED = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList}
  Kept: {Type: String, Default: Delete}
Mappings: {Shards: {small: {Count: 1}}}
Resources:
  "Fn::ForEach::Streams":
    - Name
    - !Ref Names
    - "Stream${Name}":
        Type: AWS::Kinesis::Stream
        DeletionPolicy: !Ref Kept
        Properties:
          Name: !Sub "loop-${Name}"
          ShardCount: !FindInMap [Shards, large, Count, {DefaultValue: !Length [a, b]}]
Outputs:
  Document: {Value: !ToJsonString {count: !Length {Ref: Names}, gone: !Ref "AWS::NoValue"}}
  "Fn::ForEach::Arns":
    - Name
    - !Ref Names
    - "Arn${Name}": {Value: !GetAtt [!Sub "Stream${Name}", Arn]}
"""


def test_language_extensions(server, stacks):
    assert "InsufficientCapabilitiesException" in error_of(
        stacks.create_stack, StackName="extended", TemplateBody=EXTENDED, Parameters=given(Names="red,blue"))
    assert 'Fn::ForEach::Streams needs "Transform": "AWS::LanguageExtensions".' in error_of(
        stacks.create_stack, StackName="extended", Parameters=given(Names="red,blue"),
        TemplateBody=EXTENDED.replace("Transform: AWS::LanguageExtensions", ""))
    stacks.create_change_set(StackName="extended", ChangeSetName="proposed", ChangeSetType="CREATE", TemplateBody=EXTENDED,
                             Capabilities=EXPAND, Parameters=given(Names="red,blue"))
    assert set(shown(stacks, "extended")) == {"Streamred", "Streamblue"}
    stacks.execute_change_set(StackName="extended", ChangeSetName="proposed")
    assert settled(stacks, "extended") == "CREATE_COMPLETE"
    summary = server.client("kinesis").describe_stream_summary(StreamName="loop-red")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 2
    told = outputs(stacks, "extended")
    assert json.loads(told["Document"]) == {"count": 2} and told["Arnblue"].endswith("stream/loop-blue")
    processed = stacks.get_template(StackName="extended", TemplateStage="Processed")["TemplateBody"]
    assert "Streamred" in json.dumps(processed) and "ForEach" not in json.dumps(processed)

    stacks.update_stack(StackName="extended", UsePreviousTemplate=True, Capabilities=EXPAND,
                        Parameters=given(Names="red,green"))
    assert settled(stacks, "extended") == "UPDATE_COMPLETE"
    assert {"loop-red", "loop-green"} <= set(streams(server)) and "loop-blue" not in streams(server)


def test_parts_of_a_template_come_from_s3(server, stacks):
    location = put(server, "properties.yaml", "ShardCount: 2\nName: the-other-wins\n")
    include = {"Name": "AWS::Include", "Parameters": {"Location": {"Fn::Sub": "s3://${Bucket}/properties.yaml"}}}
    body = json.dumps({
        "Transform": {"Name": "AWS::Include", "Parameters": {"Location": put(server, "outputs", {
            "Outputs": {"Name": {"Value": {"Ref": "A"}}}})}},
        "Parameters": {"Bucket": {"Type": "String"}},
        "Resources": {"A": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "included", "Fn::Transform": include}}}})
    arguments = {"StackName": "included", "TemplateBody": body, "Parameters": given(Bucket="templates"),
                 "Capabilities": EXPAND}
    stacks.create_stack(**arguments)
    assert settled(stacks, "included") == "CREATE_COMPLETE" and outputs(stacks, "included") == {"Name": "included"}
    put(server, "properties.yaml", "ShardCount: 3")
    stacks.update_stack(**arguments)
    assert settled(stacks, "included") == "UPDATE_COMPLETE"
    summary = server.client("kinesis").describe_stream_summary(StreamName="included")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3
    server.client("s3").delete_object(Bucket="templates", Key="properties.yaml")
    assert "S3 error: The specified key does not exist." in error_of(stacks.update_stack, **arguments)
    assert location.endswith("properties.yaml")
    assert "No transform named Mine found" in error_of(
        stacks.create_stack, StackName="mine", Capabilities=EXPAND,
        TemplateBody=json.dumps({"Transform": ["Mine"], "Resources": {"A": stream("mine")}}))


def test_a_change_set_shows_values(stacks):
    body = json.dumps({"Parameters": {"P": {"Type": "String", "NoEcho": True}}, "Resources": {
        "A": stream("valued"), "B": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Type": "String", "Value": {"Ref": "P"}, "Description": "of A"}}}})
    stacks.create_stack(StackName="valued", TemplateBody=body, Parameters=given(P="hidden"))
    assert settled(stacks, "valued") == "CREATE_COMPLETE"
    changed = body.replace('"ShardCount": 1', '"ShardCount": 2').replace("of A", "of B")
    stacks.create_change_set(StackName="valued", ChangeSetName="proposed", TemplateBody=changed, Parameters=given(P="hidden"))
    changes = shown(stacks, "valued", IncludePropertyValues=True)
    assert json.loads(changes["A"]["BeforeContext"]) == {"Properties": {"Name": "valued", "ShardCount": 1}}
    assert json.loads(changes["A"]["AfterContext"]) == {"Properties": {"Name": "valued", "ShardCount": 2}}
    target = changes["A"]["Details"][0]["Target"]
    assert (target["Path"], target["BeforeValue"], target["AfterValue"], target["AttributeChangeType"]) == (
        "/Properties/ShardCount", "1", "2", "Modify")
    assert json.loads(changes["B"]["AfterContext"])["Properties"]["Value"] == "****"
    plain = shown(stacks, "valued")["A"]
    assert "AfterContext" not in plain and set(plain["Details"][0]["Target"]) == {"Attribute", "Name", "RequiresRecreation"}


def test_a_change_set_looks_into_nested_stacks(server, stacks):
    inner = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"S": stream({"Ref": "Name"})}}
    url = put(server, "inner", inner)
    body = json.dumps({"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {
        "TemplateURL": url, "Parameters": {"Name": "nested-one"}}}}})
    stacks.create_stack(StackName="outer", TemplateBody=body)
    assert settled(stacks, "outer") == "CREATE_COMPLETE"

    arguments = {"StackName": "outer", "ChangeSetName": "proposed", "TemplateBody": body, "IncludeNestedStacks": True}
    root = stacks.create_change_set(**arguments)["Id"]
    described = stacks.describe_change_set(ChangeSetName=root)
    assert described["Status"] == "FAILED" and "didn't contain changes" in described["StatusReason"]
    stacks.delete_change_set(ChangeSetName=root)

    inner["Resources"]["S"]["Properties"]["ShardCount"] = 2
    put(server, "inner", inner)
    root = stacks.create_change_set(**arguments)["Id"]
    change = shown(stacks, "outer")["Inner"]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    nested = stacks.describe_change_set(ChangeSetName=change["ChangeSetId"], IncludePropertyValues=True)
    assert nested["ParentChangeSetId"] == nested["RootChangeSetId"] == root and nested["IncludeNestedStacks"]
    assert nested["Changes"][0]["ResourceChange"]["Details"][0]["Target"]["AfterValue"] == "2"
    assert nested["StackId"] == change["PhysicalResourceId"]
    listed, = stacks.list_change_sets(StackName=nested["StackId"])["Summaries"]
    assert listed["RootChangeSetId"] == root
    for call in (stacks.execute_change_set, stacks.delete_change_set):
        assert "execute or delete its root" in error_of(call, ChangeSetName=change["ChangeSetId"])

    put(server, "inner", "what was shown is what is done")
    stacks.execute_change_set(ChangeSetName=root)
    assert settled(stacks, "outer") == "UPDATE_COMPLETE"
    summary = server.client("kinesis").describe_stream_summary(StreamName="nested-one")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 2
    assert "ChangeSetNotFound" in error_of(stacks.describe_change_set, ChangeSetName=change["ChangeSetId"])


@pytest.mark.parametrize("resource, message", [
    ({"CreationPolicy": {"ResourceSignal": {"Count": 1}}}, "Millrace does not carry out CreationPolicy"),
    ({"UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {}}}, "Millrace does not carry out UpdatePolicy"),
    ({"DeletionPolicy": "Snapshot"}, "resource type AWS::Kinesis::Stream does not support DeletionPolicy Snapshot"),
    ({"DeletionPolicy": {"Ref": "AWS::Region"}}, "Every DeletionPolicy member must be a string."),
])
def test_what_is_not_carried_out_is_refused(stacks, resource, message):
    body = json.dumps({"Resources": {"A": stream("refused") | resource}})
    assert message in error_of(stacks.create_stack, StackName="refused", TemplateBody=body)


def test_the_tags_of_a_stack_go_to_its_resources(server, stacks):
    own = [{"Key": "team", "Value": "own"}]
    role = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}
    body = json.dumps({"Resources": {
        "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "tagged", "ShardCount": 1, "Tags": own}},
        "Consumer": {"Type": "AWS::Kinesis::StreamConsumer", "Properties": {
            "ConsumerName": "tagged", "StreamARN": {"Fn::GetAtt": ["Stream", "Arn"]}}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "tagged", "Runtime": "python3.11", "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": "def handler(event, context): pass"}}},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Stream", "Arn"]},
            "StartingPosition": "LATEST"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "tagged", "AssumeRolePolicyDocument": role}},
        "User": {"Type": "AWS::IAM::User", "Properties": {"UserName": "tagged"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "tagged"}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "tagged"}},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "tagged"}},
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "tagged"}},
        "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "tagged", "Type": "String", "Value": "v",
                                                                    "Tags": {"team": "own"}}},
        "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
        "Repository": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "tagged"}},
        "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}}},
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Queue", "Topic", "Key", "Mapping", "Consumer")}})

    def tags(cost: str) -> list[dict]:
        return [{"Key": "team", "Value": "stack"}, {"Key": "cost", "Value": cost}]

    def found() -> dict[str, dict]:
        made = outputs(stacks, "tagged")
        client = server.client
        key_arn = client("kms").describe_key(KeyId=made["Key"])["KeyMetadata"]["KeyId"]
        repository = client("ecr").describe_repositories(repositoryNames=["tagged"])["repositories"][0]["repositoryArn"]
        mapping = client("lambda").get_event_source_mapping(UUID=made["Mapping"])["EventSourceMappingArn"]
        lists = {"Stream": client("kinesis").list_tags_for_stream(StreamName="tagged")["Tags"],
                 "Consumer": client("kinesis").list_tags_for_resource(ResourceARN=made["Consumer"])["Tags"],
                 "Role": client("iam").list_role_tags(RoleName="tagged")["Tags"],
                 "User": client("iam").list_user_tags(UserName="tagged")["Tags"],
                 "Topic": client("sns").list_tags_for_resource(ResourceArn=made["Topic"])["Tags"],
                 "Bucket": client("s3").get_bucket_tagging(Bucket="tagged")["TagSet"],
                 "Parameter": client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId="tagged")["TagList"],
                 "Repository": client("ecr").list_tags_for_resource(resourceArn=repository)["tags"]}
        maps = {"Function": client("lambda").get_function(FunctionName="tagged")["Tags"],
                "Mapping": client("lambda").list_tags(Resource=mapping)["Tags"],
                "Queue": client("sqs").list_queue_tags(QueueUrl=made["Queue"])["Tags"],
                "Group": client("logs").list_tags_for_resource(
                    resourceArn="arn:aws:logs:us-east-1:000000000000:log-group:tagged")["tags"],
                "Key": {one["TagKey"]: one["TagValue"] for one in client("kms").list_resource_tags(KeyId=key_arn)["Tags"]}}
        return {name: {one["Key"]: one["Value"] for one in some} for name, some in lists.items()} | maps

    arguments = {"StackName": "tagged", "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    stacks.create_stack(Tags=tags("1"), **arguments)
    assert settled(stacks, "tagged") == "CREATE_COMPLETE", stacks.describe_stack_events(StackName="tagged")["StackEvents"]
    for cost in ("1", "2"):
        if cost == "2":
            stacks.update_stack(Tags=tags(cost), **arguments)
            assert settled(stacks, "tagged") == "UPDATE_COMPLETE"
        for name, told in found().items():
            team = "own" if name in ("Stream", "Parameter") else "stack"
            assert told == {"team": team, "cost": cost}, name


@pytest.mark.parametrize("type_name, properties, message", [
    ("AWS::Kinesis::Stream", {"Name": {"a": "b"}}, "#/Name: expected type: String, found: JSONObject"),
    ("AWS::SQS::Queue", {"QueueName": ["q"]}, "#/QueueName: expected type: String, found: JSONArray"),
    ("AWS::SNS::Topic", {"Subscription": {"Protocol": "sqs"}}, "#/Subscription: expected type: JSONArray, found: JSONObject"),
    ("AWS::S3::Bucket", {"PublicAccessBlockConfiguration": {"BlockAll": True}},
     "#/PublicAccessBlockConfiguration: extraneous key [BlockAll] is not permitted"),
])
def test_a_property_of_another_kind_fails_its_resource(stacks, type_name, properties, message):
    body = json.dumps({"Resources": {"A": {"Type": type_name, "Properties": properties}}})
    stacks.create_stack(StackName="kinds", TemplateBody=body)
    assert settled(stacks, "kinds") == "ROLLBACK_COMPLETE"
    reasons = [one.get("ResourceStatusReason", "") for one in stacks.describe_stack_events(StackName="kinds")["StackEvents"]]
    assert f"Properties validation failed for resource A with message: {message}" in reasons
    stacks.delete_stack(StackName="kinds")
    assert settled(stacks, "kinds") == "Stack with id kinds does not exist"
