# SPDX-License-Identifier: Apache-2.0
"""Stacks with boto3: what is wrong in a template, rollback, updates in place, deleting half-made stacks, exports."""
import json

import botocore.exceptions
import pytest
from conftest import running_server
from walkthrough import until

ROLE = "arn:aws:iam::000000000000:role/test"


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def stacks(server):
    return server.client("cloudformation", parameter_validation=False)


@pytest.fixture(autouse=True)
def goes_on(server):
    yield
    assert server.process.poll() is None, "the server has ended"


def stream(name: str, **more) -> dict:
    return {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": name, "ShardCount": 1}} | more


def streams(server) -> list[str]:
    return server.client("kinesis").list_streams(Limit=1000)["StreamNames"]


def template(**resources) -> str:
    return json.dumps({"Resources": resources})


def settled(stacks, name: str) -> str:
    def status():
        try:
            now = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Message"]
        return None if now.endswith("_IN_PROGRESS") else now

    return until(status, f"{name} settled")


def error_of(call, **arguments) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


@pytest.mark.parametrize("body, message", [
    ({}, "Template format error: At least one Resources member must be defined."),
    ({"Resources": {"A": 5}}, "Template format error: Any Resources member must be an object."),
    ({"Resources": {"A": {}}}, "Template format error: [/Resources/A] Every Resources object must contain a Type member."),
    ('{"Resources": {', "Template format error: JSON not well-formed. (line 1, column 16)"),
    ("Resources: " + "[" * 20_000, "Template format error: YAML not well-formed. (line 1, column 1)"),
    ({"Resources": {"A": stream("a", DependsOn="B"), "B": stream("b", DependsOn="A")}},
     "Circular dependency between resources: [A, B]"),
    ({"Resources": {"A": stream("a")}, "Outputs": {"X": {"Value": {"Ref": "Q"}}}},
     "Unresolved resource dependencies [Q] in the Outputs block of the template"),
    ({"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": stream("a")}}, "Parameters: [P] must have values"),
    ({"Resources": {f"S{i}": stream(f"s{i}") for i in range(501)}},
     "Template format error: Number of resources, 501, is greater than maximum allowed, 500"),
    ({"Resources": {"A": stream({"Fn::Join": ["-", "a"]})}},
     "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be "
     "joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."),
    ({"Resources": {"A": stream({"Fn::Select": [1]})}},
     "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"),
    ({"Resources": {"A": stream({"Fn::GetAtt": "A"})}},
     "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
     "attribute"),
    ({"Resources": {"A": stream({"Ref": ["A"]})}},
     "Template format error: Every Ref object must have a single String value."),
    ({"Resources": {"A": stream("{{resolve:ssm-secure:secret:1}}")}},
     "SSM Secure reference is not supported in: [AWS::Kinesis::Stream/Properties/Name]"),
])
def test_templates_that_are_refused(stacks, body, message):
    text = body if isinstance(body, str) else json.dumps(body)
    assert error_of(stacks.create_stack, StackName="refused", TemplateBody=text) == f"ValidationError: {message}"
    assert error_of(stacks.describe_stacks, StackName="refused") == "ValidationError: Stack with id refused does not exist"


@pytest.mark.parametrize("body, message", [
    ({"Resources": {"A": {"Type": "AWS::Unknown::Thing"}}},
     "Template format error: Unrecognized resource types: [AWS::Unknown::Thing]"),
    ({"Resources": {"A": stream({"Fn::Unknown": "a"})}},
     "Template format error: Encountered unsupported function: Fn::Unknown Supported functions are: [Fn::Base64, "),
    ({"Resources": {"A": stream("a")}, "Metadata": {"x": "y" * 51_200}}, "1 validation error detected: Value '"),
    ("\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x]"] + [
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]), "Template format error: YAML not well-formed."),
])
def test_templates_whose_refusal_says_more(stacks, body, message):
    text = body if isinstance(body, str) else json.dumps(body)
    for call in (stacks.create_stack, stacks.validate_template):
        arguments = {"StackName": "refused"} if call == stacks.create_stack else {}
        if "Unknown" in message and not arguments:
            continue  # ValidateTemplate looks at the notation only
        assert error_of(call, **arguments, TemplateBody=text).startswith(f"ValidationError: {message}")
    assert error_of(stacks.describe_stacks, StackName="refused") == "ValidationError: Stack with id refused does not exist"


