# SPDX-License-Identifier: Apache-2.0
"""The writes of IAM, STS, SSM, ECR and KMS, as service_writes.py has those of the others."""
import json

from botocore import xform_name
from service_writes import ACCOUNT, Refused, Write, action_of, document, tags, unless_gone

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]})
OLD, NEW = [{"Key": "old", "Value": "1"}], [{"Key": "new", "Value": "2"}]

# -- IAM ----------------------------------------------------------------------------------------------------------------------


def user(c, x):
    c.iam.create_user(UserName=x.n, Tags=OLD)


def group(c, x):
    c.iam.create_group(GroupName=x.n)


def role(c, x):
    c.iam.create_role(RoleName=x.n, AssumeRolePolicyDocument=TRUST, Description="old", Tags=OLD)


def profile(c, x):
    c.iam.create_instance_profile(InstanceProfileName=x.n, Tags=OLD)


def policy(c, x):
    c.iam.create_policy(PolicyName=x.n, PolicyDocument=document("s3:GetObject"), Tags=OLD)


def arn(x) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{x.n}"


def second_version(c, x):
    c.iam.create_policy_version(PolicyArn=arn(x), PolicyDocument=document("s3:PutObject"))


def access_key(c, x):
    x.key = c.iam.create_access_key(UserName=x.n)["AccessKey"]["AccessKeyId"]


def joined(c, x):
    c.iam.add_user_to_group(GroupName=x.n, UserName=x.n)


def role_in_profile(c, x):
    c.iam.add_role_to_instance_profile(InstanceProfileName=x.n, RoleName=x.n)


def access_keys(c, x):
    return [k["Status"] for k in c.iam.list_access_keys(UserName=x.n)["AccessKeyMetadata"]]


def versions(c, x):
    return {v["VersionId"]: v["IsDefaultVersion"] for v in c.iam.list_policy_versions(PolicyArn=arn(x))["Versions"]}


def members(c, x):
    return [u["UserName"] for u in c.iam.get_group(GroupName=x.n)["Users"]] and "there"


def roles_of_profile(c, x):
    return [r["RoleName"] for r in c.iam.get_instance_profile(InstanceProfileName=x.n)["InstanceProfile"]["Roles"]] and "there"


def described(kind: str, member: str):
    """A member of what Get<kind> gives."""
    return unless_gone(lambda c, x: getattr(c.iam, xform_name("Get" + kind))(**{kind + "Name": x.n})[kind].get(member))


def policies_of(kind: str, make) -> list[Write]:
    """Inline and attached policies of a user, a group or a role."""
    snake = kind.lower()

    def call(verb: str, **more):
        return lambda c, x: getattr(c.iam, verb.format(snake))(**{kind + "Name": x.n}, **more)

    def attach(c, x):
        call("attach_{}_policy", PolicyArn=arn(x))(c, x)

    def attached(c, x):
        return call("list_attached_{}_policies")(c, x)["AttachedPolicies"] and "there"
    put = call("put_{}_policy", PolicyName="p", PolicyDocument=document("s3:GetObject"))
    inline = unless_gone(lambda c, x: action_of(call("get_{}_policy", PolicyName="p")(c, x)["PolicyDocument"]))
    return [
        Write("iam", f"Put{kind}Policy", put, inline, "s3:GetObject", (make,)),
        Write("iam", f"Delete{kind}Policy", call("delete_{}_policy", PolicyName="p"), inline, None, (make, put)),
        Write("iam", f"Attach{kind}Policy", attach, attached, "there", (make, policy)),
        Write("iam", f"Detach{kind}Policy", lambda c, x: call("detach_{}_policy", PolicyArn=arn(x))(c, x), attached, [],
              (make, policy, attach))]


def tags_of(kind: str, make) -> list[Write]:
    def call(verb: str, **more):
        return lambda c, x: getattr(c.iam, verb.format(xform_name(kind)))(
            **({"PolicyArn": arn(x)} if kind == "Policy" else {kind + "Name": x.n}), **more)

    def read(c, x):
        return tags(call("list_{}_tags")(c, x)["Tags"])
    return [Write("iam", f"Tag{kind}", call("tag_{}", Tags=NEW), read, {"old": "1", "new": "2"}, (make,)),
            Write("iam", f"Untag{kind}", call("untag_{}", TagKeys=["old"]), read, {}, (make,))]


