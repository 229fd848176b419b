# SPDX-License-Identifier: Apache-2.0
"""Rows 3, 10, 11 and 12 of the walkthrough: `millrace sam local`, and `sam remote invoke`, on the C++ project and on the Python project."""
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import termios
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from conftest import MILLRACE, ROOT, aws_commands, running_server
from walkthrough import copy_project, deploy, log_messages, run, stream_records

PROJECTS = {"cpp": ROOT / "examples" / "orders", "python": pathlib.Path(__file__).parent / "python_project"}
ID = {"cpp": "orderId", "python": "order_id"}


class Deployed:
    def __init__(self, kind, server, project):
        self.kind, self.server, self.project = kind, server, project

    def sam(self, *words, **options):
        return subprocess.run([MILLRACE, "sam", *words], cwd=self.project, env=self.server.environment(), text=True,
                              capture_output=True, timeout=120, **options)

    def order_ids(self):
        return [json.loads(record["Data"])[ID[self.kind]] for record in stream_records(self.server, "OrderStream")]

    def order_id(self, answer: str):
        body = json.loads(answer)
        return (body["order"] if self.kind == "cpp" else json.loads(body["body"]))[ID[self.kind]]


@pytest.fixture(scope="module", params=PROJECTS)
def deployed(request, tmp_path_factory):
    with running_server() as server:
        project = copy_project(PROJECTS[request.param], tmp_path_factory.mktemp("local") / "project")
        deploy(server, project)
        yield Deployed(request.param, server, project)


def test_row_3_local_invoke_puts_the_order_on_the_deployed_stream(deployed):
    result = deployed.sam("local", "invoke", "LambdaProducer", "--event", "events/invoke-producer.json")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n") == 1 and json.loads(result.stdout)["statusCode"] == 200
    assert deployed.order_ids()[-1] == deployed.order_id(result.stdout)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("Invoking ")
    request = re.fullmatch(r"START RequestId: (\S+) Version: \$LATEST", lines[1]).group(1)
    assert any(line.startswith("Order sent") for line in lines)
    assert lines[-2] == f"END RequestId: {request}"
    assert lines[-1].startswith(f"REPORT RequestId: {request}\tDuration: ")
    # It was not the deployed function that ran.
    assert not any(request in message for message in log_messages(deployed.server, "LambdaProducer"))


@pytest.mark.parametrize("command", aws_commands())
def test_row_10_start_lambda_answers_the_aws_cli(deployed, command, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    service = subprocess.Popen([MILLRACE, "sam", "local", "start-lambda", "--port", str(port)], cwd=deployed.project,
                               env=deployed.server.environment(), text=True, stderr=subprocess.PIPE)
    try:
        said = [service.stderr.readline() for _ in range(3)]
        assert said[0].startswith("Starting the Local Lambda Service."), said
        answer = tmp_path / "output.json"
        invoked = run(deployed.server, *command, "lambda", "invoke", "--endpoint-url", f"http://127.0.0.1:{port}",
                      "--function-name", "LambdaProducer", str(answer), directory=deployed.project)
        assert json.loads(invoked.stdout)["StatusCode"] == 200
        assert deployed.order_ids()[-1] == deployed.order_id(answer.read_text())
        unknown = run(deployed.server, *command, "lambda", "invoke", "--endpoint-url", f"http://127.0.0.1:{port}",
                      "--function-name", "Nobody", str(answer), directory=deployed.project, check=False)
        assert unknown.returncode != 0 and "ResourceNotFoundException" in unknown.stderr
        taken = deployed.sam("local", "start-lambda", "--port", str(port))
        assert taken.returncode == 1 and "is in use" in taken.stderr
    finally:
        service.send_signal(signal.SIGINT)
        rest = service.communicate(timeout=30)[1]
    assert service.returncode == 0
    assert re.search(r"^REPORT RequestId: ", rest, re.MULTILINE)
    with socket.socket() as again:  # nobody is left
        assert again.connect_ex(("127.0.0.1", port)) != 0


def test_rows_11_and_12_the_consumer_processes_a_generated_event(deployed):
    order = {"cpp": {"orderId": "o-1", "product": "Desk", "quantity": 2, "price": 5.0, "total": 10.0},
             "python": {"order_id": "o-1", "product": "Phone", "quantity": 2}}[deployed.kind]
    event = deployed.sam("local", "generate-event", "kinesis", "--data", json.dumps(order))
    assert event.returncode == 0
    (deployed.project / "events" / "kinesis-event.json").write_text(event.stdout)
    by_file = deployed.sam("local", "invoke", "LambdaConsumer", "--event", "events/kinesis-event.json")
    by_pipe = deployed.sam("local", "invoke", "LambdaConsumer", "-e", "-", input=event.stdout)
    for result in (by_file, by_pipe):
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout) == {"cpp": {"processed": 1}, "python": {"statusCode": 200}}[deployed.kind]
        assert re.search(r"^(Order processed: |Processing order )o-1", result.stderr, re.MULTILINE)


def test_a_functions_error_is_its_answer_and_no_failure_as_with_sam(deployed):
    event = deployed.sam("local", "generate-event", "kinesis").stdout  # its data is no order
    result = deployed.sam("local", "invoke", "LambdaConsumer", "--event", "-", input=event)
    assert result.returncode == 0
    assert set(json.loads(result.stdout)) >= {"errorMessage", "errorType"}
    unknown = deployed.sam("local", "invoke", "Nobody")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "Error: Function Nobody not found in template" in unknown.stderr
    unread = deployed.sam("local", "invoke", "LambdaConsumer", "--event", "-", input="{")
    assert (unread.returncode, unread.stdout) == (1, "")
    assert "Could not parse request body into json" in unread.stderr


