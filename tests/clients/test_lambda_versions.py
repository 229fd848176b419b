# SPDX-License-Identifier: Apache-2.0
"""Versions, aliases and what belongs to them, with boto3 and the AWS CLI: invocations, mappings, stacks, SAM, policies,
reserved concurrency."""
import concurrent.futures
import json
import subprocess
import uuid

import botocore.exceptions
import pytest
from conftest import aws_commands, running_server, zipped
from test_cloudformation import error_of, settled
from test_lambda import ROLE, Functions
from walkthrough import log_messages, until

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
CODE = """
import os
HELD = "{held}"

def handler(event, context):
    if "Records" in event:
        print("GOT", context.function_version, len(event["Records"]), context.invoked_function_arn, flush=True)
    return [HELD, context.function_version, context.invoked_function_arn, os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
            context.log_stream_name.split("/")[-1].split("]")[0]]
"""


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def client(server):
    return server.client("lambda", read_timeout=60)


@pytest.fixture(autouse=True)
def goes_on(server):
    yield
    assert server.process.poll() is None, "the server has ended"


def code(held: str) -> str:
    return CODE.replace("{held}", held)


def make(server, held: str = "first", **options) -> str:
    return Functions(server).create(f"f-{uuid.uuid4().hex[:8]}", code(held), **options)


def update(client, name: str, held: str, **options) -> dict:
    answer = client.update_function_code(FunctionName=name, ZipFile=zipped({"app.py": code(held)}), **options)
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    return answer


def invoke(client, name: str, **options) -> tuple[str, list]:
    answer = client.invoke(FunctionName=name, **options)
    assert "FunctionError" not in answer, answer["Payload"].read()
    return answer["ExecutedVersion"], json.loads(answer["Payload"].read())


def test_versions_stay_and_aliases_move(server, client):
    name = make(server)
    one = client.publish_version(FunctionName=name, Description="one")
    client.get_waiter("published_version_active").wait(FunctionName=name, Qualifier="1")
    client.get_waiter("function_active_v2").wait(FunctionName=name, Qualifier="1")
    assert (one["Version"], one["FunctionArn"]) == ("1", f"{ARN}{name}:1")
    assert client.publish_version(FunctionName=name)["RevisionId"] == one["RevisionId"]
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert update(client, name, "second", Publish=True)["FunctionArn"] == f"{ARN}{name}:2"
    assert invoke(client, name) == ("$LATEST", ["second", "$LATEST", ARN + name, "$LATEST", "[$LATEST"])
    assert invoke(client, name, Qualifier="1") == ("1", ["first", "1", f"{ARN}{name}:1", "1", "[1"])
    first = ("1", ["first", "1", f"{ARN}{name}:live", "1", "[1"])
    assert invoke(client, f"{name}:live") == first
    assert invoke(client, f"000000000000:function:{name}:live") == first
    assert invoke(client, alias["AliasArn"]) == first
    moved = client.update_alias(FunctionName=name, Name="live", FunctionVersion="2", RevisionId=alias["RevisionId"])
    assert invoke(client, name, Qualifier="live")[1][0] == "second"
    server.kill()
    server.restart()
    assert invoke(client, name, Qualifier="live") == ("2", ["second", "2", f"{ARN}{name}:live", "2", "[2"])
    assert invoke(client, name, Qualifier="1") == ("1", ["first", "1", f"{ARN}{name}:1", "1", "[1"])
    assert client.get_alias(FunctionName=name, Name="live")["RevisionId"] == moved["RevisionId"]
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name, PaginationConfig={"PageSize": 2})
    assert [v["Version"] for page in pages for v in page["Versions"]] == ["$LATEST", "1", "2"]
    pages = client.get_paginator("list_functions").paginate(FunctionVersion="ALL")
    shown = [f["FunctionArn"] for page in pages for f in page["Functions"] if f["FunctionName"] == name]
    assert shown == [f"{ARN}{name}:{version}" for version in ("$LATEST", "1", "2")]
    assert client.get_function(FunctionName=name, Qualifier="live")["Configuration"]["Version"] == "2"
    assert error_of(client.update_alias, FunctionName=name, Name="live", RevisionId=alias["RevisionId"]).startswith(
        "PreconditionFailedException: The Revision Id provided")
    assert error_of(client.delete_function, FunctionName=name, Qualifier="2") == (
        "ResourceConflictException: Unable to delete version because the following aliases reference it: [live]")
    assert error_of(client.invoke, FunctionName=name, Qualifier="none") == (
        f"ResourceNotFoundException: Function not found: {ARN}{name}:none")


