# SPDX-License-Identifier: Apache-2.0
"""The walkthrough with the real SAM CLI and with `millrace sam` under the name `sam`, for the C++ orders and for a Python
project: every row that needs no container engine. The tests of this file go on where the ones before them ended, as a user
does."""
import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest
from conftest import BUILD, MILLRACE, ROOT, running_server
from terminal import Dialogue
from walkthrough import STACK, copy_project, run, stream_records, until

SAM = ROOT / ".venv-sam" / "bin" / "sam"
AWS = pathlib.Path(sys.executable).parent / "aws"
# The real `sam build` insists on the interpreter that the template names: the one that SAM CLI runs on is there.
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
PROJECTS = {"cpp": ROOT / "examples" / "orders", "python": ROOT / "tests" / "clients" / "python_project"}
ID = {"cpp": "orderId", "python": "order_id"}
CONSUMED = {"cpp": "Order processed: ", "python": "Processing order "}
MAPPING = {"cpp": "LambdaConsumerOrders", "python": "LambdaConsumerKinesisEvent"}


class Environment:
    """What a user's shell has beside the server's address."""

    def __init__(self, server, program: pathlib.Path):
        self.server, self.program = server, program

    def environment(self) -> dict[str, str]:
        env = self.server.environment()
        env.update(SAM_CLI_TELEMETRY="0", SAM_CLI_POLL_DELAY="0.2", MILLRACE_SDK=str(BUILD / "sdk"),
                   PATH=f"{self.program.parent}:{env['PATH']}")
        return env


class Project:
    def __init__(self, program: pathlib.Path, kind: str, server, directory: pathlib.Path):
        self.program, self.kind, self.server, self.directory = program, kind, server, directory
        self.is_real = program == SAM
        self.shell = Environment(server, program)

    def sam(self, *arguments: str, check: bool = True, **more) -> subprocess.CompletedProcess:
        return run(self.shell, self.program, *arguments, directory=self.directory, check=check, **more)

    def deploy(self, *options: str, check: bool = True) -> subprocess.CompletedProcess:
        """By a bucket of the user's own; samconfig.toml says resolve_s3."""
        return self.sam("deploy", "--no-resolve-s3", "--s3-bucket", "artefacts", *options, check=check)

    def terminal(self, *arguments: str) -> Dialogue:
        return Dialogue([self.program, *arguments], self.directory, self.shell.environment())

    def edit(self, path: str, old: str, new: str):
        file = self.directory / path
        text = file.read_text()
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new))

    def build(self):
        self.sam("build")

    def status(self) -> str:
        return self.server.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]

    def invoke(self) -> dict:
        run(self.shell, AWS, "lambda", "invoke", "--function-name", "LambdaProducer", "--payload", "{}", "output.json",
            directory=self.directory)
        return json.loads((self.directory / "output.json").read_text())

    def order_in(self, answer: dict) -> str:
        assert answer["statusCode"] == 200, answer
        return answer["order"]["orderId"] if self.kind == "cpp" else json.loads(answer["body"])["order_id"]

    def order(self) -> str:
        """The id of a new order."""
        return self.order_in(self.invoke())

    def typed(self, script: str) -> subprocess.Popen:
        """What a user types after `eval "$(millrace env)"`: with the AWS CLI 2 that Debian has."""
        env = {k: v for k, v in self.shell.environment().items() if not k.startswith("AWS_")}
        env.update(PATH=f"{MILLRACE.parent}:/usr/bin:/bin", AWS_PAGER="", PYTHONUNBUFFERED="1",
                   MILLRACE_LISTEN=f"127.0.0.1:{self.server.port}")
        return subprocess.Popen(["bash", "-euo", "pipefail", "-c", f'eval "$(millrace env)"\n{script}'], cwd=self.directory,
                                env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def resources(self) -> dict[str, str]:
        listed = self.server.client("cloudformation").list_stack_resources(StackName=STACK)["StackResourceSummaries"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}


pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module", params=[(tool, kind) for tool in ("sam", "millrace") for kind in PROJECTS],
                ids=lambda param: "-".join(param))
def project(request, tmp_path_factory):
    tool, kind = request.param
    with running_server() as server:
        folder = tmp_path_factory.mktemp("sam")
        directory = copy_project(PROJECTS[kind], folder / "project")
        program = SAM
        if tool == "millrace":
            run(server, MILLRACE, "sam", "install-shim", folder / "bin", directory=folder)
            program = folder / "bin" / "sam"
        one = Project(program, kind, server, directory)
        if kind == "python":
            one.edit("template.yaml", "python3.13", RUNTIME)
        server.client("s3").create_bucket(Bucket="artefacts")
        yield one


