/** What a page asks of the inspector's Worker, and what it gets: plain data, of which no message has more than a part. */
import type { CallableExport } from "../../inspection/callable_exports.ts";
import type { Finding } from "../../inspection/finding_list.ts";
import type { Score } from "../../inspection/score.ts";
import type { CodePosition, FunctionCode } from "../../inspection/function_code.ts";
import type { Need } from "../../inspection/needs.ts";
import type { SearchPosition, SearchResult } from "../../inspection/search_code.ts";
import type { Producer, TargetFeature } from "../../wasm/producers.ts";
import type { WorkerFailure } from "./worker_failure.ts";

/** What a module has many of. */
export const LIST_NAMES = [
  "exports",
  "imports",
  "functions",
  "memories",
  "tables",
  "globals",
  "tags",
  "segments",
  "sections",
] as const;

/** One of {@linkcode LIST_NAMES}. */
export type ListName = typeof LIST_NAMES[number];

/** Bounds of single answers; what is cut is counted or says so. */
export const MOST = {
  /** Entries of a part of a list. */
  entries: 500,
  /** Entries of the lists that are given at once: producers, features that a linker noted, notes. */
  few: 50,
  /** Lines of a part of a function. */
  lines: 2_000,
  /** Hits of a search. */
  hits: 500,
  /** Bytes of code that are searched between two looks at the clock: about a second. */
  searchedBytes: 2 * 1024 * 1024,
  /** UTF-16 units of a name or type. */
  text: 300,
  /** Parameters and results of a function that can be called from a form. */
  values: 50,
} as const;

/** An entry of any list. Names and types are cut where they are long. */
export interface ListEntry {
  /** In the index space of its kind; of a section its place. */
  readonly index: number;
  readonly kind:
    | "function"
    | "memory"
    | "table"
    | "global"
    | "tag"
    | "data"
    | "element"
    | "section"
    | "custom";
  readonly name?: string;
  /** The module of an import. */
  readonly from?: string;
  /** `(i32) -> ()`, `1 pages (max 4)`; of an element segment the type of its elements. */
  readonly type?: string;
  /** Of memories, tables, functions and so on, not of imports themselves. */
  readonly imported?: boolean;
  /** Bytes; of an element segment the number of elements. */
  readonly size?: number;
  /** Of functions with code, segments and sections. */
  readonly offset?: number;
  /** Of a segment: `active`, `passive`, `declarative`. */
  readonly mode?: string;
  /** Of an active segment: index of its memory or table. */
  readonly target?: number;
}

/** What is shown of a module as soon as it is open. */
export interface ModuleSummary {
  /** Bytes. */
  readonly size: number;
  /** From the name section. */
  readonly name?: string;
  /** Why it is invalid although it could be read. */
  readonly invalid?: WorkerFailure;
  /** Why a run under the default limits would refuse it. */
  readonly refusals: readonly WorkerFailure[];
  /** How long each list is. */
  readonly counts: Readonly<Record<ListName | "callable", number>>;
  readonly importedFunctions: number;
  /** Index of the start function. */
  readonly start?: number;
  readonly features: readonly string[];
  /** Capabilities; of their imports the first few. */
  readonly needs: readonly (Need & { readonly importCount: number })[];
  readonly needsWasi: boolean;
  readonly producers: readonly Producer[];
  readonly targetFeatures: readonly TargetFeature[];
  /** What was ignored in the names that the module gives. */
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  /** Absent of an invalid module. */
  readonly score?: Score;
  /** The first {@linkcode MOST.entries} of the list, with offsets and sizes. */
  readonly sections: readonly ListEntry[];
  /** The first {@linkcode MOST.entries} of the list. */
  readonly callable: readonly CallableExport[];
}

/** A part of a list. */
export interface ListPart<Entry> {
  /** How many entries have the text that was asked for. */
  readonly total: number;
  /** The place of the first of them in the list of those. */
  readonly from: number;
  readonly entries: readonly Entry[];
}

/** A function, and a part of its code. */
export interface FunctionPart extends FunctionCode {
  readonly function: ListEntry;
}

/** What is asked for, by its name. */
export interface InspectorQuestions {
  /** Comes first, and once. */
  readonly open: { readonly bytes: Uint8Array<ArrayBuffer> };
  readonly list: {
    readonly list: ListName;
    readonly from: number;
    /** At most {@linkcode MOST.entries}. */
    readonly count: number;
    /** Part of the names, capitals or not; undefined or empty for all. */
    readonly text?: string | undefined;
  };
  readonly callable: Omit<InspectorQuestions["list"], "list">;
  readonly code: { readonly index: number; readonly from?: CodePosition | undefined };
  readonly search: {
    readonly text: string;
    readonly from?: SearchPosition | undefined;
    /** At most {@linkcode MOST.hits}. */
    readonly mostHits: number;
  };
}

/** What comes back for each. */
export interface InspectorAnswers {
  readonly open: ModuleSummary;
  readonly list: ListPart<ListEntry>;
  readonly callable: ListPart<CallableExport>;
  readonly code: FunctionPart;
  readonly search: SearchResult;
}

/** The name of a question. */
export type InspectorOperation = keyof InspectorQuestions;

/** A question as it is posted. */
export type InspectorRequest = {
  readonly [Operation in InspectorOperation]:
    & { readonly operation: Operation }
    & InspectorQuestions[Operation];
}[InspectorOperation];