def boundary_of(kind: str, make) -> list[Write]:
    def put(c, x):
        getattr(c.iam, f"put_{kind.lower()}_permissions_boundary")(**{kind + "Name": x.n}, PermissionsBoundary=arn(x))

    def delete(c, x):
        getattr(c.iam, f"delete_{kind.lower()}_permissions_boundary")(**{kind + "Name": x.n})

    def read(c, x):
        return described(kind, "PermissionsBoundary")(c, x) and "there"
    return [Write("iam", f"Put{kind}PermissionsBoundary", put, read, "there", (make, policy)),
            Write("iam", f"Delete{kind}PermissionsBoundary", delete, read, None, (make, policy, put))]


IAM = [
    *policies_of("User", user), *policies_of("Group", group), *policies_of("Role", role),
    *tags_of("User", user), *tags_of("Role", role), *tags_of("InstanceProfile", profile), *tags_of("Policy", policy),
    *boundary_of("User", user), *boundary_of("Role", role),
    Write("iam", "CreateUser", lambda c, x: c.iam.create_user(UserName=x.n, Path="/p/"), described("User", "Path"), "/p/"),
    Write("iam", "UpdateUser", lambda c, x: c.iam.update_user(UserName=x.n, NewPath="/q/"), described("User", "Path"), "/q/",
          (user,)),
    Write("iam", "DeleteUser", lambda c, x: c.iam.delete_user(UserName=x.n), described("User", "Path"), None, (user,)),
    Write("iam", "CreateAccessKey", access_key, lambda c, x: sorted(set(access_keys(c, x))), ["Active"], (user,)),
    Write("iam", "UpdateAccessKey", lambda c, x: c.iam.update_access_key(UserName=x.n, AccessKeyId=x.key, Status="Inactive"),
          access_keys, ["Inactive"], (user, access_key)),
    Write("iam", "DeleteAccessKey", lambda c, x: c.iam.delete_access_key(UserName=x.n, AccessKeyId=x.key), access_keys, [],
          (user, access_key)),
    Write("iam", "CreateGroup", lambda c, x: c.iam.create_group(GroupName=x.n, Path="/p/"), described("Group", "Path"), "/p/"),
    Write("iam", "UpdateGroup", lambda c, x: c.iam.update_group(GroupName=x.n, NewPath="/q/"), described("Group", "Path"),
          "/q/", (group,)),
    Write("iam", "DeleteGroup", lambda c, x: c.iam.delete_group(GroupName=x.n), described("Group", "Path"), None, (group,)),
    Write("iam", "AddUserToGroup", joined, members, "there", (user, group)),
    Write("iam", "RemoveUserFromGroup", lambda c, x: c.iam.remove_user_from_group(GroupName=x.n, UserName=x.n), members, [],
          (user, group, joined)),
    Write("iam", "CreateRole", role, described("Role", "Description"), "old"),
    Write("iam", "UpdateRole", lambda c, x: c.iam.update_role(RoleName=x.n, MaxSessionDuration=7200),
          described("Role", "MaxSessionDuration"), 7200, (role,)),
    Write("iam", "UpdateRoleDescription", lambda c, x: c.iam.update_role_description(RoleName=x.n, Description="new"),
          described("Role", "Description"), "new", (role,)),
    Write("iam", "UpdateAssumeRolePolicy", lambda c, x: c.iam.update_assume_role_policy(
        RoleName=x.n, PolicyDocument=TRUST.replace("root", "role/other")),
          lambda c, x: described("Role", "AssumeRolePolicyDocument")(c, x)["Statement"][0]["Principal"]["AWS"],
          f"arn:aws:iam::{ACCOUNT}:role/other", (role,)),
    Write("iam", "DeleteRole", lambda c, x: c.iam.delete_role(RoleName=x.n), described("Role", "Description"), None, (role,)),
    Write("iam", "CreateInstanceProfile", lambda c, x: c.iam.create_instance_profile(InstanceProfileName=x.n, Path="/p/"),
          described("InstanceProfile", "Path"), "/p/"),
    Write("iam", "DeleteInstanceProfile", lambda c, x: c.iam.delete_instance_profile(InstanceProfileName=x.n),
          described("InstanceProfile", "Path"), None, (profile,)),
    Write("iam", "AddRoleToInstanceProfile", role_in_profile, roles_of_profile, "there", (role, profile)),
    Write("iam", "RemoveRoleFromInstanceProfile", lambda c, x: c.iam.remove_role_from_instance_profile(
        InstanceProfileName=x.n, RoleName=x.n), roles_of_profile, [], (role, profile, role_in_profile)),
    Write("iam", "CreatePolicy", policy, unless_gone(lambda c, x: action_of(c.iam.get_policy_version(
        PolicyArn=arn(x), VersionId="v1")["PolicyVersion"]["Document"])), "s3:GetObject"),
    Write("iam", "DeletePolicy", lambda c, x: c.iam.delete_policy(PolicyArn=arn(x)),
          unless_gone(lambda c, x: c.iam.get_policy(PolicyArn=arn(x))["Policy"]["PolicyName"] == x.n), None, (policy,)),
    Write("iam", "CreatePolicyVersion", second_version, lambda c, x: versions(c, x).get("v2"), False, (policy,)),
    Write("iam", "DeletePolicyVersion", lambda c, x: c.iam.delete_policy_version(PolicyArn=arn(x), VersionId="v2"), versions,
          {"v1": True}, (policy, second_version)),
    Write("iam", "SetDefaultPolicyVersion", lambda c, x: c.iam.set_default_policy_version(PolicyArn=arn(x), VersionId="v2"),
          versions, {"v1": False, "v2": True}, (policy, second_version)),
]

