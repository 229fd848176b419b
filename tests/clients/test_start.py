# SPDX-License-Identifier: Apache-2.0
"""What a server does before it says that it is ready."""
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


@pytest.mark.skipif(not BUBBLEWRAP, reason="a host without bubblewrap")
def test_streams_are_served_while_the_sandbox_is_still_being_tried(tmp_path):
    os.mkfifo(tmp_path / "go")
    wrapper = tmp_path / "bwrap"
    wrapper.write_text(f'#!/bin/sh\nread go < "{tmp_path}/go"\nexec "{BUBBLEWRAP}" "$@"\n')
    wrapper.chmod(0o755)
    port = free_port()
    kinesis = boto3.client("kinesis", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                           aws_access_key_id="test", aws_secret_access_key="test",
                           config=Config(retries={"total_max_attempts": 1}))

    def streams():
        try:
            return [kinesis.list_streams()["StreamNames"]]
        except botocore.exceptions.EndpointConnectionError:
            return None

    with subprocess.Popen([MILLRACE, "serve", "--data", tmp_path / "data", "--listen", f"127.0.0.1:{port}"],
                          stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}) as server:
        try:
            until(streams, "the server answers")
            kinesis.create_stream(StreamName="early", ShardCount=1)
            (tmp_path / "go").write_text("go\n")
            ready = server.stdout.readline()
            assert f"127.0.0.1:{port}" in ready and "isolation: bubblewrap" in ready
            assert kinesis.list_streams()["StreamNames"] == ["early"]
        finally:
            server.terminate()
