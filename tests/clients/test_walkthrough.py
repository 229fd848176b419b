# SPDX-License-Identifier: Apache-2.0
"""Rows 4, 6, 7, 8, 9 and 14 of the walkthrough with the real AWS CLIs and boto3, on the C++ orders."""
import base64
import json
import subprocess

import botocore.exceptions
import pytest
from conftest import MILLRACE, aws_commands, running_server
from walkthrough import STACK, deploy_orders, log_messages, run, stream_records, until


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with running_server() as server:
        project = deploy_orders(server, tmp_path_factory.mktemp("walkthrough"))
        yield server, project


def aws(server, project, command, *arguments, check=True):
    """As a user with an old CLI has it: `millrace env` defines a function that passes --endpoint-url."""
    return run(server, *command, "--endpoint-url", server.url, *arguments, directory=project, check=check)


@pytest.mark.parametrize("command", aws_commands())
def test_row_4_invoke_writes_the_answer_to_the_file(deployed, command):
    server, project = deployed
    # The CLIs differ in how they read --payload: v2 wants base64 unless told otherwise, and '{}' decodes to nothing.
    result = aws(server, project, command, "lambda", "invoke", "--function-name", "LambdaProducer", "--payload", "{}",
                 "output.json")
    assert json.loads(result.stdout)["StatusCode"] == 200
    answer = json.loads((project / "output.json").read_text())
    assert answer["statusCode"] == 200
    assert answer["shardId"] == "shardId-000000000000"
    assert any(record["SequenceNumber"] == answer["sequenceNumber"] for record in stream_records(server, "OrderStream"))


@pytest.mark.parametrize("command", aws_commands())
def test_row_6_the_consumers_lines_are_in_the_log(deployed, command):
    server, project = deployed
    aws(server, project, command, "lambda", "invoke", "--function-name", "LambdaProducer", "output.json")
    order = json.loads((project / "output.json").read_text())["order"]["orderId"]

    def line():
        result = aws(server, project, command, "logs", "filter-log-events", "--log-group-name",
                     "/aws/lambda/LambdaConsumer", "--filter-pattern", f'"{order}"', check=False)
        return result.returncode == 0 and json.loads(result.stdout)["events"]

    events = until(line, "the consumer's line")
    assert [e["message"].split(":")[0] for e in events] == ["Order processed"]
    messages = log_messages(server, "LambdaConsumer")
    assert any(m.startswith("START RequestId: ") for m in messages)
    assert any(m.startswith("REPORT RequestId: ") and "Billed Duration" in m for m in messages)


def test_row_6_aws_logs_tail_of_cli_2(deployed):
    server, project = deployed
    aws(server, project, ["/usr/bin/aws"], "lambda", "invoke", "--function-name", "LambdaProducer", "output.json")
    order = json.loads((project / "output.json").read_text())["order"]["orderId"]
    until(lambda: [m for m in log_messages(server, "LambdaConsumer") if order in m], "the consumer's line")
    tail = aws(server, project, ["/usr/bin/aws"], "logs", "tail", "/aws/lambda/LambdaConsumer")
    assert order in tail.stdout


def test_row_7_five_orders_are_consumed_once_each_in_order(deployed):
    server, project = deployed
    client = server.client("lambda")
    orders = []
    for _ in range(5):
        answer = client.invoke(FunctionName="LambdaProducer", Payload=b"{}")
        assert answer["StatusCode"] == 200 and "FunctionError" not in answer
        orders.append(json.loads(answer["Payload"].read())["order"]["orderId"])

    def consumed():
        lines = [m for m in log_messages(server, "LambdaConsumer", '"Order processed"')]
        seen = [m.split()[2] for m in lines if m.split()[2] in orders]
        return seen if len(seen) >= 5 else None

    assert until(consumed, "five lines of the consumer") == orders


