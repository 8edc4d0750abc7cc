/** What the tests of a file go through, by where it stands. */

import type { Engine } from "./test_runs.ts";

/** What a program of others would use; parts are ours, tested by themselves. */
export type Interface = "library" | "command" | "server" | "parts";

/** A file or folder of tests. */
export interface Place {
  /** How the paths of its files begin, in this repository. */
  readonly path: string;
  readonly through: readonly Interface[];
  /** Whether its tests run on each engine; without, they run once, on what they name or on none. */
  readonly twice: boolean;
  /** The engines, where a run has its tests on more than names say. */
  readonly engines?: readonly Engine[];
  /** What keeps the guests, where their names do not say it. @default "worker" */
  readonly backEnd?: "process";
}

/** The first that fits counts. */
const PLACES: readonly Place[] = [
  { path: "tests/adversarial/command/", through: ["command"], twice: false },
  { path: "tests/adversarial/server/", through: ["server"], twice: false },
  { path: "tests/adversarial/files/permissions_test.ts", through: ["library", "command"], twice: true },
  { path: "tests/adversarial/", through: ["library"], twice: true },
  { path: "tests/isolation/hostile_test.ts", through: ["library"], twice: false }, // names its engines
  { path: "tests/isolation/process_test.ts", through: ["library"], twice: true, backEnd: "process" },
  { path: "tests/isolation/forged_packets_test.ts", through: ["library"], twice: true, backEnd: "process" },
  { path: "tests/isolation/", through: ["library"], twice: true },
  { path: "tests/sandbox/message_pack_shape_test.ts", through: ["parts"], twice: false },
  { path: "tests/sandbox/child_permissions_test.ts", through: ["parts"], twice: false },
  { path: "tests/sandbox/on_denial_test.ts", through: ["library"], twice: false }, // names its engines
  { path: "tests/sandbox/", through: ["library"], twice: true },
  { path: "tests/cli/host_permissions_test.ts", through: ["parts"], twice: false },
  { path: "tests/cli/printable_test.ts", through: ["parts"], twice: false },
  { path: "tests/cli/terminal_text_test.ts", through: ["parts"], twice: false },
  { path: "tests/cli/", through: ["command"], twice: false },
  { path: "tests/terminal/", through: ["library", "command"], twice: false },
  { path: "tests/server/", through: ["server"], twice: false },
  { path: "tests/browser/", through: ["server"], twice: false },
  { path: "tests/tasks/", through: ["library"], twice: false },
  { path: "tests/wrappers/", through: ["library"], twice: false },
  { path: "tests/manifest/", through: ["library", "command"], twice: false },
  { path: "tests/generated/", through: ["parts"], twice: false, engines: ["v8", "interpreter"] },
  { path: "tests/", through: ["parts"], twice: false },
];

/** @throws {Error} for a file outside of all of them */
export function placeOf(file: string): Place {
  const place = PLACES.find(({ path }) => file.startsWith(path));
  if (place === undefined) {
    throw new Error(`Cannot tell what "${file}" goes through: add it to ${import.meta.url}`);
  }
  return place;
}
