/**
 * What scripts import as `spectest`. Like all that a guest can import it is made of host functions, behind the shim,
 * and of a module of the same guest, which goes the whole way itself.
 */
import type { ValueKind } from "../../../src/core/value.ts";

/** The module name under which the module below imports its host functions. */
export const HOST = "host";

/** Functions that print, by their parameters. Nothing listens. */
export const PRINTS: Readonly<Record<string, readonly ValueKind[]>> = {
  print: [],
  print_i32: ["i32"],
  print_i64: ["i64"],
  print_f32: ["f32"],
  print_f64: ["f64"],
  print_i32_f32: ["i32", "f32"],
  print_f64_f64: ["f64", "f64"],
};

const PRINT_FIELDS = Object.entries(PRINTS).map(([name, params]) =>
  `(func (export "${name}") (import "${HOST}" "${name}") (param ${params.join(" ")}))`
);

export const SPECTEST_TEXT = `(module
  ${PRINT_FIELDS.join("\n  ")}
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (table (export "table64") i64 10 20 funcref)
  (memory (export "memory") 1 2))`;
