/**
 * Runs functions of the store: the loop around the core. The core runs until it needs something that lies outside: a
 * function of the host or of another instance, an operation on tables, an exception, more fuel. Nothing of the guest is
 * on JavaScript's stack but the calls that came from outside, so whatever the guest does can be stopped between two
 * instructions.
 */
import { functionAt, type Instance, offsetAt, type StoreFunction } from "./instance.ts";
import { rangeAt } from "./range_at.ts";
import { EXIT, HEADER, PROBE, RECORD, SERVICE, STACK_START } from "../machine_layout.ts";
import { bytesOf } from "../owned_layout.ts";
import { runBulk } from "./services.ts";
import type { Store, Thrown } from "./store.ts";
import {
  type InterpreterFrame,
  isStackOverflow,
  noteFrames,
  stackOverflow,
  TRAP_MESSAGES,
  type TrapName,
  uncaughtException,
} from "./traps.ts";
import type { LeavingCall } from "./watcher.ts";
import { CATCH_KIND } from "../../wasm/catch_kind.ts";
import type { FunctionType } from "../../wasm/module.ts";

/** Frames that are noted of a trap. */
const MOST_FRAMES = 64;

const REFUEL_WORDS = 2, STEP_WORDS = 1, PROBE_WORDS = 2;

/** Where nobody watches. */
const MOST_STEPS = 0x7fffffff;

/** Where an instance goes on when a function of another one returns to it. */
export interface Crossing {
  readonly instance: Instance;
  readonly pc: number;
  readonly fp: number;
}

/** Where the guest is. */
export interface Place {
  instance: Instance;
  pc: number;
  fp: number;
}

/** Where a frame of that type keeps where to return to. */
function savedOf({ params, results }: FunctionType): number {
  return Math.max(bytesOf(params), bytesOf(results));
}

/** What unwinds to whoever called the guest: its frames are noted. */
class Ended {
  constructor(readonly error: object) {}
}

export class Processor {
  /** Address behind the frames that are in use while the core does not run. */
  top: number = STACK_START;
  /** Calls between instances, the outermost first. */
  readonly crossings: Crossing[] = [];
  /** Calls from outside that have not come back. */
  depth = 0;
  /** Where the guest waits for what lies outside; undefined while the core runs, and when nothing does. */
  waiting: Place | undefined;
  /** Whether going on at that place does anew what is being waited for. */
  redoes = true;
  #restored: { readonly place: Place; readonly outermost: Place } | undefined;

  constructor(readonly store: Store) {}

  /** Calls a function from outside. @throws what V8 throws */
  call(target: StoreFunction, args: readonly unknown[]): unknown {
    const { params, results } = target.type, { values } = this.store;
    const before = this.top, base = before + (-before & 15);
    const saved = savedOf(target.type);
    if (base + saved + 16 > this.store.machine.stackEnd) throw stackOverflow();
    this.top = base + saved + 16;
    try {
      values.writeAll(params, args, base);
      this.#runFrom(target, base);
      if (results.length === 0) return undefined;
      const [only] = results;
      if (results.length === 1 && only !== undefined) return values.read(only, base);
      return values.readAll(results, base);
    } finally {
      this.top = before;
    }
  }

  /**
   * Runs the code of a constant expression.
   *
   * @param width bytes of its value
   * @returns the address of the value, valid until anything runs
   */
  evaluate(instance: Instance, position: number, width = 8): number {
    const base = this.top + (-this.top & 15);
    this.#begin(instance, { pc: instance.code + 4 * position, fp: base, saved: width });
    return base;
  }

  /** As {@linkcode evaluate}, for the offset of a segment. */
  evaluateIndex(instance: Instance, position: number, wide: boolean): number {
    const at = this.evaluate(instance, position), { view } = this.store.machine;
    return wide ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
  }