# -- STS ----------------------------------------------------------------------------------------------------------------------


def sessions(c, x):
    """Who those are that hold the credentials that were given."""
    names = {c.session(given).get_caller_identity()["Arn"].rsplit("/", 1)[-1] for given in getattr(x, "given", [])}
    return sorted(name.rsplit(":", 1)[-1] for name in names)


def assume_role(c, x):
    given = c.sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{x.n}", RoleSessionName="me")["Credentials"]
    x.given = [*getattr(x, "given", []), given]


def session_token(c, x):
    x.given = [*getattr(x, "given", []), c.sts.get_session_token()["Credentials"]]


STS = [Write("sts", "AssumeRole", assume_role, sessions, ["me"], (role,)),
       Write("sts", "GetSessionToken", session_token, sessions, ["root"])]

# -- SSM ----------------------------------------------------------------------------------------------------------------------


def parameter(c, x):
    c.ssm.put_parameter(Name=x.n, Value="v1", Type="String", Tags=OLD)


def second_parameter(c, x):
    c.ssm.put_parameter(Name=x.n + "-b", Value="v1", Type="String")


def labelled(c, x):
    c.ssm.label_parameter_version(Name=x.n, ParameterVersion=1, Labels=["live"])


def value(c, x):
    return c.ssm.get_parameter(Name=x.n)["Parameter"]["Value"]


def parameters(c, x):
    return sorted(p["Name"].removeprefix(x.n) for p in c.ssm.get_parameters(Names=[x.n, x.n + "-b"])["Parameters"])


def delete_parameters(c, x):
    answer = c.ssm.delete_parameters(Names=[x.n, x.n + "-b"])
    if answer["InvalidParameters"]:
        raise Refused(answer)  # somebody else has deleted them


def labels(c, x):
    return c.ssm.get_parameter_history(Name=x.n)["Parameters"][0].get("Labels", [])


def parameter_tags(c, x):
    return tags(c.ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=x.n)["TagList"])


