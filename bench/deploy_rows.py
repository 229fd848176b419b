# SPDX-License-Identifier: Apache-2.0
"""Deploys, and `millrace sam local invoke`: what a user waits for. `./mill bench --rows deploy`"""
import json
import os
import re
import shutil
import subprocess
import time
import urllib.parse

import aws
from goals import Goal
from rows import row
from servers import BIN, ROOT, SERVER_CORES, Millrace

TEMPLATE = ROOT / "examples/orders/template.yaml"
NAMED = ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


def cloudformation(client: aws.Client, action: str, **members: str) -> str:
    body = urllib.parse.urlencode({"Action": action, "Version": "2010-05-15", **members}).encode()
    status, answer = client.call("POST", "/", body, "cloudformation", {"Content-Type": "application/x-www-form-urlencoded"})
    if status != 200:
        raise RuntimeError(f"{action}: {status} {answer[:300]!r}")
    return answer.decode()


def put_object(client: aws.Client, path: str, body: bytes) -> None:
    status, answer = client.call("PUT", path, body, "s3", {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    if status != 200:
        raise RuntimeError(f"PUT {path}: {status} {answer[:300]!r}")


def deploy_ms(client: aws.Client, name: str, template: str) -> float:
    """From CreateStack to CREATE_COMPLETE. The template is in S3, as the CLIs put it."""
    put_object(client, "/deploys/template", template.encode())
    capabilities = {f"Capabilities.member.{n + 1}": name for n, name in enumerate(NAMED)}
    begun = time.perf_counter()
    cloudformation(client, "CreateStack", StackName=name, TemplateURL=f"http://127.0.0.1:{client.port}/deploys/template",
                   **capabilities)
    while True:
        status = re.search("<StackStatus>(.*)</StackStatus>", cloudformation(client, "DescribeStacks", StackName=name))[1]
        if not status.endswith("_IN_PROGRESS"):
            break
        time.sleep(0.002)
    passed = (time.perf_counter() - begun) * 1000
    if status != "CREATE_COMPLETE":
        raise RuntimeError(f"{name}: {status}")
    return passed


def orders_template(code: str) -> str:
    text = TEMPLATE.read_text()
    assert "CodeUri: src/" in text
    return text.replace("CodeUri: src/", f"CodeUri: {code}")


def many_resources(count: int) -> str:
    kinds = [("AWS::Kinesis::Stream", {"ShardCount": 1}), ("AWS::SQS::Queue", {}), ("AWS::Logs::LogGroup", {}),
             ("AWS::SNS::Topic", {})]
    return json.dumps({"Resources": {f"R{n}": {"Type": kinds[n % 4][0], "Properties": kinds[n % 4][1]} for n in range(count)}})


@row("deploy-stacks", "CreateStack to CREATE_COMPLETE", "ms", Goal("orders template", "<=", 300), Goal("200 resources", "<=", 3000),
     note="templates in S3; streams, queues, log groups and topics in turn")
def deploy_stacks(bench):
    values: dict[str, list[float]] = {}
    for _ in range(bench.samples // 2 + 1):
        with bench.server(Millrace) as server:
            client = aws.Client(server.port)
            put_object(client, "/deploys", b"")
            put_object(client, "/deploys/code", aws.zipped(aws.program(BIN / "bench-noop")))
            values.setdefault("orders template", []).append(deploy_ms(client, "orders", orders_template("s3://deploys/code")))
            values.setdefault("200 resources", []).append(deploy_ms(client, "many", many_resources(200)))
    return {name: bench.median(samples) for name, samples in values.items()}


@row("deploy-local", "millrace sam local invoke of a C++ function, warm", "ms", Goal("wall time", "<=", 100))
def local_invoke(bench):
    project = bench.directory()
    (project / "code").mkdir(parents=True)
    shutil.copy(BIN / "bench-noop", project / "code/bootstrap")
    (project / "template.yaml").write_text(orders_template("code/"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {"HOME": str(project)}
    samples = []
    with bench.server(Millrace) as server:
        command = [str(BIN / "millrace"), "sam", "local", "invoke", "LambdaProducer", "--endpoint-url", f"http://127.0.0.1:{server.port}"]
        for _ in range(bench.samples + 1):
            begun = time.perf_counter()
            done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False,
                                  preexec_fn=lambda: os.sched_setaffinity(0, SERVER_CORES))
            samples.append((time.perf_counter() - begun) * 1000)
            if done.returncode != 0:
                raise RuntimeError(done.stderr[-300:])
    shutil.rmtree(project)
    return {"wall time": bench.median(samples[1:])}  # the first one fills the caches