def test_an_alias_shares_its_invocations(server, client):
    name = make(server)
    client.publish_version(FunctionName=name)
    update(client, name, "second", Publish=True)
    client.create_alias(FunctionName=name, Name="canary", FunctionVersion="1",
                        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    ran = {invoke(client, name, Qualifier="canary")[0] for _ in range(40)}
    assert ran == {"1", "2"}
    listed = client.list_aliases(FunctionName=name, FunctionVersion="1")["Aliases"]
    assert listed[0]["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.5}}
    client.update_alias(FunctionName=name, Name="canary", RoutingConfig={"AdditionalVersionWeights": {"2": 1}})
    assert {invoke(client, name, Qualifier="canary")[0] for _ in range(5)} == {"2"}
    client.update_alias(FunctionName=name, Name="canary", RoutingConfig={})
    assert "RoutingConfig" not in client.get_alias(FunctionName=name, Name="canary")
    assert {invoke(client, name, Qualifier="canary")[0] for _ in range(5)} == {"1"}
    error = error_of(client.create_alias, FunctionName=name, Name="x", FunctionVersion="1",
                     RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}})
    assert error == ("InvalidParameterValueException: Invalid function version 1. Function version 1 is already included in "
                     "routing configuration.")


def test_aws_cli(server, client, tmp_path):
    name = make(server)
    (tmp_path / "code.zip").write_bytes(zipped({"app.py": code("second")}))
    command = aws_commands()[0].values[0]

    def aws(*words: str):
        result = subprocess.run([*command, "lambda", *words, "--function-name", name], cwd=tmp_path, text=True, check=True,
                                env=server.environment(), capture_output=True)
        return json.loads(result.stdout) if result.stdout.strip() else None

    assert aws("publish-version", "--description", "one")["Version"] == "1"
    assert aws("create-alias", "--name", "live", "--function-version", "1")["AliasArn"] == f"{ARN}{name}:live"
    assert aws("update-function-code", "--zip-file", "fileb://code.zip", "--publish")["Version"] == "2"
    assert aws("invoke", "--qualifier", "live", "out.json")["ExecutedVersion"] == "1"
    assert json.loads((tmp_path / "out.json").read_text())[0] == "first"
    routing = aws("update-alias", "--name", "live", "--function-version", "2",
                  "--routing-config", '{"AdditionalVersionWeights": {"1": 0.0}}')["RoutingConfig"]
    assert routing == {"AdditionalVersionWeights": {"1": 0.0}}
    aws("add-permission", "--qualifier", "live", "--statement-id", "s3", "--action", "lambda:InvokeFunction",
        "--principal", "s3.amazonaws.com", "--source-arn", "arn:aws:s3:::b")
    policy = json.loads(client.get_policy(FunctionName=name, Qualifier="live")["Policy"])
    assert policy["Statement"][0]["Resource"] == f"{ARN}{name}:live"
    assert aws("put-function-concurrency", "--reserved-concurrent-executions", "5") == {"ReservedConcurrentExecutions": 5}
    aws("delete-alias", "--name", "live")
    aws("delete-function", "--qualifier", "1")
    assert [v["Version"] for v in aws("list-versions-by-function")["Versions"]] == ["$LATEST", "2"]


def test_mappings_of_versions_and_aliases(server, client):
    name = make(server)
    client.publish_version(FunctionName=name)
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
    update(client, name, "second", Publish=True)
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    stream = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    def got() -> list[list[str]]:
        return [m.split()[1:] for m in log_messages(server, name, "GOT")]

    def map_to(function: str) -> dict:
        mapping = client.create_event_source_mapping(FunctionName=function, EventSourceArn=stream, StartingPosition="LATEST")
        until(lambda: client.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled", "the mapping is ready")
        return mapping

    live = map_to(f"{name}:live")
    assert live["FunctionArn"] == alias
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"a")
    until(lambda: got() == [["1", "1", alias]], "the record is handled by version 1")
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"b")
    until(lambda: got() == [["1", "1", alias], ["2", "1", alias]], "the next one by version 2")
    assert error_of(client.create_event_source_mapping, FunctionName=alias, EventSourceArn=stream, StartingPosition="LATEST"
                    ) == (f'ResourceConflictException: The event source arn (" {stream} ") and function (" {name}:live ") '
                          "provided mapping already exists. Please update or delete the existing mapping with UUID "
                          + live["UUID"])
    one = map_to(f"000000000000:function:{name}:1")
    assert one["FunctionArn"] == f"{ARN}{name}:1"
    whole = map_to(name)

    def listed(function: str) -> list[str]:
        return [m["UUID"] for m in client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]]

    assert listed(name) == [whole["UUID"]] and listed(f"{name}:live") == [live["UUID"]] and listed(one["FunctionArn"]) == [
        one["UUID"]]
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"c")
    until(lambda: sorted(got()[2:]) == [["$LATEST", "1", ARN + name], ["1", "1", f"{ARN}{name}:1"], ["2", "1", alias]],
          "each mapping has its own delivery")
    server.kill()
    server.restart()
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"d")
    until(lambda: {"2", "1", "$LATEST"} <= {version for version, *_ in got()[5:]}, "mappings go on after kill -9")
    moved = client.update_event_source_mapping(UUID=one["UUID"], FunctionName=f"{name}:2")
    assert moved["FunctionArn"] == f"{ARN}{name}:2"
    assert error_of(client.create_event_source_mapping, FunctionName=f"{name}:none", EventSourceArn=stream,
                    StartingPosition="LATEST") == "InvalidParameterValueException: Function does not exist"