  #runFrom(target: StoreFunction, base: number): void {
    if (target.host !== undefined) {
      this.#callHost(target, base);
      return;
    }
    if (target.owner === undefined) throw new TypeError("A function belongs to an instance or to the host");
    const code = this.store.machine.word(target.record + RECORD.code);
    this.#begin(target.owner, { pc: code, fp: base, saved: savedOf(target.type) });
  }

  /** Runs from outside until it returns. */
  #begin(
    instance: Instance,
    start: { readonly pc: number; readonly fp: number; readonly saved: number },
  ): void {
    const { machine } = this.store, floor = this.crossings.length;
    machine.setWord(start.fp + start.saved, instance.code);
    machine.setWord(start.fp + start.saved + 4, start.fp);
    machine.setWord(HEADER.steps, this.store.watcher?.steps ?? MOST_STEPS);
    this.#enterCore({ instance, pc: start.pc, fp: start.fp }, { floor, from: start.fp });
  }

  /** @param of `from`: the frame of the outermost function */
  #enterCore(place: Place, { floor, from }: { readonly floor: number; readonly from: number }): void {
    this.depth++;
    try {
      this.#run(place, floor);
    } catch (error) {
      this.store.watcher?.failed(from);
      if (error instanceof Ended) throw noteFrames(error.error, () => []);
      throw error;
    } finally {
      this.crossings.length = floor;
      this.depth--;
    }
  }

  /** Prepares to go on at a place, with these frames below: the other half of {@linkcode resume}. */
  waitAt(place: Place, below: { readonly outermost: Place; readonly crossings: readonly Crossing[] }): void {
    this.#restored = { place, outermost: below.outermost };
    this.crossings.splice(0, Infinity, ...below.crossings);
  }

  /** Goes on where a state that was restored says, until the outermost function returns. @throws what V8 throws */
  resume(): unknown {
    if (this.#restored === undefined) throw new TypeError("Nothing was restored that could go on");
    const { place, outermost } = this.#restored, { values } = this.store;
    this.#restored = undefined;
    const { instance, pc } = outermost;
    const index = functionAt(instance.module, (pc - instance.code >> 2) - (outermost === place ? 0 : 1));
    const { results } = instance.functions[index ?? -1]?.type ?? NO_TYPE, before = this.top;
    this.top = this.behind(place);
    try {
      this.#enterCore({ ...place }, { floor: 0, from: outermost.fp });
      const [only] = results;
      if (results.length < 2) return only === undefined ? undefined : values.read(only, outermost.fp);
      return values.readAll(results, outermost.fp);
    } finally {
      this.top = before;
    }
  }

  #run(place: Place, floor: number): void {
    for (;;) {
      const { instance } = place;
      let why: number;
      this.store.machine.setWord(HEADER.fp, place.fp); // where the frame is if the first instruction traps
      try {
        why = instance.run(place.pc, place.fp, instance.base);
      } catch (error) {
        this.#look(place);
        throw this.#failed(error, place, floor);
      }
      this.#look(place);
      switch (why) {
        case EXIT.returned: {
          if (this.crossings.length === floor) return;
          const crossing = this.crossings.pop();
          if (crossing === undefined) return;
          Object.assign(place, crossing);
          break;
        }
        case EXIT.call:
          this.#call(place, floor);
          break;
        case EXIT.tailCall:
          this.#tailCall(place, floor);
          break;
        case EXIT.refuel:
          this.#refuel(place, floor);
          break;
        case EXIT.rounds:
          this.#leave(place, floor, () => this.#lookAround());
          break;
        case EXIT.service:
          this.#serve(place, floor);
          break;
        case EXIT.stepped:
          this.#step(place, floor);
          break;
        case EXIT.probed:
          this.#probe(place, floor);
          break;
        case EXIT.stack:
          throw this.#failed(stackOverflow(), place, floor);
        default:
          throw this.#trap(TRAP_OF_EXIT.get(why) ?? "unreachable", place, floor);
      }
    }
  }

  /** Reads where the guest is out of the header. */
  #look(place: Place): void {
    const { machine } = this.store;
    place.pc = machine.word(HEADER.pc);
    place.fp = machine.word(HEADER.fp);
  }

  #trap(name: TrapName, place: Place, floor: number): unknown {
    return this.#failed(new WebAssembly.RuntimeError(TRAP_MESSAGES[name]), place, floor);
  }

  /** Notes where the guest was; `inner` is as of {@linkcode Processor.#frames}. */
  #failed(error: unknown, place: Place, floor: number, { inner = true } = {}): unknown {
    if (typeof error !== "object" || error === null || error instanceof Ended) return error;
    return new Ended(noteFrames(error, () => this.#frames(place, floor, inner)));
  }

  /**
   * The functions on the stack, innermost first.
   *
   * @param inner whether the place is that of an instruction, not one to return to
   */
  #frames(place: Place, floor: number, inner: boolean): InterpreterFrame[] {
    const frames: InterpreterFrame[] = [], at = { ...place };
    for (let crossing = this.crossings.length, within = inner; frames.length < MOST_FRAMES; within = false) {
      if (!within && at.pc === at.instance.code) {
        if (--crossing < floor) break;
        Object.assign(at, this.crossings[crossing]);
      }
      const { instance: { module, code } } = at, position = (at.pc - code >> 2) - (within ? 0 : 1);
      const functionIndex = functionAt(module, position);
      if (functionIndex === undefined) break;
      frames.push({ label: module.label, functionIndex, offset: offsetAt(module, position) });
      this.unwind(at, within);
    }
    return frames;
  }

  /**
   * Moves to the caller; true where that is not in the same instance.
   *
   * @param inner whether the place is that of an instruction, not one to return to
   */
  unwind(place: Place, inner: boolean): boolean {
    const { machine } = this.store, { instance } = place;
    const index = functionAt(instance.module, (place.pc - instance.code >> 2) - (inner ? 0 : 1));
    const saved = index === undefined ? 8 : savedOf(instance.functions[index]?.type ?? NO_TYPE);
    place.pc = machine.word(place.fp + saved);
    place.fp = machine.word(place.fp + saved + 4);
    return place.pc === instance.code;
  }

  #lookAround(): void {
    try {
      this.store.onRounds();
    } catch (error) {
      throw endOfGuest(error);
    }
  }

  // Calls

  #callHost(target: StoreFunction, base: number): void {
    const { values } = this.store, { params, results } = target.type, [only] = results;
    const before = this.top;
    this.top = base + savedOf(target.type) + 16; // what lies below is in use until the results are there
    try {
      const returned = target.host?.(...values.readAll(params, base));
      if (results.length === 1 && only !== undefined) values.write(only, returned, base);
      else if (results.length > 1) values.writeAll(results, listed(returned, results.length), base);
    } catch (error) {
      throw endOfGuest(error);
    } finally {
      this.top = before;
    }
  }

  #callHostWatched(place: Place, call: LeavingCall): void {
    const { watcher } = this.store;
    if (watcher === undefined || place.instance.module.watch === undefined) {
      return this.#callHost(call.target, call.base);
    }
    watcher.calling(place, call);
    this.#callHost(call.target, call.base);
    watcher.returned(place, call);
  }

  /** A call that left the core. */
  #call(place: Place, floor: number): void {
    const { machine } = this.store, { instance, pc, fp } = place;
    const base = fp + machine.word(pc + 8), target = this.store.functionOf(machine.word(HEADER.record));
    this.#checkType(target, place, floor);
    const next = machine.word(HEADER.next);
    if (target.host !== undefined) {
      this.#leave(place, floor, () => this.#callHostWatched(place, { target, base }));
      place.pc = next;
      return;
    }
    this.crossings.push({ instance, pc: next, fp });
    this.#enter(target, place, base);
  }

  /** Goes to a function whose frame begins at `base`, and which returns to a crossing. */
  #enter(target: StoreFunction, place: Place, base: number): void {
    const { machine } = this.store, { owner } = target;
    if (owner === undefined) throw new TypeError("A function belongs to an instance or to the host");
    const saved = base + savedOf(target.type);
    machine.setWord(saved, owner.code);
    machine.setWord(saved + 4, base);
    place.instance = owner;
    place.pc = machine.word(target.record + RECORD.code);
    place.fp = base;
  }

  #tailCall(place: Place, floor: number): void {
    const { machine } = this.store, { instance, pc, fp } = place;
    const base = fp + machine.word(pc + 8), bytes = machine.word(pc + 12), saved = fp + machine.word(pc + 16);
    const target = this.store.functionOf(machine.word(HEADER.record));
    this.#checkType(target, place, floor);
    const caller = machine.word(saved), callerFrame = machine.word(saved + 4);
    if (target.host !== undefined) {
      const from = { ...place };
      place.pc = caller;
      place.fp = callerFrame;
      this.#leave(place, floor, () => this.#callHostWatched(from, { target, base }), { inner: false });
      machine.bytes.copyWithin(fp, base, base + bytesOf(target.type.results));
      return;
    }
    machine.bytes.copyWithin(fp, base, base + bytes);
    // Where this frame was called from another instance, the crossing that is there serves the next one, too.
    if (caller !== instance.code) this.crossings.push({ instance, pc: caller, fp: callerFrame });
    this.#enter(target, place, fp);
  }

  /** Ends the guest where a function that is called through a table is of another type than it has to be. */
  #checkType(target: StoreFunction, place: Place, floor: number): void {
    const expected = this.store.machine.word(HEADER.expected);
    if (expected < 0 || this.store.isSubtype(target.typeNumber, expected)) return;
    throw this.#trap("signature", place, floor);
  }

  /** Does what lies outside in the name of the guest: what it throws ends the guest's code where it is. */
  #leave(place: Place, floor: number, work: () => void, { inner = true } = {}): void {
    const crossings = this.crossings.length, before = this.waiting, redoesBefore = this.redoes;
    this.waiting = place;
    this.redoes = inner;
    try {
      work();
    } catch (error) {
      this.crossings.length = crossings;
      throw this.#failed(error, place, floor, { inner });
    } finally {
      this.waiting = before;
      this.redoes = redoesBefore;
    }
  }

  #refuel(place: Place, floor: number): void {
    const { instance } = place, { hints } = instance.module;
    const record = instance.tables[hints?.hookTable ?? -1]?.words[hints?.refuel ?? -1];
    if (record === undefined || record === 0) throw this.#trap("nullFunction", place, floor);
    const target = this.store.functionOf(record);
    // The frame of the guest ends somewhere beyond what is in use: hooks have no arguments, but may call the guest.
    this.#leave(place, floor, () => this.#callHost(target, this.behind(place)));
    place.pc += 4 * REFUEL_WORDS;
  }

  /** An address behind the frame of the guest. @param inner as for {@linkcode unwind} */
  behind({ instance, pc, fp }: Place, inner = true): number {
    const { machine } = this.store, { module } = instance;
    const index = functionAt(module, (pc - instance.code >> 2) - (inner ? 0 : 1));
    const entry = index === undefined ? 0 : module.entries[index - module.importedFunctions] ?? 0;
    return fp + machine.word(instance.code + 4 * entry + 4);
  }

  // Watching

  #step(place: Place, floor: number): void {
    const { machine, watcher } = this.store;
    if (watcher !== undefined) this.#leave(place, floor, () => watcher.stepped(place));
    machine.setWord(HEADER.steps, watcher?.steps ?? MOST_STEPS);
    place.pc += 4 * STEP_WORDS;
  }

  #probe(place: Place, floor: number): void {
    const { machine, watcher } = this.store, enters = machine.word(place.pc + 4) === PROBE.enter;
    if (watcher !== undefined) {
      this.#leave(place, floor, () => enters ? watcher.entered(place) : watcher.left(place));
      machine.setWord(HEADER.steps, watcher.steps);
    }
    place.pc += 4 * PROBE_WORDS;
  }

  // Services

  #serve(place: Place, floor: number): void {
    const { machine } = this.store, { pc } = place, kind = machine.word(pc + 4);
    switch (kind) {
      case SERVICE.throw:
        return this.#throw(place, floor, this.#made(place));
      case SERVICE.throwReference:
      case SERVICE.rethrow: {
        const thrown = this.store.exceptions.valueOf(machine.word(place.fp + machine.word(pc + 12)));
        if (thrown === undefined) throw this.#trap("nullException", place, floor);
        return this.#throw(place, floor, thrown);
      }
    }
    const trap = runBulk(this.store, place.instance, { kind, pc, fp: place.fp });
    if (trap !== undefined) throw this.#trap(trap, place, floor);
    place.pc += 4 * machine.word(pc + 8);
  }

  /** The exception that a `throw` makes. */
  #made({ instance, pc, fp }: Place): Thrown {
    const { machine } = this.store, tag = instance.tags[machine.word(pc + 12)];
    if (tag === undefined) throw new TypeError("A validated module throws a tag that does not exist");
    const from = fp + machine.word(pc + 16);
    return { tag, payload: machine.bytes.slice(from, from + bytesOf(tag.params)) };
  }

  /** Goes on in the handler of an exception. */
  #throw(place: Place, floor: number, thrown: Thrown): void {
    const at = { ...place }, before = this.top;
    this.top = this.behind(place); // so that what frames refer to is kept
    try {
      this.#throwFrom(at, floor, thrown);
    } finally {
      this.top = before;
    }
    Object.assign(place, at);
  }

  #throwFrom(at: Place, floor: number, thrown: Thrown): void {
    let crossing = this.crossings.length;
    for (let inner = true;; inner = false) {
      if (this.#catch(at, thrown, inner)) {
        this.crossings.length = crossing;
        this.store.watcher?.unwound(at.fp);
        return;
      }
      if (!this.unwind(at, inner)) continue;
      if (--crossing < floor) throw new Ended(noteFrames(this.#uncaught(thrown), () => [])); // as V8: it has no trace
      Object.assign(at, this.crossings[crossing]);
    }
  }

  /** What comes out of the guest. The payload is read now: nothing of it is kept in the machine. */
  #uncaught({ tag, payload }: Thrown): object {
    const { machine, values } = this.store, from = this.top + (-this.top & 15);
    machine.bytes.set(payload, from);
    return uncaughtException({ tag, payload: values.readKnown(tag.params, from) });
  }

  /** Whether a handler of the frame takes the exception: then the place is that of the handler. */
  #catch(at: Place, thrown: Thrown, inner: boolean): boolean {
    const { machine, exceptions } = this.store, { instance } = at, { handlers } = instance.module;
    if (handlers.starts.length === 0) return false;
    const position = (at.pc - instance.code >> 2) - (inner ? 0 : 1);
    for (let node = rangeAt(handlers, position); node >= 0; node = handlers.nexts[node] ?? -1) {
      for (const clause of handlers.clauses[node] ?? []) {
        const names = clause.kind === CATCH_KIND.catch || clause.kind === CATCH_KIND.catch_ref;
        if (names && instance.tags[clause.tag] !== thrown.tag) continue;
        const refers = clause.kind === CATCH_KIND.catch_ref || clause.kind === CATCH_KIND.catch_all_ref;
        let to = at.fp + clause.top;
        if (names) {
          machine.bytes.set(thrown.payload, to);
          to += thrown.payload.length;
        }
        if (refers || clause.slot >= 0) {
          const number = exceptions.numberOf(thrown);
          machine.setWord(refers ? to : at.fp + clause.slot, number);
        }
        at.pc = instance.code + 4 * clause.position;
        return true;
      }
    }
    return false;
  }
}

/** What the guest's code ends with when something outside has thrown: a trap that no handler catches; a stack overflow passes. */
function endOfGuest(error: unknown): Error {
  if (isStackOverflow(error)) return error;
  return new WebAssembly.RuntimeError(TRAP_MESSAGES.unreachable, { cause: error });
}

/** The values of a host that returns several. @throws {TypeError} */
function listed(returned: unknown, count: number): unknown[] {
  const values = [...returned as Iterable<unknown>]; // `as`: what is not iterable throws
  if (values.length === count) return values;
  throw new TypeError(`A function of the host returned ${values.length} values instead of ${count}`);
}

const NO_TYPE: FunctionType = { kind: "func", params: [], results: [] };

const TRAP_OF_EXIT: ReadonlyMap<number, TrapName> = new Map([
  [EXIT.trapUnreachable, "unreachable"],
  [EXIT.trapMemory, "memory"],
  [EXIT.trapTable, "table"],
  [EXIT.trapSignature, "nullFunction"],
  [EXIT.trapNull, "null"],
]);
