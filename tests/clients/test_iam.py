# SPDX-License-Identifier: Apache-2.0
"""IAM and STS with boto3 and the AWS CLIs: what is made is told, also after kill -9, and who asks is known."""
import json
import subprocess

import boto3
import botocore.exceptions
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from conftest import aws_commands, running_server

ACCOUNT = "000000000000"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Sid": "s", "Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}]}


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


def role(iam, name: str, **more) -> dict:
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)["Role"]


def test_a_role_survives_kill_9(server, iam):
    made = role(iam, "kept", Path="/app/", Description="é", MaxSessionDuration=7200, Tags=[{"Key": "a b", "Value": "c"}])
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/app/kept" and made["AssumeRolePolicyDocument"] == TRUST
    iam.put_role_policy(RoleName="kept", PolicyName="p", PolicyDocument=json.dumps(ALLOW, indent=2))
    iam.attach_role_policy(RoleName="kept", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    server.kill()
    server.restart()
    told = iam.get_role(RoleName="kept")["Role"]
    assert told["Description"] == "é" and told["MaxSessionDuration"] == 7200 and told["Tags"] == [{"Key": "a b", "Value": "c"}]
    assert told["AssumeRolePolicyDocument"] == TRUST and told["RoleId"] == made["RoleId"] and told["RoleLastUsed"] == {}
    assert iam.get_role_policy(RoleName="kept", PolicyName="p")["PolicyDocument"] == ALLOW
    assert iam.list_attached_role_policies(RoleName="kept")["AttachedPolicies"][0]["PolicyName"] == "AWSLambdaBasicExecutionRole"
    iam.update_role(RoleName="kept", Description="new")
    iam.update_role_description(RoleName="kept", Description="newer")
    iam.update_assume_role_policy(RoleName="kept", PolicyDocument=json.dumps(TRUST))
    iam.tag_role(RoleName="kept", Tags=[{"Key": "k", "Value": ""}])
    iam.untag_role(RoleName="kept", TagKeys=["a b"])
    assert iam.list_role_tags(RoleName="kept")["Tags"] == [{"Key": "k", "Value": ""}]
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName="kept")
    iam.detach_role_policy(RoleName="kept", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    assert iam.list_role_policies(RoleName="kept")["PolicyNames"] == ["p"]
    iam.delete_role_policy(RoleName="kept", PolicyName="p")
    iam.delete_role(RoleName="kept")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="kept")


def test_errors_are_those_of_aws(iam):
    role(iam, "once")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        role(iam, "once")
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_role(RoleName="never", AssumeRolePolicyDocument="{}")
    with pytest.raises(iam.exceptions.NoSuchEntityException, match="role policy with name x cannot be found"):
        iam.get_role_policy(RoleName="once", PolicyName="x")
    with pytest.raises(botocore.exceptions.ClientError, match="ValidationError"):
        iam.create_role(RoleName="a b", AssumeRolePolicyDocument=json.dumps(TRUST))
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidAction.*CreateSAMLProvider"):
        iam.create_saml_provider(Name="x", SAMLMetadataDocument="x" * 1000)


def test_managed_policies_have_versions(iam):
    made = iam.create_policy(PolicyName="managed", PolicyDocument=json.dumps(ALLOW), Description="d",
                             Tags=[{"Key": "a", "Value": "b"}])["Policy"]
    arn = made["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(ALLOW), SetAsDefault=True)
    assert [v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == ALLOW
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    role(iam, "holder")
    iam.attach_role_policy(RoleName="holder", PolicyArn=arn)
    told = iam.get_policy(PolicyArn=arn)["Policy"]
    assert told["AttachmentCount"] == 1 and told["DefaultVersionId"] == "v1" and told["Tags"] == [{"Key": "a", "Value": "b"}]
    assert iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"][0]["RoleName"] == "holder"
    assert arn in [p["Arn"] for p in iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]]
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=arn)
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    iam.put_role_permissions_boundary(RoleName="holder", PermissionsBoundary=arn)
    assert iam.get_role(RoleName="holder")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    iam.delete_role_permissions_boundary(RoleName="holder")
    iam.detach_role_policy(RoleName="holder", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_lists_have_pages(iam):
    for i in range(7):
        role(iam, f"paged{i}", Path="/paged/")
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 3}))
    assert [len(page["Roles"]) for page in pages] == [3, 3, 1]
    assert [r["RoleName"] for page in pages for r in page["Roles"]] == [f"paged{i}" for i in range(7)]