def stack_template(name: str, held: str, version: str, **more) -> str:
    return json.dumps({"Resources": {
        "F": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": name, "Role": ROLE, "Runtime": "python3.11", "Handler": "index.handler",
            "Code": {"ZipFile": code(held)}}},
        version: {"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain",
                  "Properties": {"FunctionName": {"Ref": "F"}, "Description": f"of {held}"}},
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {
            "FunctionName": {"Ref": "F"}, "Name": "live", "FunctionVersion": {"Fn::GetAtt": [version, "Version"]}}},
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": {
            "FunctionName": {"Ref": "Alias"}, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}},
        **more}, "Outputs": {"Version": {"Value": {"Ref": version}}, "Alias": {"Value": {"Ref": "Alias"}}}})


def test_stacks_publish_and_lead(server, client):
    stacks = server.client("cloudformation")
    name = f"f-{uuid.uuid4().hex[:8]}"
    stacks.create_stack(StackName=name, TemplateBody=stack_template(name, "first", "VersionA"))
    assert settled(stacks, name) == "CREATE_COMPLETE"

    def outputs() -> dict:
        return {o["OutputKey"]: o["OutputValue"] for o in stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]}

    assert outputs() == {"Version": f"{ARN}{name}:1", "Alias": f"{ARN}{name}:live"}
    assert invoke(client, name, Qualifier="live")[1][:2] == ["first", "1"]
    policy = json.loads(client.get_policy(FunctionName=name, Qualifier="live")["Policy"])
    assert [s["Resource"] for s in policy["Statement"]] == [f"{ARN}{name}:live"]
    stacks.update_stack(StackName=name, TemplateBody=stack_template(name, "second", "VersionB"))
    assert settled(stacks, name) == "UPDATE_COMPLETE"
    assert outputs()["Version"] == f"{ARN}{name}:2"
    assert invoke(client, name, Qualifier="live")[1][:2] == ["second", "2"]
    assert invoke(client, name, Qualifier="1")[1][:2] == ["first", "1"], "the first version is retained"
    # Another version of what has not changed: refused, and all is as it was.
    stacks.update_stack(StackName=name, TemplateBody=stack_template(name, "second", "VersionC"))
    assert settled(stacks, name) == "UPDATE_ROLLBACK_COMPLETE"
    reasons = [e.get("ResourceStatusReason", "") for e in stacks.describe_stack_events(StackName=name)["StackEvents"]]
    assert any("A version for this Lambda function exists ( 2 ). Modify the function to create a new version." in r
               for r in reasons), reasons
    assert invoke(client, name, Qualifier="live")[1][:2] == ["second", "2"]
    # A failure after the alias has moved leads it back, and the version that was made goes.
    broken = {"Broken": {"Type": "AWS::Lambda::Alias", "DependsOn": "Alias", "Properties": {
        "FunctionName": {"Ref": "F"}, "Name": "other", "FunctionVersion": "99"}}}
    stacks.update_stack(StackName=name, TemplateBody=stack_template(name, "third", "VersionD", **broken))
    assert settled(stacks, name) == "UPDATE_ROLLBACK_COMPLETE"
    assert invoke(client, name, Qualifier="live")[1][:2] == ["second", "2"]
    assert invoke(client, name)[1][0] == "second"
    stacks.delete_stack(StackName=name)
    until(lambda: settled(stacks, name).endswith("does not exist"), "the stack is gone")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function(FunctionName=name)


def sam_template(name: str, held: str) -> str:
    return json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {
        "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": name, "ShardCount": 1}},
        "F": {"Type": "AWS::Serverless::Function", "Properties": {
            "FunctionName": name, "Role": ROLE, "Runtime": "python3.11", "Handler": "index.handler",
            "InlineCode": code(held), "AutoPublishAlias": "live", "EventInvokeConfig": {"MaximumRetryAttempts": 1},
            "Events": {"In": {"Type": "Kinesis", "Properties": {"Stream": {"Fn::GetAtt": ["Stream", "Arn"]},
                                                              "StartingPosition": "TRIM_HORIZON"}}}}}}})


