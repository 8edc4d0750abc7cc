/** Operations that move values between registers, and to and from what the instance owns. */
import type { CoreWriter } from "./core_writer.ts";
import type { Operation } from "./operation.ts";
import { EXIT } from "../machine_layout.ts";
import { I32, I64, V128 } from "../../wasm/types.ts";

export const VALUE_OPERATIONS: readonly Operation[] = [
  // dst, src
  { name: "copy", words: 3, write: (core) => core.into(1).operand(I64, 2).result(I64).next(3) },
  { name: "copy 128", words: 3, write: (core) => core.into(1).operand(V128, 2).result(V128).next(3) },
  // dst, number
  { name: "const 32", words: 3, write: (core) => core.into(1).word(2).result(I32).next(3) },
  { name: "const 64", words: 4, write: (core) => core.into(1).wideImmediate(2).result(I64).next(4) },
  {
    name: "const 128",
    words: 6,
    write: (core) => core.into(1).data("v128.load", 2).result(V128).next(6),
  },
  // dst, a, b, condition
  {
    name: "select",
    words: 5,
    write: (core) =>
      core.into(1).operand(I64, 2).operand(I64, 3).operand(I32, 4).plain("select").result(I64).next(5),
  },
  {
    name: "select 128",
    words: 5,
    write: (core) =>
      core.into(1).operand(V128, 2).operand(V128, 3).operand(I32, 4).plain("select").result(V128).next(5),
  },
  // dst, place of what the instance owns
  {
    name: "owned.get 32",
    words: 3,
    write: (core) => core.into(1).owned(2).access("i32.load").result(I32).next(3),
  },
  {
    name: "owned.get",
    words: 3,
    write: (core) => core.into(1).owned(2).access("i64.load").result(I64).next(3),
  },
  {
    name: "owned.get 128",
    words: 3,
    write: (core) => core.into(1).owned(2).access("v128.load").result(V128).next(3),
  },
  // place, src
  { name: "owned.set", words: 3, write: (core) => core.owned(1).operand(I64, 2).store(I64).next(3) },
  { name: "owned.set 128", words: 3, write: (core) => core.owned(1).operand(V128, 2).store(V128).next(3) },
  // The same where another instance owns it: the address stands at the place.
  {
    name: "other.get",
    words: 3,
    write: (core) => core.into(1).owned(2).access("i32.load").access("i64.load").result(I64).next(3),
  },
  {
    name: "other.get 128",
    words: 3,
    write: (core) => core.into(1).owned(2).access("i32.load").access("v128.load").result(V128).next(3),
  },
  {
    name: "other.set",
    words: 3,
    write: (core) => core.owned(1).access("i32.load").operand(I64, 2).store(I64).next(3),
  },
  {
    name: "other.set 128",
    words: 3,
    write: (core) => core.owned(1).access("i32.load").operand(V128, 2).store(V128).next(3),
  },
  // Vectors: lanes are bytes of the register. dst, src
  { name: "lane.get8_s", words: 3, write: (core) => lane(core, "i32.load8_s", "i32.store") },
  { name: "lane.get8_u", words: 3, write: (core) => lane(core, "i32.load8_u", "i32.store") },
  { name: "lane.get16_s", words: 3, write: (core) => lane(core, "i32.load16_s", "i32.store") },
  { name: "lane.get16_u", words: 3, write: (core) => lane(core, "i32.load16_u", "i32.store") },
  { name: "lane.set8", words: 3, write: (core) => lane(core, "i32.load8_u", "i32.store8") },
  { name: "lane.set16", words: 3, write: (core) => lane(core, "i32.load16_u", "i32.store16") },
  { name: "lane.set32", words: 3, write: (core) => lane(core, "i32.load", "i32.store") },
  // dst, a, b, 16 bytes that choose from a, 16 bytes that choose from b; 255 chooses 0
  {
    name: "i8x16.shuffle",
    words: 12,
    write: (core) => {
      core.into(1);
      core.operand(V128, 2).data("v128.load", 4).plain("i8x16.swizzle");
      core.operand(V128, 3).data("v128.load", 8).plain("i8x16.swizzle");
      core.plain("v128.or").result(V128).next(12);
    },
  },
  // dst, src: an index of 64 bits as one of 32, too large for any table where it is too large
  {
    name: "narrow",
    words: 3,
    write: (core) => {
      core.into(1).operand(I64, 2).plain("i32.wrap_i64").i32(-1);
      core.operand(I64, 2).i64(0xffffffffn).plain("i64.le_u", "select").result(I32).next(3);
    },
  },
];

function lane(core: CoreWriter, load: string, store: string): void {
  core.register(1).register(2).access(load).access(store).next(3);
}

/** What instrumented code does to its counters, each in one operation. Fuel is an i64 that the instance owns. */
export const COUNTER_OPERATIONS: readonly Operation[] = [
  // place, units
  {
    name: "charge #",
    words: 3,
    write: (core) =>
      core.owned(1).owned(1).access("i64.load").immediate(I64, 2).plain("i64.sub").store(I64).next(3),
  },
  // place, register with the units
  {
    name: "charge",
    words: 3,
    write: (core) =>
      core.owned(1).owned(1).access("i64.load").operand(I32, 2).plain("i64.extend_i32_u", "i64.sub").store(
        I64,
      )
        .next(3),
  },
  // place
  {
    name: "refuel",
    words: 2,
    write: (core) => {
      core.owned(1).access("i64.load").i64(0n).plain("i64.lt_s").if();
      core.exit(EXIT.refuel);
      core.end();
      core.next(2);
    },
  },
];
