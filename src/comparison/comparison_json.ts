/** A comparison for programs. */
import type { Json } from "../core/json.ts";
import type { Comparison } from "./comparison.ts";
import type { FunctionLines } from "./function_lines.ts";
import type { Listed } from "./listed.ts";

export interface ComparisonJsonOptions {
  /** The modules as the person named them. */
  readonly shown: { readonly before: string; readonly after: string };
  /** The code of the function that was asked for. */
  readonly code: FunctionLines | undefined;
}

function listJson<Item extends object>({ items, further }: Listed<Item>): Json {
  return { items: items.map((item) => ({ ...item })) as unknown as readonly Json[], further }; // plain data all of it
}

/** The document; sizes in bytes. */
export function comparisonJson(comparison: Comparison, { shown, code }: ComparisonJsonOptions): Json {
  const { same, size, features, findings, functions } = comparison;
  const finding = ({ id, severity, title, detail }: Comparison["findings"]["added"][number]): Json => ({
    id,
    severity,
    title,
    detail,
  });
  return {
    before: { module: shown.before, size: size.before },
    after: { module: shown.after, size: size.after },
    same,
    imports: listJson(comparison.imports),
    exports: listJson(comparison.exports),
    memories_and_tables: listJson(comparison.stores),
    features: { removed: features.removed, added: features.added },
    findings: { removed: findings.removed.map(finding), added: findings.added.map(finding) },
    sections: listJson(comparison.sections),
    functions: {
      removed: listJson(functions.removed),
      added: listJson(functions.added),
      changed: {
        items: functions.changed.items.map(({ before, after, matchedBy }) => ({
          before: { ...before },
          after: { ...after },
          matched_by: matchedBy,
        })),
        further: functions.changed.further,
      },
      same: functions.same,
    },
    ...(code === undefined ? {} : {
      code: { lines: code.lines.map(({ mark, text }) => mark + text), cut: code.cut },
    }),
  };
}