def test_a_template_in_s3_may_be_a_mebibyte(server, stacks):
    objects = server.client("s3")
    objects.create_bucket(Bucket="large-templates")
    body = {"Resources": {"A": stream("from-s3")}, "Metadata": {"x": "y" * 100_000}}
    url = f"{server.url}/large-templates/one"
    objects.put_object(Bucket="large-templates", Key="one", Body=json.dumps(body))
    stacks.create_stack(StackName="large", TemplateURL=url)
    assert settled(stacks, "large") == "CREATE_COMPLETE"
    stacks.delete_stack(StackName="large")
    assert settled(stacks, "large") == "Stack with id large does not exist"
    objects.put_object(Bucket="large-templates", Key="one", Body=json.dumps(body | {"Metadata": {"x": "y" * 1_048_576}}))
    assert error_of(stacks.create_stack, StackName="large", TemplateURL=url) == (
        "ValidationError: Template may not exceed 1048576 bytes in size.")
    assert error_of(stacks.create_stack, StackName="large", TemplateURL=url + "-not") == (
        "ValidationError: S3 error: The specified key does not exist.")


def test_a_property_of_the_wrong_type_rolls_back_and_leaves_nothing(server, stacks):
    wrong = {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "wrong-type", "ShardCount": {"a": 1}}}
    stacks.create_stack(StackName="wrong", TemplateBody=template(A=stream("right-type"), B=wrong | {"DependsOn": "A"}))
    assert settled(stacks, "wrong") == "ROLLBACK_COMPLETE"
    assert any(reason.startswith("Resource handler returned message: ") for resource, status, reason in
               stack_events(stacks, "wrong") if (resource, status) == ("B", "CREATE_FAILED"))
    assert "right-type" not in streams(server) and "wrong-type" not in streams(server)
    stacks.delete_stack(StackName="wrong")
    assert settled(stacks, "wrong") == "Stack with id wrong does not exist"


def test_a_long_description_and_two_templates(stacks):
    body = {"Resources": {"A": stream("a")}, "Description": "x" * 1025}
    assert error_of(stacks.create_stack, StackName="refused", TemplateBody=json.dumps(body)) == (
        "ValidationError: Template format error: 'Description' length is greater than 1024.")
    body = json.dumps(body | {"Description": "short"})
    assert "but not both" in error_of(stacks.create_stack, StackName="refused", TemplateBody=body,
                                      TemplateURL="http://bucket/key")


def test_a_name_that_is_taken_rolls_back_and_leaves_the_other_alone(server, stacks):
    server.client("kinesis").create_stream(StreamName="taken", ShardCount=1)
    stacks.create_stack(StackName="taken", TemplateBody=template(A=stream("own"), B=stream("taken", DependsOn="A")))
    assert settled(stacks, "taken") == "ROLLBACK_COMPLETE"
    assert "own" not in streams(server) and "taken" in streams(server)
    assert "is in ROLLBACK_COMPLETE state and can not be updated." in error_of(
        stacks.update_stack, StackName="taken", TemplateBody=template(A=stream("own")))
    stacks.delete_stack(StackName="taken")
    assert settled(stacks, "taken") == "Stack with id taken does not exist"
    assert "taken" in streams(server)


