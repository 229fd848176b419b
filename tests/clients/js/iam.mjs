// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-iam";
import { client, fails } from "./client.mjs";

const iam = client(sdk, "IAM");
const Path = "/js/"; // other scripts' entities are beside these
const document = (statement) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
const trust = (service) => document({ Principal: { Service: `${service}.amazonaws.com` }, Action: "sts:AssumeRole" });
const PolicyDocument = document({ Action: "s3:*", Resource: "*" });
const missing = (promise) => fails(promise, "NoSuchEntityException");
const refused = (promise) => fails(promise, "DeleteConflictException");

// The tags of an entity, which was made with a: b.
async function tags(kind, entity) {
  await iam[`tag${kind}`]({ ...entity, Tags: [{ Key: "c", Value: "é d" }, { Key: "e", Value: "" }] });
  await iam[`untag${kind}`]({ ...entity, TagKeys: ["a"] });
  assert.deepEqual((await iam[`list${kind}Tags`](entity)).Tags, [{ Key: "c", Value: "é d" }, { Key: "e", Value: "" }]);
}

// The inline policies of a role, user or group.
async function inlinePolicies(kind, entity) {
  const policy = { ...entity, PolicyName: "inline" };
  await iam[`put${kind}Policy`]({ ...policy, PolicyDocument });
  assert.deepEqual((await iam[`list${kind}Policies`](entity)).PolicyNames, ["inline"]);
  assert.equal(decodeURIComponent((await iam[`get${kind}Policy`](policy)).PolicyDocument), PolicyDocument);
  await refused(iam[`delete${kind}`](entity));
  await iam[`delete${kind}Policy`](policy);
  await missing(iam[`get${kind}Policy`](policy));
}

async function attachedPolicies(kind, entity, PolicyArn) {
  const arns = async () => (await iam[`listAttached${kind}Policies`](entity)).AttachedPolicies.map((p) => p.PolicyArn);
  await iam[`attach${kind}Policy`]({ ...entity, PolicyArn });
  assert.deepEqual(await arns(), [PolicyArn]);
  const using = await iam.listEntitiesForPolicy({ PolicyArn });
  assert.deepEqual(using[`Policy${kind}s`].map((e) => e[`${kind}Name`]), [entity[`${kind}Name`]]);
  assert.equal((await iam.getPolicy({ PolicyArn })).Policy.AttachmentCount, 1);
  await refused(iam.deletePolicy({ PolicyArn }));
  await iam[`detach${kind}Policy`]({ ...entity, PolicyArn });
  assert.deepEqual(await arns(), []);
}

async function boundary(kind, entity, PermissionsBoundary) {
  const told = async () => (await iam[`get${kind}`](entity))[kind].PermissionsBoundary?.PermissionsBoundaryArn;
  await iam[`put${kind}PermissionsBoundary`]({ ...entity, PermissionsBoundary });
  assert.equal(await told(), PermissionsBoundary);
  await iam[`delete${kind}PermissionsBoundary`](entity);
  assert.equal(await told(), undefined);
}

async function roles(policyArn) {
  const role = { RoleName: "js-role" };
  const { Role } = await iam.createRole({ ...role, Path, AssumeRolePolicyDocument: trust("lambda"), Tags: [{ Key: "a", Value: "b" }] });
  assert.equal(Role.Arn, "arn:aws:iam::000000000000:role/js/js-role");
  assert.equal(decodeURIComponent(Role.AssumeRolePolicyDocument), trust("lambda"));
  await iam.updateAssumeRolePolicy({ ...role, PolicyDocument: trust("events") });
  await iam.updateRole({ ...role, Description: "é", MaxSessionDuration: 7200 });
  const told = (await iam.getRole(role)).Role;
  assert.deepEqual([told.RoleId, told.Description, told.MaxSessionDuration], [Role.RoleId, "é", 7200]);
  assert.equal(decodeURIComponent(told.AssumeRolePolicyDocument), trust("events"));
  await iam.updateRoleDescription({ ...role, Description: "new" });
  assert.deepEqual((await iam.listRoles({ PathPrefix: Path })).Roles.map((r) => [r.RoleName, r.Description]), [["js-role", "new"]]);
  await tags("Role", role);
  await inlinePolicies("Role", role);
  await attachedPolicies("Role", role, policyArn);
  await boundary("Role", role, policyArn);
  await instanceProfiles(role, Role.Arn);
  await iam.deleteRole(role);
  await missing(iam.getRole(role));
}

async function instanceProfiles(role, roleArn) {
  const profile = { InstanceProfileName: "js-profile" };
  await iam.createInstanceProfile({ ...profile, Path, Tags: [{ Key: "a", Value: "b" }] });
  await tags("InstanceProfile", profile);
  await iam.addRoleToInstanceProfile({ ...profile, ...role });
  const names = (listed) => listed.InstanceProfiles.map((p) => p.InstanceProfileName);
  assert.deepEqual(names(await iam.listInstanceProfiles({ PathPrefix: Path })), ["js-profile"]);
  assert.deepEqual(names(await iam.listInstanceProfilesForRole(role)), ["js-profile"]);
  assert.equal((await iam.getInstanceProfile(profile)).InstanceProfile.Roles[0].Arn, roleArn);
  await refused(iam.deleteRole(role));
  await refused(iam.deleteInstanceProfile(profile));
  await iam.removeRoleFromInstanceProfile({ ...profile, ...role });
  assert.deepEqual(names(await iam.listInstanceProfilesForRole(role)), []);
  await iam.deleteInstanceProfile(profile);
  await missing(iam.getInstanceProfile(profile));
}