def test_validate(project):
    assert "is a valid SAM Template" in project.sam("validate").stdout
    if project.is_real:
        assert "is a valid SAM Template" in project.sam("validate", "--lint").stdout
    else:
        refused = project.sam("validate", "--lint", check=False)
        assert refused.returncode == 1 and "cfn-lint template.yaml" in refused.stderr


def test_row_1_build(project):
    printed = project.sam("build").stdout
    assert "Build Succeeded" in printed and "Built Artifacts  : .aws-sam/build" in printed
    built = project.directory / ".aws-sam" / "build"
    wanted = "bootstrap" if project.kind == "cpp" else "producer.py"
    assert (built / "LambdaProducer" / wanted).exists() and (built / "template.yaml").exists()


def test_row_2_deploy(project):
    printed = project.deploy().stdout
    assert f"Successfully created/updated stack - {STACK} in us-east-1" in printed
    for line in (r"\+ Add +OrderStream +AWS::Kinesis::Stream +N/A", r"\+ Add +LambdaProducerRole +AWS::IAM::Role +N/A",
                 r"CREATE_COMPLETE +AWS::CloudFormation::S +kinesis-consumer-", r"Key +KinesisStreamName"):
        assert re.search(line, printed), f"{line} not in {printed}"
    assert project.status() == "CREATE_COMPLETE"
    assert set(project.resources()) == {"OrderStream", "LambdaProducer", "LambdaProducerRole", "LambdaConsumer",
                                        "LambdaConsumerRole", MAPPING[project.kind]}


def test_row_2_a_second_deploy_has_nothing_to_do(project):
    result = project.deploy(check=False)
    assert result.returncode == 1
    assert f"Error: No changes to deploy. Stack {STACK} is up to date" in result.stderr
    assert f"No changes to deploy. Stack {STACK} is up to date" in project.deploy("--no-fail-on-empty-changeset").stdout
    assert project.status() == "CREATE_COMPLETE"


def test_row_5_logs(project):
    order = project.order()
    line = CONSUMED[project.kind] + order

    def printed():
        found = project.sam("logs", "--stack-name", STACK, "--name", "LambdaConsumer", "--filter",
                            f'"{order}"').stdout
        return line in found

    until(printed, "the consumer's line", seconds=30)
    everything = project.sam("logs").stdout
    assert order in everything and "REPORT RequestId: " in everything
    assert line in project.sam("logs", "--name", "LambdaConsumer", "--output", "json").stdout


