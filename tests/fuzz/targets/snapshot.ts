/**
 * Snapshots that were altered, with the checksum mended so that they get past it: they are refused with the documented
 * error, or go on within the limits of the runtime that restores them. The input is the content of a snapshot.
 */
import { Aegis, AegisError, type Sandbox } from "../../../mod.ts";
import { DataError, decodeData, encodeData } from "../../../src/protocol/data.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import type { Random } from "../../wasm/random.ts";
import type { Attempts, Input, Target } from "../target.ts";

/** Bytes before the content, and where in them its length and its checksum stand. */
const HEAD = 56, LENGTH_AT = 16, SUM_AT = 24;

/** A memory and a table small enough that a snapshot is. */
const TEXT = compileText(`(module
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (table (export "t") 3 8 funcref) (elem (i32.const 0) $double $double)
  (global $count (mut i64) (i64.const 7))
  (global (export "g") (mut f64) (f64.const 1.5))
  (type $unary (func (param i32) (result i32)))
  (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $deep (param $n i32) (result i32)
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (if (result i32) (i32.eqz (local.get $n)) (then (call $ask (i32.const 5)))
      (else (i32.add (call_indirect (type $unary) (local.get $n) (i32.const 1))
        (call $deep (i32.sub (local.get $n) (i32.const 1)))))))
  (func (export "run") (param i32) (result i32) (call $deep (local.get 0)))
  (func (export "short") (param i32) (result i32) (call $double (local.get 0))))`);

const OPTIONS = {
  engine: "interpreter",
  isolation: "worker",
  timeout: 300,
  fuelLimit: 1_000_000,
  memoryLimit: "1MiB",
} as const;

/** Codes of what a snapshot can be refused with, and of how what it goes on with may end. */
const CODES: ReadonlySet<string> = new Set([
  ...[
    "SnapshotInvalid",
    "ModuleInvalid",
    "ModuleRefused",
    "MissingImport",
    "FunctionNotFound",
    "TypeMismatch",
  ],
  ...["InstanceEnded", "ModuleNotLoaded", "Trap", "OutOfFuel", "Timeout", "MemoryExceeded", "StackOverflow"],
  ...["CpuTimeExceeded", "HostCallsExceeded", "Cancelled"],
]);

function withHead(content: Input, head: Input): Promise<Input> {
  const bytes = new Uint8Array(HEAD + content.length);
  bytes.set(head.subarray(0, HEAD));
  new DataView(bytes.buffer).setBigUint64(LENGTH_AT, BigInt(content.length), true);
  bytes.set(content, HEAD);
  return crypto.subtle.digest("SHA-256", content).then((sum) => {
    bytes.set(new Uint8Array(sum), SUM_AT);
    return bytes;
  });
}

const hosts = (sandbox: Sandbox, ask: () => number | Promise<number>) =>
  sandbox.registerFunc("env", "ask", { params: ["i32"], results: ["i32"] }, ask);

class SnapshotTarget implements Attempts {
  constructor(readonly runtime: Aegis, readonly head: Input) {}

  async attempt(content: Input): Promise<void> {
    let sandbox: Sandbox;
    try {
      const { hostFunction } = await import("../../../mod.ts");
      const ask = hostFunction({ params: ["i32"], results: ["i32"] }, () => 1);
      sandbox = await this.runtime.restore(await withHead(content, this.head), {
        hostFunctions: { env: { ask } },
      });
    } catch (error) {
      return documented(error);
    }
    try {
      if (sandbox.interruptedCall !== undefined) await sandbox.continueCall().catch(documented);
      for (const name of ["run", "short"]) await sandbox.tryCall(name, [1]).catch(documented);
      const { fuelConsumed } = sandbox.metrics();
      if (fuelConsumed < 0n) throw new Error(`${fuelConsumed} units: it has more than it was given`);
    } finally {
      await sandbox.close();
    }
  }

  async close(): Promise<void> {
    await this.runtime.close();
  }
}

