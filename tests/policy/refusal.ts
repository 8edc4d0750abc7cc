/** What the tests of this folder share: refusals of options. */
import { AegisError } from "../../src/core/errors.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

/** Fails unless `make` refuses with `InvalidOption`, names `field` and says what to do. */
export function assertRefused(make: () => unknown, field: string): AegisError {
  const error = assertThrows(make, AegisError, undefined, `${field}: nothing was thrown`);
  assertEquals([error.code, error.field], ["InvalidOption", field], error.message);
  assert(error.message.startsWith("Cannot "), error.message);
  return error;
}
