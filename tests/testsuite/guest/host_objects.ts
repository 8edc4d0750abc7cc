import type { ReferenceKind } from "./program.ts";

/** Kinds by the number that the classifier gives, see {@linkcode CLASSIFIER_TEXT}. */
const KINDS: readonly ReferenceKind[] = ["host", "i31", "struct", "array"];

/** The module that tells what an `anyref` is: JavaScript sees no difference between a struct and an array. */
export const CLASSIFIER_TEXT = `(module
  (func (export "kind") (param anyref) (result i32)
    (if (ref.test (ref i31) (local.get 0)) (then (return (i32.const 1))))
    (if (ref.test (ref struct) (local.get 0)) (then (return (i32.const 2))))
    (if (ref.test (ref array) (local.get 0)) (then (return (i32.const 3))))
    (i32.const 0)))`;

/** The host's objects, which scripts name by numbers: one object a number. */
export class HostObjects {
  readonly #objects: Map<number, object> = new Map();
  readonly #kind: (value: unknown) => number;

  constructor(classifier: WebAssembly.Module) {
    // `as`: the text above.
    this.#kind = new WebAssembly.Instance(classifier).exports.kind as (value: unknown) => number;
  }

  object(number: number): object {
    const object = this.#objects.get(number) ?? {};
    this.#objects.set(number, object);
    return object;
  }

  numberOf(value: unknown): number | undefined {
    for (const [number, object] of this.#objects) if (object === value) return number;
    return undefined;
  }

  /** What a value of the hierarchy of `any` is, null apart. */
  kindOf(value: unknown): ReferenceKind {
    return KINDS[this.#kind(value)] ?? "host";
  }
}
