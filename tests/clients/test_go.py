# SPDX-License-Identifier: Apache-2.0
"""Kinesis as the AWS SDK for Go sees it. tests/clients/go_kinesis pins what Debian's compiler builds; go.sum is its lock."""
import json
import os
import subprocess

import pytest
from conftest import ROOT, running_server

SOURCE = ROOT / "tests" / "clients" / "go_kinesis"
SCRATCH = ROOT / "build" / "go"
GO = "/usr/bin/go"  # Debian's, which ./mill test installs; another one on the PATH may build what that one does not


@pytest.fixture(scope="module")
def program():
    environment = os.environ | {
        "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false", "CGO_ENABLED": "0",
        "GOPATH": str(SCRATCH / "path"), "GOCACHE": str(SCRATCH / "cache")}
    environment.pop("GOROOT", None)  # of another one
    target = SCRATCH / "go_kinesis"
    built = subprocess.run([GO, "build", "-o", target, "."], cwd=SOURCE, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return target


def test_a_full_round_with_the_go_sdk(program):
    with running_server("--state-delay-ms", "50") as server:
        done = subprocess.run([program, server.url, "go"], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert server.client("kinesis").list_streams()["StreamNames"] == []
    assert json.loads(done.stdout) == {f"key-{key}": [f"key-{key} {put}" for put in range(5)] for key in range(20)}
