import { InstructionReader } from "../instructions.ts";
import type { ReadLimits } from "../implementation_limits.ts";
import type {
  CustomSection,
  DataSegment,
  ElementSegment,
  Export,
  ExternalKind,
  FunctionBody,
  FunctionType,
  GlobalType,
  Import,
  MemoryType,
  Module,
  RecursionGroup,
  Section,
  SubType,
  TableType,
  TagType,
} from "../module.ts";
import { indexOutOfRange, mismatch } from "../read_errors.ts";

/** A module that is being read: what the readers of sections add to. */
export class Draft implements Module {
  readonly sections: Section[] = [];
  readonly customs: CustomSection[] = [];
  readonly types: SubType[] = [];
  readonly groups: RecursionGroup[] = [];
  readonly imports: Import[] = [];
  readonly functions: number[] = [];
  readonly tables: TableType[] = [];
  readonly memories: MemoryType[] = [];
  readonly globals: GlobalType[] = [];
  readonly tags: TagType[] = [];
  readonly imported: Record<ExternalKind, number> = { function: 0, table: 0, memory: 0, global: 0, tag: 0 };
  readonly exports: Export[] = [];
  readonly elements: ElementSegment[] = [];
  readonly data: DataSegment[] = [];
  readonly bodies: FunctionBody[] = [];
  start: { readonly index: number; readonly offset: number } | undefined = undefined;
  dataCount: number | undefined = undefined;
  /** Parameters, results and fields so far. */
  typeMembers = 0;
  /** For constant expressions; whoever uses it resets it first. */
  readonly instructions: InstructionReader;

  constructor(readonly bytes: Uint8Array, readonly limits: ReadLimits) {
    this.instructions = new InstructionReader(bytes);
  }

  /** The size of an index space so far. */
  count(kind: ExternalKind): number {
    switch (kind) {
      case "function":
        return this.functions.length;
      case "table":
        return this.tables.length;
      case "memory":
        return this.memories.length;
      case "global":
        return this.globals.length;
      case "tag":
        return this.tags.length;
    }
  }

  /** The function type of an index that a function or tag was declared with. `offset` is that of the index. */
  functionType(index: number, what: string, offset: number): FunctionType {
    const type = this.types[index];
    if (type === undefined) throw indexOutOfRange(what, index, this.types.length, offset);
    if (type.composite.kind !== "func") throw mismatch(what, `type ${index} is no function type`, offset);
    return type.composite;
  }
}
