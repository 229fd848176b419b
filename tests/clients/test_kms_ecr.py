# SPDX-License-Identifier: Apache-2.0
"""KMS's keys and ECR's repositories with boto3 and the AWS CLIs: honest records, and stacks that have them."""
import base64
import json
import subprocess

import botocore.exceptions
import pytest
from conftest import aws_commands, running_server

ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def kms(server):
    return server.client("kms")


@pytest.fixture(scope="module")
def ecr(server):
    return server.client("ecr")


def test_a_key_survives_kill_9(server, kms):
    key = kms.create_key(Description="é", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    kms.create_alias(AliasName="alias/kept", TargetKeyId=key["KeyId"])
    server.kill()
    server.restart()
    told = kms.describe_key(KeyId="alias/kept")["KeyMetadata"]
    assert told["Arn"] == key["Arn"] and told["Description"] == "é" and told["KeyState"] == "Enabled"
    assert [k["KeyId"] for k in kms.list_keys()["Keys"]] == [key["KeyId"]]
    assert [a["AliasName"] for a in kms.list_aliases(KeyId=key["KeyId"])["Aliases"]] == ["alias/kept"]
    assert json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])["Statement"][0]["Action"] == "kms:*"
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    assert kms.list_key_policies(KeyId=key["KeyId"])["PolicyNames"] == ["default"]
    kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "c", "TagValue": "d"}])
    kms.untag_resource(KeyId=key["KeyId"], TagKeys=["a"])
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "c", "TagValue": "d"}]
    kms.enable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    kms.disable_key_rotation(KeyId=key["KeyId"])
    kms.update_key_description(KeyId=key["KeyId"], Description="new")
    kms.disable_key(KeyId=key["KeyId"])
    kms.enable_key(KeyId=key["KeyId"])
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/kept", TargetKeyId=other)
    kms.delete_alias(AliasName="alias/kept")
    assert kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)["KeyState"] == "PendingDeletion"
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.enable_key(KeyId=key["KeyId"])
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="alias/kept")


