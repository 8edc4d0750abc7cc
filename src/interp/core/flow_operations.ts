/** Operations that go elsewhere: jumps, branches, calls, and what leaves the core. */
import type { CoreWriter } from "./core_writer.ts";
import type { Operation } from "./operation.ts";
import { checkNull, checkRecord, loadElement } from "./table_operations.ts";
import { EXIT, HEADER, RECORD } from "../machine_layout.ts";
import { I32, I64 } from "../../wasm/types.ts";

/** Goes to the code of the function whose record is in local `a`, in the frame at `fp`, if it is one of this instance. */
function enterOwn(
  core: CoreWriter,
  exit: number,
  { words, inFrame }: { readonly words: number; readonly inFrame: () => void },
): void {
  core.get("a").access("i32.load", RECORD.owner).get("base").access("i32.load").plain("i32.eq").if();
  inFrame();
  core.get("a").access("i32.load", RECORD.code).goTo();
  core.end();
  leaveToCall(core, exit, words, () => core.i32(-1));
}

/** Leaves the core to call the function whose record is in local `a`. */
function leaveToCall(core: CoreWriter, exit: number, words: number, expected: () => void): void {
  core.i32(0).get("a").access("i32.store", HEADER.record);
  core.i32(0).address(words).access("i32.store", HEADER.next);
  core.i32(0);
  expected();
  core.access("i32.store", HEADER.expected);
  core.exit(exit);
}

/**
 * Makes the frame of a call: `base` is the word with the frame's distance, the next that of the place in it where it is
 * kept where to return to.
 */
function pushFrame(core: CoreWriter, base: number, words: number): void {
  core.get("fp").word(base).plain("i32.add").set("b");
  core.get("b").word(base + 1).plain("i32.add").tee("c");
  core.address(words).access("i32.store");
  core.get("c").get("fp").access("i32.store", 4);
  core.get("b").set("fp");
}

/**
 * Takes the place of the frame: words from `base` on are where the arguments lie, how many bytes they are, where this
 * frame keeps where to return to, and where the next one does.
 */
function replaceFrame(core: CoreWriter, base: number): void {
  core.get("fp").word(base + 2).plain("i32.add").access("i64.load").set("wide");
  core.get("fp").register(base).word(base + 1).copy();
  core.get("fp").word(base + 3).plain("i32.add").get("wide").access("i64.store");
}

/** Ends the guest unless the function in local `a` has the type whose place a word gives. */
function checkType(core: CoreWriter, type: number, exit: number, words: number): void {
  core.get("a").plain("i32.eqz").if();
  core.exit(EXIT.trapSignature);
  core.end();
  leaveForOthers(core, type, exit, words);
}

/** The same where local `a` holds a record. */
function leaveForOthers(core: CoreWriter, type: number, exit: number, words: number): void {
  core.get("a").access("i32.load", RECORD.type).owned(type).access("i32.load").plain("i32.ne").if();
  leaveToCall(core, exit, words, () => core.owned(type).access("i32.load"));
  core.end();
}