@pytest.mark.parametrize("command", aws_commands())
def test_rows_8_and_9_output_stream_and_records(deployed, command):
    server, project = deployed
    server.client("lambda").invoke(FunctionName="LambdaProducer", Payload=b"{}")
    name = aws(server, project, command, "cloudformation", "describe-stacks", "--stack-name", STACK, "--query",
               "Stacks[0].Outputs[?OutputKey=='KinesisStreamName'].OutputValue", "--output", "text").stdout.strip()
    assert name == "OrderStream"
    stream = json.loads(aws(server, project, command, "kinesis", "describe-stream", "--stream-name", name).stdout)
    assert stream["StreamDescription"]["StreamStatus"] == "ACTIVE"
    assert stream["StreamDescription"]["RetentionPeriodHours"] == 24
    shard = stream["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = aws(server, project, command, "kinesis", "get-shard-iterator", "--stream-name", name, "--shard-id", shard,
                   "--shard-iterator-type", "TRIM_HORIZON", "--query", "ShardIterator", "--output", "text").stdout.strip()
    records = json.loads(aws(server, project, command, "kinesis", "get-records", "--shard-iterator", iterator).stdout)
    sequence = [record["SequenceNumber"] for record in records["Records"]]
    assert sequence and sequence == sorted(sequence, key=int)
    order = json.loads(base64.b64decode(records["Records"][-1]["Data"]))
    assert set(order) == {"orderId", "product", "quantity", "price", "total"}


def test_the_log_tail_comes_with_the_answer(deployed):
    server, _ = deployed
    answer = server.client("lambda").invoke(FunctionName="LambdaProducer", LogType="Tail", Payload=b"{}")
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert lines[0].startswith("START RequestId: ") and lines[-1].startswith("REPORT RequestId: ")
    assert any(line.startswith("Order sent: ") for line in lines)


def test_functions_can_be_listed_and_described(deployed):
    server, _ = deployed
    client = server.client("lambda")
    assert {f["FunctionName"] for f in client.list_functions()["Functions"]} == {"LambdaConsumer", "LambdaProducer"}
    function = client.get_function(FunctionName="LambdaProducer")["Configuration"]
    assert (function["Runtime"], function["Timeout"], function["State"]) == ("provided.al2023", 30, "Active")
    mapping = client.list_event_source_mappings(FunctionName="LambdaConsumer")["EventSourceMappings"][0]
    assert (mapping["BatchSize"], mapping["StartingPosition"], mapping["State"]) == (10, "LATEST", "Enabled")


def test_binaries_run_on_amazon_linux_2023(deployed):
    """No symbol above GLIBC_2.34: static programs have none at all."""
    _, project = deployed
    for function in ("LambdaProducer", "LambdaConsumer"):
        program = project / ".aws-sam" / "build" / function / "bootstrap"
        symbols = subprocess.run(["readelf", "--dyn-syms", "--wide", program], check=True, text=True,
                                 capture_output=True).stdout
        headers = subprocess.run(["readelf", "--program-headers", "--wide", program], check=True, text=True,
                                 capture_output=True).stdout
        assert "INTERP" not in headers, "a static program needs no loader"
        assert "GLIBC_" not in symbols


@pytest.mark.parametrize("command", aws_commands())
def test_row_14_a_deleted_stack_does_not_exist(tmp_path, command):
    with running_server() as server:
        project = deploy_orders(server, tmp_path)
        run(server, MILLRACE, "sam", "delete", "--no-prompts", directory=project)
        result = aws(server, project, command, "cloudformation", "describe-stacks", "--stack-name", STACK, check=False)
        assert result.returncode != 0
        assert f"Stack with id {STACK} does not exist" in result.stderr
        assert "ValidationError" in result.stderr
        with pytest.raises(botocore.exceptions.ClientError, match="ResourceNotFoundException"):
            server.client("kinesis").describe_stream(StreamName="OrderStream")
        assert server.client("lambda").list_functions()["Functions"] == []