def test_users_groups_and_keys(server, iam):
    iam.create_user(UserName="u", Tags=[{"Key": "a", "Value": "b"}])
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="u")
    assert [u["UserName"] for u in iam.get_group(GroupName="g")["Users"]] == ["u"]
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="u")["Groups"]] == ["g"]
    assert [g["GroupName"] for g in iam.list_groups()["Groups"]] == ["g"]
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    assert iam.list_attached_user_policies(UserName="u")["AttachedPolicies"] == iam.list_attached_group_policies(
        GroupName="g")["AttachedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": arn}]
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps(ALLOW))
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=json.dumps(ALLOW))
    assert iam.get_user_policy(UserName="u", PolicyName="p")["PolicyDocument"] == ALLOW
    assert iam.get_group_policy(GroupName="g", PolicyName="p")["PolicyDocument"] == ALLOW
    assert iam.list_user_policies(UserName="u")["PolicyNames"] == iam.list_group_policies(GroupName="g")["PolicyNames"]
    key = iam.create_access_key(UserName="u")["AccessKey"]
    theirs = boto3.client("sts", endpoint_url=server.url, region_name="us-east-1",
                          aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert theirs.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/u"
    iam.update_access_key(UserName="u", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert iam.list_access_keys(UserName="u")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    assert iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["UserName"] == "u"
    iam.tag_user(UserName="u", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_user(UserName="u", TagKeys=["a"])
    assert iam.list_user_tags(UserName="u")["Tags"] == [{"Key": "c", "Value": "d"}]
    iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=arn)
    iam.delete_user_permissions_boundary(UserName="u")
    iam.update_user(UserName="u", NewUserName="v")
    iam.update_group(GroupName="g", NewGroupName="h")
    assert [u["UserName"] for u in iam.list_users()["Users"]] == ["v"]
    iam.delete_access_key(UserName="v", AccessKeyId=key["AccessKeyId"])
    iam.remove_user_from_group(GroupName="h", UserName="v")
    iam.detach_user_policy(UserName="v", PolicyArn=arn)
    iam.detach_group_policy(GroupName="h", PolicyArn=arn)
    iam.delete_user_policy(UserName="v", PolicyName="p")
    iam.delete_group_policy(GroupName="h", PolicyName="p")
    iam.delete_group(GroupName="h")
    iam.delete_user(UserName="v")
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_instance_profiles(iam):
    role(iam, "r")
    iam.create_instance_profile(InstanceProfileName="p", Tags=[{"Key": "a", "Value": "b"}])
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    told = iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    assert [r["RoleName"] for r in told["Roles"]] == ["r"] and told["Roles"][0]["AssumeRolePolicyDocument"] == TRUST
    assert len(iam.list_instance_profiles()["InstanceProfiles"]) == 1
    assert len(iam.list_instance_profiles_for_role(RoleName="r")["InstanceProfiles"]) == 1
    iam.tag_instance_profile(InstanceProfileName="p", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_instance_profile(InstanceProfileName="p", TagKeys=["a"])
    assert iam.list_instance_profile_tags(InstanceProfileName="p")["Tags"] == [{"Key": "c", "Value": "d"}]
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName="r")
    iam.remove_role_from_instance_profile(InstanceProfileName="p", RoleName="r")
    iam.delete_instance_profile(InstanceProfileName="p")
    iam.delete_role(RoleName="r")


def test_a_role_is_assumed(server, iam):
    sts = server.client("sts")
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    made = role(iam, "assumed", Path="/x/")
    answer = sts.assume_role(RoleArn=made["Arn"], RoleSessionName="me", DurationSeconds=900)
    assert answer["AssumedRoleUser"]["AssumedRoleId"] == f"{made['RoleId']}:me"
    given = answer["Credentials"]
    server.kill()
    server.restart()
    theirs = boto3.client("sts", endpoint_url=server.url, region_name="us-east-1",
                          aws_access_key_id=given["AccessKeyId"], aws_secret_access_key=given["SecretAccessKey"],
                          aws_session_token=given["SessionToken"])
    assert theirs.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/assumed/me"
    assert theirs.get_session_token()["Credentials"]["AccessKeyId"].startswith("ASIA")
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied.*not authorized to perform: sts:AssumeRole"):
        sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/none", RoleSessionName="me")


def test_a_web_identity_is_refused_by_name(server):
    sts = server.client("sts", signature_version=UNSIGNED)
    with pytest.raises(botocore.exceptions.ClientError, match="AssumeRoleWithWebIdentity.*Supported operations of sts"):
        sts.assume_role_with_web_identity(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r", RoleSessionName="me",
                                          WebIdentityToken="token")


@pytest.mark.parametrize("aws", aws_commands())
def test_aws_cli(server, aws):
    def run(*arguments: str) -> dict:
        done = subprocess.run([*aws, "--endpoint-url", server.url, *arguments], env=server.environment(),
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout or "{}")

    assert run("sts", "get-caller-identity")["Account"] == ACCOUNT
    run("iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", json.dumps(TRUST))
    run("iam", "put-role-policy", "--role-name", "cli", "--policy-name", "p", "--policy-document", json.dumps(ALLOW))
    assert run("iam", "get-role-policy", "--role-name", "cli", "--policy-name", "p")["PolicyDocument"] == ALLOW
    assert run("iam", "get-role", "--role-name", "cli")["Role"]["AssumeRolePolicyDocument"] == TRUST
    run("iam", "delete-role-policy", "--role-name", "cli", "--policy-name", "p")
    run("iam", "delete-role", "--role-name", "cli")


TEMPLATE = {
    "Parameters": {"Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stack/version"},
                   "Named": {"Type": "AWS::SSM::Parameter::Name", "Default": "/stack/version"}},
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "Policies": [{"PolicyName": "inline", "PolicyDocument": ALLOW}], "Tags": [{"Key": "v", "Value": {"Ref": "Version"}}]}},
        "Policy": {"Type": "AWS::IAM::Policy", "Properties": {
            "PolicyName": "shared", "PolicyDocument": ALLOW, "Roles": [{"Ref": "Role"}]}},
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
            "PolicyDocument": ALLOW, "Roles": [{"Ref": "Role"}]}},
        "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}},
        "User": {"Type": "AWS::IAM::User", "Properties": {"Groups": [{"Ref": "Group"}]}},
        "Group": {"Type": "AWS::IAM::Group"},
        "Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "User"}}},
        "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Type": "String", "Value": {"Fn::GetAtt": ["Role", "Arn"]}, "Tags": {"a": "b"}}},
    },
    "Outputs": {"Role": {"Value": {"Ref": "Role"}}, "Parameter": {"Value": {"Ref": "Parameter"}}},
}


