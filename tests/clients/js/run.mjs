// SPDX-License-Identifier: Apache-2.0
// node run.mjs URL SERVICE: a round trip through the service; prints the operations that were called.
import { called } from "./client.mjs";

const { default: roundTrip } = await import(`./${process.argv[3]}.mjs`);
await roundTrip();
console.log(JSON.stringify([...called].sort()));
process.exit(0); // kept connections would hold it
