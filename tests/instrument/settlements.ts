/** Says where instrumented code pays what it owes. */
import { resolveLimits } from "../../src/core/limits.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { InstructionReader } from "../../src/wasm/instructions.ts";
import { ROWS } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

/** What pays: the counter, less the owed local as an i64, back into the counter. */
const PAYMENT: readonly string[] = ["global.get", "local.get", "i64.extend_i32_u", "i64.sub", "global.set"];

/** Before what may what is owed be paid. A call of a hook, through the table that is added last, belongs to a test. */
const BEFORE = /^(call|return|throw|rethrow|end)/;

/**
 * The mnemonics of the instructions before which a function pays, with `tested` where the counter is tested then; `end` is
 * the end of its body.
 *
 * @param index of the function in the instrumented module
 */
export function settlements(bytes: Uint8Array<ArrayBuffer>, index: number): string {
  const made = instrument(bytes, { limits: resolveLimits(WIDE_LIMITS), unboundedHeap: true });
  const module = readModule(made.bytes, ENGINE_LIMITS),
    body = module.bodies[index - module.imported.function];
  if (body === undefined) throw new RangeError(`Function ${index} has no body`);
  const hookTable = module.tables.length - 1;
  const reader = new InstructionReader(module.bytes), last: string[] = [], found: string[] = [];
  let paid = false, tested = false, inTest = false;
  reader.reset(body.code, body.end);
  while (reader.next()) {
    const { mnemonic = "?" } = ROWS[reader.key] ?? {};
    if (paid && mnemonic === "call_indirect" && reader.index2 === hookTable) inTest = true;
    else if (inTest && mnemonic === "end") {
      tested = true;
      inTest = false;
    } else if (paid && BEFORE.test(mnemonic)) {
      found.push(tested ? `tested ${mnemonic}` : mnemonic);
      paid = tested = false;
    }
    last.push(mnemonic);
    if (last.length > PAYMENT.length) last.shift();
    if (last.join() === PAYMENT.join()) paid = true;
  }
  return found.join(" ");
}
