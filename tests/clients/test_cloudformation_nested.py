# SPDX-License-Identifier: Apache-2.0
"""Nested stacks, updates without rollback and dynamic references, with boto3."""
import json

import pytest
from conftest import running_server
from test_cloudformation import error_of, settled, stack_events, stream, streams, template


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        one.client("s3").create_bucket(Bucket="templates")
        yield one


@pytest.fixture(scope="module")
def stacks(server):
    return server.client("cloudformation", parameter_validation=False)


def put_inner(server, shards: int = 1, **more) -> str:
    """A template in S3 that makes a stream of the name it is given; gives its URL."""
    body = {"Parameters": {"Name": {"Type": "String"}},
            "Resources": {"S": {"Type": "AWS::Kinesis::Stream",
                                "Properties": {"Name": {"Ref": "Name"}, "ShardCount": shards}}} | more,
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["S", "Arn"]}}}}
    server.client("s3").put_object(Bucket="templates", Key="inner", Body=json.dumps(body))
    return f"{server.url}/templates/inner"


def outer(url: str, name: str, **more) -> str:
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": {"Name": name}}}
    return json.dumps({"Resources": {"Inner": nested} | more,
                       "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Arn"]}}}})


def outputs(stacks, name: str) -> dict[str, str]:
    return {one["OutputKey"]: one["OutputValue"]
            for one in stacks.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])}


def deleted(stacks, name: str):
    stacks.delete_stack(StackName=name)
    assert settled(stacks, name) == f"Stack with id {name} does not exist"


