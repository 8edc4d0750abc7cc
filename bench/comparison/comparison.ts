/** The result of the comparison, as `docs/comparison.json` keeps it: both pages are written from it. */
import type { Machine } from "../page/machine.ts";
import type { Answer, QuestionName } from "./questions.ts";

/** Times that are shown as ratios to those of Aegis in the same run. */
export const FIGURES = [
  { name: "start", text: "from a small module's bytes to the end of its first call, as time over Aegis" },
  { name: "work", text: "the same computation in the same module, as time over Aegis" },
] as const;

export type FigureName = (typeof FIGURES)[number]["name"];

/** Milliseconds; undefined where it did not run. */
export type Times = Readonly<Partial<Record<FigureName, number>>>;

export interface Compared {
  readonly name: string;
  readonly title: string;
  /** What it is, with its versions. */
  readonly what: string;
  readonly answers: Readonly<Record<QuestionName, Answer>>;
  readonly times: Times;
  readonly inReadme: boolean;
}

export interface Comparison {
  /** `2026-01-31`, in UTC. */
  readonly date: string;
  readonly machine: Machine;
  /** Aegis is the first. */
  readonly compared: readonly Compared[];
}

const ROOT = new URL("../../", import.meta.url);

export const COMPARISON_FILE = "docs/comparison.json", COMPARISON_PAGE = "docs/comparison.md";

/** @returns undefined when none was made yet */
export async function readComparison(): Promise<Comparison | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL(COMPARISON_FILE, ROOT))); // `writePages` writes it
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
