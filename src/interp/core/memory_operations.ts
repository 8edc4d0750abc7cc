/** Operations on a memory of the guest, derived from the opcode table. */
import type { CoreWriter } from "./core_writer.ts";
import { signatureOf, typeOf } from "./instruction_facts.ts";
import type { CoreMemory, MemoryOperation } from "./operation.ts";
import type { OpcodeRow } from "../../wasm/opcode.ts";
import { OPCODES } from "../../wasm/opcodes.ts";
import { I32, I64, type ValueType } from "../../wasm/types.ts";

/** Pushes the address that an access touches: a register and a number of the instruction, which is no i32 in wide memories. */
function pushAddress(
  core: CoreWriter,
  memory: CoreMemory,
  { address, offset }: { address: number; offset: number },
): void {
  if (memory.wide) {
    core.operand(I64, address).wideImmediate(offset).plain("i64.add").tee("wide");
    core.get("wide").wideImmediate(offset).plain("i64.lt_u").br(memory.outOfBounds, "br_if");
  } else {
    core.operand(I32, address).word(offset).plain("i32.add").tee("a");
    core.get("a").word(offset).plain("i32.lt_u").br(memory.outOfBounds, "br_if");
  }
}

/** Words that an offset takes. */
const offsetWords = (memory: CoreMemory): number => memory.wide ? 2 : 1;

const IS_LOAD = /^(i32|i64|f32|f64|v128)\.load/, IS_STORE = /^(i32|i64|f32|f64|v128)\.store/;

/** What there is for memories whose addresses are of 32 bits alone: the compiler does not emit it for others. */
function ofNarrow(write: MemoryOperation["write"]): MemoryOperation["write"] {
  return (core, memory) => memory.wide ? core.plain("unreachable") : write(core, memory);
}

/** Length in words, of those whose offset is one word. */
function accessOperations(row: OpcodeRow): MemoryOperation[] {
  const { mnemonic } = row, { operands, result } = signatureOf(row) ?? { operands: [], result: undefined };
  const made: MemoryOperation[] = [], values = operands.slice(1).map(typeOf), [value = I32] = values;
  const isLane = mnemonic.endsWith("_lane"), isVector = mnemonic.startsWith("v128.");
  if (isLane) {
    const bits = /(\d+)_lane/.exec(mnemonic)?.[1] ?? "8", wide = bits === "64";
    const load = wide ? "i64.load" : bits === "32" ? "i32.load" : `i32.load${bits}_u`;
    const store = wide ? "i64.store" : bits === "32" ? "i32.store" : `i32.store${bits}`;
    // Loads: the lane's place, address, offset. Stores: address, the lane's place, offset.
    made.push({
      name: mnemonic,
      words: 4,
      write: (core, memory) => {
        core.mark();
        if (result !== undefined) {
          core.register(1);
          pushAddress(core, memory, { address: 2, offset: 3 });
          core.access(load, 0, memory.index).access(store);
        } else {
          pushAddress(core, memory, { address: 1, offset: 3 });
          core.register(2).access(load).access(store, 0, memory.index);
        }
        core.next(3 + offsetWords(memory));
      },
    });
    return made;
  }
  // Results first, then the address, other operands, and the offset last.
  const first = result === undefined ? 1 : 2, offset = first + 1 + values.length;
  made.push({
    name: mnemonic,
    words: offset + 1,
    write: (core, memory) => {
      core.mark();
      if (result !== undefined) core.into(1);
      pushAddress(core, memory, { address: first, offset });
      values.forEach((type, place) => core.operand(type, first + 1 + place));
      core.access(mnemonic, 0, memory.index);
      if (result !== undefined) core.result(result);
      core.next(offset + offsetWords(memory));
    },
  });
  if (isVector || row.feature === "threads") return made;
  if (IS_LOAD.test(mnemonic) && result !== undefined) {
    made.push({
      name: `${mnemonic} 0`,
      words: 3,
      write: (core, memory) => {
        core.mark().into(1).operand(memory.wide ? I64 : I32, 2);
        core.access(mnemonic, 0, memory.index).result(result).next(3);
      },
    }, {
      name: `${mnemonic} +`,
      words: 5,
      write: (core, memory) => {
        core.mark().into(1);
        if (memory.wide) {
          core.operand(I64, 2).operand(I64, 3).plain("i64.add").tee("wide").wideImmediate(4).plain("i64.add");
          core.get("wide").wideImmediate(4).i64(-1n).plain("i64.xor", "i64.gt_u");
        } else {
          core.operand(I32, 2).operand(I32, 3).plain("i32.add").tee("a").word(4).plain("i32.add");
          core.get("a").word(4).i32(-1).plain("i32.xor", "i32.gt_u");
        }
        core.br(memory.outOfBounds, "br_if");
        core.access(mnemonic, 0, memory.index).result(result).next(4 + offsetWords(memory));
      },
    });
    made.push(...loadsAtSums(mnemonic, result), {
      // dst, address
      name: `${mnemonic} at`,
      words: 3,
      write: ofNarrow((core, memory) =>
        core.mark().into(1).word(2).access(mnemonic, 0, memory.index).result(result).next(3)
      ),
    });
  }
  if (IS_STORE.test(mnemonic)) {
    made.push({
      name: `${mnemonic} 0`,
      words: 3,
      write: (core, memory) => {
        core.mark().operand(memory.wide ? I64 : I32, 1).operand(value, 2);
        core.access(mnemonic, 0, memory.index).next(3);
      },
    });
    made.push({
      // address, value
      name: `${mnemonic} at`,
      words: 3,
      write: ofNarrow((core, memory) =>
        core.mark().word(1).operand(value, 2).access(mnemonic, 0, memory.index).next(3)
      ),
    });
    if (value === I32 || value === I64) {
      made.push({
        // address, number
        name: `${mnemonic} # at`,
        words: 3,
        write: ofNarrow((core, memory) =>
          core.mark().word(1).immediate(value, 2).access(mnemonic, 0, memory.index).next(3)
        ),
      }, {
        name: `${mnemonic} #`,
        words: 4,
        write: (core, memory) => {
          core.mark();
          pushAddress(core, memory, { address: 1, offset: 3 });
          core.immediate(value, 2).access(mnemonic, 0, memory.index).next(3 + offsetWords(memory));
        },
      });
    }
  }
  return made;
}