SSM = [
    Write("ssm", "PutParameter", lambda c, x: c.ssm.put_parameter(Name=x.n, Value="v", Type="String"), unless_gone(value),
          "v"),
    Write("ssm", "PutParameter", lambda c, x: c.ssm.put_parameter(Name=x.n, Value="v2", Type="String", Overwrite=True), value,
          "v2", (parameter,), variant="over another"),
    Write("ssm", "DeleteParameter", lambda c, x: c.ssm.delete_parameter(Name=x.n), unless_gone(value), None, (parameter,)),
    Write("ssm", "DeleteParameters", delete_parameters, parameters, [],
          (parameter, second_parameter), parts=True),
    Write("ssm", "LabelParameterVersion", labelled, labels, ["live"], (parameter,)),
    Write("ssm", "UnlabelParameterVersion", lambda c, x: c.ssm.unlabel_parameter_version(
        Name=x.n, ParameterVersion=1, Labels=["live"]), labels, [], (parameter, labelled)),
    Write("ssm", "AddTagsToResource", lambda c, x: c.ssm.add_tags_to_resource(
        ResourceType="Parameter", ResourceId=x.n, Tags=NEW), parameter_tags, {"old": "1", "new": "2"}, (parameter,)),
    Write("ssm", "RemoveTagsFromResource", lambda c, x: c.ssm.remove_tags_from_resource(
        ResourceType="Parameter", ResourceId=x.n, TagKeys=["old"]), parameter_tags, {}, (parameter,)),
]

# -- ECR ----------------------------------------------------------------------------------------------------------------------

