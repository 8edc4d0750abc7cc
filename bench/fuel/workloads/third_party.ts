/** What npm packages ship, at work. The list is fixed: a row stays, whatever its figure is. */
import type { Workload } from "../subject.ts";
import { compressionWorkloads } from "./compression.ts";
import { hashWorkloads } from "./hashes.ts";
import { longWorkload } from "./long.ts";
import { parserWorkloads } from "./parsers.ts";
import { sqliteWorkload } from "./sqlite.ts";

export const thirdPartyWorkloads: readonly Workload[] = [
  sqliteWorkload,
  ...compressionWorkloads,
  ...parserWorkloads,
  ...hashWorkloads,
  longWorkload,
];
