/** The form of THE opcode table (`opcodes.ts`): one row an instruction; decoding, validation, disassembly, cost and the interpreter derive from it. */

/**
 * What follows an opcode in the bytes.
 *
 *     label function type table memory local global tag data element field   one u32 index (LEB128)
 *     blocktype      s33: empty, a value type, or a type index
 *     memarg         alignment flags (bit 6: a memory index follows), memory index?, u32 or u64 offset
 *     i32 i64        signed LEB128            f32 f64 v128    4, 8, 16 bytes
 *     lane           one byte                 lanes           16 bytes (i8x16.shuffle)
 *     labels         br_table: a vector of labels and the default label
 *     types          select: a vector of value types (V8 accepts exactly one)
 *     heaptype       s33                      castflags       one byte (br_on_cast)
 *     catches        try_table: a vector of (kind byte, tag index?, label)
 *     count          one u32 that is a number, not an index (array.new_fixed)
 *     zero           one byte that must be 0 (atomic.fence)
 */
export type ImmediateKind =
  | "label"
  | "function"
  | "type"
  | "table"
  | "memory"
  | "local"
  | "global"
  | "tag"
  | "data"
  | "element"
  | "field"
  | "blocktype"
  | "memarg"
  | "i32"
  | "i64"
  | "f32"
  | "f64"
  | "v128"
  | "lane"
  | "lanes"
  | "labels"
  | "types"
  | "heaptype"
  | "castflags"
  | "catches"
  | "count"
  | "zero"; // deno-fmt-ignore-line

/**
 * What the cost model (`analysis/cost.ts`) looks at.
 *
 *     free       nop, drop, block, loop, unreachable, return, else, end, which wasmtime charges 0, and like them catch,
 *                catch_all, delegate
 *     plain      1 unit
 *     branch     plain, and values moved: br, br_if, br_table, br_on_*
 *     call       plain, and values moved
 *     throw      the surcharge for a throw
 *     bulkMemory 1, and 1 per byte        bulkTable   1, and 1 per element
 *     memoryGrow 1, and 1 per page        tableGrow   1, and 1 per element
 *     bulkArray  1, and 1 per element (array.new*, array.fill, array.copy, array.init_*)
 */
export type CostClass =
  | "free" | "plain" | "branch" | "call" | "throw" | "bulkMemory" | "bulkTable" | "memoryGrow" | "tableGrow" | "bulkArray"; // deno-fmt-ignore-line

/** The proposal (in the field's names) that brought an instruction; `mvp` for the first version. */
export type Feature =
  | "mvp" | "sign-extension" | "saturating-float-to-int" | "bulk-memory" | "reference-types" | "simd" | "relaxed-simd"
  | "tail-call" | "exceptions" | "legacy-exceptions" | "threads" | "function-references" | "gc"; // deno-fmt-ignore-line

export interface OpcodeRow {
  /** First byte; 0xfb, 0xfc, 0xfd, 0xfe open two-part opcodes. */
  readonly prefix: number;
  /** LEB128 number after a prefix byte; 0 for one-byte opcodes. */
  readonly sub: number;
  readonly mnemonic: string;
  readonly immediates: readonly ImmediateKind[];
  /**
   * Operands and results by value types alone, top of the stack last: `i32 i32 -> i32`; `addr` stands for the index
   * type of the memory or table in the immediates. `undefined` where the type depends on immediates or context.
   */
  readonly signature: string | undefined;
  readonly cost: CostClass;
  /** Base-2 logarithm of the natural alignment of a memory access in bytes; -1 for everything else. */
  readonly alignment: number;
  readonly feature: Feature;
}

/** Number of dense opcode keys: the size of an array indexed by key. */
export const OPCODE_KEYS = 0x600;

/**
 * The dense key of an opcode: 0x000–0x0ff one byte, 0x100 + sub for 0xfb, 0x200 + sub for 0xfc, 0x300 + sub for
 * 0xfd (512 wide), 0x500 + sub for 0xfe. -1 where no key exists.
 */
export function opcodeKey(prefix: number, sub: number): number {
  switch (prefix) {
    case 0xfb:
      return sub < 0x100 ? 0x100 + sub : -1;
    case 0xfc:
      return sub < 0x100 ? 0x200 + sub : -1;
    case 0xfd:
      return sub < 0x200 ? 0x300 + sub : -1;
    case 0xfe:
      return sub < 0x100 ? 0x500 + sub : -1;
    default:
      return prefix;
  }
}
