// SPDX-License-Identifier: Apache-2.0
// Clients of the SDK that take note of each operation they are used for.
import assert from "node:assert/strict";

export const called = new Set();

export const settings = {
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
};

// All commands of a package, as functions of a client: s3.putObject({...}).
export function client(sdk, name, config = {}) {
  const one = new sdk[`${name}Client`]({ ...settings, ...config });
  return new Proxy({ sdk: one }, {
    get(target, method) {
      if (method in target) return target[method];
      const operation = method[0].toUpperCase() + method.slice(1);
      return (input = {}) => {
        called.add(operation);
        return one.send(new sdk[`${operation}Command`](input));
      };
    },
  });
}

export async function fails(promise, name) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.name, name);
    assert.ok(error.$metadata.httpStatusCode >= 400);
    assert.ok(error.$metadata.requestId ?? error.$metadata.extendedRequestId);
    return true;
  });
}
