import { cutText } from "../core/cut.ts";
import { type FindingId, type FindingRow, FINDINGS, type Severity } from "./finding_kinds.ts";

/** Where a finding stands, where that can be said. */
export interface FindingPlace {
  readonly functionIndex?: number;
  /** As the module calls it; cut where it is long. */
  readonly functionName?: string;
  /** From the first byte of the module. */
  readonly offset?: number;
}

/** One thing that is noteworthy about a module. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly title: string;
  /** On what is likely and not proven. */
  readonly heuristic?: true;
  /** What it is in this module, in a sentence. Names of the module stand in quotes, cut where they are long. */
  readonly detail: string;
  readonly location?: FindingPlace;
  readonly advice: string;
  /** On the last that is listed of its kind: how many more there are. */
  readonly further?: number;
}

/** What differs between the findings of one kind. */
export interface FindingFacts extends Pick<Finding, "detail" | "location"> {
  readonly advice?: string | undefined;
}

/** Findings of one kind that are listed: a module of a million imports has a million unknown ones. */
export const MOST_OF_A_KIND = 20;

/** Gathers findings, and counts those that are too many to list. */
export class FindingList {
  readonly #kinds = new Map<FindingId, { readonly listed: Finding[]; count: number }>();

  /** Takes one. @param tell is called when there is room for it */
  add(id: FindingId, tell: () => FindingFacts): void {
    const kind = this.#kinds.get(id) ?? { listed: [], count: 0 };
    this.#kinds.set(id, kind);
    kind.count++;
    if (kind.count > MOST_OF_A_KIND) return;
    const row: FindingRow = FINDINGS[id], { detail, location, advice = row.advice } = tell();
    kind.listed.push({
      id,
      severity: row.severity,
      title: row.title,
      ...(row.heuristic === undefined ? {} : { heuristic: row.heuristic }),
      detail,
      ...(location === undefined ? {} : { location }),
      advice,
    });
  }

  /** All that are listed, in the order of {@linkcode FINDINGS}. @param nameOf what a function is called */
  finish(nameOf: (functionIndex: number) => string | undefined = () => undefined): Finding[] {
    const ids = Object.keys(FINDINGS) as FindingId[]; // a literal's keys are those of its type
    return ids.flatMap((id) => {
      const { listed, count } = this.#kinds.get(id) ?? { listed: [], count: 0 };
      const further = count - listed.length;
      return listed.map((finding) => named(finding, nameOf)).map((finding, at) =>
        further > 0 && at === listed.length - 1 ? { ...finding, further } : finding
      );
    });
  }
}

/** UTF-16 units of a name that a place shows. */
const LONGEST_NAME = 120;

function named(finding: Finding, nameOf: (functionIndex: number) => string | undefined): Finding {
  const { location } = finding;
  const name = location?.functionIndex === undefined ? undefined : nameOf(location.functionIndex);
  if (name === undefined) return finding;
  return { ...finding, location: { ...location, functionName: cutText(name, LONGEST_NAME) } };
}