def test_updates_in_place(server, stacks):
    def pipeline(environment="1", code="import os\ndef handler(e, c): return os.environ['VALUE']", batch=5) -> str:
        function = {"FunctionName": "updated", "Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE,
                    "Code": {"ZipFile": code}, "Environment": {"Variables": {"VALUE": environment}}}
        mapping = {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["S", "Arn"]},
                   "StartingPosition": "LATEST", "BatchSize": batch}
        return template(S=stream("updated"), F={"Type": "AWS::Lambda::Function", "Properties": function},
                        M={"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping})

    functions = server.client("lambda")

    def answer():
        return json.loads(functions.invoke(FunctionName="updated")["Payload"].read())

    def update(**changes) -> str:
        stacks.update_stack(StackName="updated", TemplateBody=pipeline(**changes))
        return settled(stacks, "updated")

    def batch_size() -> int:
        mapping, = functions.list_event_source_mappings(FunctionName="updated")["EventSourceMappings"]
        return mapping["BatchSize"]

    stacks.create_stack(StackName="updated", TemplateBody=pipeline())
    assert settled(stacks, "updated") == "CREATE_COMPLETE"
    assert answer() == "1"
    assert error_of(stacks.update_stack, StackName="updated", TemplateBody=pipeline()) == (
        "ValidationError: No updates are to be performed.")
    assert update(environment="2") == "UPDATE_COMPLETE" and answer() == "2"
    changed = {"code": "def handler(e, c): return 'changed'", "environment": "2"}
    assert update(**changed) == "UPDATE_COMPLETE" and answer() == "changed"
    assert update(**changed, batch=7) == "UPDATE_COMPLETE" and batch_size() == 7
    assert update(code="def handler(e, c): return 'lost'", batch=70_000) == "UPDATE_ROLLBACK_COMPLETE"
    assert answer() == "changed" and batch_size() == 7
    stacks.update_stack(StackName="updated", TemplateBody=template(S=stream("replaced")))
    assert settled(stacks, "updated") == "UPDATE_COMPLETE"
    assert "replaced" in streams(server) and "updated" not in streams(server)
    assert functions.list_functions()["Functions"] == []


def test_deleting_a_stack_that_is_being_made(server, stacks):
    stacks.create_stack(StackName="half", TemplateBody=template(**{f"S{i}": stream(f"half-{i}") for i in range(60)}))
    stacks.delete_stack(StackName="half")
    assert settled(stacks, "half") == "Stack with id half does not exist"
    assert [name for name in streams(server) if name.startswith("half-")] == []


def test_a_stack_half_made_at_kill_9_is_finished_after_the_restart():
    with running_server() as server:
        chain = {f"S{i}": stream(f"chain-{i}", **({"DependsOn": f"S{i - 1}"} if i else {})) for i in range(60)}
        server.client("cloudformation").create_stack(StackName="chain", TemplateBody=template(**chain))
        server.kill()
        server.restart()
        assert settled(server.client("cloudformation"), "chain") == "CREATE_COMPLETE"
        assert len(streams(server)) == 60
        server.client("cloudformation").delete_stack(StackName="chain")
        assert settled(server.client("cloudformation"), "chain") == "Stack with id chain does not exist"
        assert streams(server) == []


def exporting(name: str, export: str | None, stream_name: str | None = None) -> str:
    outputs = {} if export is None else {"Name": {"Value": {"Ref": "S"}, "Export": {"Name": {"Fn::Sub": export}}}}
    return json.dumps({"Resources": {"S": stream(stream_name or name)}, "Outputs": outputs})


def importing(export) -> str:
    """A stream named by what another stack exports."""
    name = {"Fn::Join": ["-", [{"Fn::ImportValue": export}, "copy"]]}
    return json.dumps({"Parameters": {"From": {"Type": "String", "Default": "exporter"}}, "Resources": {"S": stream(name)}})


def stack_events(stacks, name: str) -> list[tuple[str, str, str]]:
    return [(e["LogicalResourceId"], e["ResourceStatus"], e.get("ResourceStatusReason", ""))
            for e in stacks.describe_stack_events(StackName=name)["StackEvents"]]


def test_what_another_stack_imports_stays_as_it_is(server, stacks):
    stacks.create_stack(StackName="exporter", TemplateBody=exporting("exported", "${AWS::StackName}-stream"))
    assert settled(stacks, "exporter") == "CREATE_COMPLETE"
    export, = stacks.list_exports()["Exports"]
    assert (export["Name"], export["Value"]) == ("exporter-stream", "exported")
    assert error_of(stacks.list_imports, ExportName="exporter-stream") == (
        "ValidationError: Export 'exporter-stream' is not imported by any stack.")
    for user in ("user-b", "user-a"):
        stacks.create_stack(StackName=user, TemplateBody=importing({"Fn::Sub": "${From}-stream"}).replace("copy", user))
        assert settled(stacks, user) == "CREATE_COMPLETE"
    assert {"exported-user-a", "exported-user-b"} <= set(streams(server))
    assert stacks.list_imports(ExportName="exporter-stream")["Imports"] == ["user-a", "user-b"]

    stacks.delete_stack(StackName="exporter")
    assert settled(stacks, "exporter") == "CREATE_COMPLETE"
    assert stack_events(stacks, "exporter")[0] == (
        "exporter", "CREATE_COMPLETE",
        "Delete canceled. Cannot delete export exporter-stream as it is in use by user-a and user-b.")
    for body, verb in ((exporting("exported", None), "deleted"),
                       (exporting("exported", "${AWS::StackName}-stream", "renamed"), "updated")):
        stacks.update_stack(StackName="exporter", TemplateBody=body)
        assert settled(stacks, "exporter") == "UPDATE_ROLLBACK_COMPLETE"
        assert ("exporter", "UPDATE_ROLLBACK_IN_PROGRESS",
                f"Export exporter-stream cannot be {verb} as it is in use by user-a and user-b") in stack_events(
                    stacks, "exporter")
        assert "exported" in streams(server) and "renamed" not in streams(server)

    stacks.update_stack(StackName="user-a", TemplateBody=template(S=stream("on-its-own")))
    assert settled(stacks, "user-a") == "UPDATE_COMPLETE"
    assert stacks.list_imports(ExportName="exporter-stream")["Imports"] == ["user-b"]
    for name in ("user-a", "user-b", "exporter"):
        stacks.delete_stack(StackName=name)
        assert settled(stacks, name) == f"Stack with id {name} does not exist"


def test_an_export_that_does_not_exist(server, stacks):
    stacks.create_stack(StackName="lost", TemplateBody=importing("nowhere"))
    assert settled(stacks, "lost") == "ROLLBACK_COMPLETE"
    assert ("lost", "ROLLBACK_IN_PROGRESS", "No export named nowhere found. Rollback requested by user.") in stack_events(
        stacks, "lost")
    stacks.delete_stack(StackName="lost")
    assert settled(stacks, "lost") == "Stack with id lost does not exist"
    made = stacks.create_change_set(StackName="lost", ChangeSetName="first", ChangeSetType="CREATE",
                                    TemplateBody=importing("nowhere"))
    described = stacks.describe_change_set(ChangeSetName=made["Id"])
    assert (described["Status"], described["StatusReason"]) == ("FAILED", "No export named nowhere found")
    stacks.delete_stack(StackName="lost")
    assert settled(stacks, "lost") == "Stack with id lost does not exist"
    body = importing({"Ref": "T"}).replace('"Resources": {', '"Resources": {"T": ' + json.dumps(stream("t")) + ", ")
    assert error_of(stacks.create_stack, StackName="lost", TemplateBody=body) == (
        "ValidationError: Template error: the attribute in Fn::ImportValue must not depend on any resources, imported "
        "values, or Fn::GetAZs")


def test_an_export_name_is_taken_once(server, stacks):
    stacks.create_stack(StackName="one", TemplateBody=exporting("one", "shared-name"))
    assert settled(stacks, "one") == "CREATE_COMPLETE"
    stacks.create_stack(StackName="two", TemplateBody=exporting("two", "shared-name"))
    assert settled(stacks, "two") == "ROLLBACK_COMPLETE"
    assert any("Export with name shared-name is already exported by stack one." in reason
               for _, _, reason in stack_events(stacks, "two"))
    for name in ("one", "two"):
        stacks.delete_stack(StackName=name)
        assert settled(stacks, name) == f"Stack with id {name} does not exist"


def test_a_consumer_of_a_stream_and_resources_that_are_only_their_id(server, stacks):
    def body(name: str) -> str:
        consumer = {"ConsumerName": name, "StreamARN": {"Fn::GetAtt": ["S", "Arn"]},
                    "Tags": [{"Key": "team", "Value": "orders"}]}
        return json.dumps({
            "Resources": {"S": stream("watched"), "C": {"Type": "AWS::Kinesis::StreamConsumer", "Properties": consumer},
                          "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
                          "Metadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:H4sI"}}},
            "Outputs": {"Status": {"Value": {"Fn::GetAtt": ["C", "ConsumerStatus"]}}, "Arn": {"Value": {"Ref": "C"}},
                        "Handle": {"Value": {"Ref": "Handle"}}}})

    def outputs() -> dict[str, str]:
        described = stacks.describe_stacks(StackName="watchers")["Stacks"][0]
        return {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}

    kinesis = server.client("kinesis")
    stacks.create_stack(StackName="watchers", TemplateBody=body("first"))
    assert settled(stacks, "watchers") == "CREATE_COMPLETE"
    first = outputs()
    assert first["Status"] == "ACTIVE" and first["Handle"].startswith("https://cloudformation-waitcondition-us-east-1.")
    described = kinesis.describe_stream_consumer(ConsumerARN=first["Arn"])["ConsumerDescription"]
    assert described["ConsumerName"] == "first"
    assert kinesis.list_tags_for_resource(ResourceARN=first["Arn"])["Tags"] == [{"Key": "team", "Value": "orders"}]
    stacks.update_stack(StackName="watchers", TemplateBody=body("second"))
    assert settled(stacks, "watchers") == "UPDATE_COMPLETE"
    consumers = kinesis.list_stream_consumers(StreamARN=described["StreamARN"])["Consumers"]
    assert [one["ConsumerARN"] for one in consumers] == [outputs()["Arn"]] and consumers[0]["ConsumerName"] == "second"
    stacks.delete_stack(StackName="watchers")
    assert settled(stacks, "watchers") == "Stack with id watchers does not exist"


