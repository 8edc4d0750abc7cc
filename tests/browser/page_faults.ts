/** What goes wrong in pages while nobody looks: it fails the test in which it happens. */
import type { BrowserContext } from "../playwright.ts";

/** A violation of the Content-Security-Policy, another error on the console, or an error that nobody caught. */
export interface PageFault {
  readonly kind: "policy" | "console" | "uncaught";
  readonly text: string;
  /** The address and line of what did it, where the browser tells. */
  readonly at: string;
}

/** How Chromium words violations of the policy, those of trusted types with them. */
const POLICY = /Content Security Policy|requires 'Trusted\w+' assignment/;

/** Collects what happens in all pages of a context, and in their workers. @returns a list that grows */
export function watchFaults(context: BrowserContext): readonly PageFault[] {
  const faults: PageFault[] = [];
  context.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "assert") return;
    const text = message.text(), { url, lineNumber } = message.location();
    faults.push({ kind: POLICY.test(text) ? "policy" : "console", text, at: `${url}:${lineNumber + 1}` });
  });
  context.on("weberror", (event) => {
    const error = event.error();
    faults.push({ kind: "uncaught", text: String(error), at: event.page()?.url() ?? "" });
  });
  return faults;
}

/**
 * Compares what went wrong with what was to go wrong.
 *
 * @param expected each has to fit one fault or more; more than these must not have happened
 * @throws {Error} that tells all that was not expected, and all that was and did not come
 */
export function judgeFaults(faults: readonly PageFault[], expected: readonly RegExp[] = []): void {
  const lines: string[] = [];
  for (const { kind, text, at } of faults) {
    if (!expected.some((pattern) => pattern.test(text))) lines.push(`${kind}: ${text} (${at})`);
  }
  for (const pattern of expected) {
    if (!faults.some(({ text }) => pattern.test(text))) lines.push(`expected and did not come: ${pattern}`);
  }
  if (lines.length > 0) throw new Error(`the page has faults:\n  ${lines.join("\n  ")}`);
}
