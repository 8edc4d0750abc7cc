import type { Module } from "../wasm/module.ts";
import { addCodeFindings } from "./code_findings.ts";
import { addDeclarationFindings } from "./declaration_findings.ts";
import { type Finding, FindingList } from "./finding_list.ts";
import { addDataFindings } from "./data_findings.ts";
import { addFlowFindings } from "./flow_findings.ts";
import { addImportFindings } from "./import_findings.ts";
import { type ModuleFacts, moduleFacts } from "./module_facts.ts";
import { addNameFindings } from "./name_findings.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Lists what is noteworthy about a module for somebody who has to trust it or not, grave findings first. That there are
 * none proves nothing. What an invalid module would do is not looked into.
 *
 * @param facts of a valid module, where they are known
 * @throws {ModuleInvalidError} where an instruction cannot be decoded
 */
export function findingsOf(
  module: Module,
  { invalid, refusals }: Verdict,
  facts: ModuleFacts | undefined = invalid === undefined ? moduleFacts(module) : undefined,
): Finding[] {
  const list = new FindingList();
  if (invalid !== undefined) {
    list.add("invalid", () => ({ detail: `${invalid.message}.`, location: { offset: invalid.offset } }));
  }
  for (const { reason, suggestion } of refusals) {
    list.add("refused", () => ({ detail: `${reason}.`, advice: suggestion }));
  }
  addImportFindings(list, module, facts);
  addDeclarationFindings(list, module);
  addCodeFindings(list, module, facts);
  if (facts === undefined) return list.finish();
  addFlowFindings(list, module, facts);
  addDataFindings(list, facts.data);
  addNameFindings(list, module);
  return list.finish((functionIndex) => facts.names.of("function", functionIndex));
}