def test_a_nested_stack_lives_with_its_parent(server, stacks):
    url = put_inner(server)
    parent = stacks.create_stack(StackName="parent", TemplateBody=outer(url, "inside"))["StackId"]
    assert settled(stacks, "parent") == "CREATE_COMPLETE"
    assert outputs(stacks, "parent")["Arn"].endswith(":stream/inside")
    inner = stacks.describe_stack_resource(StackName="parent", LogicalResourceId="Inner")["StackResourceDetail"]
    described, = stacks.describe_stacks(StackName=inner["PhysicalResourceId"])["Stacks"]
    assert (described["ParentId"], described["RootId"], described["StackStatus"]) == (parent, parent, "CREATE_COMPLETE")
    assert described["StackName"].startswith("parent-Inner-")
    listed = {one["StackName"]: one.get("ParentId") for one in stacks.list_stacks()["StackSummaries"]}
    assert listed["parent"] is None and listed[described["StackName"]] == parent

    put_inner(server, more=stream("more-inside"))
    stacks.update_stack(StackName="parent", TemplateBody=outer(url, "renamed"))
    assert settled(stacks, "parent") == "UPDATE_COMPLETE"
    assert {"renamed", "more-inside"} <= set(streams(server)) and "inside" not in streams(server)

    put_inner(server, more=stream("more-inside"), third=stream("third-inside"))  # in place: the way back needs the old one
    server.client("kinesis").create_stream(StreamName="taken", ShardCount=1)
    stacks.update_stack(StackName="parent", TemplateBody=outer(
        url, "lost", Late=stream("taken", DependsOn="Inner")))
    assert settled(stacks, "parent") == "UPDATE_ROLLBACK_COMPLETE"
    assert {"renamed", "more-inside"} <= set(streams(server)) and {"lost", "third-inside"}.isdisjoint(streams(server))
    deleted(stacks, "parent")
    assert {"renamed", "more-inside"}.isdisjoint(streams(server))
    assert stacks.describe_stacks(StackName=inner["PhysicalResourceId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"


def test_a_failure_inside_is_told_outside(server, stacks):
    url = put_inner(server, failing=stream("not a name"))
    stacks.create_stack(StackName="failing", TemplateBody=outer(url, "half"))
    assert settled(stacks, "failing") == "ROLLBACK_COMPLETE"
    reason, = [reason for resource, status, reason in stack_events(stacks, "failing")
               if (resource, status) == ("Inner", "CREATE_FAILED")]
    assert reason.startswith("Embedded stack arn:aws:cloudformation:us-east-1:000000000000:stack/failing-Inner-")
    assert "was not successfully created: The following resource(s) failed to create: [failing]." in reason
    assert "half" not in streams(server)
    deleted(stacks, "failing")


def test_an_application_of_sam_is_a_nested_stack(server, stacks):
    url = put_inner(server)
    body = json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"App": {
        "Type": "AWS::Serverless::Application", "Properties": {"Location": url, "Parameters": {"Name": "of-app"}}}}})
    stacks.create_stack(StackName="app", TemplateBody=body, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert settled(stacks, "app") == "CREATE_COMPLETE"
    assert "of-app" in streams(server)
    deleted(stacks, "app")


def test_kill_9_while_nested_stacks_are_made():
    with running_server() as server:
        server.client("s3").create_bucket(Bucket="templates")
        url = put_inner(server, **{f"More{i}": stream(f"more-{i}") for i in range(40)})
        server.client("cloudformation").create_stack(StackName="parent", TemplateBody=outer(url, "inside"))
        server.kill()
        server.restart()
        stacks = server.client("cloudformation")
        assert settled(stacks, "parent") == "CREATE_COMPLETE"
        assert len(streams(server)) == 41
        deleted(stacks, "parent")
        assert streams(server) == []


def test_an_update_that_is_left_as_it_failed(server, stacks):
    failing = {"B": stream("not a name", DependsOn="A")}
    stacks.create_stack(StackName="kept", TemplateBody=template(A=stream("kept-1")))
    assert settled(stacks, "kept") == "CREATE_COMPLETE"
    stacks.update_stack(StackName="kept", TemplateBody=template(A=stream("kept-2"), **failing), DisableRollback=True)
    assert settled(stacks, "kept") == "UPDATE_FAILED"
    assert {"kept-1", "kept-2"} <= set(streams(server))
    stacks.rollback_stack(StackName="kept")
    assert settled(stacks, "kept") == "UPDATE_ROLLBACK_COMPLETE"
    assert "kept-1" in streams(server) and "kept-2" not in streams(server)

    stacks.create_change_set(StackName="kept", ChangeSetName="again", TemplateBody=template(A=stream("kept-3"), **failing))
    stacks.execute_change_set(StackName="kept", ChangeSetName="again", DisableRollback=True)
    assert settled(stacks, "kept") == "UPDATE_FAILED"
    stacks.update_stack(StackName="kept", TemplateBody=template(A=stream("kept-3"), B=stream("mended")))
    assert settled(stacks, "kept") == "UPDATE_COMPLETE"
    assert {"kept-3", "mended"} <= set(streams(server)) and "kept-1" not in streams(server)
    assert "can not be rolled back" in error_of(stacks.rollback_stack, StackName="kept")
    assert "CancelUpdateStack cannot be called from current stack status" in error_of(
        stacks.cancel_update_stack, StackName="kept")
    assert "can not continue to roll back" in error_of(stacks.continue_update_rollback, StackName="kept")
    deleted(stacks, "kept")


def test_parameters_of_the_store_are_read_in_place(server, stacks):
    ssm = server.client("ssm")
    ssm.put_parameter(Name="/names/stream", Value="first-name", Type="String")
    ssm.put_parameter(Name="/names/stream", Value="second-name", Type="String", Overwrite=True)
    stacks.create_stack(StackName="resolved", TemplateBody=template(
        A=stream("{{resolve:ssm:/names/stream:1}}"), B=stream({"Fn::Sub": "x-{{resolve:ssm:/names/stream}}"})))
    assert settled(stacks, "resolved") == "CREATE_COMPLETE"
    assert {"first-name", "x-second-name"} <= set(streams(server))
    deleted(stacks, "resolved")
    for reference, message in (("ssm:/names/nobody", "Parameters: [ssm:/names/nobody] cannot be found."),
                               ("secretsmanager:s:SecretString:key", "Secrets Manager can't find the specified secret.")):
        stacks.create_stack(StackName="lost", TemplateBody=template(A=stream(f"{{{{resolve:{reference}}}}}")))
        assert settled(stacks, "lost") == "ROLLBACK_COMPLETE"
        assert any(message in reason for _, _, reason in stack_events(stacks, "lost"))
        deleted(stacks, "lost")
