// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-iam";
import { client, fails } from "./client.mjs";

const iam = client(sdk, "IAM");
const document = (statement) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
const AssumeRolePolicyDocument = document({ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
const PolicyDocument = document({ Action: "s3:*", Resource: "*" });

async function roles() {
  const RoleName = "js-role";
  const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument, Tags: [{ Key: "a", Value: "b" }] });
  assert.equal(decodeURIComponent((await iam.getRole({ RoleName })).Role.AssumeRolePolicyDocument), AssumeRolePolicyDocument);
  const { Policy } = await iam.createPolicy({ PolicyName: "js-policy", PolicyDocument });
  await iam.attachRolePolicy({ RoleName, PolicyArn: Policy.Arn });
  assert.deepEqual((await iam.listAttachedRolePolicies({ RoleName })).AttachedPolicies.map((p) => p.PolicyArn), [Policy.Arn]);
  await fails(iam.deletePolicy({ PolicyArn: Policy.Arn }), "DeleteConflictException");
  await iam.putRolePolicy({ RoleName, PolicyName: "inline", PolicyDocument });
  assert.deepEqual((await iam.listRolePolicies({ RoleName })).PolicyNames, ["inline"]);
  assert.equal(decodeURIComponent((await iam.getRolePolicy({ RoleName, PolicyName: "inline" })).PolicyDocument), PolicyDocument);
  await iam.createInstanceProfile({ InstanceProfileName: "js-profile" });
  await iam.addRoleToInstanceProfile({ InstanceProfileName: "js-profile", RoleName });
  assert.equal((await iam.getInstanceProfile({ InstanceProfileName: "js-profile" })).InstanceProfile.Roles[0].Arn, Role.Arn);
  await iam.removeRoleFromInstanceProfile({ InstanceProfileName: "js-profile", RoleName });
  await iam.deleteInstanceProfile({ InstanceProfileName: "js-profile" });
  await iam.detachRolePolicy({ RoleName, PolicyArn: Policy.Arn });
  await iam.deletePolicy({ PolicyArn: Policy.Arn });
  await iam.deleteRolePolicy({ RoleName, PolicyName: "inline" });
  await iam.deleteRole({ RoleName });
  await fails(iam.getRole({ RoleName }), "NoSuchEntityException");
}

async function users() {
  const UserName = "js-user";
  await iam.createUser({ UserName });
  await iam.createGroup({ GroupName: "js-group" });
  await iam.addUserToGroup({ UserName, GroupName: "js-group" });
  assert.deepEqual((await iam.getGroup({ GroupName: "js-group" })).Users.map((u) => u.UserName), [UserName]);
  const { AccessKey } = await iam.createAccessKey({ UserName });
  assert.deepEqual((await iam.listAccessKeys({ UserName })).AccessKeyMetadata.map((k) => k.AccessKeyId), [AccessKey.AccessKeyId]);
  await iam.deleteAccessKey({ UserName, AccessKeyId: AccessKey.AccessKeyId });
  await iam.removeUserFromGroup({ UserName, GroupName: "js-group" });
  await iam.deleteGroup({ GroupName: "js-group" });
  await iam.deleteUser({ UserName });
}

export default async function () {
  await roles();
  await users();
}