LIFECYCLE = json.dumps({"rules": [{"rulePriority": 1, "selection": {
    "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]})


def repository(c, x):
    x.repository = c.ecr.create_repository(repositoryName=x.n, tags=OLD)["repository"]["repositoryArn"]


def lifecycle(c, x):
    c.ecr.put_lifecycle_policy(repositoryName=x.n, lifecyclePolicyText=LIFECYCLE)


def repository_policy(c, x):
    c.ecr.set_repository_policy(repositoryName=x.n, policyText=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "S", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}))


def repository_member(name: str):
    return unless_gone(lambda c, x: c.ecr.describe_repositories(repositoryNames=[x.n])["repositories"][0][name])


read_lifecycle = unless_gone(lambda c, x: json.loads(
    c.ecr.get_lifecycle_policy(repositoryName=x.n)["lifecyclePolicyText"])["rules"][0]["rulePriority"])
read_repository_policy = unless_gone(lambda c, x: action_of(c.ecr.get_repository_policy(repositoryName=x.n)["policyText"]))


def repository_tags(c, x):
    return tags(c.ecr.list_tags_for_resource(resourceArn=x.repository)["tags"])


ECR = [
    Write("ecr", "CreateRepository", lambda c, x: c.ecr.create_repository(repositoryName=x.n, imageTagMutability="IMMUTABLE"),
          repository_member("imageTagMutability"), "IMMUTABLE"),
    Write("ecr", "DeleteRepository", lambda c, x: c.ecr.delete_repository(repositoryName=x.n),
          repository_member("imageTagMutability"), None, (repository,)),
    Write("ecr", "PutLifecyclePolicy", lifecycle, read_lifecycle, 1, (repository,)),
    Write("ecr", "DeleteLifecyclePolicy", lambda c, x: c.ecr.delete_lifecycle_policy(repositoryName=x.n), read_lifecycle, None,
          (repository, lifecycle)),
    Write("ecr", "SetRepositoryPolicy", repository_policy, read_repository_policy, "ecr:BatchGetImage", (repository,)),
    Write("ecr", "DeleteRepositoryPolicy", lambda c, x: c.ecr.delete_repository_policy(repositoryName=x.n),
          read_repository_policy, None, (repository, repository_policy)),
    Write("ecr", "PutImageScanningConfiguration", lambda c, x: c.ecr.put_image_scanning_configuration(
        repositoryName=x.n, imageScanningConfiguration={"scanOnPush": True}),
          repository_member("imageScanningConfiguration"), {"scanOnPush": True}, (repository,)),
    Write("ecr", "PutImageTagMutability", lambda c, x: c.ecr.put_image_tag_mutability(
        repositoryName=x.n, imageTagMutability="IMMUTABLE"), repository_member("imageTagMutability"), "IMMUTABLE",
          (repository,)),
    Write("ecr", "TagResource", lambda c, x: c.ecr.tag_resource(resourceArn=x.repository, tags=NEW), repository_tags,
          {"old": "1", "new": "2"}, (repository,)),
    Write("ecr", "UntagResource", lambda c, x: c.ecr.untag_resource(resourceArn=x.repository, tagKeys=["old"]),
          repository_tags, {}, (repository,)),
]

# -- KMS ----------------------------------------------------------------------------------------------------------------------


def key(c, x):
    x.key = c.kms.create_key(Description=x.n, Tags=[{"TagKey": "old", "TagValue": "1"}])["KeyMetadata"]["KeyId"]


def other_key(c, x):
    x.other = c.kms.create_key(Description=x.n + " other")["KeyMetadata"]["KeyId"]


def alias(c, x):
    c.kms.create_alias(AliasName="alias/" + x.n, TargetKeyId=x.key)


def call(operation: str, **more):
    return lambda c, x: getattr(c.kms, operation)(KeyId=x.key, **more)


def key_member(name: str):
    return lambda c, x: c.kms.describe_key(KeyId=x.key)["KeyMetadata"][name]


def keys_described_so(c, x):
    found = [k["KeyId"] for page in c.kms.get_paginator("list_keys").paginate() for k in page["Keys"]]
    return sorted({d for k in found if (d := c.kms.describe_key(KeyId=k)["KeyMetadata"]["Description"]) == x.n}) and "there"


aliased = unless_gone(lambda c, x: {x.key: "first"}.get(
    c.kms.describe_key(KeyId="alias/" + x.n)["KeyMetadata"]["KeyId"], "second"))
rotates = call("get_key_rotation_status")


def is_rotated(c, x):
    return rotates(c, x)["KeyRotationEnabled"]


def key_tags(c, x):
    return tags(c.kms.list_resource_tags(KeyId=x.key)["Tags"], "TagKey", "TagValue")


KMS = [
    Write("kms", "CreateKey", lambda c, x: c.kms.create_key(Description=x.n), keys_described_so, "there"),
    Write("kms", "CreateAlias", alias, aliased, "first", (key,)),
    Write("kms", "UpdateAlias", lambda c, x: c.kms.update_alias(AliasName="alias/" + x.n, TargetKeyId=x.other), aliased,
          "second", (key, other_key, alias)),
    Write("kms", "DeleteAlias", lambda c, x: c.kms.delete_alias(AliasName="alias/" + x.n), aliased, None, (key, alias)),
    Write("kms", "DisableKey", call("disable_key"), key_member("KeyState"), "Disabled", (key,)),
    Write("kms", "EnableKey", call("enable_key"), key_member("KeyState"), "Enabled", (key, call("disable_key"))),
    Write("kms", "EnableKeyRotation", call("enable_key_rotation"), is_rotated, True, (key,)),
    Write("kms", "DisableKeyRotation", call("disable_key_rotation"), is_rotated, False, (key, call("enable_key_rotation"))),
    Write("kms", "PutKeyPolicy", call("put_key_policy", Policy=document("kms:DescribeKey")),
          lambda c, x: action_of(call("get_key_policy")(c, x)["Policy"]), "kms:DescribeKey", (key,)),
    Write("kms", "ScheduleKeyDeletion", call("schedule_key_deletion", PendingWindowInDays=7), key_member("KeyState"),
          "PendingDeletion", (key,)),
    Write("kms", "CancelKeyDeletion", call("cancel_key_deletion"), key_member("KeyState"), "Disabled",
          (key, call("schedule_key_deletion"))),
    Write("kms", "TagResource", call("tag_resource", Tags=[{"TagKey": "new", "TagValue": "2"}]), key_tags,
          {"old": "1", "new": "2"}, (key,)),
    Write("kms", "UntagResource", call("untag_resource", TagKeys=["old"]), key_tags, {}, (key,)),
    Write("kms", "UpdateKeyDescription", call("update_key_description", Description="new"), key_member("Description"), "new",
          (key,)),
]

WRITES = [*IAM, *STS, *SSM, *ECR, *KMS]
