/**
 * The one place that imports `@std/assert`. The npm mirror that `deno.json` maps the name to carries no types, so
 * what the tests use gets its explicit types here; they are those of the JSR package, and hold under both maps.
 */
import * as std from "@std/assert";

// deno-lint-ignore no-explicit-any -- parameters are contravariant: no other type admits every class
type Class<T> = new (...args: any[]) => T;

/** Fails unless `condition` is truthy; narrows it. */
export const assert: (condition: unknown, message?: string) => asserts condition = std.assert;

/** Fails unless both are deeply equal. */
export const assertEquals: <T>(actual: T, expected: T, message?: string) => void = std.assertEquals;

/** Fails if both are deeply equal. */
export const assertNotEquals: <T>(actual: T, expected: T, message?: string) => void = std.assertNotEquals;

/** Fails unless both are the same by `Object.is`; narrows `actual`. */
export const assertStrictEquals: <T>(actual: unknown, expected: T, message?: string) => asserts actual is T =
  std.assertStrictEquals;

/** Fails unless `actual` is an instance of `expected`; narrows it. */
export const assertInstanceOf: <T>(
  actual: unknown,
  expected: Class<T>,
  message?: string,
) => asserts actual is T = std.assertInstanceOf;

/** Fails unless `expected` matches somewhere in `actual`. */
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void = std.assertMatch;

/** Fails unless `actual` contains `expected`. */
export const assertStringIncludes: (actual: string, expected: string, message?: string) => void =
  std.assertStringIncludes;

/** Always fails. */
export const fail: (message?: string) => never = std.fail;

/**
 * Fails unless `fn` throws an instance of `errorClass` whose message contains `messageIncludes`.
 *
 * @returns the error, for assertions on its fields
 */
export const assertThrows: <E extends Error = Error>(
  fn: () => unknown,
  errorClass: Class<E>,
  messageIncludes?: string,
  message?: string,
) => E = std.assertThrows;

/**
 * Fails unless the promise of `fn` rejects with an instance of `errorClass` whose message contains
 * `messageIncludes`.
 *
 * @returns the error, for assertions on its fields
 */
export const assertRejects: <E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: Class<E>,
  messageIncludes?: string,
  message?: string,
) => Promise<E> = std.assertRejects;
