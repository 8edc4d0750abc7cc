import type { Module } from "../wasm/module.ts";
import { addCodeFindings } from "./code_findings.ts";
import { addDeclarationFindings } from "./declaration_findings.ts";
import { type Finding, FindingList } from "./finding_list.ts";
import { addImportFindings } from "./import_findings.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Lists what is noteworthy about a module for somebody who has to trust it or not, grave findings first. Every one follows
 * from the bytes; that there are none proves nothing.
 *
 * @throws {ModuleInvalidError} where an instruction cannot be decoded
 */
export function findingsOf(
  module: Module,
  { invalid, refusals }: Verdict,
): Finding[] {
  const list = new FindingList();
  if (invalid !== undefined) {
    list.add("invalid", () => ({ detail: `${invalid.message}.`, location: { offset: invalid.offset } }));
  }
  for (const { reason, suggestion } of refusals) {
    list.add("refused", () => ({ detail: `${reason}.`, advice: suggestion }));
  }
  addImportFindings(list, module);
  addDeclarationFindings(list, module);
  addCodeFindings(list, module);
  return list.finish();
}