export const FLOW_OPERATIONS: readonly Operation[] = [
  // distance
  { name: "jump", words: 2, write: (core) => core.jump(1) },
  // distance, to the start of a loop
  {
    name: "jump back",
    words: 2,
    write: (core) => {
      core.get("rounds").i32(1).plain("i32.sub").tee("rounds").plain("i32.eqz").if();
      core.exit(EXIT.rounds);
      core.end();
      core.jump(1);
    },
  },
  // distance, condition
  { name: "if", words: 3, write: (core) => core.operand(I32, 2).jumpIf(1, 3) },
  { name: "unless", words: 3, write: (core) => core.operand(I32, 2).plain("i32.eqz").jumpIf(1, 3) },
  // The same for references, which stay where they are.
  { name: "if set", words: 3, write: (core) => core.operand(I32, 2).jumpIf(1, 3) },
  { name: "if null", words: 3, write: (core) => core.operand(I32, 2).plain("i32.eqz").jumpIf(1, 3) },
  {
    name: "unless i64.eqz",
    words: 3,
    write: (core) => core.operand(I64, 2).plain("i64.eqz", "i32.eqz").jumpIf(1, 3),
  },
  // distance, a, b: by the bits that both have
  {
    name: "if i32.and",
    words: 4,
    write: (core) => core.operand(I32, 2).operand(I32, 3).plain("i32.and").jumpIf(1, 4),
  },
  {
    name: "if i32.and #",
    words: 4,
    write: (core) => core.operand(I32, 2).word(3).plain("i32.and").jumpIf(1, 4),
  },
  {
    name: "unless i32.and",
    words: 4,
    write: (core) => core.operand(I32, 2).operand(I32, 3).plain("i32.and", "i32.eqz").jumpIf(1, 4),
  },
  {
    name: "unless i32.and #",
    words: 4,
    write: (core) => core.operand(I32, 2).word(3).plain("i32.and", "i32.eqz").jumpIf(1, 4),
  },
  // index, number of distances but the last, distances
  {
    name: "br_table",
    words: 3,
    write: (core) => {
      core.address().address(3);
      core.operand(I32, 1).tee("a").word(2).tee("b").get("a").get("b").plain("i32.lt_u", "select");
      core.i32(2).plain("i32.shl", "i32.add").access("i32.load").plain("i32.add").goTo();
    },
  },
  // distance of the code, then as `pushFrame`
  {
    name: "call",
    words: 4,
    write: (core) => {
      pushFrame(core, 2, 4);
      core.jump(1);
    },
  },
  // distance of the code, then as `replaceFrame`
  {
    name: "return_call",
    words: 6,
    write: (core) => {
      replaceFrame(core, 2);
      core.jump(1);
    },
  },
  // place of the function's record, then as `pushFrame`
  {
    name: "call owned",
    words: 4,
    write: (core) => {
      core.owned(1).access("i32.load").set("a");
      enterOwn(core, EXIT.call, { words: 4, inFrame: () => pushFrame(core, 2, 4) });
    },
  },
  {
    name: "return_call owned",
    words: 6,
    write: (core) => {
      core.owned(1).access("i32.load").set("a");
      enterOwn(core, EXIT.tailCall, { words: 0, inFrame: () => replaceFrame(core, 2) });
    },
  },
  // place of the type, then as `pushFrame`, reference. The type is looked at though code that was compiled here has no
  // other function there: a register, global or table may have been restored, with the record of any.
  {
    name: "call_ref",
    words: 5,
    write: (core) => {
      core.operand(I32, 4).set("a");
      checkRecord(core); // null is none
      leaveForOthers(core, 1, EXIT.call, 5);
      enterOwn(core, EXIT.call, { words: 5, inFrame: () => pushFrame(core, 2, 5) });
    },
  },
  {
    name: "return_call_ref",
    words: 7,
    write: (core) => {
      core.operand(I32, 6).set("a");
      checkRecord(core); // null is none
      leaveForOthers(core, 1, EXIT.tailCall, 0);
      enterOwn(core, EXIT.tailCall, { words: 0, inFrame: () => replaceFrame(core, 2) });
    },
  },
  // place of the type, then as `pushFrame`, place of the table, index
  {
    name: "call_indirect",
    words: 6,
    write: (core) => {
      loadElement(core, 4, 5);
      checkType(core, 1, EXIT.call, 6);
      enterOwn(core, EXIT.call, { words: 6, inFrame: () => pushFrame(core, 2, 6) });
    },
  },
  {
    name: "return_call_indirect",
    words: 8,
    write: (core) => {
      loadElement(core, 6, 7);
      checkType(core, 1, EXIT.tailCall, 0);
      enterOwn(core, EXIT.tailCall, { words: 0, inFrame: () => replaceFrame(core, 2) });
    },
  },
  // bytes of the frame, where the registers begin and end that start as 0
  {
    name: "enter",
    words: 4,
    write: (core) => {
      enter(core);
      core.register(2).set("a").register(3).set("b");
      const loop = core.loop();
      core.get("a").i64(0n).access("i64.store");
      core.get("a").i32(8).plain("i32.add").tee("a").get("b").plain("i32.lt_u").br(loop, "br_if");
      core.end();
      core.next(4);
    },
  },
  // bytes of the frame
  {
    name: "enter 0",
    words: 2,
    write: (core) => {
      enter(core);
      core.next(2);
    },
  },
  // dst, src, bytes
  {
    name: "move",
    words: 4,
    write: (core) => core.register(1).register(2).word(3).copy().next(4),
  },
  // where it is kept where to return to
  { name: "return", words: 2, write: (core) => leave(core) },
  // the same, src
  {
    name: "return 1",
    words: 3,
    write: (core) => {
      core.get("fp").operand(I64, 2).store(I64);
      leave(core);
    },
  },
  { name: "unreachable", words: 1, write: (core) => void core.exit(EXIT.trapUnreachable) },
  // src
  {
    name: "trap if null",
    words: 2,
    write: (core) => {
      core.operand(I32, 1).set("a");
      checkNull(core);
      core.next(2);
    },
  },
  { name: "returned", words: 1, write: (core) => void core.exit(EXIT.returned) },
  // which service, its length in words, its own words
  { name: "service", words: 3, write: (core) => void core.exit(EXIT.service) },
  {
    name: "step",
    words: 1,
    write: (core) => {
      core.i32(0).i32(0).access("i32.load", HEADER.steps).i32(1).plain("i32.sub").tee("a");
      core.access("i32.store", HEADER.steps);
      core.get("a").plain("i32.eqz").if();
      core.exit(EXIT.stepped);
      core.end();
      core.next(1);
    },
  },
  // which probe
  { name: "probe", words: 2, write: (core) => void core.exit(EXIT.probed) },
];

function enter(core: CoreWriter): void {
  core.register(1).i32(0).access("i32.load", HEADER.stackEnd).plain("i32.gt_u").if();
  core.exit(EXIT.stack);
  core.end();
  core.i32(0).get("fp").access("i32.store", HEADER.fp);
}

function leave(core: CoreWriter): void {
  core.register(1).tee("a").access("i32.load", 4).set("fp");
  core.i32(0).get("fp").access("i32.store", HEADER.fp);
  core.get("a").access("i32.load").goTo();
}
