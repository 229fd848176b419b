// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-ecr";
import { client, fails } from "./client.mjs";

const ecr = client(sdk, "ECR");
const repositoryName = "js/web";

async function described() {
  const { repositories } = await ecr.describeRepositories({ repositoryNames: [repositoryName] });
  return repositories[0];
}

// Each setting is put, read and where that is possible deleted.
async function settings(resourceArn) {
  await ecr.putImageTagMutability({ repositoryName, imageTagMutability: "IMMUTABLE" });
  assert.equal((await described()).imageTagMutability, "IMMUTABLE");
  await ecr.putImageScanningConfiguration({ repositoryName, imageScanningConfiguration: { scanOnPush: false } });
  assert.deepEqual((await described()).imageScanningConfiguration, { scanOnPush: false });
  const policyText = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:*" }] });
  await ecr.setRepositoryPolicy({ repositoryName, policyText });
  assert.equal((await ecr.getRepositoryPolicy({ repositoryName })).policyText, policyText);
  assert.equal((await ecr.deleteRepositoryPolicy({ repositoryName })).policyText, policyText);
  await fails(ecr.getRepositoryPolicy({ repositoryName }), "RepositoryPolicyNotFoundException");
  const selection = { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 365 };
  const lifecyclePolicyText = JSON.stringify({ rules: [{ rulePriority: 1, selection, action: { type: "expire" } }] });
  await ecr.putLifecyclePolicy({ repositoryName, lifecyclePolicyText });
  assert.equal((await ecr.getLifecyclePolicy({ repositoryName })).lifecyclePolicyText, lifecyclePolicyText);
  assert.equal((await ecr.deleteLifecyclePolicy({ repositoryName })).lifecyclePolicyText, lifecyclePolicyText);
  await fails(ecr.getLifecyclePolicy({ repositoryName }), "LifecyclePolicyNotFoundException");
  await ecr.tagResource({ resourceArn, tags: [{ Key: "c", Value: "d" }] });
  await ecr.untagResource({ resourceArn, tagKeys: ["a"] });
  assert.deepEqual((await ecr.listTagsForResource({ resourceArn })).tags, [{ Key: "c", Value: "d" }]);
}

export default async function () {
  const { repository } = await ecr.createRepository({
    repositoryName, imageScanningConfiguration: { scanOnPush: true }, tags: [{ Key: "a", Value: "b" }] });
  assert.deepEqual(await described(), repository);
  assert.equal(repository.repositoryUri, "000000000000.dkr.ecr.us-east-1.amazonaws.com/js/web");
  await fails(ecr.createRepository({ repositoryName }), "RepositoryAlreadyExistsException");
  await ecr.createRepository({ repositoryName: "js/api" });
  const all = [];
  const pages = sdk.paginateDescribeRepositories({ client: ecr.sdk, pageSize: 1 }, {});
  for await (const page of pages) all.push(...page.repositories.map((r) => r.repositoryName));
  assert.deepEqual(all, ["js/api", "js/web"]);
  await settings(repository.repositoryArn);

  const [{ authorizationToken, expiresAt }] = (await ecr.getAuthorizationToken()).authorizationData;
  assert.ok(Buffer.from(authorizationToken, "base64").toString().startsWith("AWS:"));
  assert.ok(expiresAt > new Date());
  assert.deepEqual((await ecr.listImages({ repositoryName })).imageIds, []);
  assert.deepEqual((await ecr.describeImages({ repositoryName })).imageDetails, []);
  await fails(ecr.describeImages({ repositoryName, imageIds: [{ imageTag: "v1" }] }), "ImageNotFoundException");
  for (const name of all) {
    assert.equal((await ecr.deleteRepository({ repositoryName: name })).repository.repositoryName, name);
    await fails(ecr.describeRepositories({ repositoryNames: [name] }), "RepositoryNotFoundException");
  }
}