function documented(error: unknown): void {
  if (!(error instanceof AegisError)) throw error;
  if (!CODES.has(error.code)) {
    throw new Error(`Not documented: ${error.code} ${error.message}`, { cause: error });
  }
}

/** Snapshots between two calls, and in the midst of one. */
async function snapshots(): Promise<Input[]> {
  await using runtime = await Aegis.create(OPTIONS);
  const sandbox = await runtime.sandbox().build(),
    asked = Promise.withResolvers<void>(),
    answer = Promise.withResolvers<number>();
  hosts(sandbox, () => {
    asked.resolve();
    return answer.promise;
  });
  await sandbox.loadModule(await runtime.loadBytes(TEXT));
  const fresh = await sandbox.snapshot(), call = sandbox.call("run", [3]);
  await asked.promise;
  const taking = sandbox.snapshot();
  answer.resolve(1);
  const middle = await taking;
  await call;
  return [fresh, middle, await sandbox.snapshot()].map((bytes) => Uint8Array.from(bytes));
}

/** Values by which the parts of a state are replaced. */
const OTHERS: readonly unknown[] = [
  ...[
    0,
    1,
    -1,
    2,
    3,
    7,
    255,
    65_536,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 32,
    2 ** 53,
    0.5,
    NaN,
    Infinity,
    0n,
    -1n,
    2n ** 62n,
    2n ** 63n,
  ],
  ...[
    undefined,
    null,
    true,
    "",
    "text",
    [],
    {},
    new Uint8Array(3),
    new Int32Array([1, -1]),
    new Float64Array([NaN]),
  ],
  ...[new BigInt64Array([1n]), new Map()],
];

/** Changes one part of the data that a snapshot holds, somewhere in its depth. */
function change(content: Input, random: Random): Input | undefined {
  try {
    const outer = decodeData(content) as Record<string, unknown>, inState = random.below(8) > 0;
    const state = inState && outer["state"] instanceof Uint8Array ? decodeData(outer["state"]) : undefined;
    changePart(state ?? outer, random);
    return encodeData(state === undefined ? outer : { ...outer, state: encodeData(state) }).slice();
  } catch (error) {
    if (error instanceof DataError || error instanceof TypeError || error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}

function changePart(part: unknown, random: Random): void {
  if (typeof part !== "object" || part === null) return;
  if (ArrayBuffer.isView(part)) {
    return changeNumbers(part as unknown as { [index: number]: number | bigint; length: number }, random);
  }
  const keys = Object.keys(part);
  if (keys.length === 0) return;
  const record = part as Record<string, unknown>, key = random.pick(keys), value = record[key];
  const goesDown = typeof value === "object" && value !== null && random.below(8) > 0;
  if (goesDown) return changePart(value, random);
  if (random.below(10) === 0) delete record[key];
  else if (typeof value === "number" && random.below(2) === 0) record[key] = value + random.below(5) - 2;
  else record[key] = random.pick(OTHERS);
}

function changeNumbers(numbers: { [index: number]: number | bigint; length: number }, random: Random): void {
  if (numbers.length === 0) return;
  const at = random.below(Math.min(numbers.length, random.pick([16, 256, numbers.length]))),
    value = numbers[at];
  const add = random.pick([1, -1, 2, 8, 64, 2 ** 16, 2 ** 31, -(2 ** 31)]);
  numbers[at] = typeof value === "bigint"
    ? value + BigInt(add)
    : random.below(3) === 0
    ? add
    : (value ?? 0) + add;
}

export const target: Target = {
  doc: "altered snapshots under a right checksum: refused as documented, or within their limits",
  seeds: async () => (await snapshots()).map((bytes) => bytes.slice(HEAD)),
  change,
  mostBytes: 400_000,
  patience: { base: 5000, perKiB: 10 },
  async open() {
    const [first = new Uint8Array()] = await snapshots();
    return new SnapshotTarget(await Aegis.create(OPTIONS), first.slice(0, HEAD));
  },
};