def test_row_5_logs_tail(project):
    """Followed until interrupted, as by Ctrl-C."""
    tail = subprocess.Popen([project.program, "logs", "--name", "LambdaConsumer", "--tail"], cwd=project.directory, text=True,
                            env=project.shell.environment() | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT,
                            # Who runs the tests in the background ignores SIGINT, and so would what they start.
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        line = CONSUMED[project.kind] + project.order()
        assert any(line in printed for printed in tail.stdout), "the tail ended without the consumer's line"
    finally:
        tail.send_signal(signal.SIGINT)
        tail.communicate(timeout=20)


LOOP = """
for i in 1 2 3 4 5; do
  aws lambda invoke --function-name LambdaProducer --payload '{}' output.json
  cp output.json output-$i.json
done
"""


def test_rows_4_6_and_7_as_typed(project):
    """Five orders, about one a second, beside `aws logs tail --follow`: consumed once each, in order."""
    tail = project.typed("aws logs tail /aws/lambda/LambdaConsumer --follow")
    try:
        assert tail.stdout.readline(), "the lines of the orders before"
        loop = project.typed(LOOP)
        printed = loop.communicate(timeout=60)[0]
        assert loop.returncode == 0 and printed.count('"StatusCode": 200') == 5, printed
        orders = [project.order_in(json.loads((project.directory / f"output-{i}.json").read_text())) for i in range(1, 6)]
        consumed = []
        for line in tail.stdout:
            consumed += [order for order in orders if CONSUMED[project.kind] + order in line]
            if len(consumed) >= 5:
                break
        assert consumed == orders
    finally:
        os.killpg(tail.pid, signal.SIGTERM)
        tail.communicate(timeout=20)


READ = """
stream=$(aws cloudformation describe-stacks --stack-name kinesis-consumer-producer \\
  --query "Stacks[0].Outputs[?OutputKey=='KinesisStreamName'].OutputValue" --output text)
aws kinesis describe-stream --stream-name "$stream"
iterator=$(aws kinesis get-shard-iterator --stream-name "$stream" --shard-id shardId-000000000000 \\
  --shard-iterator-type TRIM_HORIZON --query ShardIterator --output text)
aws kinesis get-records --shard-iterator "$iterator"
"""


def test_rows_8_and_9_as_typed(project):
    read = project.typed(READ)
    printed = read.communicate(timeout=60)[0]
    assert read.returncode == 0, printed
    stream, end = json.JSONDecoder().raw_decode(printed)
    assert stream["StreamDescription"]["StreamName"] == "OrderStream"
    assert stream["StreamDescription"]["StreamStatus"] == "ACTIVE"
    records = json.loads(printed[end:])["Records"]
    assert [record["SequenceNumber"] for record in records] == [
        record["SequenceNumber"] for record in stream_records(project.server, "OrderStream")]
    orders = [json.loads(base64.b64decode(record["Data"]))[ID[project.kind]] for record in records]
    last = [project.order_in(json.loads((project.directory / f"output-{i}.json").read_text())) for i in range(1, 6)]
    assert orders[-5:] == last


def test_list(project):
    assert "OrderStream" in project.sam("list", "resources").stdout
    outputs = json.loads(project.sam("list", "stack-outputs", "--output", "json").stdout)
    assert {"OutputKey": "KinesisStreamName", "OutputValue": "OrderStream"}.items() <= outputs[0].items()


def test_remote_invoke(project):
    answer = json.loads(project.sam("remote", "invoke", "LambdaProducer", "--event", "{}").stdout)
    assert answer["statusCode"] == 200
    put = json.loads(project.sam("remote", "invoke", "OrderStream", "--event", '{"order_id": "by hand"}').stdout)
    assert put["SequenceNumber"] in {record["SequenceNumber"] for record in stream_records(project.server, "OrderStream")}


def test_row_2_an_update_of_code(project):
    if project.kind == "cpp":
        project.edit("src/producer.cpp", "Order sent", "Order handed over")
    else:
        project.edit("src/producer.py", "Order sent", "Order handed over")
    project.build()
    printed = project.deploy().stdout
    assert re.search(r"\* Modify +LambdaProducer +AWS::Lambda::Function +False", printed)
    assert project.status() == "UPDATE_COMPLETE"
    project.order()
    until(lambda: "Order handed over" in project.sam("logs", "--name", "LambdaProducer").stdout, "the new code's line")


def test_row_2_a_failing_deploy_rolls_back(project):
    """BatchSize is beyond what Lambda takes: what the update has changed by then goes back."""
    before = project.resources()
    project.edit(".aws-sam/build/template.yaml", "BatchSize: 10", "BatchSize: 70000")
    project.edit(".aws-sam/build/template.yaml", "Timeout: 30", "Timeout: 31")
    result = project.deploy(check=False)
    assert result.returncode == 1
    assert f"Error: Failed to create/update the stack: {STACK}" in result.stderr
    assert re.search(r"UPDATE_FAILED +AWS::Lambda::EventSour", result.stdout)
    assert project.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert project.resources() == before
    assert project.server.client("lambda").get_function_configuration(FunctionName="LambdaConsumer")["Timeout"] == 30
    project.order()


def test_row_2_an_update_that_replaces_the_stream(project):
    project.build()
    project.edit(".aws-sam/build/template.yaml", "Name: OrderStream", "Name: OtherStream")
    printed = project.deploy("--no-confirm-changeset").stdout
    assert re.search(r"\* Modify +OrderStream +AWS::Kinesis::Stream +True", printed)
    assert "Requested update" in printed and re.search(r"DELETE_COMPLETE +AWS::Kinesis::Stream", printed)
    assert project.resources()["OrderStream"] == "OtherStream"
    assert project.server.client("kinesis").list_streams()["StreamNames"] == ["OtherStream"]
    order = project.order()
    until(lambda: order in project.sam("logs", "--name", "LambdaConsumer").stdout, "the consumer's line", seconds=30)


def test_rows_13_and_14_delete_asks(project):
    dialogue = project.terminal("delete", "--stack-name", STACK)
    dialogue.answer(f"Are you sure you want to delete the stack {STACK} in the region us-east-1 ? [y/N]:", "n")
    assert dialogue.end()[0] == 0
    assert project.status() == "UPDATE_COMPLETE"
    dialogue = project.terminal("delete", "--stack-name", STACK)
    dialogue.answer("Are you sure", "y")
    dialogue.answer("in S3? [y/N]:", "y")
    code, printed = dialogue.end()
    assert code == 0 and "Deleted successfully" in printed
    gone = run(project.shell, AWS, "cloudformation", "describe-stacks", "--stack-name", STACK, directory=project.directory,
               check=False)
    assert gone.returncode != 0
    assert "ValidationError" in gone.stderr and f"Stack with id {STACK} does not exist" in gone.stderr
    assert project.server.client("kinesis").list_streams()["StreamNames"] == []
    assert project.server.client("lambda").list_functions()["Functions"] == []


def test_a_first_deploy_that_fails_leaves_nothing_but_the_stack(project):
    project.edit(".aws-sam/build/template.yaml", "BatchSize: 10", "BatchSize: 70000")
    result = project.deploy(check=False)
    assert result.returncode == 1 and "ROLLBACK_COMPLETE" in result.stderr
    assert project.status() == "ROLLBACK_COMPLETE"
    assert project.server.client("lambda").list_functions()["Functions"] == []
    project.build()
    refused = project.deploy(check=False)
    assert refused.returncode == 1 and "is in ROLLBACK_COMPLETE state and can not be updated" in refused.stderr
    project.sam("delete", "--stack-name", STACK, "--no-prompts")
    assert "Successfully created/updated stack" in project.deploy().stdout
    assert project.status() == "CREATE_COMPLETE"


def test_row_13_delete_without_asking(project):
    result = project.sam("delete", "--stack-name", STACK, "--no-prompts")
    printed = result.stdout + result.stderr
    assert f"- Deleting Cloudformation stack {STACK}" in printed and "Deleted successfully" in printed
    assert "- Deleting S3 object with key" in printed
    again = project.sam("delete", "--stack-name", STACK, "--no-prompts")
    assert f"The input stack {STACK} does not exist on Cloudformation in the region us-east-1" in again.stdout + again.stderr


def test_row_2_deploy_with_a_bucket_that_sam_makes(project):
    """As samconfig.toml has it: resolve_s3, for which SAM makes a stack of its own with a bucket and its policy."""
    printed = project.sam("deploy").stdout
    assert "Managed S3 bucket: aws-sam-cli-managed-default-samclisourcebucket-" in printed
    assert f"Successfully created/updated stack - {STACK} in us-east-1" in printed
    project.order()
    bucket = re.search(r"Managed S3 bucket: (\S+)", printed).group(1)
    settings = project.server.client("s3")
    assert settings.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert {"Key": "ManagedStackSource", "Value": "AwsSamCli"} in settings.get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert "No changes to deploy" in project.sam("deploy", check=False).stderr  # with the bucket that is there
    project.sam("delete", "--stack-name", STACK, "--no-prompts")


def test_row_2_deploy_guided(project):
    """Answered at a terminal; the answers are saved, so that a plain `sam deploy` does the same."""
    (project.directory / "samconfig.toml").unlink()
    dialogue = project.terminal("deploy", "--guided")
    dialogue.answer("Stack Name [sam-app]:", STACK)
    dialogue.answer("AWS Region [us-east-1]:", "")
    dialogue.answer("Confirm changes before deploy [y/N]:", "y")
    dialogue.answer("Allow SAM CLI IAM role creation [Y/n]:", "y")
    dialogue.answer("Disable rollback [y/N]:", "n")
    dialogue.answer("Save arguments to configuration file [Y/n]:", "y")
    dialogue.answer("SAM configuration file [samconfig.toml]:", "")
    dialogue.answer("SAM configuration environment [default]:", "")
    dialogue.answer("Deploy this changeset? [y/N]:", "y")
    code, printed = dialogue.end()
    assert code == 0 and f"Successfully created/updated stack - {STACK} in us-east-1" in printed, printed
    assert f'stack_name = "{STACK}"' in (project.directory / "samconfig.toml").read_text()
    project.order()
    dialogue = project.terminal("deploy")
    code, printed = dialogue.end()
    assert code == 1 and "No changes to deploy" in printed
