# SPDX-License-Identifier: Apache-2.0
"""What goes wrong says what to do, in AWS's words, and the server goes on."""
import io
import json
import zipfile

import botocore.exceptions
import pytest
from conftest import MILLRACE, running_server
from walkthrough import log_messages, run, until

ROLE = "arn:aws:iam::000000000000:role/test"


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(autouse=True)
def goes_on(server):
    yield
    assert server.process.poll() is None, "the server has ended"
    server.client("kinesis").list_streams()


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, text)
    return buffer.getvalue()


def function(server, name: str, code: str, timeout: int = 5, handler: str = "app.handler", **files) -> None:
    server.client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=ROLE, Handler=handler, Timeout=timeout,
        Code={"ZipFile": zipped({"app.py": code} | files)})


def invoke(server, name: str):
    answer = server.client("lambda", read_timeout=60).invoke(FunctionName=name, Payload=b'{"a": 1}')
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def stack_error(server, template: dict) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        server.client("cloudformation").create_stack(StackName="broken", TemplateBody=json.dumps(template))
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    return caught.value.response["Error"]["Message"]


def test_a_template_with_an_unknown_resource_type(server):
    message = stack_error(server, {"Resources": {"A": {"Type": "AWS::Nothing::Here"}}})
    assert "Unrecognized resource types: [AWS::Nothing::Here]" in message


def test_a_template_with_a_missing_reference(server):
    template = {"Resources": {"A": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": {"Ref": "Missing"}}}}}
    assert stack_error(server, template) == (
        "Template format error: Unresolved resource dependencies [Missing] in the Resources block of the template")


def test_a_resource_that_cannot_be_made_rolls_the_stack_back(server):
    template = {"Resources": {"A": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "rolled-back", "ShardCount": 1}},
                              "B": {"Type": "AWS::Kinesis::Stream", "DependsOn": "A",
                                    "Properties": {"Name": "not a name!", "ShardCount": 1}}}}
    cloudformation = server.client("cloudformation")
    cloudformation.create_stack(StackName="rolls-back", TemplateBody=json.dumps(template))
    status = until(lambda: (s := cloudformation.describe_stacks(StackName="rolls-back")["Stacks"][0]["StackStatus"])
                   .endswith("_COMPLETE") and s, "the rollback")
    assert status == "ROLLBACK_COMPLETE"
    assert "rolled-back" not in server.client("kinesis").list_streams()["StreamNames"]
    events = cloudformation.describe_stack_events(StackName="rolls-back")["StackEvents"]
    assert any(e["ResourceStatus"] == "CREATE_FAILED" and e["LogicalResourceId"] == "B" for e in events)


def test_a_zip_without_the_handler(server):
    function(server, "no-handler", "x = 1")
    error, payload = invoke(server, "no-handler")
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.HandlerNotFound"
    assert payload["errorMessage"] == "Handler 'handler' missing on module 'app'"


def test_a_zip_without_the_module(server):
    function(server, "no-module", "x = 1", handler="other.handler")
    _, payload = invoke(server, "no-module")
    assert payload["errorType"] == "Runtime.ImportModuleError"
    assert payload["errorMessage"] == "Unable to import module 'other': No module named 'other'"


def test_a_zip_without_a_bootstrap(server):
    server.client("lambda").create_function(FunctionName="no-bootstrap", Runtime="provided.al2023", Role=ROLE,
                                            Handler="bootstrap", Code={"ZipFile": zipped({"readme": "x"})})
    error, payload = invoke(server, "no-bootstrap")
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.InvalidEntrypoint"


def test_a_file_that_is_no_zip(server):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        server.client("lambda").create_function(FunctionName="no-zip", Runtime="python3.11", Role=ROLE,
                                                Handler="a.b", Code={"ZipFile": b"nonsense"})
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert caught.value.response["Error"]["Message"] == (
        "Could not unzip uploaded file. Please check your file, then try to upload again.")


def test_a_handler_that_throws(server):
    function(server, "throws", "def handler(event, context):\n    raise ValueError('bad order')\n")
    error, payload = invoke(server, "throws")
    assert error == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "bad order")
    assert any("raise ValueError" in line for line in payload["stackTrace"])
    assert until(lambda: [m for m in log_messages(server, "throws") if m.startswith("[ERROR] ValueError: bad order")],
                 "the traceback in the log")


def test_a_handler_that_hangs(server):
    function(server, "hangs", "import time\ndef handler(event, context):\n    time.sleep(600)\n", timeout=1)
    error, payload = invoke(server, "hangs")
    assert error == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert until(lambda: [m for m in log_messages(server, "hangs") if "Task timed out after 1.00 seconds" in m], "log")


def test_a_handler_that_exits(server):
    function(server, "exits", "import os\ndef handler(event, context):\n    os._exit(7)\n")
    error, payload = invoke(server, "exits")
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 7")


def test_a_handler_that_prints_a_megabyte(server):
    code = ("def handler(event, context):\n    for i in range(1024):\n        print(f'{i:04}' + 'x' * 1019)\n"
            "    return 'done'\n")
    function(server, "prints", code, timeout=20)
    assert invoke(server, "prints") == (None, "done")

    def lines():
        found = [m for m in log_messages(server, "prints") if m.rstrip("\n").endswith("xxxx")]
        return found if len(found) == 1024 else None

    assert [int(line[:4]) for line in until(lines, "1,024 lines")] == list(range(1024))


def test_a_stream_that_does_not_exist(server):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        server.client("kinesis").put_record(StreamName="missing", Data=b"x", PartitionKey="k")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert caught.value.response["Error"]["Message"] == "Stream missing under account 000000000000 not found."


def test_a_function_that_does_not_exist(server):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        server.client("lambda").invoke(FunctionName="missing")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert caught.value.response["Error"]["Message"] == (
        "Function not found: arn:aws:lambda:us-east-1:000000000000:function:missing")


def test_the_log_of_a_function_that_does_not_exist(server, tmp_path):
    result = run(server, MILLRACE, "sam", "logs", "--cw-log-group", "/aws/lambda/Missing", directory=tmp_path)
    assert result.stdout == ""
    assert result.stderr == ("There is no log group /aws/lambda/Missing: the function has not run yet, or has "
                             "another name.\n")


def test_an_operation_that_millrace_does_not_have(server):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        server.client("logs").create_delivery(
            deliverySourceName="missing", deliveryDestinationArn="arn:aws:logs:us-east-1:000000000000:delivery")
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"


def test_options_of_mappings_that_are_of_other_sources_are_refused(server):
    server.client("kinesis").create_stream(StreamName="mapped", ShardCount=1)
    function(server, "mapped", "def handler(event, context):\n    pass\n")
    with pytest.raises(botocore.exceptions.ClientError, match="Queues"):
        server.client("lambda").create_event_source_mapping(
            EventSourceArn="arn:aws:kinesis:us-east-1:000000000000:stream/mapped", FunctionName="mapped",
            StartingPosition="LATEST", Queues=["orders"])


def test_validation_lists_what_is_wrong(server):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        server.client("kinesis", parameter_validation=False).put_record(StreamName="", Data=b"x", PartitionKey="")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Error"]["Message"] == (
        "3 validation errors detected: "
        "Value '' at 'partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        "Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
        "[a-zA-Z0-9_.-]+; "
        "Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1")
