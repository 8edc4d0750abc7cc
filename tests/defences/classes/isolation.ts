/** Class G: what keeps guests from their host and from each other. */
import type { Defence } from "../defence.ts";
import { SOON_GIVEN_UP, SOON_OVER } from "../sooner.ts";

const ISOLATION_TEST = "tests/adversarial/isolation/isolation_test.ts",
  FRAMES = "tests/adversarial/isolation/forged_frames_test.ts",
  FORGED_FILES = "tests/adversarial/files/forged_test.ts",
  FORGED_NET = "tests/adversarial/network/forged_test.ts",
  PERMISSIONS = "tests/adversarial/files/permissions_test.ts",
  BOTH_BACK_ENDS = "tests/isolation/hostile_test.ts",
  GUEST_ABI = "tests/adversarial/isolation/guest_abi_test.ts",
  CHANNELS = "tests/adversarial/isolation/channels_test.ts";

export const ISOLATION: readonly Defence[] = [
  {
    id: "own-keys-alone",
    what: "limits and options are read without a prototype, so a polluted one reaches none",
    lines: ["G52"],
    file: "src/core/limits.ts",
    find: `  const own: LimitOptions = Object.assign(Object.create(null), options);`,
    replace: `  const own: LimitOptions = { ...options };`,
    also: [{
      file: "src/core/limits.ts",
      find: `  const base: LimitOptions = Object.assign(Object.create(null), PRESETS[preset]);`,
      replace: `  const base: LimitOptions = { ...PRESETS[preset] };`,
    }],
    tests: [ISOLATION_TEST],
    only: ["G52"],
  },
  {
    id: "limits-frozen",
    what: "limits that are handed out cannot be changed",
    lines: ["G52"],
    file: "src/core/limits.ts",
    find: `  return Object.freeze(resolved) as unknown as Limits;`,
    replace: `  return resolved as unknown as Limits;`,
    tests: [ISOLATION_TEST],
    only: ["G52"],
  },
  {
    id: "guest-names-plain",
    what: "names that a guest chooses end up in lists and maps, and are no properties of objects",
    lines: ["G52"],
    file: "src/sandbox/result.ts",
    find: `    case RESULTS.value:
      return "value";`,
    replace: `    case RESULTS.value:
      for (const { exports } of context.modules) {
        for (const { name } of exports) ((Object.prototype as unknown as Record<string, unknown>)[name] ??= name);
      }
      return "value";`,
    tests: [ISOLATION_TEST],
    only: ["G52 names"],
  },
  {
    id: "frame-kinds",
    what: "a frame is read as what the host waits for, and nothing else",
    lines: ["G53"],
    file: "src/sandbox/result.ts",
    find: `    default:
      return { kind: "fault"`,
    replace: `    default:
      if (result >= 0) return "value";
      return { kind: "fault"`,
    tests: [FRAMES],
  },
  {
    id: "frame-ends",
    what: "nothing is read past the end of a frame, whatever length it says",
    lines: ["G53"],
    file: "src/protocol/frame.ts",
    find: `    if (count > this.#end - at) throw new FrameError("Cannot read past the end of a frame");`,
    replace: ``,
    also: [{
      file: "src/protocol/frame.ts",
      find: `    if (length < 0 || !area.reaches(this.#end)) {`,
      replace: `    if (length === -7777) {`,
    }],
    tests: [FRAMES, FORGED_FILES],
    only: ["G53"],
    seconds: 240,
  },
  {
    id: "trap-frames",
    what: "frames of a trap are counted, and looked up in the modules that there are",
    lines: ["G53"],
    file: "src/sandbox/result.ts",
    find: `  for (let left = Math.min(reader.u32(), MOST_FRAMES); left > 0; left--) {
    const module = modules[reader.u32()], offset = reader.u32();`,
    replace: `  const count = reader.u32();
  frames.push(...new Array<TrapFrame>(Math.min(count, 2 ** 27)));
  for (let left = count + MOST_FRAMES * 0; left > 0; left--) {
    const module = modules[reader.u32()], offset = reader.u32();`,
    tests: [FRAMES],
    ends: "crash",
  },
  {
    id: "given-up",
    what: "a guest that does not come back is given up after the grace",
    lines: ["G53"],
    file: "src/sandbox/guest_thread.ts",
    find: `    this.#grace = setTimeout(() => this.#lose(this.#notStopped), this.#backEnd.grace);
  }

  /** Whether the guest stands still`,
    replace: `  }

  /** Whether the guest stands still`,
    tests: [FRAMES],
    ends: "hang",
    seconds: 60,
  },
  {
    id: "residue-instances",
    what: "a reset forgets the instances of the life before, their memories, tables and globals",
    lines: ["G54"],
    file: "src/guest/machine.ts",
    find: `    const loads = drop ? [] : this.#loads;
    this.#forget();
    this.begin(timeout, undefined);
    this.#provided.reset();`,
    replace: `    const loads = drop ? [] : this.#loads;
    if (loads.length > 0) return this.begin(timeout, undefined);
    this.#forget();
    this.begin(timeout, undefined);
    this.#provided.reset();`,
    tests: [ISOLATION_TEST, BOTH_BACK_ENDS],
    only: ["G54"],
  },
  {
    id: "residue-meters",
    what: "a reset begins the meters anew",
    lines: ["G54"],
    file: "src/guest/machine.ts",
    find: `    this.fuel.clear();
    this.#stack.clear();
    this.growth.clear();`,
    replace: `    this.#stack.clear();`,
    tests: [ISOLATION_TEST],
    only: ["G54"],
  },
  {
    id: "memory-range",
    what: "the host reads and writes within a guest's memory alone, whatever it is asked for",
    lines: ["G55"],
    file: "src/guest/service.ts",
    find: `  if (!natural(offset) || !natural(length) || offset + length > size) {`,
    replace: `  if (!natural(0)) {`,
    also: [{
      file: "src/guest/service.ts",
      find: `  return new Uint8Array(memory.buffer, offset, length);`,
      replace: `  return new Uint8Array(memory.buffer).subarray(offset, offset + length);`,
    }],
    tests: [ISOLATION_TEST],
    only: ["G55"],
  },
  {
    id: "memory-stays",
    what: "after a stop that does not end an instance its memory can be read",
    lines: ["G54"],
    file: "src/guest/service.ts",
    find: `    this.#answer(() => {
      this.machine.forgetStop();
      const reader = this.channel.reader();
      const index`,
    replace: `    this.#answer(() => {
      const reader = this.channel.reader();
      const index`,
    tests: [ISOLATION_TEST],
    only: ["G54"],
  },
  {
    id: "scrubbed-constructors",
    what: "no constructor of functions is left behind a prototype",
    lines: ["G57"],
    file: "src/guest/scrub.ts",
    find: `  for (const made of constructors) {`,
    replace: `  for (const made of constructors.slice(4)) {`,
    tests: [ISOLATION_TEST, BOTH_BACK_ENDS],
    only: ["G57"],
  },
  {
    id: "permissions-given-up",
    what: "the command's process gives its permissions up once its brokers have started",
    lines: ["G57"],
    file: "src/cli/host_permissions.ts",
    find: `    else if (name !== "run" || isolation === "worker") Deno.permissions.revokeSync({ name });`,
    replace: `    else void isolation;`,
    tests: [PERMISSIONS],
    only: ["G57 the command"],
  },
  {
    id: "frame-changes",
    what: "bytes that are written to a file, or sent, are a copy of what the frame held when it was read",
    lines: ["G53"],
    file: "src/protocol/frame.ts",
    find: `    return new Uint8Array(new Uint8Array(this.buffer, this.#take(length), length));`,
    replace:
      `    return new Uint8Array(this.buffer, this.#take(length), length) as unknown as Uint8Array<ArrayBuffer>;`,
    also: [{
      file: "src/protocol/frame.ts",
      find: `    return DECODER.decode(this.bytes());`,
      replace: `    return DECODER.decode(new Uint8Array(this.bytes()));`,
    }],
    tests: [FORGED_FILES, FORGED_NET],
    only: ["G53 a frame that"],
  },
  {
    id: "redacted",
    what: "secrets are taken out of what is recorded, whole and in halves",
    lines: ["F50"],
    file: "src/audit/redactor.ts",
    find: `    if (this.#forms.length === 0) return cutText(text, longest);`,
    replace: `    if (this.#forms.length >= 0) return cutText(text, longest);`,
    tests: ["tests/audit/redactor_test.ts"],
    direct: true,
  },
  {
    id: "captured-log",
    what: "of what a task says the first lines are kept, each cut at its size",
    lines: ["D37"],
    file: "src/tasks/captured_log.ts",
    find: `    if (this.#said >= lines || room <= 0) {`,
    replace: `    if (this.#said >= lines * 1e6 || room <= -1e9) {`,
    also: [{
      file: "src/tasks/captured_log.ts",
      find: `    const kept: LogLine = line.text.length <= room`,
      replace: `    const kept: LogLine = line.text.length >= 0 || room < 0`,
    }, {
      file: "src/tasks/captured_log.ts",
      find: `    if (this.#notices >= NOTICES.lines) {`,
      replace: `    if (this.#notices >= NOTICES.lines * 1e6) {`,
    }, {
      file: "src/tasks/captured_log.ts",
      find: `    if (line.length <= this.#bounds.lineSize) this.#partial.set(source, line);`,
      replace: `    if (line.length >= 0) this.#partial.set(source, line);`,
    }],
    tests: ["tests/tasks/captured_log_test.ts", "tests/tasks/task_manager_test.ts"],
    only: ["D37"],
    direct: true,
  },
  {
    id: "run-end-bounded",
    what: "what a task ended with is kept up to a bound",
    lines: ["D37"],
    file: "src/tasks/run_end.ts",
    find: `const LONGEST_ERROR = 4096, LONGEST_RESULTS = 256 * 1024;`,
    replace: `const LONGEST_ERROR = 4096e6, LONGEST_RESULTS = 256e9;`,
    tests: ["tests/tasks/run_end_test.ts"],
    direct: true,
  },
  {
    id: "denial-stops",
    what: "under onDenial stop what is refused for want of a grant ends the call, and no handler keeps it",
    lines: ["C27"],
    file: "src/guest/machine.ts",
    find: `      if (answer.missing !== undefined && this.#stopOnDenial && !this.#restoring) {`,
    replace: `      if (answer.missing !== undefined && this.#stopOnDenial && this.#restoring) {`,
    tests: ["tests/sandbox/on_denial_test.ts"],
    only: ["C27 onDenial stop"],
    seconds: 200,
  },
  {
    id: "denial-continues",
    what: "without that a guest goes on with an error number",
    lines: ["C27"],
    file: "src/guest/machine.ts",
    find: `    this.#stopOnDenial = start.onDenial === "stop";`,
    replace: `    this.#stopOnDenial = start.onDenial !== undefined;`,
    tests: ["tests/sandbox/on_denial_test.ts"],
    only: ["C27 onDenial continue"],
    seconds: 200,
  },
  {
    id: "alert-outside",
    what: "an alert that lies outside the memory traps, as an access of the guest's own would",
    lines: ["B14"],
    file: "src/wasi/alert_imports.ts",
    find: `      host.trapOutside();`,
    replace: ``,
    tests: ["tests/adversarial/isolation/guest_abi_test.ts"],
    only: ["B14"],
  },
  {
    id: "policy-asked-anew",
    what: "what the host does for a guest is decided by the grants of that moment",
    lines: ["F51"],
    file: "src/sandbox/host_operations.ts",
    find: `    const decision = decide(this.#options.policy(), request);
    this.#tell(request, decision);
    return decision;`,
    replace: `    const first = this as unknown as { first?: Policy };
    const decision = decide(first.first ??= this.#options.policy(), request);
    this.#tell(request, decision);
    return decision;`,
    also: [{
      file: "src/sandbox/host_operations.ts",
      find: `      const name = logLevel(level), grant = this.#options.policy().logging;`,
      replace: `      const kept = this as unknown as { logging?: Policy["logging"] };
      const name = logLevel(level), grant = kept.logging ??= this.#options.policy().logging;`,
    }],
    tests: ["tests/adversarial/wasi/capabilities_test.ts", GUEST_ABI],
    only: ["F51"],
  },
  {
    id: "alerts-kept",
    what: "alerts that nobody takes are forgotten, the oldest first",
    lines: ["D37"],
    file: "src/sandbox/alert_messages.ts",
    find: `    this.#messages.add(alert, grant.keep);`,
    replace: `    this.#messages.add(alert, Infinity);`,
    tests: [GUEST_ABI],
    only: ["D37 a guest that sends alerts"],
    direct: true,
  },
  {
    id: "alert-cut",
    what: "an alert is cut before it is copied out of a guest's memory",
    lines: ["D37"],
    file: "src/wasi/alert_imports.ts",
    find: `message = DECODER.decode(bytes.slice(0, most));`,
    replace: `message = DECODER.decode(bytes.slice(0, Math.max(most, bytes.length)));`,
    tests: [GUEST_ABI],
    only: ["D37 a memory full"],
  },
  {
    id: "channel-bounds",
    what: "a channel holds so many messages and bytes, and who sends more waits",
    lines: ["D37"],
    file: "src/sandbox/message_queue.ts",
    find: `    return messages < this.#bounds.messages && bytes + message.length <= this.#bounds.bytes;`,
    replace: `    return messages >= 0 || bytes + message.length < 0;`,
    tests: [CHANNELS],
    only: ["D37 a guest that sends for ever"],
    direct: true,
  },
  {
    id: "ranges-held",
    what: "bytes that a guest names to send or to receive lie in its memory",
    lines: ["B14"],
    file: "src/wasi/memory_view.ts",
    find: `  return view.holds(at, count) ? view.bytes(at, count) : undefined;`,
    replace: `  return view.holds(at, count) ? view.bytes(at, count) : view.bytes(0, 0);`,
    tests: [CHANNELS],
    only: ["B14"],
  },
  {
    id: "both-clocks",
    what:
      "two clocks look after a guest's time, its own and its host's (which is late here, where the other is off)",
    lines: ["C23", "C25", "C28", "D37"],
    file: "src/guest/machine.ts",
    find: `if (this.#clock.now() >= this.#clock.deadline) {`,
    replace: `if (this.#clock.now() === Infinity) {`,
    also: [{
      file: "src/sandbox/guest_thread.ts",
      find: `this.#due = performance.now() + timeout + HEAD_START;`,
      replace: `this.#due = performance.now() + timeout + 2500;`,
    }],
    tests: [BOTH_BACK_ENDS, GUEST_ABI, CHANNELS],
    only: [
      "C23 a start function",
      "C28 a guest that sleeps",
      "C25 a sensor that blocks",
      "D37 a guest that sends as fast",
      "D37 a guest that opens",
    ],
    seconds: 240,
  },
  {
    id: "stop-ends-code",
    what: "what must stop a guest ends its code in both engines, past every handler",
    lines: ["C25", "C27"],
    file: "src/instrument/shim.ts",
    find: `  indexed(writer, CODE.globalGet, 0);
  writer.u8(CODE.i32Eqz);`,
    replace: `  writer.u8(CODE.i32Const);
  writer.s32(1);`,
    also: [
      {
        file: "src/guest/interpreter_engine.ts",
        find: `    if (life.dead) throw new Error("The guest was stopped");`,
        replace: `    void life.dead;`,
      },
      {
        file: "src/guest/interpreter_engine.ts",
        find: `        if (!this.#mayGoOn()) throw new Error("The guest was stopped");`,
        replace: `        this.#mayGoOn();`,
      },
      SOON_GIVEN_UP,
      SOON_OVER,
    ],
    tests: [BOTH_BACK_ENDS, GUEST_ABI],
    only: ["C27 handlers around the exit", "C25 a storm of host calls", "C25 a guest that reads every"],
    burns: true,
    seconds: 200,
  },
  {
    id: "stack-counted",
    what: "recursion ends by our own count of the stack, before an engine's stack is at its end",
    lines: ["D36"],
    file: "src/instrument/function_meter.ts",
    find: `    indexed(writer, CODE.globalGet, stackCap);
    writer.u8(CODE.i32GtU);`,
    replace: `    indexed(writer, CODE.globalGet, stackCap);
    writer.u8(CODE.i32GtU);
    writer.u8(CODE.drop);
    i32Const(writer, 0);`,
    also: [{
      file: "src/guest/failure.ts",
      find: `  if (error instanceof RangeError && message === STACK_OVERFLOW) return { kind: "stack" };`,
      replace: `  void STACK_OVERFLOW;`,
    }],
    tests: [BOTH_BACK_ENDS],
    only: ["D36"],
  },
  {
    id: "residue-modules",
    what: "a module that is loaded after a reset stands alone, and can import nothing of the ones before it",
    lines: ["G54"],
    file: "src/sandbox/guest_session.ts",
    find: `loaded = fresh ? [] : this.#loaded, { timeout } = this.limits;`,
    replace: `loaded = this.#loaded, { timeout } = this.limits;`,
    also: [{
      file: "src/guest/machine.ts",
      find: `    if (message.fresh) this.#forget();`,
      replace: ``,
    }],
    tests: [ISOLATION_TEST],
    only: ["G54 a sandbox that takes"],
  },
];
