// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import * as sdk from "@aws-sdk/client-sts";
import { client, fails, settings } from "./client.mjs";

const sts = client(sdk, "STS");

export default async function () {
  const me = await sts.getCallerIdentity();
  assert.equal(me.Account, "000000000000");
  const session = await sts.getSessionToken();
  assert.ok(session.Credentials.Expiration > new Date());
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "sts:AssumeRole" }] });
  await new IAMClient(settings).send(new CreateRoleCommand({ RoleName: "any", AssumeRolePolicyDocument }));
  const role = { RoleArn: "arn:aws:iam::000000000000:role/any", RoleSessionName: "js" };
  const assumed = await sts.assumeRole(role);
  assert.ok(assumed.AssumedRoleUser.Arn.endsWith(":assumed-role/any/js"));
  const { AccessKeyId, SecretAccessKey, SessionToken } = assumed.Credentials;
  const as = client(sdk, "STS", { credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } });
  assert.equal((await as.getCallerIdentity()).Arn, assumed.AssumedRoleUser.Arn);
  await fails(sts.assumeRole({ ...role, RoleSessionName: "?" }), "ValidationError");
}
