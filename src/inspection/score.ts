import { type FindingId, type FindingRow, FINDINGS } from "./finding_kinds.ts";

/** Grades with the least score of each, the best one first. */
export const GRADES = { A: 90, B: 80, C: 65, D: 50, F: 0 } as const;

/** One of {@linkcode GRADES}. */
export type Grade = keyof typeof GRADES;

/** How much a valid module asks to be looked at: 100 is not at all. */
export interface Score {
  /** From 0 to 100, a whole number. */
  readonly score: number;
  readonly grade: Grade;
}

/** The grades, the best one first. */
export const GRADE_NAMES = Object.keys(GRADES) as readonly Grade[]; // a literal's keys are those of its type

/**
 * The score of a valid module, from the kinds of what was found:
 *
 *     score = max(0, 100 - sum of the weights of the kinds)
 *
 * Each kind counts once, however often it was found: a module with a hundred unknown imports is one that needs a host of
 * its own, and not a hundred times worse than one with two. Weights stand in the table of findings: 0 for what is only worth
 * knowing, 1 to 5 for low, 5 to 20 for medium, 40 and more for high, so that one grave finding is a D at best.
 */
export function scoreOf(kinds: Iterable<FindingId>): Score {
  let score = 100;
  for (const kind of new Set(kinds)) {
    const { weight }: FindingRow = FINDINGS[kind];
    score -= weight;
  }
  score = Math.max(0, score);
  return { score, grade: GRADE_NAMES.find((grade) => score >= GRADES[grade]) ?? "F" };
}
