# SPDX-License-Identifier: Apache-2.0
"""`millrace demo` from start to end, and what --keep leaves behind."""
import os
import re
import signal
import shutil
import subprocess
import time

import boto3
from conftest import MILLRACE, ROOT
from walkthrough import copy_project


def demo(tmp_path, *options: str) -> str:
    project = copy_project(ROOT / "examples" / "orders", tmp_path / "orders")
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {"TMPDIR": str(tmp_path)}
    result = subprocess.run([MILLRACE, "demo", "--project", project, "--listen", "127.0.0.1:0", *options],
                            text=True, capture_output=True, env=env, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_it_runs_the_whole_walkthrough_and_cleans_up(tmp_path):
    output = demo(tmp_path)
    assert output.count("Order processed: ") == 5
    assert "5 orders produced, consumed and read back." in output
    assert "Deleted successfully" in output
    for command in ("millrace serve", "millrace sam build", "millrace sam deploy", "aws lambda invoke",
                    "aws kinesis get-records", "millrace sam delete"):
        assert f"$ {command}" in output
    assert re.search(r"^\s+\d+\.\d{3} s  Deploy the stack$", output, re.M)
    assert "\x1b" not in output, "colours only on a terminal"
    data = re.search(r"--data (\S+)", output).group(1)
    assert not os.path.exists(data)


def test_keep_leaves_the_server_with_the_pipeline_on_it(tmp_path):
    output = demo(tmp_path, "--keep")
    pid = int(re.search(r"runs on as process (\d+)", output).group(1))
    try:
        url = re.search(r"export AWS_ENDPOINT_URL=(\S+)", output).group(1)
        client = boto3.client("lambda", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test",
                              aws_secret_access_key="test")
        assert client.invoke(FunctionName="LambdaProducer")["StatusCode"] == 200
    finally:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{pid}") and open(f"/proc/{pid}/stat").read().split(") ")[1][0] != "Z":
        assert time.monotonic() < deadline, "the server does not stop"
        time.sleep(0.02)
    shutil.rmtree(re.search(r"--data (\S+)", output).group(1))


def test_a_project_that_does_not_build_says_why(tmp_path):
    project = copy_project(ROOT / "examples" / "orders", tmp_path / "orders")
    (project / "src" / "producer.cpp").write_text("this is not C++\n")
    result = subprocess.run([MILLRACE, "demo", "--project", project, "--listen", "127.0.0.1:0"], text=True,
                            capture_output=True, timeout=120, env=os.environ | {"TMPDIR": str(tmp_path)})
    assert result.returncode == 1
    assert "producer.cpp:1:1: error:" in result.stderr
    assert "make build-LambdaProducer failed" in result.stderr
