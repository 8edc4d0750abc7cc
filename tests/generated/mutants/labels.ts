/** Labels inside instructions: reads and rewrites them, so that code can be put into more blocks or fewer. */
import type { Instruction } from "../code_tree.ts";
import { type Bytes, leb } from "../../wasm/module_builder.ts";

const ONE_LABEL: ReadonlySet<string> = new Set(["br", "br_if", "br_on_null", "br_on_non_null", "rethrow"]);

/** Reads an unsigned LEB128 number. */
function number(bytes: Bytes, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0;; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** The instruction's own bytes with its labels changed; those of what stands inside it are left alone. */
export function withLabels(instruction: Instruction, change: (label: number) => number): Instruction {
  const { mnemonic, bytes } = instruction;
  if (ONE_LABEL.has(mnemonic)) {
    return { ...instruction, bytes: [bytes[0] ?? 0, ...leb(change(number(bytes, 1)[0]))] };
  }
  if (mnemonic === "br_table") {
    let [count, at] = number(bytes, 1);
    const labels: Bytes = [];
    for (let left = count + 1; left > 0; left--) {
      const [label, next] = number(bytes, at);
      labels.push(...leb(change(label)));
      at = next;
    }
    return { ...instruction, bytes: [bytes[0] ?? 0, ...leb(count), ...labels] };
  }
  if (mnemonic === "try_table") return { ...instruction, bytes: tryTable(bytes, change) };
  if (instruction.close !== undefined && instruction.close.length > 1) {
    const [label] = number(instruction.close, 1);
    return { ...instruction, close: [instruction.close[0] ?? 0, ...leb(change(label))] };
  }
  return instruction;
}

function tryTable(bytes: Bytes, change: (label: number) => number): Bytes {
  // A block type of one byte, or a number; each ends at the first byte without the high bit.
  const [, afterType] = number(bytes, 1);
  let [count, at] = number(bytes, afterType);
  const written = [...bytes.slice(0, afterType), ...leb(count)];
  for (; count > 0; count--) {
    const kind = bytes[at++] ?? 0;
    written.push(kind);
    if (kind < 2) {
      const [tag, next] = number(bytes, at);
      written.push(...leb(tag));
      at = next;
    }
    const [label, next] = number(bytes, at);
    written.push(...leb(change(label)));
    at = next;
  }
  return written;
}

/** Code that stands `by` blocks further in than before: its branches out of itself go as far as they went. */
export function shifted(code: readonly Instruction[], by: number, depth = 0): Instruction[] {
  const change = (label: number) => label >= depth ? label + by : label;
  return code.map((instruction) => {
    const moved = withLabels(instruction, change);
    if (moved.parts === undefined) return moved;
    return {
      ...moved,
      parts: moved.parts.map((part) => ({ ...part, code: shifted(part.code, by, depth + 1) })),
    };
  });
}

/** The first label of a branch. */
export function labelOf({ bytes }: Instruction): number {
  return number(bytes, 1)[0];
}
