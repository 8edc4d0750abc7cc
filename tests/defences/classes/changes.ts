/** Class F: what ends requests when a grant is revoked, and when a guest is cancelled or closed. */
import type { Defence } from "../defence.ts";

const CHANGES = "tests/adversarial/network/changes_test.ts",
  FORGED = "tests/adversarial/network/forged_test.ts",
  GRANTS = "tests/sandbox/capabilities_test.ts";

export const CHANGES_DEFENCES: readonly Defence[] = [
  {
    id: "revoked-network",
    what: "a network grant that is taken away ends what is open or under way by it",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `    this.#exchange?.narrowed();`,
    replace: ``,
    tests: [CHANGES],
  },
  {
    id: "revoked-responses",
    what: "an open response of a host that is granted no more can do nothing",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `      if (grant === undefined) response.end("notcapable");
      else response.narrow(grant.maxBody);`,
    replace: `      if (grant !== undefined) response.narrow(grant.maxBody);`,
    tests: [CHANGES],
  },
  {
    id: "revoked-own",
    what: "what is taken from one sandbox is taken from no other, a later one in its place included",
    lines: ["F51"],
    file: "src/sandbox/brokers.ts",
    find: `        if (!attached) return;
        files?.narrow(policy);`,
    replace: `        files?.narrow(policy);`,
    tests: [CHANGES, GRANTS],
    only: ["F51"],
  },
  {
    id: "cancelled-closes",
    what: "a request that is cancelled closes its connection, and its response is nobody's",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `    this.#underway?.end("intr");
    if (this.#unclaimed !== undefined) this.#responses.close(this.#unclaimed);`,
    replace: ``,
    tests: [CHANGES],
    only: ["F51"],
  },
  {
    id: "closed-closes-responses",
    what: "a sandbox that is closed leaves no connection open",
    lines: ["F51", "G53"],
    file: "src/broker/net_operations.ts",
    find: `    this.#underway?.end("intr");
    this.#responses.closeAll();`,
    replace: ``,
    tests: [CHANGES, FORGED],
    only: ["F51", "G53"],
  },
  {
    id: "life-closes-responses",
    what: "a new life has no response of the last one",
    lines: ["F51"],
    file: "src/wasi/provided_imports.ts",
    find: `    this.#http.reset();`,
    replace: ``,
    tests: [CHANGES],
  },
  {
    id: "one-under-way",
    what: "a guest has one operation of a broker under way, however often it rings",
    lines: ["G53"],
    file: "src/broker/async_client.ts",
    find: `    if (this.#busy || this.#closed || !asked || frameKind !== FRAMES.operation) return;`,
    replace: `    if (this.#closed || !asked || frameKind !== FRAMES.operation) return;`,
    tests: [FORGED],
  },
  {
    id: "ended-asks-nothing",
    what: "nothing is begun for a guest that is to end",
    lines: ["G53"],
    file: "src/broker/async_client.ts",
    find: `      if (this.#isAborted && !closes(name)) return this.#refuse("intr");`,
    replace: `      void [closes, this.#isAborted];`,
    tests: [FORGED],
  },
  {
    id: "cancelled-ends",
    what: "a request that is cancelled ends, at once and at the latest with its sandbox",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `    this.#underway?.end("intr");
    if (this.#unclaimed !== undefined) this.#responses.close(this.#unclaimed);`,
    replace: ``,
    also: [{
      file: "src/broker/net_operations.ts",
      find: `    this.#underway?.end("intr");
    this.#responses.closeAll();`,
      replace: ``,
    }],
    tests: [CHANGES],
    only: ["F51 a request is cancelled"],
    ends: "hang",
    seconds: 40,
  },
];
