/**
 * The shim: the small module whose exports are the only functions of ours that a guest ever holds. Around each
 * JavaScript function it puts
 *
 *     block $failed
 *       try_table (catch_all $failed)    a guest's catch_all would swallow an exception thrown in JavaScript …
 *         call $function
 *       end
 *       if $dead is 0, return the results
 *       unreachable                      … so whatever must stop the guest sets $dead, and becomes a real trap
 *     end
 *     unreachable
 *
 * Its type section begins with the guest's own, byte for byte, so that the types of imports are the same types.
 */
import { Additions } from "./additions.ts";
import { CODE, EMPTY_BLOCK, indexed } from "./code.ts";
import { HOOK_TYPES, type HookName, HOOKS, IMPORT_MODULE, SHIM_EXPORTS, SHIM_NAME } from "./layout.ts";
import { sectionEntries } from "./section_entries.ts";
import { ByteWriter, writeValueType } from "../wasm/encoder.ts";
import { EXTERNAL_KINDS, type FunctionType, type Module } from "../wasm/module.ts";
import { I32, type ValueType } from "../wasm/types.ts";

const CATCH_ALL = 2;

interface Wrapped {
  readonly name: string;
  readonly typeIndex: number;
  readonly type: { readonly params: readonly ValueType[]; readonly results: readonly ValueType[] };
}

/** Builds the shim for a module: its imported functions, in order, and the hooks. */
export function buildShim(module: Module): Uint8Array {
  const additions = new Additions(module);
  const wrapped: Wrapped[] = [];
  for (const [position, item] of module.imports.entries()) {
    if (item.kind !== "function") continue;
    const typeIndex = module.functions[item.index] ?? 0;
    wrapped.push({ name: SHIM_EXPORTS.function(position), typeIndex, type: functionType(module, typeIndex) });
  }
  for (const hook of Object.keys(HOOKS) as HookName[]) {
    const type = HOOK_TYPES[hook];
    wrapped.push({
      name: SHIM_EXPORTS.hook(hook),
      typeIndex: additions.type(type.params, type.results),
      type,
    });
  }
  const bodies = wrapped.map((item, index) => wrapperBody(item, index, additions));
  const writer = new ByteWriter();
  writer.header();
  writeTypes(writer, module, additions);
  writer.section("import", () => {
    writer.u32(wrapped.length);
    for (const item of wrapped) {
      writer.name(IMPORT_MODULE);
      writer.name(item.name);
      writer.u8(EXTERNAL_KINDS.function);
      writer.u32(item.typeIndex);
    }
  });
  writer.section("function", () => {
    writer.u32(wrapped.length);
    for (const item of wrapped) writer.u32(item.typeIndex);
  });
  writer.section("global", () => {
    writer.u32(1);
    writeValueType(writer, I32);
    writer.bytes(new Uint8Array([1, CODE.i32Const, 0, CODE.end]));
  });
  writer.section("export", () => {
    writer.u32(wrapped.length + 1);
    for (const [index, item] of wrapped.entries()) {
      writer.name(item.name);
      writer.u8(EXTERNAL_KINDS.function);
      writer.u32(wrapped.length + index);
    }
    writer.name(SHIM_EXPORTS.dead);
    writer.u8(EXTERNAL_KINDS.global);
    writer.u32(0);
  });
  writer.section("code", () => {
    writer.u32(bodies.length);
    for (const body of bodies) {
      writer.u32(body.length);
      writer.bytes(body);
    }
  });
  writer.section("custom", () => {
    writer.name("name");
    writer.section(0, () => writer.name(SHIM_NAME));
  });
  return writer.written();
}

function functionType(module: Module, typeIndex: number): FunctionType {
  const type = module.types[typeIndex]?.composite;
  if (type?.kind !== "func") {
    throw new TypeError(`Type ${typeIndex} of a validated module is no function type`);
  }
  return type;
}

function writeTypes(writer: ByteWriter, module: Module, additions: Additions): void {
  const { count, entries } = sectionEntries(module, module.sections.find((section) => section.id === 1));
  writer.section("type", () => {
    writer.u32(count + additions.typeCount);
    writer.bytes(entries);
    writer.bytes(additions.types.written());
  });
}

function wrapperBody(item: Wrapped, functionIndex: number, additions: Additions): Uint8Array {
  const writer = new ByteWriter(), { params, results } = item.type;
  writer.u32(0); // no locals
  writer.u8(CODE.block);
  writer.u8(EMPTY_BLOCK);
  writer.u8(CODE.tryTable);
  if (results.length === 0) writer.u8(EMPTY_BLOCK);
  else if (results.length === 1) writeValueType(writer, results[0] ?? I32);
  else writer.s32(additions.type([], results));
  writer.u32(1);
  writer.u8(CATCH_ALL);
  writer.u32(0);
  for (let index = 0; index < params.length; index++) indexed(writer, CODE.localGet, index);
  indexed(writer, CODE.call, functionIndex);
  writer.u8(CODE.end);
  indexed(writer, CODE.globalGet, 0);
  writer.u8(CODE.i32Eqz);
  indexed(writer, CODE.brIf, 1);
  writer.u8(CODE.unreachable);
  writer.u8(CODE.end);
  writer.u8(CODE.unreachable);
  writer.u8(CODE.end);
  return writer.written();
}
