# SPDX-License-Identifier: Apache-2.0
"""Servers for whole-system tests. Each test that needs one starts its own and stops it by its own pid."""
import contextlib
import io
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import zipfile

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / os.environ.get("MILLRACE_TEST_PRESET", "release")
MILLRACE = BUILD / "bin" / "millrace"


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run what takes longer than ./mill test may")


class Server:
    """One `millrace serve` process on a free port of 127.0.0.1. Its streams change their state at once, so that tests of
    other things need not wait, unless the options say --state-delay-ms."""

    def __init__(self, data: pathlib.Path, *options: str, port: int = 0, variables: dict[str, str] | None = None):
        self.data = data
        self.variables = variables or {}
        self.options = ("--state-delay-ms", "0", *options)
        self.log = open(data.parent / f"{data.name}.log", "ab")
        self.start(port)

    def start(self, port: int = 0):
        self.process = subprocess.Popen(
            [MILLRACE, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{port}", *self.options],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env={**os.environ, **self.variables})
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.process.kill()
            self.log.flush()
            raise AssertionError(f"no ready line: {line!r}; log: {pathlib.Path(self.log.name).read_text()[-2000:]}")
        self.port = int(found.group(1))
        self.url = f"http://127.0.0.1:{self.port}"

    def client(self, service: str, **config):
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test",
                            config=Config(retries={"total_max_attempts": 1}, **config))

    def environment(self) -> dict[str, str]:
        """What `eval "$(millrace env)"` sets, for commands started by a test."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        env.update(AWS_ENDPOINT_URL=self.url, AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1",
                   AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_EC2_METADATA_DISABLED="true",
                   AWS_DISABLE_HOST_PREFIX_INJECTION="true", AWS_PAGER="", HOME=str(self.data.parent),
                   PATH=f"{MILLRACE.parent}:{env.get('PATH', '')}")
        return env

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self):
        """Starts again on the same data and the same port."""
        self.start(self.port)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.process.stdout.close()
        self.log.close()
        return code


@contextlib.contextmanager
def running_server(*options: str, **more):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="millrace-test-"))
    server = Server(directory / "data", *options, **more)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def shared_server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def s3(shared_server):
    return shared_server.client("s3")


@pytest.fixture
def bucket(s3, request):
    """The name of a bucket of the test's own."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name.lower())[:60].strip("-")
    s3.create_bucket(Bucket=name)
    return name


def code_of(call, **arguments) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def zipped(files: dict[str, str | bytes]) -> bytes:
    """Code of a function or a layer; what begins with #! can be run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in files.items():
            data = contents.encode() if isinstance(contents, str) else contents
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | (0o755 if data.startswith(b"#!") else 0o644)) << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def aws_commands() -> list:
    """The AWS CLIs at hand: v1 of the lock file, v2 of Debian."""
    v1 = pathlib.Path(sys.executable).parent / "aws"
    commands = [pytest.param([str(v1)], id="aws-cli-1")]
    v2 = pathlib.Path("/usr/bin/aws")
    assert v2.exists(), "Debian's awscli is missing; ./mill test installs it"
    commands.append(pytest.param([str(v2)], id="aws-cli-2"))
    return commands