def test_without_a_server_functions_run_by_themselves(deployed, tmp_path):
    (tmp_path / "env.json").write_text(json.dumps({"LambdaProducer": {"STREAM_NAME": "elsewhere"}}))
    with socket.socket() as nobody:  # bound, but not listening
        nobody.bind(("127.0.0.1", 0))
        result = deployed.sam("local", "invoke", "LambdaProducer", "--env-vars", str(tmp_path / "env.json"),
                              "--endpoint-url", f"http://127.0.0.1:{nobody.getsockname()[1]}")
    assert result.returncode == 0
    assert "No Millrace server answers" in result.stderr
    assert "elsewhere" in json.loads(result.stdout)["errorMessage"]


def test_remote_invoke_calls_the_deployed_function(deployed):
    result = deployed.sam("remote", "invoke", "LambdaProducer", "--event-file", "events/invoke-producer.json")
    assert result.returncode == 0, result.stderr
    assert deployed.order_ids()[-1] == deployed.order_id(result.stdout)
    lines = result.stderr.splitlines()
    assert lines[0] == "Invoking Lambda Function LambdaProducer"
    assert lines[1].startswith("START RequestId: ") and lines[-1].startswith("REPORT RequestId: ")
    by_pipe = deployed.sam("remote", "invoke", "LambdaConsumer", "--event-file", "-", input='{"Records": []}')
    assert json.loads(by_pipe.stdout) == {"cpp": {"processed": 0}, "python": {"statusCode": 200}}[deployed.kind]
    for words, message in ((["Nobody"], "Can't find resource information from stack name"),
                           ([], "contains more than one resource"), (["LambdaProducerRole"], "AWS::IAM::Role")):
        refused = deployed.sam("remote", "invoke", *words)
        assert (refused.returncode, refused.stdout) == (1, "") and message in refused.stderr


@pytest.fixture
def chatty(tmp_path):
    """A folder with a function that logs more than a pipe holds."""
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Chatty:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        "      {Runtime: python3.13, Handler: index.handle, InlineCode: 'def handle(event, context): "
        "[print(str(n) * 1000) for n in range(300)]'}\n")
    return tmp_path


def local(folder, *words, endpoint: str):
    return subprocess.Popen([MILLRACE, "sam", "local", *words], cwd=folder, text=True, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": endpoint})


def test_a_full_pipe_holds_functions_up_but_not_the_end(chatty):
    """Nobody reads what they log, and then the service is told to end: by that alone, nothing reaches its server."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        service = local(chatty, "start-lambda", "--port", "0", endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}")
    said = []
    while not said or "CTRL+C" not in said[-1]:
        said.append(service.stderr.readline())
        assert said[-1], said
    url = re.search(r"Running on (\S+)", "".join(said)).group(1)
    functions = boto3.client("lambda", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test",
                             aws_secret_access_key="test")
    functions.invoke(FunctionName="Chatty", InvocationType="Event")
    end = time.monotonic() + 20
    while struct.unpack("i", fcntl.ioctl(service.stderr, termios.FIONREAD, bytes(4)))[0] < 60_000:
        assert time.monotonic() < end, "the pipe is not filled"
        time.sleep(0.01)
    try:
        service.terminate()
        assert service.wait(timeout=20) == 0
    finally:
        service.kill()
        service.stderr.close()


@pytest.mark.parametrize("verb", ["invoke", "start-lambda"])
def test_a_server_that_never_answers_does_not_stand_against_ctrl_c(chatty, verb):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        command = local(chatty, verb, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}")
        connection = silent.accept()[0]
        assert connection.recv(1)  # it has asked, and waits
        try:
            command.terminate()
            assert command.wait(timeout=20) != 0
        finally:
            command.kill()
            command.stderr.close()
            connection.close()


def test_function_logs_go_to_a_descriptor_that_is_open():
    done = subprocess.run([MILLRACE, "serve", "--ephemeral", "--listen", "127.0.0.1:0", "--function-logs-fd", "4"], text=True,
                          capture_output=True, timeout=30)
    assert done.returncode == 2 and "descriptor 4 is not open" in done.stderr


SAM = ROOT / ".venv-sam" / "bin" / "sam"


EVENTS = [
    ["kinesis", "get-records"], ["kinesis", "get-records", "--data", "é 1", "--region", "eu-west-1", "--sequence", "7"],
    ["sqs", "receive-message"], ["sqs", "receive-message", "--body", "a\\n<é&😀>", "--queue-name", "q"],
    ["sns", "notification"], ["sns", "notification", "--subject", "s", "--message", "m", "--topic", "t"],
    ["s3", "put"], ["s3", "put", "--bucket", "b", "--key", "k é/+&~"], ["s3", "delete"], ["dynamodb", "update"],
    ["dynamodb", "update", "--table", "t", "--account-id", "1"], ["cloudwatch", "logs"],
    ["cloudwatch", "scheduled-event"], ["cloudwatch", "scheduled-event", "--rule", "r", "--partition", "aws-cn"],
]


def generated(words: list, *program) -> bytes:
    return subprocess.run([*program, "local", "generate-event", *words], check=True, capture_output=True,
                          env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "SAM_CLI_TELEMETRY": "0"}).stdout


@pytest.fixture(scope="module")
def real_events():
    """All at once, on all cores: the real SAM CLI takes a second to begin."""
    if not SAM.exists():
        pytest.skip("the real SAM CLI is not installed here")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(map(" ".join, EVENTS), pool.map(lambda words: generated(words, SAM), EVENTS)))


@pytest.mark.parametrize("words", EVENTS, ids=" ".join)
def test_row_11_events_are_those_of_the_real_sam_cli(real_events, words):
    assert generated(words, MILLRACE, "sam") == real_events[" ".join(words)]
