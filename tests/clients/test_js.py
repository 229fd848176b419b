# SPDX-License-Identifier: Apache-2.0
"""Services as the AWS SDK for JavaScript v3 sees them. tests/clients/js pins what still runs on Debian's node."""
import json
import re
import subprocess

import node_project
import pytest
from conftest import ROOT, running_server

@pytest.fixture(scope="module")
def scripts():
    return node_project.installed(ROOT / "tests" / "clients" / "js")


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


def served(title: str) -> set[str]:
    """The operations of a service that docs/coverage.md tells."""
    text = (ROOT / "docs" / "coverage.md").read_text()
    return set(re.search(rf"^## {re.escape(title)}\n\nServed: (.*)\.$", text, re.MULTILINE).group(1).split(", "))


@pytest.mark.parametrize(("service", "title"), [
    ("s3", "S3"), ("sqs", "SQS"), ("sns", "SNS"), ("sts", "STS"), ("ssm", "Systems Manager (Parameter Store)"), ("iam", "IAM"),
    ("ecr", "ECR"), ("kms", "KMS"), ("kinesis", None)])
def test_round_trips(scripts, server, service, title):
    """Through every operation that is served, of those services that name a title."""
    done = subprocess.run(["node", "run.mjs", server.url, service], cwd=scripts, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    called = set(json.loads(done.stdout))
    assert called and (title is None or served(title) - called == set())