/** Loads at sums that are often computed for them; of memories whose addresses are of 32 bits. */
function loadsAtSums(mnemonic: string, result: ValueType): MemoryOperation[] {
  const loadBelow = (core: CoreWriter, offset: number, memory: CoreMemory) => {
    core.tee("a").word(offset).plain("i32.add").get("a").word(offset).i32(-1).plain("i32.xor", "i32.gt_u");
    core.br(memory.outOfBounds, "br_if");
    core.access(mnemonic, 0, memory.index).result(result);
  };
  return [
    // dst, a, number, offset
    {
      name: `${mnemonic} +#`,
      words: 5,
      write: ofNarrow((core, memory) => {
        core.mark().into(1).operand(I32, 2).word(3).plain("i32.add");
        loadBelow(core, 4, memory);
        core.next(5);
      }),
    },
    // dst, a, number
    {
      name: `${mnemonic} +# 0`,
      words: 4,
      write: ofNarrow((core, memory) => {
        core.mark().into(1).operand(I32, 2).word(3).plain("i32.add");
        core.access(mnemonic, 0, memory.index).result(result).next(4);
      }),
    },
    // dst, a, index, factor, offset
    {
      name: `${mnemonic} +*`,
      words: 6,
      write: ofNarrow((core, memory) => {
        core.mark().into(1).operand(I32, 2).operand(I32, 3).word(4).plain("i32.mul", "i32.add");
        loadBelow(core, 5, memory);
        core.next(6);
      }),
    },
  ];
}

const WHOLE_MEMORY: readonly MemoryOperation[] = [
  // dst
  {
    name: "memory.size",
    words: 2,
    write: (core, memory) =>
      core.into(1).indexed("memory.size", memory.index).result(memory.wide ? I64 : I32).next(2),
  },
  // dst, pages
  {
    name: "memory.grow",
    words: 3,
    write: (core, memory) => {
      const type = memory.wide ? I64 : I32;
      core.into(1).operand(type, 2).indexed("memory.grow", memory.index).result(type).next(3);
    },
  },
  // at, value, size
  {
    name: "memory.fill",
    words: 4,
    write: (core, memory) => {
      const type = memory.wide ? I64 : I32;
      core.mark().operand(type, 1).operand(I32, 2).operand(type, 3).indexed("memory.fill", memory.index).next(
        4,
      );
    },
  },
  // to, from, size: inside of one memory
  {
    name: "memory.copy",
    words: 4,
    write: (core, memory) => {
      const type = memory.wide ? I64 : I32, { index } = memory;
      core.mark().operand(type, 1).operand(type, 2).operand(type, 3).indexed("memory.copy", index, index)
        .next(4);
    },
  },
];

function isAccess(row: OpcodeRow): boolean {
  return row.immediates.includes("memarg");
}

/** The operations that there are for each memory of the guest. Those of a wide memory take one word more for an offset. */
export const MEMORY_OPERATIONS: readonly MemoryOperation[] = [
  ...OPCODES.filter((row) => isAccess(row) && row.feature !== "threads").flatMap(accessOperations),
  ...WHOLE_MEMORY,
];