def test_resources_that_are_not_provided(stacks):
    rule = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 minute)"}}
    body = json.dumps({"Resources": {"S": stream("beside"), "Rule": rule},
                       "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Rule", "Arn"]}}, "Name": {"Value": {"Ref": "Rule"}}}})
    assert "Unrecognized resource types: [AWS::Events::Rule]" in error_of(
        stacks.create_stack, StackName="ruled", TemplateBody=body)
    with running_server("--unsupported-resources", "record") as other:
        recording = other.client("cloudformation")
        recording.create_stack(StackName="ruled", TemplateBody=body)
        assert settled(recording, "ruled") == "CREATE_COMPLETE"
        outputs = {one["OutputKey"]: one["OutputValue"]
                   for one in recording.describe_stacks(StackName="ruled")["Stacks"][0]["Outputs"]}
        assert outputs["Name"].startswith("ruled-Rule-")
        assert outputs["Arn"] == f"arn:aws:events:us-east-1:000000000000:rule/{outputs['Name']}"
        assert ("Rule", "CREATE_COMPLETE", "A placeholder: Millrace does not provide AWS::Events::Rule") in stack_events(
            recording, "ruled")
        other.stop()
        other.options = ("--state-delay-ms", "0")  # what was recorded stays, and goes, without the option too
        other.log = open(other.data.parent / "again.log", "ab")
        other.restart()
        recording.delete_stack(StackName="ruled")
        assert settled(recording, "ruled") == "Stack with id ruled does not exist"
        assert streams(other) == []
