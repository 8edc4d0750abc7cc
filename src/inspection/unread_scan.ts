/** What is told of a file that cannot be read as a module: one finding, so that no report of a scan is without a result. */
import type { AegisError } from "../core/errors.ts";
import { FindingList } from "./finding_list.ts";
import type { Scan } from "./scan.ts";

/** The size of what was not read, as SARIF has it. */
const UNKNOWN_SIZE = -1;

/** A scan that is this error and no more; undefined for one that says nothing about the module. */
export function unreadScan({ code, message }: AegisError): Scan | undefined {
  if (code !== "ModuleInvalid" && code !== "ModuleRefused") return undefined;
  const list = new FindingList();
  list.add(code === "ModuleInvalid" ? "invalid" : "refused", () => ({ detail: `${message}.` }));
  return {
    size: UNKNOWN_SIZE,
    invalid: undefined,
    score: undefined,
    findings: list.finish(),
    facts: undefined,
  };
}