def test_cryptography_is_refused_by_name(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(botocore.exceptions.ClientError, match="'Encrypt' is not supported"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    with pytest.raises(botocore.exceptions.ClientError, match="'GenerateDataKey' is not supported"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def test_a_repository_survives_kill_9(server, ecr):
    made = ecr.create_repository(repositoryName="app/web", imageScanningConfiguration={"scanOnPush": True},
                                 tags=[{"Key": "a", "Value": "b"}])["repository"]
    assert made["repositoryUri"] == f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app/web"
    server.kill()
    server.restart()
    told = ecr.describe_repositories(repositoryNames=["app/web"])["repositories"][0]
    assert told == made
    with pytest.raises(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName="app/web")
    ecr.put_image_tag_mutability(repositoryName="app/web", imageTagMutability="IMMUTABLE")
    ecr.put_image_scanning_configuration(repositoryName="app/web", imageScanningConfiguration={"scanOnPush": False})
    with pytest.raises(ecr.exceptions.RepositoryPolicyNotFoundException):
        ecr.get_repository_policy(repositoryName="app/web")
    ecr.set_repository_policy(repositoryName="app/web", policyText="{}")
    assert ecr.get_repository_policy(repositoryName="app/web")["policyText"] == "{}"
    ecr.delete_repository_policy(repositoryName="app/web")
    lifecycle = json.dumps({"rules": [{"rulePriority": 1, "selection": {
        "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 365},
        "action": {"type": "expire"}}]})
    ecr.put_lifecycle_policy(repositoryName="app/web", lifecyclePolicyText=lifecycle)
    assert ecr.get_lifecycle_policy(repositoryName="app/web")["lifecyclePolicyText"] == lifecycle
    ecr.delete_lifecycle_policy(repositoryName="app/web")
    ecr.tag_resource(resourceArn=made["repositoryArn"], tags=[{"Key": "c", "Value": "d"}])
    ecr.untag_resource(resourceArn=made["repositoryArn"], tagKeys=["a"])
    assert ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"] == [{"Key": "c", "Value": "d"}]
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    assert base64.b64decode(token).startswith(b"AWS:")
    with pytest.raises(botocore.exceptions.ClientError, match="'PutImage' is not supported"):
        ecr.put_image(repositoryName="app/web", imageManifest="{}")
    assert ecr.list_images(repositoryName="app/web")["imageIds"] == []
    assert ecr.describe_images(repositoryName="app/web")["imageDetails"] == []
    with pytest.raises(ecr.exceptions.ImageNotFoundException, match="imageTag:'v1'"):  # so CDK sees that it has to push
        ecr.describe_images(repositoryName="app/web", imageIds=[{"imageTag": "v1"}])
    ecr.delete_repository(repositoryName="app/web")
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=["app/web"])


# The resources that deploy tools set an account up with, but for its bucket.
TEMPLATE = {
    "Parameters": {"Qualifier": {"Type": "String", "Default": "mine"}},
    "Resources": {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": {"Ref": "AWS::AccountId"}}, "Action": "kms:*", "Resource": "*"}]}}},
        "KeyAlias": {"Type": "AWS::KMS::Alias", "Properties": {
            "AliasName": {"Fn::Sub": "alias/setup-${Qualifier}"}, "TargetKeyId": {"Ref": "Key"}}},
        "Images": {"Type": "AWS::ECR::Repository", "Properties": {
            "RepositoryName": {"Fn::Sub": "setup-${Qualifier}-${AWS::AccountId}"}, "ImageTagMutability": "IMMUTABLE",
            "LifecyclePolicy": {"LifecyclePolicyText": "{\"rules\":[]}"},
            "RepositoryPolicyText": {"Version": "2012-10-17", "Statement": []}}},
        "DeployRole": {"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": {"Fn::Sub": "setup-${Qualifier}-deploy"},
            "AssumeRolePolicyDocument": {"Statement": [
                {"Action": "sts:TagSession", "Effect": "Allow", "Principal": {"AWS": {"Ref": "AWS::AccountId"}}},
                {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"AWS": {"Ref": "AWS::AccountId"}}}]},
            "Policies": [{"PolicyName": "default", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["ssm:GetParameter"], "Resource": [
                    {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${Version}"}]}]}}]}},
        "Version": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Type": "String", "Name": {"Fn::Sub": "/setup/${Qualifier}/version"}, "Value": "21"}},
    },
    "Outputs": {"KeyArn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}}, "Uri": {"Value": {"Fn::GetAtt": ["Images", "RepositoryUri"]}}},
}


def test_a_stack_sets_an_account_up(server, kms, ecr):
    cloudformation = server.client("cloudformation")
    cloudformation.create_stack(StackName="setup", TemplateBody=json.dumps(TEMPLATE), Capabilities=["CAPABILITY_NAMED_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName="setup", WaiterConfig={"Delay": 1})
    outputs = {o["OutputKey"]: o["OutputValue"] for o in cloudformation.describe_stacks(StackName="setup")["Stacks"][0]["Outputs"]}
    assert kms.describe_key(KeyId="alias/setup-mine")["KeyMetadata"]["Arn"] == outputs["KeyArn"]
    assert ecr.describe_repositories(repositoryNames=[f"setup-mine-{ACCOUNT}"])["repositories"][0]["repositoryUri"] == outputs["Uri"]
    assert server.client("ssm").get_parameter(Name="/setup/mine/version")["Parameter"]["Value"] == "21"
    assumed = server.client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/setup-mine-deploy", RoleSessionName="deploy")
    assert assumed["Credentials"]["AccessKeyId"].startswith("ASIA")
    cloudformation.delete_stack(StackName="setup")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="setup", WaiterConfig={"Delay": 1})
    assert kms.describe_key(KeyId=outputs["KeyArn"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=[f"setup-mine-{ACCOUNT}"])


@pytest.mark.parametrize("aws", aws_commands())
def test_aws_cli(server, aws):
    def run(*arguments: str) -> dict:
        done = subprocess.run([*aws, "--endpoint-url", server.url, *arguments], env=server.environment(),
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout or "{}")

    key = run("kms", "create-key")["KeyMetadata"]["KeyId"]
    assert run("kms", "describe-key", "--key-id", key)["KeyMetadata"]["Enabled"]
    run("ecr", "create-repository", "--repository-name", "cli")
    assert run("ecr", "describe-repositories")["repositories"][0]["repositoryName"] == "cli"
    run("ecr", "delete-repository", "--repository-name", "cli")
