// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-ssm";
import { client, fails } from "./client.mjs";

const ssm = client(sdk, "SSM");

export default async function () {
  const Name = "/js/one";
  assert.equal((await ssm.putParameter({ Name, Value: "1", Type: "String" })).Version, 1);
  assert.equal((await ssm.putParameter({ Name, Value: "2", Overwrite: true })).Version, 2);
  await fails(ssm.putParameter({ Name, Value: "3", Type: "String" }), "ParameterAlreadyExists");
  await ssm.putParameter({ Name: "/js/deep/secret", Value: "s", Type: "SecureString" });
  assert.equal((await ssm.getParameter({ Name })).Parameter.Value, "2");
  assert.equal((await ssm.getParameter({ Name: `${Name}:1` })).Parameter.Value, "1");
  const several = await ssm.getParameters({ Names: [Name, "/js/none"] });
  assert.deepEqual([several.Parameters.length, several.InvalidParameters], [1, ["/js/none"]]);
  const below = await ssm.getParametersByPath({ Path: "/js", Recursive: true, WithDecryption: true });
  assert.deepEqual(below.Parameters.map((p) => p.Value).sort(), ["2", "s"]);
  await ssm.labelParameterVersion({ Name, ParameterVersion: 1, Labels: ["old"] });
  assert.equal((await ssm.getParameter({ Name: `${Name}:old` })).Parameter.Value, "1");
  assert.deepEqual((await ssm.getParameterHistory({ Name })).Parameters.map((p) => p.Labels ?? []), [["old"], []]);
  await ssm.unlabelParameterVersion({ Name, ParameterVersion: 1, Labels: ["old"] });
  await fails(ssm.getParameter({ Name: `${Name}:old` }), "ParameterVersionNotFound");
  const described = await ssm.describeParameters({ ParameterFilters: [{ Key: "Type", Values: ["SecureString"] }] });
  assert.deepEqual(described.Parameters.map((p) => p.Name), ["/js/deep/secret"]);
  const resource = { ResourceType: "Parameter", ResourceId: Name };
  await ssm.addTagsToResource({ ...resource, Tags: [{ Key: "a", Value: "b" }, { Key: "c", Value: "d" }] });
  await ssm.removeTagsFromResource({ ...resource, TagKeys: ["a"] });
  assert.deepEqual((await ssm.listTagsForResource(resource)).TagList, [{ Key: "c", Value: "d" }]);
  await ssm.deleteParameter({ Name });
  assert.deepEqual((await ssm.deleteParameters({ Names: ["/js/deep/secret"] })).DeletedParameters, ["/js/deep/secret"]);
  await fails(ssm.getParameter({ Name }), "ParameterNotFound");
}
