/** Owner of `@std/semver`: what is used of it, with types that hold under every registry. */
import * as semver from "@std/semver";
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";

/** A version that was read. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** A range that was read: opaque. */
export type VersionRange = readonly (readonly unknown[])[];

interface SemverFunctions {
  parse(text: string): Version;
  format(version: Version): string;
  compare(one: Version, other: Version): number;
  parseRange(text: string): VersionRange;
  satisfies(version: Version, range: VersionRange): boolean;
}

// `as unknown`: one of the two packages that the name maps to carries no types.
const functions = semver as unknown as SemverFunctions;

/** Longest text of a version or a range that is looked at. */
const LONGEST = 128;

function refuse(what: string, text: string, allowed: string): AegisError {
  return new AegisError("InvalidOption", `Cannot read ${what} ${quote(text)}: ${allowed}`);
}

/** Reads a version. @throws {AegisError} `InvalidOption` */
export function parseVersion(text: string): Version {
  try {
    if (text.length <= LONGEST && text === text.trim() && !text.startsWith("v")) return functions.parse(text);
  } catch {
    // told below
  }
  throw refuse("version", text, 'use three numbers as in "1.2.3", with "-beta.1" behind them for a trial');
}

/** Reads a range of versions. @throws {AegisError} `InvalidOption` */
export function parseRange(text: string): VersionRange {
  try {
    if (text.length <= LONGEST) return functions.parseRange(text);
  } catch {
    // told below
  }
  throw refuse("range of versions", text, 'use for instance "^1.2", "~1.2.3", ">=1.2 <3" or "1.2.3"');
}

/** Less than zero where the first one is older. */
export function compareVersions(one: string, other: string): number {
  return functions.compare(parseVersion(one), parseVersion(other));
}

/** Whether a version lies in a range; trial versions do where the range names one of the same numbers. */
export function inRange(version: string, range: string): boolean {
  return functions.satisfies(parseVersion(version), parseRange(range));
}
