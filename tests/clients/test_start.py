# SPDX-License-Identifier: Apache-2.0
"""What a server does before it says that it is ready."""
import contextlib
import os
import shutil
import socket
import subprocess

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from conftest import MILLRACE
from walkthrough import until

BUBBLEWRAP = shutil.which("bwrap")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def starting(directory, bubblewrap: str, *options: str):
    """A server that finds this script where it looks for bubblewrap; its port and its process."""
    port = free_port()
    (directory / "bwrap").write_text(f"#!/bin/bash\nport={port}\n{bubblewrap}")
    (directory / "bwrap").chmod(0o755)
    with subprocess.Popen([MILLRACE, "serve", "--data", directory / "data", "--listen", f"127.0.0.1:{port}", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"}) as server:
        try:
            yield port, server
        finally:
            server.terminate()


@pytest.mark.skipif(not BUBBLEWRAP, reason="a host without bubblewrap")
def test_streams_are_served_while_the_sandbox_is_still_being_tried(tmp_path):
    os.mkfifo(tmp_path / "go")
    # Both ends: the script ends with the test in any case.
    with (open(os.open(tmp_path / "go", os.O_RDWR), "r+b", buffering=0) as go,
          starting(tmp_path, f'read go < "{tmp_path}/go"\nexec "{BUBBLEWRAP}" "$@"\n') as (port, server)):
        kinesis = boto3.client("kinesis", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                               aws_access_key_id="test", aws_secret_access_key="test",
                               config=Config(retries={"total_max_attempts": 1}))

        def streams():
            try:
                return [kinesis.list_streams()["StreamNames"]]
            except botocore.exceptions.EndpointConnectionError:
                return None

        until(streams, "the server answers")
        kinesis.create_stream(StreamName="early", ShardCount=1)
        go.write(b"go\n")
        ready = server.stdout.readline()
        assert f"127.0.0.1:{port}" in ready and "isolation: bubblewrap" in ready
        assert kinesis.list_streams()["StreamNames"] == ["early"]


def test_a_sandbox_that_is_required_and_cannot_be_had_ends_the_start(tmp_path):
    """Before anything that needs one has begun: a mapping would give up records of functions that may not run."""
    look = "for i in {1..10}; do if (: > /dev/tcp/127.0.0.1/$port) 2> /dev/null; then echo served; exit 1; fi; sleep 0.1; done\n"
    with starting(tmp_path, look + "echo no namespaces here\nexit 1\n", "--sandbox", "required") as (_, server):
        said, complaint = server.communicate(timeout=30)
        assert (server.returncode, said) == (1, "")
        assert "no namespaces here" in complaint and "--sandbox auto" in complaint
