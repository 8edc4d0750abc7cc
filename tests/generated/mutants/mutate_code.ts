/** Changes code in ways that keep it valid more often than not; V8 says whether they did. */
import { labelOf, shifted, withLabels } from "./labels.ts";
import { type Heights, neutralRuns, type Run, type Sequence } from "./statements.ts";
import type { Instruction } from "../code_tree.ts";
import { OPCODES } from "../../../src/wasm/opcodes.ts";
import { type Bytes, leb, sleb } from "../../wasm/module_builder.ts";
import type { Random } from "../../wasm/random.ts";

/** A sequence in which something is changed, and what a mutation may look at. */
export interface Place {
  readonly random: Random;
  readonly sequence: Sequence;
  readonly heights: Heights;
  /** How many functions there are. */
  readonly functions: number;
}

/** Other code for a sequence, or undefined where there is nothing to change. */
type Mutation = (place: Place) => readonly Instruction[] | undefined;

const EMPTY = 0x40, END: Bytes = [0x0b];
const plain = (mnemonic: string, bytes: Bytes): Instruction => ({ mnemonic, bytes });
const i32 = (value: number): Instruction => plain("i32.const", [0x41, ...sleb(value)]);
const branch = (mnemonic: string, label: number): Instruction =>
  plain(mnemonic, [mnemonic === "br" ? 0x0c : 0x0d, ...leb(label)]);
const DRAWN = [0, 1, -1, 2, 7, 64, 255, 65_535, 2 ** 31 - 1, -(2 ** 31)];

function block(mnemonic: "block" | "loop" | "if", ...codes: (readonly Instruction[])[]): Instruction {
  const opcode = { block: 0x02, loop: 0x03, if: 0x04 }[mnemonic];
  const parts = codes.map((code, at) => ({ head: at === 0 ? [] : [0x05], code }));
  return { mnemonic, bytes: [opcode, EMPTY], parts, close: END };
}

/** Some instruction of the sequence that a test picks. */
function pickWhere(place: Place, wanted: (instruction: Instruction) => boolean): number | undefined {
  const found = place.sequence.code.flatMap((instruction, at) => wanted(instruction) ? [at] : []);
  return found.length === 0 ? undefined : place.random.pick(found);
}

function pickRun(place: Place): Run | undefined {
  const runs = neutralRuns(place.sequence, place.heights);
  return runs.length === 0 ? undefined : place.random.pick(runs);
}

/** Mnemonics by what they take and give, of those that nothing follows in the bytes or the same thing. */
const ALIKE: ReadonlyMap<string, readonly (readonly [mnemonic: string, opcode: Bytes])[]> = (() => {
  const groups = new Map<string, (readonly [string, Bytes])[]>();
  for (const row of OPCODES) {
    if (row.signature === undefined || /atomic|relaxed/.test(row.mnemonic)) continue;
    const key = `${row.signature}|${row.immediates.join()}|${
      row.immediates.includes("memarg") ? row.alignment : ""
    }`;
    const opcode = row.prefix >= 0xfb ? [row.prefix, ...leb(row.sub)] : [row.prefix];
    groups.set(key, [...groups.get(key) ?? [], [row.mnemonic, opcode]]);
  }
  const byMnemonic = new Map<string, readonly (readonly [string, Bytes])[]>();
  for (const group of groups.values()) for (const [mnemonic] of group) byMnemonic.set(mnemonic, group);
  return byMnemonic;
})();

