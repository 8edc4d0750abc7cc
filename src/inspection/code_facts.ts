/** What the code of a module does with its memories and tables, by the instructions that stand in it; one pass over it. */
import { OPCODE_KEYS } from "../wasm/opcode.ts";
import { op } from "../wasm/opcodes.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";

/** How often something stands in the code, and where it stands first. */
export interface CodeUse {
  readonly count: number;
  readonly functionIndex: number;
  readonly offset: number;
}

/** Uses by the index of the memory or table. */
export type CodeUses = ReadonlyMap<number, CodeUse>;

/** What is looked for: the instructions of each group, with the immediate that names the memory or table. */
const GROUPS = {
  memoryGrowth: { "memory.grow": "index" },
  tableGrowth: { "table.grow": "index" },
  tableWrites: {
    "table.set": "index",
    "table.fill": "index",
    "table.copy": "index",
    "table.init": "index2",
  },
  indirectCalls: { "call_indirect": "index2", "return_call_indirect": "index2" },
} as const satisfies Record<string, Readonly<Record<string, "index" | "index2">>>;

/** A key of {@linkcode GROUPS}. */
export type CodeGroup = keyof typeof GROUPS;

/** The uses of each group. */
export type CodeFacts = Readonly<Record<CodeGroup, CodeUses>>;

interface Watched {
  readonly group: CodeGroup;
  readonly immediate: "index" | "index2";
}

function watchedByKey(): readonly (Watched | undefined)[] {
  const watched: (Watched | undefined)[] = new Array(OPCODE_KEYS).fill(undefined);
  for (const [group, instructions] of Object.entries(GROUPS) as [CodeGroup, object][]) { // a literal's keys
    for (const [mnemonic, immediate] of Object.entries(instructions)) {
      watched[op(mnemonic)] = { group, immediate };
    }
  }
  return watched;
}

const WATCHED = watchedByKey();

/** Whether an instruction is looked for, by its key. */
export function isWatched(key: number): boolean {
  return WATCHED[key] !== undefined;
}

/** Gathers uses while somebody goes through the code. */
export class CodeFactsTally {
  readonly facts: Record<CodeGroup, Map<number, CodeUse>> = {
    memoryGrowth: new Map(),
    tableGrowth: new Map(),
    tableWrites: new Map(),
    indirectCalls: new Map(),
  };

  /** Takes the instruction that a reader is at. */
  add(reader: InstructionReader, functionIndex: number): void {
    const watched = WATCHED[reader.key];
    if (watched === undefined) return;
    const uses = this.facts[watched.group], index = reader[watched.immediate], known = uses.get(index);
    uses.set(
      index,
      known === undefined
        ? { count: 1, functionIndex, offset: reader.offset }
        : { ...known, count: known.count + 1 },
    );
  }
}

/**
 * Goes through the code of a module.
 *
 * @throws {ModuleInvalidError} where an instruction cannot be decoded
 */
export function codeFacts(module: Module): CodeFacts {
  const tally = new CodeFactsTally(), reader = new InstructionReader(module.bytes);
  for (const [place, body] of module.bodies.entries()) {
    reader.reset(body.code, body.end);
    while (reader.next()) tally.add(reader, module.imported.function + place);
  }
  return tally.facts;
}
