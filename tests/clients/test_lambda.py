# SPDX-License-Identifier: Apache-2.0
"""Functions that misbehave, code that must not be unpacked, and invocations at once: with boto3."""
import base64
import concurrent.futures
import contextlib
import io
import json
import pathlib
import zipfile

import botocore.exceptions
import pytest
from conftest import running_server, zipped
from walkthrough import log_messages, until

ROLE = "arn:aws:iam::000000000000:role/test"


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def functions(server):
    return Functions(server)


@pytest.fixture(autouse=True)
def goes_on(server):
    yield
    assert server.process.poll() is None, "the server has ended"


class Functions:
    def __init__(self, server):
        self.client = server.client("lambda", read_timeout=60, max_pool_connections=30)

    def create(self, name: str, code: bytes | str, **options) -> str:
        archive = code if isinstance(code, bytes) else zipped({"app.py": code})
        self.client.create_function(**{"FunctionName": name, "Runtime": "python3.11", "Role": ROLE, "Timeout": 20,
                                       "Handler": "app.handler", "Code": {"ZipFile": archive}, **options})
        return name

    def invoke(self, name: str, event=None, **options):
        """The function's error and its answer."""
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event), **options)
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_the_request_id_is_the_functions_own(server, functions):
    name = functions.create("request-id", "def handler(event, context):\n    return context.aws_request_id\n")
    answer = functions.client.invoke(FunctionName=name, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert json.loads(answer["Payload"].read()) == request_id
    assert f"START RequestId: {request_id} Version: $LATEST" in base64.b64decode(answer["LogResult"]).decode()
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-trace-id"].startswith("Root=1-")


def test_a_function_cannot_reach_out_of_its_sandbox(server, functions):
    (server.data.parent / "neighbour").write_text("secret")
    name = functions.create("reaches", """
import os
def can(action, *arguments):
    try:
        action(*arguments)
        return True
    except OSError:
        return False
def handler(paths, context):
    written = ["/x", "/var/task/x", "/usr/x", "/etc/x", "/dev/shm/x", "/proc/sys/kernel/core_pattern",
               "/proc/sys/kernel/hostname"]
    return ([p for p in paths if can(os.listdir, p)] +
            [p for p in written if can(os.open, p, os.O_WRONLY | os.O_CREAT)] +
            [p for p in os.listdir("/proc/self/fd") if p not in "01234"])
""")
    error, reached = functions.invoke(name, [str(server.data), str(server.data.parent), "/root", "/home", "/work"])
    assert error is None
    assert reached == []


def test_what_a_function_leaves_running_ends_with_it(server, functions):
    seconds = str(100_000 + server.process.pid)  # tells these from anybody else's
    name = functions.create("leaves", """
import os, subprocess
def handler(event, context):
    subprocess.Popen(["sleep", event["seconds"]], start_new_session=True)
    if event.get("die"):
        os._exit(3)
""")

    def sleepers() -> int:
        count = 0
        for command in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                count += command.read_bytes() == f"sleep\0{seconds}\0".encode()
        return count

    assert functions.invoke(name, {"seconds": seconds})[0] is None
    until(lambda: sleepers() == 1, "it runs on while its environment stays")
    error, payload = functions.invoke(name, {"seconds": seconds, "die": True})
    assert (error, payload["errorType"]) == ("Unhandled", "Runtime.ExitError")
    until(lambda: sleepers() == 0, "nothing of the dead environment runs")
    functions.invoke(name, {"seconds": seconds})
    until(lambda: sleepers() == 1, "a new environment")
    functions.client.delete_function(FunctionName=name)
    until(lambda: sleepers() == 0, "nothing of the deleted function runs")


def test_output_closed_or_without_a_line_end(server, functions):
    name = functions.create("output", """
import os, sys
def handler(event, context):
    sys.stdout.write("no line end")
    if event == "close":
        sys.stdout.flush(); os.close(1); os.close(2)
        raise ValueError("silent")
    return "fine"
""")
    assert functions.invoke(name) == (None, "fine")
    until(lambda: "no line end" in log_messages(server, name), "the output")
    assert functions.invoke(name, "close")[1]["errorMessage"] == "silent"
    for _ in range(2):
        assert functions.invoke(name, "close")[1]["errorType"] in ("ValueError", "OSError", "BrokenPipeError")


def test_twenty_invocations_at_once_have_environments_of_their_own(functions):
    name = functions.create("at-once", """
import os, time
def handler(event, context):
    time.sleep(0.3)
    return os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
""")
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: functions.invoke(name), range(20)))
    assert all(error is None for error, _ in answers)
    assert len({stream for _, stream in answers}) > 10


def test_code_changes_under_invocations(functions):
    name = functions.create("changes", "def handler(event, context):\n    return 0\n")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(functions.invoke, name) for _ in range(40)]
        for version in range(1, 4):
            code = zipped({"app.py": f"def handler(event, context):\n    return {version}\n"})
            functions.client.update_function_code(FunctionName=name, ZipFile=code)
        for answer in answers:
            error, version = answer.result()
            assert error is None and version in range(4)
    assert functions.invoke(name) == (None, 3)


def test_payloads(functions):
    name = functions.create("payloads", "def handler(event, context):\n    return 'x' * event if event else event\n")

    def error_of(payload: bytes, kind="RequestResponse"):
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            functions.client.invoke(FunctionName=name, Payload=payload, InvocationType=kind)
        return caught.value.response["ResponseMetadata"]["HTTPStatusCode"], caught.value.response["Error"]["Code"]

    assert error_of(b"not json") == (400, "InvalidRequestContentException")
    assert error_of(b'"' + b"x" * 6 * 1024 * 1024 + b'"') == (413, "RequestTooLargeException")
    assert error_of(b'"' + b"x" * 1024 * 1024 + b'"', "Event") == (413, "RequestTooLargeException")
    assert functions.invoke(name, 6_000_000) == (None, "x" * 6_000_000)
    error, payload = functions.invoke(name, 6_300_000)
    assert (error, payload["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")
    answer = functions.client.invoke(FunctionName=name)
    assert json.loads(answer["Payload"].read()) == {}, "no body means {}"


def link(target: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.create_system = 3
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, target)
    return buffer.getvalue()


@pytest.mark.parametrize("archive", [
    pytest.param(zipped({"../evil": "x"}), id="parent"),
    pytest.param(zipped({"/etc/evil": "x"}), id="absolute"),
    pytest.param(zipped({"a": "x", "a/b": "x"}), id="file-and-folder"),
    pytest.param(zipped({"n" * 300: "x"}), id="long-name"),
    pytest.param(link("/etc/passwd"), id="link-absolute"),
    pytest.param(link("../../.."), id="link-parent"),
    pytest.param(zipped({str(i): bytes(60 * 1024 * 1024) for i in range(5)}), id="bomb"),
    pytest.param(zipped({"a": "x" * 1000})[:-30], id="torn"),
    pytest.param(zipped({}), id="empty"),
])
def test_archives_that_are_refused(functions, archive):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        functions.create("refused", archive)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_a_handler_in_a_folder(functions):
    code = zipped({"a/b.py": "def handler(event, context):\n    return 'from the folder'\n"})
    assert functions.invoke(functions.create("folder", code, Handler="a/b.handler")) == (None, "from the folder")
