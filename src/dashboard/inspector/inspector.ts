/** Looks into one module for a page; runs in a Worker, where a hostile module can keep nobody but itself busy. */
import { ModuleRefusedError } from "../../core/errors.ts";
import { type CallableExport, callableExports } from "../../inspection/callable_exports.ts";
import { findingsOf } from "../../inspection/findings.ts";
import { functionCode } from "../../inspection/function_code.ts";
import { type Inspection, inspectModule } from "../../inspection/inspection.ts";
import { ItemNames } from "../../inspection/item_names.ts";
import { scoreOf } from "../../inspection/score.ts";
import { searchCode } from "../../inspection/search_code.ts";
import { type Verdict, verdictOf } from "../../inspection/verdict.ts";
import type { Module } from "../../wasm/module.ts";
import { IS_COMPONENT, isComponent, REBUILD } from "../../wasm/module_kind.ts";
import { readModule } from "../../wasm/read_module.ts";
import {
  type InspectorAnswers,
  type InspectorOperation,
  type InspectorRequest,
  type ListEntry,
  type ListName,
  type ModuleSummary,
  MOST,
} from "./inspector_protocol.ts";
import { listPart, type ListSource, listSources, shown } from "./list_sources.ts";
import { failureOf } from "./worker_failure.ts";

/** A module that was opened. */
interface Opened {
  readonly module: Module;
  readonly names: ItemNames;
  readonly lists: Readonly<Record<ListName, ListSource<ListEntry>>>;
  readonly callable: ListSource<CallableExport>;
}

/** The inspector of one module. */
export class Inspector {
  #opened: Opened | undefined;

  /**
   * Answers a request; the first one opens the module.
   *
   * @throws {ModuleInvalidError} @throws {ModuleRefusedError} for what is no module that can be looked into
   * @throws {RangeError} for what the module does not have
   */
  answer(request: InspectorRequest): InspectorAnswers[InspectorOperation] {
    if (request.operation === "open") return this.#open(request.bytes);
    const opened = this.#opened;
    if (opened === undefined) throw new RangeError("Cannot answer before a module is open");
    const { lists, callable } = opened;
    switch (request.operation) {
      case "list":
        return listPart(lists[request.list], request);
      case "callable":
        return listPart(callable, request);
      case "code": {
        const { index, from } = request;
        const code = functionCode(opened, { index, from, most: MOST.lines });
        return { ...code, function: lists.functions.entry(index) };
      }
      case "search": {
        const { text, from, mostHits } = request, most = Math.min(mostHits, MOST.hits);
        return searchCode(opened, { text, from, mostHits: most, mostBytes: MOST.searchedBytes });
      }
    }
  }

  #open(bytes: Uint8Array): ModuleSummary {
    if (isComponent(bytes)) {
      throw new ModuleRefusedError(`Cannot look into it: ${IS_COMPONENT}`, { suggestion: REBUILD });
    }
    const module = readModule(bytes), verdict = verdictOf(module);
    const inspection = inspectModule(module, { form: "wasm", ...verdict });
    const opened: Opened = {
      module,
      names: new ItemNames(module),
      lists: listSources(module, inspection),
      callable: callableSource(module),
    };
    const summary = summaryOf(opened, { inspection, verdict });
    this.#opened = opened;
    return summary;
  }
}

function callableSource(module: Module): ListSource<CallableExport> {
  const functions = callableExports(module);
  return {
    count: functions.length,
    names: (place) => functions[place]?.name ?? "",
    entry: (place) => {
      const { name, index, params, results, problem } = functions[place] ?? NOBODY;
      const known = { name: shown(name), index, params: [], results: [] };
      if (problem !== undefined) return { ...known, problem: shown(problem) };
      const values = params.length + results.length;
      return values > MOST.values
        ? { ...known, problem: `it takes and returns ${values} values, more than ${MOST.values}` }
        : { ...known, params, results };
    },
  };
}

const NOBODY: CallableExport = { name: "", index: 0, params: [], results: [], problem: "it does not exist" };

function summaryOf(
  { module, lists, callable }: Opened,
  { inspection, verdict }: { readonly inspection: Inspection; readonly verdict: Verdict },
): ModuleSummary {
  const findings = findingsOf(module, verdict);
  const { moduleName, start } = inspection, first = { from: 0, count: MOST.entries };
  return {
    size: inspection.size,
    ...(moduleName === undefined ? {} : { name: shown(moduleName) }),
    ...(verdict.invalid === undefined ? {} : { invalid: failureOf(verdict.invalid) }),
    refusals: verdict.refusals.map(failureOf),
    counts: {
      exports: lists.exports.count,
      imports: lists.imports.count,
      functions: lists.functions.count,
      memories: lists.memories.count,
      tables: lists.tables.count,
      globals: lists.globals.count,
      tags: lists.tags.count,
      segments: lists.segments.count,
      sections: lists.sections.count,
      callable: callable.count,
    },
    importedFunctions: module.imported.function,
    ...(start === undefined ? {} : { start }),
    features: inspection.features,
    needs: inspection.needs.map(({ imports, ...need }) => ({
      ...need,
      imports: imports.slice(0, MOST.few).map(shown),
      importCount: imports.length,
    })),
    needsWasi: inspection.needsWasi,
    producers: inspection.producers.slice(0, MOST.few).map(({ field, name, version }) => ({
      field: shown(field),
      name: shown(name),
      version: shown(version),
    })),
    targetFeatures: inspection.targetFeatures.slice(0, MOST.few).map(({ prefix, name }) => ({
      prefix,
      name: shown(name),
    })),
    notes: inspection.notes.slice(0, MOST.few).map(shown),
    findings,
    ...(verdict.invalid === undefined ? { score: scoreOf(findings.map(({ id }) => id)) } : {}),
    sections: listPart(lists.sections, first).entries,
    callable: listPart(callable, first).entries,
  };
}
