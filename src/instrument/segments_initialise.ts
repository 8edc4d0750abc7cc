/**
 * The function that applies the active segments, as the specification words instantiation: for each, elements before
 * data,
 *
 *     offset of the segment; i32.const 0; i32.const length; table.init or memory.init; elem.drop or data.drop
 *
 * V8 would apply them before the guest has its instance. If one of them did not fit, what the earlier ones left in
 * the tables of others would be functions of an instance whose counters nobody reads and whose hooks are not there.
 *
 * It charges nothing: `instantiationCost` has charged the segments before. Nothing of the guest runs in it.
 */
import type { CodeContext } from "./additions.ts";
import { BULK, CODE, i32Const, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import type { ByteRange, Module } from "../wasm/module.ts";

/** V8 compiles a function in one go, and bounds its size: after this many bytes the next one begins. */
const PART_BYTES = 1 << 16;

/**
 * Bytes of a segment's offset. V8 evaluates a constant expression of any depth, but in a function its operands take
 * stack. Compilers write six bytes.
 */
const MOST_OFFSET_BYTES = 4096;

/** An active segment. */
interface Active {
  readonly name: string;
  readonly index: number;
  /** Memory or table. */
  readonly target: number;
  readonly offset: ByteRange;
  /** Bytes or elements. */
  readonly length: number;
  readonly init: number;
  readonly drop: number;
}

function* activeSegments(module: Module): Generator<Active> {
  for (const [index, segment] of module.elements.entries()) {
    if (segment.position === undefined) continue;
    yield {
      name: "element segment",
      index,
      target: segment.table,
      offset: segment.position,
      length: (segment.functions ?? segment.expressions ?? []).length,
      init: BULK.tableInit,
      drop: BULK.elementDrop,
    };
  }
  for (const [index, segment] of module.data.entries()) {
    if (segment.position === undefined) continue;
    yield {
      name: "data segment",
      index,
      target: segment.memory,
      offset: segment.position,
      length: segment.end - segment.start,
      init: BULK.memoryInit,
      drop: BULK.dataDrop,
    };
  }
}

/**
 * The index of the function `() -> ()` that applies a module's active segments; undefined when it has none.
 *
 * @throws {ModuleRefusedError} for an offset that is too long
 */
export function initialiseFunction(context: CodeContext): number | undefined {
  const { module, additions } = context, type = additions.type([], []), parts: number[] = [];
  let code = emptyBody();
  const endPart = () => {
    code.u8(CODE.end);
    parts.push(additions.function(`initialise ${parts.length}`, () => ({ type, code })));
    code = emptyBody();
  };
  let open = false;
  for (const segment of activeSegments(module)) {
    apply(code, module, segment);
    open = code.position < PART_BYTES;
    if (!open) endPart();
  }
  if (open) endPart();
  if (parts.length < 2) return parts[0];
  for (const part of parts) indexed(code, CODE.call, part);
  code.u8(CODE.end);
  return additions.function("initialise", () => ({ type, code }));
}

function emptyBody(): CodeWriter {
  const code = new CodeWriter();
  code.u32(0); // no locals
  return code;
}

function apply(code: CodeWriter, module: Module, segment: Active): void {
  const { start, end } = segment.offset, operands = end - 1; // without the instruction `end`
  if (end - start > MOST_OFFSET_BYTES) {
    throw new ModuleRefusedError(
      `Cannot run the module: the offset of ${segment.name} ${segment.index} has ${
        end - start
      } bytes, at most ${MOST_OFFSET_BYTES} are allowed`,
    );
  }
  code.copy(module.bytes, start, operands);
  i32Const(code, 0);
  i32Const(code, segment.length);
  code.u8(CODE.bulk);
  code.u32(segment.init);
  code.u32(segment.index);
  code.u32(segment.target);
  code.u8(CODE.bulk);
  code.u32(segment.drop);
  code.u32(segment.index);
}
