# SPDX-License-Identifier: Apache-2.0
"""The real CDK CLI bootstraps with its own template. tests/clients/cdk pins one that runs on Debian's node."""
import node_project
from conftest import ROOT
from walkthrough import run


def test_an_account_is_bootstrapped(server, monkeypatch, tmp_path):
    monkeypatch.setenv("CDK_DISABLE_CLI_TELEMETRY", "true")
    cdk = node_project.installed(ROOT / "tests" / "clients" / "cdk") / "node_modules" / ".bin" / "cdk"
    for _ in range(2):  # the second time there is nothing to do
        run(server, cdk, "--no-notices", "--ci", "bootstrap", "aws://000000000000/us-east-1", directory=tmp_path)
    stack = server.client("cloudformation").describe_stacks(StackName="CDKToolkit")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    parameter = server.client("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]
    assert parameter["Value"] == outputs["BootstrapVersion"]
    assert server.client("s3").get_bucket_versioning(Bucket=outputs["BucketName"])["Status"] == "Enabled"
    role = "cdk-hnb659fds-deploy-role-000000000000-us-east-1"
    assert server.client("iam").get_role(RoleName=role)["Role"]["RoleName"] == role