async function versions(PolicyArn) {
  const read = PolicyDocument.replace("s3:*", "s3:GetObject");
  const { PolicyVersion } = await iam.createPolicyVersion({ PolicyArn, PolicyDocument: read });
  assert.deepEqual([PolicyVersion.VersionId, PolicyVersion.IsDefaultVersion], ["v2", false]);
  await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: "v2" });
  const { Versions } = await iam.listPolicyVersions({ PolicyArn });
  assert.deepEqual(Versions.map((v) => [v.VersionId, v.IsDefaultVersion]), [["v2", true], ["v1", false]]);
  const document = async (VersionId) => decodeURIComponent((await iam.getPolicyVersion({ PolicyArn, VersionId })).PolicyVersion.Document);
  assert.deepEqual([await document("v1"), await document("v2")], [PolicyDocument, read]);
  await refused(iam.deletePolicyVersion({ PolicyArn, VersionId: "v2" }));
  await iam.deletePolicyVersion({ PolicyArn, VersionId: "v1" });
  await missing(iam.getPolicyVersion({ PolicyArn, VersionId: "v1" }));
}

async function users(policyArn) {
  const user = { UserName: "js-user" };
  const { User } = await iam.createUser({ ...user, Path, Tags: [{ Key: "a", Value: "b" }] });
  assert.deepEqual((await iam.listUsers({ PathPrefix: Path })).Users.map((u) => u.Arn), [User.Arn]);
  await tags("User", user);
  await inlinePolicies("User", user);
  await attachedPolicies("User", user, policyArn);
  await boundary("User", user, policyArn);
  await accessKeys(user);
  await iam.updateUser({ ...user, NewUserName: "js-renamed" });
  await missing(iam.getUser(user));
  const renamed = { UserName: "js-renamed" };
  assert.equal((await iam.getUser(renamed)).User.UserId, User.UserId);
  await groups(renamed, policyArn);
  await iam.deleteUser(renamed);
  await missing(iam.getUser(renamed));
  assert.deepEqual((await iam.listAccountAliases()).AccountAliases, []);
}

async function accessKeys(user) {
  const { AccessKeyId, SecretAccessKey } = (await iam.createAccessKey(user)).AccessKey;
  const theirs = client(sdk, "IAM", { credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } });
  assert.equal((await theirs.getUser()).User.UserName, user.UserName);
  assert.equal((await iam.getAccessKeyLastUsed({ AccessKeyId })).UserName, user.UserName);
  const keys = async () => (await iam.listAccessKeys(user)).AccessKeyMetadata.map((k) => [k.AccessKeyId, k.Status]);
  assert.deepEqual(await keys(), [[AccessKeyId, "Active"]]);
  await iam.updateAccessKey({ ...user, AccessKeyId, Status: "Inactive" });
  assert.deepEqual(await keys(), [[AccessKeyId, "Inactive"]]);
  await refused(iam.deleteUser(user));
  await iam.deleteAccessKey({ ...user, AccessKeyId });
  assert.deepEqual(await keys(), []);
}

async function groups(user, policyArn) {
  const group = { GroupName: "js-group" };
  const { Group } = await iam.createGroup({ ...group, Path });
  await inlinePolicies("Group", group);
  await attachedPolicies("Group", group, policyArn);
  await iam.addUserToGroup({ ...user, ...group });
  await iam.updateGroup({ ...group, NewGroupName: "js-renamed" });
  await missing(iam.getGroup(group));
  const renamed = { GroupName: "js-renamed" };
  const members = async () => (await iam.getGroup(renamed)).Users.map((u) => u.UserName);
  assert.deepEqual(await members(), [user.UserName]);
  const told = (listed) => listed.Groups.map((g) => [g.GroupName, g.GroupId]);
  assert.deepEqual(told(await iam.listGroups({ PathPrefix: Path })), [["js-renamed", Group.GroupId]]);
  assert.deepEqual(told(await iam.listGroupsForUser(user)), [["js-renamed", Group.GroupId]]);
  await refused(iam.deleteGroup(renamed));
  await iam.removeUserFromGroup({ ...user, ...renamed });
  assert.deepEqual(await members(), []);
  await iam.deleteGroup(renamed);
  await missing(iam.getGroup(renamed));
}

export default async function () {
  const { Policy } = await iam.createPolicy({ PolicyName: "js-policy", Path, PolicyDocument, Tags: [{ Key: "a", Value: "b" }] });
  const PolicyArn = Policy.Arn;
  assert.deepEqual((await iam.listPolicies({ Scope: "Local", PathPrefix: Path })).Policies.map((p) => p.Arn), [PolicyArn]);
  await tags("Policy", { PolicyArn });
  await versions(PolicyArn);
  await roles(PolicyArn);
  await users(PolicyArn);
  await iam.deletePolicy({ PolicyArn });
  await missing(iam.getPolicy({ PolicyArn }));
}
