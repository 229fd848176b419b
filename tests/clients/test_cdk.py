# SPDX-License-Identifier: Apache-2.0
"""The real CDK CLI, with its own bootstrap template and an app. tests/clients/cdk pins packages that run on Debian's node."""
import json
import pathlib
import shutil

import node_project
import pytest
from conftest import ROOT
from walkthrough import run, until

ACCOUNT = "000000000000"
ENVIRONMENT = f"aws://{ACCOUNT}/us-east-1"
STACK = "Orders"


class Project:
    """tests/clients/cdk/orders in a folder of its own, with the packages beside it."""

    def __init__(self, server, directory: pathlib.Path):
        packages = node_project.installed(ROOT / "tests" / "clients" / "cdk") / "node_modules"
        self.server, self.cdk = server, packages / ".bin" / "cdk"
        self.directory = shutil.copytree(ROOT / "tests" / "clients" / "cdk" / "orders", directory / "orders")
        (self.directory / "node_modules").symlink_to(packages)

    def __call__(self, *arguments: str) -> str:
        """What the CLI says, on both of its streams."""
        done = run(self.server, self.cdk, "--no-notices", "--ci", *arguments, directory=self.directory)
        return done.stdout + done.stderr

    def deploy(self) -> dict[str, str]:
        self("deploy", "--all", "--concurrency", "2", "--require-approval", "never", "--outputs-file", "outputs.json")
        return json.loads((self.directory / "outputs.json").read_text())[STACK]

    def change(self, file: str, old: str, new: str):
        path = self.directory / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def cdk(shared_server, tmp_path_factory):
    """In an account that has been bootstrapped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_DISABLE_CLI_TELEMETRY", "true")
        project = Project(shared_server, tmp_path_factory.mktemp("cdk"))
        project("bootstrap", ENVIRONMENT)
        yield project


def outputs_of(server, stack: str) -> dict[str, str]:
    found = server.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def test_an_account_is_bootstrapped(shared_server, cdk):
    cdk("bootstrap", ENVIRONMENT)  # there is nothing to do
    stack = shared_server.client("cloudformation").describe_stacks(StackName="CDKToolkit")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = outputs_of(shared_server, "CDKToolkit")
    parameter = shared_server.client("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]
    assert parameter["Value"] == outputs["BootstrapVersion"]
    assert shared_server.client("s3").get_bucket_versioning(Bucket=outputs["BucketName"])["Status"] == "Enabled"
    role = f"cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1"
    assert shared_server.client("iam").get_role(RoleName=role)["Role"]["RoleName"] == role


def test_an_app_comes_changes_and_goes(shared_server, cdk):
    client = shared_server.client
    names = cdk.deploy()
    stream = client("kinesis").describe_stream_summary(StreamName=names["StreamName"])["StreamDescriptionSummary"]
    assert (stream["EncryptionType"], stream["KeyId"]) == ("KMS", "alias/aws/kinesis")  # which CDK writes unasked
    group = client("logs").describe_log_groups(logGroupNamePrefix=names["ConsumerLog"])["logGroups"][0]
    assert group["retentionInDays"] == 7
    around = client("cloudformation").describe_stack_resources(StackName="Around")["StackResources"]
    assert {resource["ResourceStatus"] for resource in around} == {"CREATE_COMPLETE"}
    bucket = outputs_of(shared_server, "CDKToolkit")["BucketName"]
    assets = [entry["Key"] for entry in client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert [key for key in assets if key.endswith(".zip")]

    def order(identifier: str):
        answer = client("lambda").invoke(FunctionName=names["ProducerName"], Payload=json.dumps({"id": identifier}))
        assert json.load(answer["Payload"]) == {"sent": identifier}

    def said(text: str):
        return client("logs").filter_log_events(logGroupName=names["ConsumerLog"], filterPattern=f'"{text}"')["events"]

    order("first")
    until(lambda: said("consumed first"), "the consumer's line")
    order("bad-one")
    failures = client("sqs").receive_message(QueueUrl=names["FailedUrl"], WaitTimeSeconds=20)["Messages"]
    assert json.loads(failures[0]["Body"])["KinesisBatchInfo"]["batchSize"] == 1

    assert "stacks with differences: 0" in cdk("diff")
    cdk.change("functions/consumer.py", "consumed", "eaten")
    cdk.change("app.js", "batchSize: 10", "batchSize: 5")
    told = cdk("diff")
    assert "[~] AWS::Lambda::Function Consumer" in told and "BatchSize" in told
    assert cdk.deploy() == names
    order("second")
    until(lambda: said("eaten second"), "a line of the new code")

    cdk("destroy", "--all", "--force")
    assert names["StreamName"] not in client("kinesis").list_streams()["StreamNames"]
    assert not client("lambda").list_functions()["Functions"]
    assert not client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert not client("logs").describe_log_groups(logGroupNamePrefix=STACK)["logGroups"]
    assert not client("sqs").list_queues().get("QueueUrls")
    roles = [role["RoleName"] for role in client("iam").list_roles()["Roles"]]
    assert roles and all(name.startswith("cdk-") for name in roles)
    assert [left["Name"] for left in client("s3").list_buckets()["Buckets"]] == [bucket]
    assert not client("sns").list_topics()["Topics"]


def test_events_are_told_with_their_kinds(shared_server):
    """DescribeEvents, which the CLI asks why a deployment failed."""
    formation = shared_server.client("cloudformation")
    template = {"Resources": {"Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": "many"}}}}
    formation.create_stack(StackName="fails", TemplateBody=json.dumps(template))
    until(lambda: formation.describe_stacks(StackName="fails")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE", "the end")
    events = formation.describe_events(StackName="fails")["OperationEvents"]
    assert (events[0]["EventType"], events[0]["OperationType"], events[0]["OperationStatus"]) == \
        ("STACK_EVENT", "ROLLBACK", "SUCCEEDED")
    assert (events[-1]["OperationType"], events[-1]["OperationStatus"]) == ("CREATE_STACK", "IN_PROGRESS")
    assert "PROGRESS_EVENT" in {event["EventType"] for event in events}
    failed, = formation.describe_events(StackName="fails", Filters={"FailedEvents": True})["OperationEvents"]
    assert (failed["EventType"], failed["LogicalResourceId"]) == ("PROVISIONING_ERROR", "Stream")
    assert "ShardCount must be an integer" in failed["ResourceStatusReason"]
    formation.create_change_set(StackName="planned", ChangeSetName="one", ChangeSetType="CREATE",
                                TemplateBody=json.dumps(template))
    assert formation.describe_events(StackName="planned", ChangeSetName="one")["OperationEvents"] == []
    with pytest.raises(formation.exceptions.ClientError, match="does not exist"):
        formation.describe_events(StackName="none")


def test_an_old_bootstrap_is_refused_by_the_template(shared_server, cdk):
    template = json.loads(cdk("synth", "--json", "--quiet", "--output", "out") and
                          (cdk.directory / "out" / f"{STACK}.template.json").read_text())
    assert "CheckBootstrapVersion" in template["Rules"]
    ssm, formation = shared_server.client("ssm"), shared_server.client("cloudformation")
    ssm.put_parameter(Name="/old-bootstrap", Type="String", Value="5")
    with pytest.raises(formation.exceptions.ClientError, match="CDK bootstrap stack version 6 required"):
        formation.create_stack(StackName="old", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"],
                               Parameters=[{"ParameterKey": "BootstrapVersion", "ParameterValue": "/old-bootstrap"}])
    with pytest.raises(formation.exceptions.ClientError, match="does not exist"):
        formation.describe_stacks(StackName="old")
