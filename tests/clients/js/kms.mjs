// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-kms";
import { client, fails } from "./client.mjs";

const kms = client(sdk, "KMS");
const described = async (KeyId) => (await kms.describeKey({ KeyId })).KeyMetadata;

async function settings(KeyId) {
  await kms.updateKeyDescription({ KeyId, Description: "new" });
  assert.equal((await described(KeyId)).Description, "new");
  await kms.disableKey({ KeyId });
  assert.equal((await described(KeyId)).KeyState, "Disabled");
  await kms.enableKey({ KeyId });
  assert.equal((await described(KeyId)).KeyState, "Enabled");
  await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
  const rotation = await kms.getKeyRotationStatus({ KeyId });
  assert.deepEqual([rotation.KeyRotationEnabled, rotation.RotationPeriodInDays], [true, 90]);
  await kms.disableKeyRotation({ KeyId });
  assert.equal((await kms.getKeyRotationStatus({ KeyId })).KeyRotationEnabled, false);
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }] });
  await kms.putKeyPolicy({ KeyId, Policy });
  assert.deepEqual((await kms.listKeyPolicies({ KeyId })).PolicyNames, ["default"]);
  assert.equal((await kms.getKeyPolicy({ KeyId, PolicyName: "default" })).Policy, Policy);
  await kms.tagResource({ KeyId, Tags: [{ TagKey: "c", TagValue: "d" }] });
  await kms.untagResource({ KeyId, TagKeys: ["a"] });
  assert.deepEqual((await kms.listResourceTags({ KeyId })).Tags, [{ TagKey: "c", TagValue: "d" }]);
}

async function aliases(KeyId, otherId) {
  const AliasName = "alias/js";
  const of = async (id) => (await kms.listAliases({ KeyId: id })).Aliases.map((a) => [a.AliasName, a.TargetKeyId]);
  await kms.createAlias({ AliasName, TargetKeyId: KeyId });
  assert.equal((await described(AliasName)).KeyId, KeyId);
  await fails(kms.createAlias({ AliasName, TargetKeyId: otherId }), "AlreadyExistsException");
  await kms.updateAlias({ AliasName, TargetKeyId: otherId });
  assert.deepEqual([await of(KeyId), await of(otherId)], [[], [[AliasName, otherId]]]);
  await kms.deleteAlias({ AliasName });
  assert.deepEqual(await of(otherId), []);
  await fails(kms.describeKey({ KeyId: AliasName }), "NotFoundException");
}

async function deletion(KeyId) {
  const { DeletionDate } = await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
  assert.equal(Math.round((DeletionDate - Date.now()) / 86_400_000), 7);
  const told = await described(KeyId);
  assert.deepEqual([told.KeyState, told.DeletionDate], ["PendingDeletion", DeletionDate]);
  await fails(kms.enableKey({ KeyId }), "KMSInvalidStateException");
  await kms.cancelKeyDeletion({ KeyId });
  assert.equal((await described(KeyId)).KeyState, "Disabled");
}

export default async function () {
  const { KeyMetadata: key } = await kms.createKey({ Description: "é", Tags: [{ TagKey: "a", TagValue: "b" }] });
  assert.deepEqual([key.Description, key.KeyState], ["é", "Enabled"]);
  assert.deepEqual(await described(key.Arn), key);
  const { KeyId: otherId } = (await kms.createKey()).KeyMetadata;
  const listed = (await kms.listKeys()).Keys.map((k) => k.KeyId);
  assert.ok([key.KeyId, otherId].every((id) => listed.includes(id)));
  await settings(key.KeyId);
  await aliases(key.KeyId, otherId);
  await deletion(key.KeyId);
}
