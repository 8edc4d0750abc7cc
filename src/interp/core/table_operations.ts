/** Operations on tables. */
import type { CoreWriter } from "./core_writer.ts";
import type { Operation } from "./operation.ts";
import { EXIT, HEADER, RECORD, TABLE } from "../machine_layout.ts";
import { I32, I64 } from "../../wasm/types.ts";

/** Loads the record that an element of a table holds into local `a`: words are the table's place and the index. */
export function loadElement(core: CoreWriter, table: number, index: number): void {
  core.owned(table).access("i32.load").tee("a").access("i32.load", TABLE.length);
  core.operand(I32, index).tee("b").plain("i32.le_u").if();
  core.exit(EXIT.trapTable);
  core.end();
  core.get("a").access("i32.load", TABLE.elements).get("b").i32(2).plain("i32.shl", "i32.add");
  core.access("i32.load").set("a");
}

/** Ends the guest if the reference in local `a` is null. */
export function checkNull(core: CoreWriter): void {
  core.get("a").plain("i32.eqz").if();
  core.exit(EXIT.trapNull);
  core.end();
}

/**
 * Ends the guest unless local `a` is the address of a record. In code that was compiled here it always is, but registers
 * may have been restored from bytes that somebody wrote.
 */
export function checkRecord(core: CoreWriter): void {
  core.get("a").i32(0).access("i32.load", HEADER.records).plain("i32.sub").tee("b");
  core.i32(0).access("i32.load", HEADER.recordBytes).plain("i32.ge_u");
  core.get("b").i32(RECORD.size - 1).plain("i32.and", "i32.or").if();
  core.exit(EXIT.trapNull);
  core.end();
}

export const TABLE_OPERATIONS: readonly Operation[] = [
  // dst, place of the table, index
  {
    name: "table.get",
    words: 4,
    write: (core) => {
      loadElement(core, 2, 3);
      core.into(1).get("a").result(I32).next(4);
    },
  },
  // place of the table, index, src
  {
    name: "table.set",
    words: 4,
    write: (core) => {
      loadElement(core, 1, 2);
      core.owned(1).access("i32.load").access("i32.load", TABLE.elements);
      core.get("b").i32(2).plain("i32.shl", "i32.add").operand(I32, 3).store(I32).next(4);
    },
  },
  // the same in a table of functions
  {
    name: "table.set function",
    words: 4,
    write: (core) => {
      core.operand(I32, 3).tee("a").if();
      checkRecord(core);
      core.end();
      loadElement(core, 1, 2);
      core.owned(1).access("i32.load").access("i32.load", TABLE.elements);
      core.get("b").i32(2).plain("i32.shl", "i32.add").operand(I32, 3).store(I32).next(4);
    },
  },
  // dst, place of the table
  {
    name: "table.size",
    words: 3,
    write: (core) =>
      core.into(1).owned(2).access("i32.load").access("i32.load", TABLE.length).plain("i64.extend_i32_u")
        .result(I64).next(3),
  },
];