/** By name, so that a failure can say what was done. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "another constant": (place) => {
    const { sequence: { code }, random } = place;
    const at = pickWhere(place, ({ mnemonic }) => mnemonic === "i32.const" || mnemonic === "i64.const");
    if (at === undefined) return undefined;
    const opcode = code[at]?.bytes[0] ?? 0x41;
    const value = random.below(2) === 0 ? random.pick(DRAWN) : random.below(5000);
    return code.with(at, plain(opcode === 0x41 ? "i32.const" : "i64.const", [opcode, ...sleb(value)]));
  },
  "another operation": (place) => {
    const { sequence: { code }, random } = place;
    const at = pickWhere(place, ({ mnemonic }) => (ALIKE.get(mnemonic)?.length ?? 0) > 1);
    const old = code[at ?? -1];
    if (at === undefined || old === undefined) return undefined;
    const group = ALIKE.get(old.mnemonic) ?? [], own = group.find(([mnemonic]) => mnemonic === old.mnemonic);
    const [mnemonic, opcode] = random.pick(group);
    return code.with(at, plain(mnemonic, [...opcode, ...old.bytes.slice(own?.[1].length)]));
  },
  "a statement less": (place) => {
    const run = pickRun(place);
    return run && place.sequence.code.toSpliced(run.from, run.to - run.from);
  },
  "a statement twice": (place) => {
    const run = pickRun(place), { code } = place.sequence;
    return run && code.toSpliced(run.to, 0, ...code.slice(run.from, run.to));
  },
  "a statement elsewhere": (place) => {
    const run = pickRun(place), other = pickRun(place), { code } = place.sequence;
    if (run === undefined || other === undefined || run === other) return undefined;
    const moved = code.slice(run.from, run.to);
    return other.from >= run.to
      ? code.toSpliced(other.from, 0, ...moved).toSpliced(run.from, run.to - run.from)
      : other.from <= run.from
      ? code.toSpliced(run.from, run.to - run.from).toSpliced(other.from, 0, ...moved)
      : undefined;
  },
  "a statement in a block": (place) => wrapped(place, (code) => [block("block", code)]),
  "a statement in a loop": (place) => wrapped(place, (code) => [block("loop", code)]),
  "a statement on a condition": (place) =>
    wrapped(place, (code) => [i32(place.random.pick([0, 1])), block("if", code)]),
  "a statement in both arms": (place) =>
    wrapped(place, (code) => [i32(place.random.pick([0, 1])), block("if", code, code)]),
  "a statement in a loop that turns once": (place) =>
    wrapped(place, (code) => [block("loop", [...code, i32(0), branch("br_if", 0)])]),
  "a block less": (place) => {
    const { code } = place.sequence;
    const at = pickWhere(place, ({ mnemonic }) => mnemonic === "block" || mnemonic === "loop");
    if (at === undefined) return undefined;
    return code.toSpliced(at, 1, ...shifted(code[at]?.parts?.[0]?.code ?? [], -1));
  },
  "a loop for a block, or a block for a loop": (place) => {
    const { code } = place.sequence;
    const at = pickWhere(place, ({ mnemonic }) => mnemonic === "block" || mnemonic === "loop");
    const old = code[at ?? -1];
    if (at === undefined || old === undefined) return undefined;
    const mnemonic = old.mnemonic === "loop" ? "block" : "loop";
    return code.with(at, {
      ...old,
      mnemonic,
      bytes: [mnemonic === "loop" ? 0x03 : 0x02, ...old.bytes.slice(1)],
    });
  },
  "a branch elsewhere": (place) => {
    const { sequence: { code, depth }, random } = place;
    const at = pickWhere(place, ({ mnemonic }) => mnemonic.startsWith("br"));
    const old = code[at ?? -1];
    if (at === undefined || old === undefined) return undefined;
    return code.with(at, withLabels(old, (label) => random.below(2) === 0 ? label : random.below(depth + 1)));
  },
  "a branch of another kind": (place) => {
    const { sequence: { code }, random } = place;
    const at = pickWhere(place, ({ mnemonic }) => mnemonic === "br" || mnemonic === "br_if");
    const old = code[at ?? -1];
    if (at === undefined || old === undefined) return undefined;
    const label = labelOf(old), table = plain("br_table", [0x0e, 1, ...leb(label), ...leb(label)]);
    if (old.mnemonic === "br_if") return code.toSpliced(at, 1, block("if", [branch("br", label + 1)]));
    return code.toSpliced(
      at,
      1,
      i32(random.below(3)),
      random.below(2) === 0 ? branch("br_if", label) : table,
    );
  },
  "a branch more": (place) => {
    const { sequence: { code, depth }, random } = place, run = pickRun(place);
    const condition = i32(random.pick([0, 0, 1]));
    return run && code.toSpliced(run.from, 0, condition, branch("br_if", random.below(depth + 1)));
  },
  "a way out more": (place) => {
    const { sequence: { code, depth }, random } = place, run = pickRun(place);
    const way = random.pick([
      plain("return", [0x0f]),
      plain("unreachable", [0]),
      branch("br", random.below(depth + 2)),
    ]);
    return run && code.toSpliced(run.from, 0, i32(random.pick([0, 0, 1])), block("if", [way]));
  },
  "an arm less": (place) => {
    const { code } = place.sequence;
    const at = pickWhere(place, ({ mnemonic, parts = [] }) => mnemonic === "if" && parts.length > 1);
    const old = code[at ?? -1];
    if (at === undefined || old === undefined) return undefined;
    return code.with(at, { ...old, parts: (old.parts ?? []).slice(0, 1) });
  },
  "another callee": (place) => {
    const { sequence: { code }, random, functions } = place;
    const at = pickWhere(place, ({ mnemonic }) => mnemonic === "call");
    return at === undefined
      ? undefined
      : code.with(at, plain("call", [0x10, ...leb(random.below(functions))]));
  },
  "a tail call": (place) => {
    const { code } = place.sequence;
    const at = pickWhere(place, ({ mnemonic }) => mnemonic === "call" || mnemonic === "call_indirect");
    const old = code[at ?? -1];
    if (at === undefined || old === undefined) return undefined;
    const opcode = old.mnemonic === "call" ? 0x12 : 0x13;
    return code.with(at, plain(`return_${old.mnemonic}`, [opcode, ...old.bytes.slice(1)]));
  },
};

function wrapped(
  place: Place,
  wrap: (code: readonly Instruction[]) => readonly Instruction[],
): readonly Instruction[] | undefined {
  const run = pickRun(place), { code } = place.sequence;
  if (run === undefined) return undefined;
  return code.toSpliced(run.from, run.to - run.from, ...wrap(shifted(code.slice(run.from, run.to), 1)));
}
