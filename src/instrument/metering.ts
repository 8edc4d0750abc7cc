/** Where instrumentation put what it keeps of each function, for an engine that watches the code while it runs. */
export interface Metering {
  /** By body: index of the function that has its code, which is an added one where calls from outside reach another. */
  readonly functions: Int32Array;
  /** By body: the local in which it keeps what is owed; -1 for none. */
  readonly owed: Int32Array;
  /** By body: bits of `PASS`: what calls pass beside the arguments. */
  readonly passed: Uint8Array;
  /** By body: units that its callers charge for it. */
  readonly atCallers: Float64Array;
}
