/** Class C: what ends a guest that computes, calls or waits without end. */
import type { Defence } from "../defence.ts";
import { SOON_GIVEN_UP, SOON_OVER } from "../sooner.ts";

const CPU = "tests/adversarial/cpu/cpu_test.ts",
  HANDLERS = "tests/adversarial/cpu/handlers_test.ts",
  COUNTER = "tests/adversarial/cpu/counter_test.ts",
  BULK = "tests/adversarial/cpu/bulk_test.ts",
  SLOW = "tests/adversarial/cpu/slow_instructions_test.ts",
  BOTH_BACK_ENDS = "tests/isolation/hostile_test.ts";

/** Guests that are not stopped keep their threads computing, so that each test is slower than the one before. */
const LONG = 60;

export const CPU_DEFENCES: readonly Defence[] = [
  {
    id: "fuel-limit",
    what: "a guest that has consumed more than it may is stopped at its next refuel",
    lines: ["C22", "C23", "C24", "C26", "C27", "C29"],
    file: "src/guest/machine.ts",
    find: `    if (this.overdrawn) return this.#stopForFuel();
    const now`,
    replace: `    const now`,
    also: [SOON_OVER],
    tests: [CPU, HANDLERS, BULK, COUNTER],
    only: ["fuel", "C26 charges", "C26 calls between"],
    seconds: 240,
  },
  {
    id: "fuel-charged",
    what: "code is charged for what it executes",
    lines: ["C22"],
    file: "src/instrument/counters.ts",
    find: `    i64Const(writer, units);
    writer.bytes(this.#writeFuel);`,
    replace: `    i64Const(writer, units * 0);
    writer.bytes(this.#writeFuel);`,
    also: [
      {
        file: "src/instrument/counters.ts",
        find: `    i32Const(writer, units);
    writer.u8(CODE.i32Add);
    indexed(writer, CODE.localSet, owed);`,
        replace: `    i32Const(writer, units * 0);
    writer.u8(CODE.i32Add);
    indexed(writer, CODE.localSet, owed);`,
      },
      SOON_OVER,
      SOON_GIVEN_UP,
    ],
    tests: [CPU],
    only: ["C22 tail calls to itself", "C22 mutual tail calls", "exponential width"],
    seconds: LONG,
    burns: true,
  },
  {
    id: "time-limit",
    what: "a guest looks at its own clock, and stops when its time is up (its host's is set late)",
    lines: ["C22", "C23", "C24", "C25", "C27", "C28", "C30"],
    file: "src/guest/machine.ts",
    find: `if (this.#clock.now() >= this.#clock.deadline) {`,
    replace: `if (this.#clock.now() === Infinity) {`,
    also: [{
      file: "src/sandbox/guest_thread.ts",
      find: `this.#due = performance.now() + timeout + HEAD_START;`,
      replace: `this.#due = performance.now() + timeout + 250;`,
    }],
    tests: [CPU, HANDLERS, SLOW, BULK, BOTH_BACK_ENDS],
    only: [
      "timeout",
      "C30",
      "C22 an endless loop is stopped",
      "C22 tail calls without end",
      "C27 handlers",
      "C28 a guest that waits",
    ],
    seconds: 240,
  },
  {
    id: "abort-heeded",
    what: "a guest that is told to stop does",
    lines: ["C22", "C28", "C29"],
    file: "src/guest/machine.ts",
    find: `if (this.#channel.control === CONTROLS.abort) {`,
    replace: `if (this.#channel.control === CONTROLS.abort && this.#killed) {`,
    also: [SOON_GIVEN_UP],
    tests: [CPU],
    only: ["cancel", "close"],
    seconds: LONG,
    burns: true,
  },
  {
    id: "start-within-limits",
    what: "the start function runs when the instance is in every ledger, and within the time of the call",
    lines: ["C23"],
    file: "src/guest/machine.ts",
    find: `    self.instance = instance;
    this.#alive.push(instance);`,
    replace: `    self.instance = instance;
    instance.start();
    this.#alive.push(instance);`,
    also: [{
      file: "src/guest/machine.ts",
      find: `    if (message.restoring !== true) instance.start();`,
      replace: ``,
    }],
    tests: [CPU, BOTH_BACK_ENDS, "tests/adversarial/wasi/lifetime_test.ts"],
    only: ["start function"],
  },
  {
    id: "failed-load-kept-out",
    what: "a module whose start function traps is not taken in",
    lines: ["C23"],
    file: "src/guest/machine.ts",
    find: `    if (message.restoring !== true) instance.start();`,
    replace: `    this.#instances.push(instance);
    if (message.restoring !== true) instance.start();
    this.#instances.pop();
    if (this.#instances.length < 0) return;`,
    tests: [CPU],
    only: ["C23"],
  },
  {
    id: "bulk-charged",
    what: "a bulk operation is charged by its size",
    lines: ["C24"],
    file: "src/instrument/bulk_functions.ts",
    find: `      indexed(writer, CODE.localGet, 2);
      if (!sizeWide) writer.u8(CODE.i64ExtendI32U);
    });
    counters.test(writer);
    writer.u8(CODE.end);`,
    replace: `      indexed(writer, CODE.localGet, 2);
      if (!sizeWide) writer.u8(CODE.i64ExtendI32U);
      writer.u8(CODE.drop);
      i64Const(writer, 0);
    });
    writer.u8(CODE.end);`,
    also: [SOON_OVER],
    tests: [BULK],
  },
  {
    id: "bulk-in-chunks",
    what: "a large bulk operation is done in chunks, with a test between two",
    lines: ["C24"],
    file: "src/instrument/bulk_functions.ts",
    find: `const CHUNK = { memory: 1 << 20, table: 1 << 16 } as const;`,
    replace: `const CHUNK = { memory: 0x7fffffff, table: 0x7fffffff } as const;`,
    tests: [BULK],
  },
  {
    id: "bulk-backwards",
    what: "a copy in chunks that overlaps goes in the right direction",
    lines: ["C24"],
    file: "src/instrument/bulk_functions.ts",
    find: `    // Two indices may stand for one object, if both are imported.
    backwards: true,`,
    replace: `    backwards: false,`,
    tests: [BULK],
  },
  {
    id: "host-call-limit",
    what: "calls of the host's side are counted, and end at the limit",
    lines: ["C25"],
    file: "src/guest/machine.ts",
    find: `if (this.#calls >= this.#hostCallLimit) {`,
    replace: `if (this.#calls >= Infinity) {`,
    tests: [CPU, BOTH_BACK_ENDS],
    only: ["C25"],
  },
  {
    id: "added-names",
    what: "what is added to a module gets no name that the module exports",
    lines: ["C26"],
    file: "src/instrument/added_exports.ts",
    find: `    while (this.#taken.has(key(name))) name += "'";`,
    replace: ``,
    tests: [COUNTER],
  },
  {
    id: "growth-least",
    what: "a growth by nothing is charged for the call that it is",
    lines: ["C24"],
    file: "src/analysis/cost.ts",
    find: `  leastGrowth: 50,`,
    replace: `  leastGrowth: 1,`,
    tests: ["tests/instrument/growth_functions_test.ts"],
    direct: true,
  },
  {
    id: "charge-bounded",
    what: "a growth that cannot succeed is charged the least, so that no charge wraps the counter",
    lines: ["C26"],
    file: "src/instrument/growth_functions.ts",
    find: `      writer.u8(CODE.i64LeU);
      writer.u8(I32_AND);
      writer.u8(CODE.select);`,
    replace: `      writer.u8(CODE.i64LeU);
      i32Const(writer, 1);
      writer.u8(0x72);
      writer.u8(I32_AND);
      writer.u8(CODE.drop);
      writer.u8(CODE.drop);
      i64Const(writer, 0x100000000);
      writer.u8(CODE.i64Mul);`,
    tests: [COUNTER],
  },
  {
    id: "one-budget",
    what: "what one module consumes counts for the others of its sandbox",
    lines: ["C26"],
    file: "src/guest/fuel.ts",
    find: `    for (const other of this.#instances) if (other !== instance) other.fuel.value = 0n;
    instance.fuel.value = target - consumed;`,
    replace: `    instance.fuel.value = target - this.#granted + this.slice;`,
    tests: [COUNTER],
    seconds: 60,
  },
  {
    id: "wait-interrupted",
    what: "a guest that waits for the host gets its turn back when it is to stop",
    lines: ["C28"],
    file: "src/sandbox/host_turns.ts",
    find: `    this.#interrupt = () => resolve(INTERRUPTED);
    if (this.#stopped()) resolve(INTERRUPTED);`,
    replace: `    void resolve;`,
    also: [SOON_GIVEN_UP],
    tests: [CPU],
    only: ["C28 a guest that waits", "a host function that waits for ever"],
    ends: "hang",
    seconds: 30,
  },
  {
    id: "late-answer",
    what: "what a host function settles with after its guest was stopped is nobody's",
    lines: ["C28"],
    file: "src/sandbox/host_turns.ts",
    find: `      returned = await this.#unlessInterrupted(pending);`,
    replace: `      returned = await this.#unlessInterrupted(pending);
      pending.then(() => this.#giveThrow(), () => this.#giveThrow());`,
    tests: [CPU],
    only: ["C28"],
  },
  {
    id: "throw-charged",
    what: "a throw, and each clause that it is compared with, is charged what it takes, and tested",
    lines: ["C30"],
    file: "src/analysis/cost.ts",
    find: `  throw: 50,
  catchClause: 1,`,
    replace: `  throw: 0,
  catchClause: 0,`,
    also: [{
      file: "src/instrument/function_meter.ts",
      find: `    if (this.owed >= 0) counters.settle(writer, this.owed);
    counters.test(writer); // handlers of many frames may throw on`,
      replace: `    if (this.owed >= 0) counters.settle(writer, this.owed);`,
    }],
    tests: [SLOW],
    only: ["throw"],
  },
  {
    id: "loop-tested",
    what: "the counter is tested where a loop is come back to",
    lines: ["C22"],
    file: "src/instrument/rewrite_body.ts",
    find: `} else meter.turn(writer, cost, (bits & SITE_FLAGS.settles) !== 0);`,
    replace: `} else meter.charge(writer, cost);`,
    also: [
      {
        file: "src/instrument/rewrite_body.ts",
        find: `            counters.branchIfDue(writer, owed, DUE);
            meter.charge(writer, cost);`,
        replace: `            meter.charge(writer, cost);`,
      },
      SOON_OVER,
      SOON_GIVEN_UP,
    ],
    tests: [CPU],
    only: ["C22 an empty loop is stopped"],
    seconds: 40,
    burns: true,
  },
  {
    id: "entry-tested",
    what: "the counter is tested where a function is entered",
    lines: ["C22"],
    file: "src/instrument/rewrite_body.ts",
    find: `if (site === entry) meter.test(writer, cost);`,
    replace: `if (site === entry) meter.charge(writer, cost);`,
    also: [SOON_OVER, SOON_GIVEN_UP],
    tests: [CPU],
    only: ["C22 tail calls to itself is stopped"],
    seconds: 40,
    burns: true,
  },
  {
    id: "stop-is-a-trap",
    what: "what must stop a guest makes all that returns to it a trap",
    lines: ["C25", "C29"],
    file: "src/instrument/shim.ts",
    find: `  indexed(writer, CODE.globalGet, 0);
  writer.u8(CODE.i32Eqz);`,
    replace: `  writer.u8(CODE.i32Const);
  writer.s32(1);`,
    also: [SOON_GIVEN_UP, SOON_OVER],
    tests: [CPU],
    only: ["C25", "C29 after too many"],
    seconds: 40,
    burns: true,
  },
  {
    id: "stop-passes-handlers",
    what:
      "what stops a guest is a trap, which no handler catches (here it is an exception, and a trap 300 ms later)",
    lines: ["C22", "C27", "D37"],
    file: "src/guest/machine.ts",
    find: `    this.#stop ??= reason;
    this.#killed = true;`,
    replace: `    this.#asked ??= performance.now();
    if (performance.now() - this.#asked < 300) throw new Error(reason.kind);
    this.#stop ??= reason;
    this.#killed = true;`,
    also: [
      {
        file: "src/guest/machine.ts",
        find: `  #stop: StopReason | undefined;`,
        replace: `  #stop: StopReason | undefined;
  #asked: number | undefined;`,
      },
      {
        file: "src/guest/machine.ts",
        find: `    this.growth.refused = undefined;
    this.#channel.markMeters();`,
        replace: `    this.#asked = undefined;
    this.growth.refused = undefined;
    this.#channel.markMeters();`,
      },
      {
        file: "src/instrument/shim.ts",
        find: `  writer.u32(1);
  writer.u8(CATCH_ALL);
  writer.u32(0);`,
        replace: `  writer.u32(CATCH_ALL * 0);`,
      },
    ],
    tests: [HANDLERS, CPU, "tests/adversarial/wasi/floods_test.ts"],
    only: ["C27", "an old-style try", "calls that double", "D37 a guest that polls"],
    seconds: 240,
  },
  {
    id: "frames-given-back",
    what: "a handler sets the count of the stack right, which the frames below it did not take back",
    lines: ["C27"],
    file: "src/instrument/function_meter.ts",
    find: `  restore(writer: CodeWriter): void {
    if (!this.#counted) return;`,
    replace: `  restore(writer: CodeWriter): void {
    if (!this.#counted || writer !== undefined) return;`,
    tests: [HANDLERS],
    only: ["C27 exceptions that pass"],
  },
  {
    id: "frames-given-back-across",
    what: "a handler has the counts of other modules set right, too",
    lines: ["C27"],
    file: "src/guest/machine.ts",
    find: `    this.#stack.unwound(instance);`,
    replace: `    void instance;`,
    tests: [HANDLERS],
    only: ["C27 exceptions that pass"],
  },
  {
    id: "bulk-bounds",
    what: "the bounds of a large bulk operation are compared before its first chunk",
    lines: ["C24"],
    file: "src/instrument/bulk_functions.ts",
    find: `    for (const target of targets) this.#checkBounds(target);`,
    replace: ``,
    tests: [BULK],
    only: ["C24 bulk operations beyond"],
  },
  {
    id: "fuel-clamped",
    what: "a budget that more fuel is added to ends where its 64 bits do",
    lines: ["C26"],
    file: "src/sandbox/guest_session.ts",
    find: `    this.#budget = least(this.limits.fuelLimit + this.#added, UNLIMITED_FUEL);`,
    replace: `    this.#budget = BigInt.asIntN(64, this.limits.fuelLimit + this.#added);`,
    also: [{
      file: "src/sandbox/guest_session.ts",
      find: `    this.#added = least(this.#added + parseCount(units, "units"), UNLIMITED_FUEL);`,
      replace: `    this.#added += least(parseCount(units, "units"), 2n ** 128n);`,
    }],
    tests: [COUNTER],
    only: ["C26 fuel near"],
  },
  {
    id: "original-exports",
    what: "what is called, read and linked by name are the exports of the original module alone",
    lines: ["C26"],
    file: "src/instrument/instrument_module.ts",
    find: `      exports: describeExports(module),`,
    replace: `      exports: [
        ...describeExports(module),
        { name: "aegis:fuel", index: 0, type: { kind: "global", type: "i64", mutable: true } },
        { name: "aegis:start", index: 0, type: { kind: "function", params: [], results: [] } },
      ],`,
    tests: [COUNTER],
    only: ["C26 nothing of ours", "C26 a module lists"],
  },
  {
    id: "indices-own",
    what: "an index names something of the module's own: three walls, the reader, the validator and V8",
    lines: ["C26"],
    file: "src/wasm/read/count.ts",
    find: `  if (index >= size) throw indexOutOfRange(place.what, index, size, place.offset);`,
    replace: `  void [index, size, place, indexOutOfRange];`,
    also: [{
      file: "src/wasm/read/draft.ts",
      find: `    if (type === undefined) throw indexOutOfRange(what, index, this.types.length, offset);`,
      replace: `    if (type === undefined && indexOutOfRange !== undefined) {
      return { kind: "func", params: [], results: [] } as unknown as FunctionType;
    }`,
    }, {
      file: "src/guest/prepare.ts",
      find: `  const validation = validateModule(module);`,
      replace:
        `  const validation = { maxOperandBytes: new Float64Array(module.bodies.length), validateModule };`,
    }, {
      file: "src/guest/prepare.ts",
      find: `  if (!WebAssembly.validate(original)) await refuseLikeV8(original);`,
      replace: `  void [original, refuseLikeV8];`,
    }],
    tests: [COUNTER],
    only: ["C26 a module that"],
  },
  {
    id: "idle-parks",
    what:
      "a guest that has no turn and a broker that nobody asks park (here they look for work, a guest for 1.5 s)",
    lines: ["A9", "C29"],
    file: "src/protocol/channel.ts",
    find: `    const began = performance.now();
    await this.turn(TURNS.guest, () => false);`,
    replace: `    const began = performance.now();
    while (!this.hasTurn && performance.now() - began < 1500) void 0;
    await this.turn(TURNS.guest, () => false);`,
    also: [{
      file: "src/broker/files_loop.ts",
      find: `    const woken = Atomics.wait(this.#words, BROKER_WORDS.bell, seen, Math.min(due, LOOK_AROUND));
    if (woken === "timed-out") this.#service.serveAll();`,
      replace: `    if (seen + due > -LOOK_AROUND) this.#service.serveAll();`,
    }],
    tests: [CPU, "tests/adversarial/files/devices_test.ts"],
    only: ["C29 after a", "A9 a broker that serves"],
  },
];
