// deno-lint-ignore-file no-import-prefix -- a package in deno.json would be fetched by everybody who runs the command
/**
 * The one place that imports `axe-core`: its text, which runs in the page. It gets there by the debugger of the browser,
 * to which the page's Content-Security-Policy and trusted types do not apply, so they stay as they are.
 */
import source from "npm:axe-core@4.14.1/axe.min.js" with { type: "text" };
import type { Page } from "./playwright.ts";

/** How bad axe thinks something is. */
export type Impact = "minor" | "moderate" | "serious" | "critical";

/** What axe found wrong. */
export interface Violation {
  readonly rule: string;
  readonly impact: Impact;
  readonly help: string;
  /** Selectors of the elements. */
  readonly targets: readonly string[];
  /** What it says of each of them, such as the colours of a text and their contrast. */
  readonly details: readonly string[];
}

/** Runs in the page. It fetches nothing: what a rule would need style sheets for anew is not asked for. */
const RUN = `axe.run(document, { preload: false, resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, impact, help, nodes }) => ({
    rule: id,
    impact,
    help,
    targets: nodes.map((node) => node.target.join(" ")),
    details: nodes.map((node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ")),
  })))`;

/** What a person would be kept out by: violations of impact serious or critical, of the page as it is now. */
export async function checkAccessibility(
  page: Page,
  impacts: readonly Impact[] = ["serious", "critical"],
): Promise<Violation[]> {
  if (await page.evaluate("typeof axe") === "undefined") await page.evaluate(source);
  const violations = await page.evaluate(RUN) as Violation[]; // of the form above
  return violations.filter(({ impact }) => impacts.includes(impact));
}