def test_sam_publishes_with_each_deploy(server, client):
    stacks, kinesis = server.client("cloudformation"), server.client("kinesis")
    name = f"f-{uuid.uuid4().hex[:8]}"

    def deploy(held: str, kind: str) -> str:
        change = f"c-{uuid.uuid4().hex[:8]}"
        stacks.create_change_set(StackName=name, ChangeSetName=change, ChangeSetType=kind,
                                 TemplateBody=sam_template(name, held), Capabilities=["CAPABILITY_AUTO_EXPAND"])
        stacks.get_waiter("change_set_create_complete").wait(StackName=name, ChangeSetName=change,
                                                             WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
        stacks.execute_change_set(StackName=name, ChangeSetName=change)
        return settled(stacks, name)

    assert deploy("first", "CREATE") == "CREATE_COMPLETE"
    alias = f"{ARN}{name}:live"
    mappings = client.list_event_source_mappings(FunctionName=alias)["EventSourceMappings"]
    assert [m["FunctionArn"] for m in mappings] == [alias]
    assert client.get_function_event_invoke_config(FunctionName=name, Qualifier="live")["MaximumRetryAttempts"] == 1
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"a")
    until(lambda: any(m.split()[:2] == ["GOT", "1"] for m in log_messages(server, name, "GOT")), "version 1 has the record")
    assert deploy("second", "UPDATE") == "UPDATE_COMPLETE"
    assert invoke(client, name, Qualifier="live")[1][:2] == ["second", "2"]
    assert invoke(client, name, Qualifier="1")[1][:2] == ["first", "1"]
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"b")
    until(lambda: any(m.split()[:2] == ["GOT", "2"] for m in log_messages(server, name, "GOT")), "version 2 has the next")
    stacks.delete_stack(StackName=name)
    until(lambda: settled(stacks, name).endswith("does not exist"), "the stack is gone")


def test_policies(server, client):
    name = make(server, Publish=True)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    statement = {"FunctionName": name, "StatementId": "one", "Action": "lambda:InvokeFunction", "Principal": "111122223333"}
    added = json.loads(client.add_permission(**statement)["Statement"])
    assert added == {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                     "Action": "lambda:InvokeFunction", "Resource": ARN + name}
    client.add_permission(**statement | {"StatementId": "all", "Principal": "*", "SourceAccount": "111122223333",
                                         "PrincipalOrgID": "o-1234567890"})
    shown = client.get_policy(FunctionName=name)
    policy = json.loads(shown["Policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["one", "all"]
    assert policy["Statement"][1]["Condition"] == {
        "StringEquals": {"AWS:SourceAccount": "111122223333", "aws:PrincipalOrgID": "o-1234567890"}}
    assert error_of(client.add_permission, **statement) == (
        "ResourceConflictException: The statement id (one) provided already exists. Please provide a new statement id, or "
        "remove the existing statement.")
    assert error_of(client.add_permission, **statement | {"StatementId": "x", "Principal": "nobody"}) == (
        "InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again.")
    assert error_of(client.get_policy, FunctionName=name, Qualifier="live") == (
        "ResourceNotFoundException: The resource you requested does not exist.")
    assert error_of(client.remove_permission, FunctionName=name, StatementId="one", RevisionId="other").startswith(
        "PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetPolicy")
    client.remove_permission(FunctionName=name, StatementId="one", RevisionId=shown["RevisionId"])
    server.kill()
    server.restart()
    assert [s["Sid"] for s in json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]] == ["all"]


def test_reserved_concurrency(server, client):
    name = Functions(server).create(f"f-{uuid.uuid4().hex[:8]}", """
import time
def handler(event, context):
    time.sleep(event["seconds"])
""", Publish=True)
    before = client.get_account_settings()
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    after = client.get_account_settings()
    assert after["AccountLimit"]["UnreservedConcurrentExecutions"] == before["AccountLimit"]["UnreservedConcurrentExecutions"] - 1
    assert after["AccountUsage"]["FunctionCount"] >= 1
    assert client.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 1}

    def attempt(qualifier: str):
        try:
            return client.invoke(FunctionName=name, Qualifier=qualifier, Payload=json.dumps({"seconds": 2}))["ExecutedVersion"]
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"], error.response["Reason"]

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, ["$LATEST", "1"]))
    refusal = ("TooManyRequestsException", "ReservedFunctionConcurrentInvocationLimitExceeded")
    assert refusal in answers and set(answers) & {"$LATEST", "1"}, answers
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert attempt("1") == refusal
    client.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName=name)
    invoke(client, name, Payload=json.dumps({"seconds": 0}))
    limit = before["AccountLimit"]["ConcurrentExecutions"]
    assert error_of(client.put_function_concurrency, FunctionName=name, ReservedConcurrentExecutions=limit) == (
        "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100].")