def test_a_stack_has_identities_and_parameters(server, iam):
    cloudformation, ssm = server.client("cloudformation"), server.client("ssm")
    create = dict(StackName="identities", TemplateBody=json.dumps(TEMPLATE), Capabilities=["CAPABILITY_IAM"])
    with pytest.raises(botocore.exceptions.ClientError, match="Unable to fetch parameters"):
        cloudformation.create_stack(**create)
    ssm.put_parameter(Name="/stack/version", Value="21", Type="String")
    with pytest.raises(botocore.exceptions.ClientError, match="Unable to fetch parameters"):
        cloudformation.create_stack(**create, Parameters=[{"ParameterKey": "Named", "ParameterValue": "/none"}])
    cloudformation.create_stack(**create)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="identities", WaiterConfig={"Delay": 1})
    stack = cloudformation.describe_stacks(StackName="identities")["Stacks"][0]
    assert {p["ParameterKey"]: p.get("ResolvedValue") for p in stack["Parameters"]} == {"Version": "21", "Named": None}
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    assert iam.list_role_policies(RoleName=outputs["Role"])["PolicyNames"] == ["inline", "shared"]
    assert len(iam.list_attached_role_policies(RoleName=outputs["Role"])["AttachedPolicies"]) == 2
    told = iam.get_role(RoleName=outputs["Role"])["Role"]
    assert told["Tags"] == [{"Key": "v", "Value": "21"}]
    assert ssm.get_parameter(Name=outputs["Parameter"])["Parameter"]["Value"] == told["Arn"]
    changed = json.loads(json.dumps(TEMPLATE))
    del changed["Resources"]["Role"]["Properties"]["Policies"]
    cloudformation.update_stack(**{**create, "TemplateBody": json.dumps(changed)})
    cloudformation.get_waiter("stack_update_complete").wait(StackName="identities", WaiterConfig={"Delay": 1})
    assert iam.list_role_policies(RoleName=outputs["Role"])["PolicyNames"] == ["shared"]
    cloudformation.delete_stack(StackName="identities")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="identities", WaiterConfig={"Delay": 1})
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=outputs["Role"])
