import type { Signature } from "./generator/value_type.ts";

/** A module and what to do with it: everything that a run depends on. */
export interface Program {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it comes from, so that it can be made again. */
  readonly source: string;
  /** Functions that it imports, in order; the first argument says how deep a host may call back. */
  readonly hosts: readonly Signature[];
  /** What the exported global `steps` is set to before each call, if there is one. */
  readonly steps: number;
  readonly calls: readonly Call[];
}

/** A call of an export. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}
