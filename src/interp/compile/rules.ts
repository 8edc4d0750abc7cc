/** How each instruction is compiled, by opcode key. Undefined for what the interpreter does not have: threads and GC. */
import { ACCESS, PLAIN } from "./opcode_operations.ts";
import { CONTROL_RULES } from "./rules_control.ts";
import { accessLane, load, store } from "./rules_memory.ts";
import { type Rule, VALUE_RULES } from "./rules_values.ts";
import { SIGNATURES } from "./signatures.ts";
import { OPCODE_KEYS } from "../../wasm/opcode.ts";
import { ROWS } from "../../wasm/opcodes.ts";

/** By key. */
export const RULES: readonly (Rule | undefined)[] = Array.from(
  { length: OPCODE_KEYS },
  (_, key) => ruleOf(key),
);

function ruleOf(key: number): Rule | undefined {
  const row = ROWS[key];
  if (row === undefined || row.feature === "gc" || row.feature === "threads") return undefined;
  const own = CONTROL_RULES[row.mnemonic] ?? VALUE_RULES[row.mnemonic];
  if (own !== undefined) return own;
  if (row.immediates.includes("memarg") && (ACCESS[key] ?? -1) >= 0) {
    const isLoad = row.signature?.endsWith("->") === false;
    if (row.mnemonic.endsWith("_lane")) return (compiler) => accessLane(compiler, { key, isLoad });
    return isLoad ? (compiler) => load(compiler, key) : (compiler) => store(compiler, key);
  }
  if ((PLAIN[key] ?? -1) >= 0 && SIGNATURES[key] !== undefined) return (compiler) => compiler.plain(key);
  return undefined;
}
