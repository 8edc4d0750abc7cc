/**
 * The guest's side of a sandbox: its instances and ledgers, the hooks that instrumented code reaches through the
 * shim, calls out to the host, and calls in. Everything here runs between two instructions of the guest, so the
 * guest cannot change anything under it.
 */
import { AbiError, ContentAbi } from "./content_abi.ts";
import { CallClock } from "./call_clock.ts";
import { type CallingMachine, ExportCalls } from "./export_calls.ts";
import { FuelLedger } from "./fuel.ts";
import { GrowthLedger } from "./growth.ts";
import { type Caller, HostCalls, type Importer } from "./host_calls.ts";
import type { Compile } from "./inline_function.ts";
import type { GuestEngine, ImportValue } from "./engine.ts";
import { GuestInstance, type Hooks } from "./instance.ts";
import { InterpreterEngine } from "./interpreter_engine.ts";
import type { Binding, LoadedModule, ResetMessage, StartMessage } from "./messages.ts";
import { MachineWorld } from "./machine_world.ts";
import { Performers } from "./performers.ts";
import { SlicePace } from "./slice_pace.ts";
import { StackLedger } from "./stack.ts";
import type { GuestState, PendingCall } from "./guest_state.ts";
import { checkState, sendState } from "./send_state.ts";
import { abortStop, type StopReason } from "./stop.ts";
import { StateError } from "../interp/run/store_state.ts";
import type { ProgramWords } from "../wasi/host.ts";
import type { LostFile } from "../wasi/process_state.ts";
import { V8_ENGINE } from "./v8_engine.ts";
import { makeWatching } from "./watch_slot.ts";
import type { Watching } from "./watching.ts";
import type { Engine } from "../core/engine.ts";
import type { Value } from "../core/value.ts";
import type { Layout } from "../instrument/layout.ts";
import type { GuestEnd } from "../protocol/channel.ts";
import { ERRNO } from "../protocol/errno.ts";
import { CONTROLS } from "../protocol/layout.ts";
import type { Answer, OperationName, RequestOf } from "../protocol/operations.ts";
import { STATE_FORMAT } from "../protocol/state_form.ts";
import { ProvidedImports } from "../wasi/provided_imports.ts";

export class Machine implements Hooks, Caller, CallingMachine {
  readonly growth: GrowthLedger;
  /** What watches the guest, once a module was loaded that can be watched. */
  watching: Watching | undefined;
  readonly #compile: Compile;
  readonly fuel: FuelLedger;
  readonly #stack: StackLedger;
  readonly #channel: GuestEnd;
  readonly #trapOnRefusal: boolean;
  readonly #stopOnDenial: boolean;
  readonly #hostCallLimit: number;
  readonly #cpuLimit: number;
  readonly #performers: Performers;
  readonly #world: MachineWorld;
  readonly #provided: ProvidedImports;
  readonly #hostCalls: HostCalls;
  /** Calls of the exports of its instances. */
  readonly exportCalls: ExportCalls;
  readonly #interpreter: InterpreterEngine;
  readonly #engines: Readonly<Record<Engine, GuestEngine>>;
  /** Instances by the number under which the host knows them. */
  readonly #instances: GuestInstance[] = [];
  /**
   * Every instance that was made, those included of which a segment or the start function failed: what they put into
   * tables of others can still be called, and is counted.
   */
  readonly #alive: GuestInstance[] = [];
  #loads: LoadedModule[] = [];
  readonly #clock: CallClock;
  #killed = false;
  readonly #pace: SlicePace;
  #beats = 0;
  #calls = 0;
  #callFuel: bigint | undefined;
  #consumedBefore = 0n;
  #stop: StopReason | undefined;
  /** The call that is under way, as far as another guest could go on with it. */
  pending: PendingCall | undefined;
  /** How often the host had asked for the state when it was last looked at. */
  #saved = 0;
  /** Whether the guest is between two instructions, with nothing of ours half done. */
  #between = false;
  /** Whether a state is being put in place: what cannot be opened again ends nothing. */
  #restoring = false;
  /** Whether code of the guest runs that may call nobody: what gives and takes room for content. */
  #alone = false;

  /** @param compile makes functions of text, for those that run here */
  constructor(channel: GuestEnd, start: StartMessage, compile: Compile) {
    this.#channel = channel;
    this.#clock = new CallClock(channel);
    this.growth = new GrowthLedger(start.limits);
    this.fuel = new FuelLedger(start.slice);
    this.#pace = new SlicePace(start.slice, start.mostSlice ?? start.slice);
    this.#stack = new StackLedger(start.limits.stackLimit);
    this.#trapOnRefusal = start.onMemoryLimit === "trap";
    this.#stopOnDenial = start.onDenial === "stop";
    this.#hostCallLimit = start.limits.hostCallLimit;
    this.#cpuLimit = start.limits.cpuTime;
    this.#performers = new Performers(channel, { links: start.brokers, spin: start.spin });
    this.#world = new MachineWorld(this, { room: this.#performers.room, changes: start.changes });
    this.#provided = new ProvidedImports(start.wasi, this.#world);
    this.#hostCalls = new HostCalls(channel, { caller: this, compile });
    this.exportCalls = new ExportCalls(this);
    this.#compile = compile;
    this.#interpreter = new InterpreterEngine(start.limits.stackLimit, {
      mayGoOn: () => this.mayGoOn(),
      watcher: () => this.watching?.current(),
    });
    this.#engines = { v8: V8_ENGINE, interpreter: this.#interpreter };
  }

  /** What makes the instances of an engine. */
  engine(name: Engine): GuestEngine {
    return this.#engines[name];
  }

  /** Why the last call was stopped; undefined when it ended by itself. */
  get stopReason(): StopReason | undefined {
    return this.#stop;
  }

  /** For a request that runs no code of the guest. */
  forgetStop(): void {
    this.#stop = undefined;
  }

  /** Layouts of the instances that the host knows, and of one that failed to start just now. */
  get layouts(): Layout[] {
    const failed = this.#alive.slice(this.#instances.length).slice(-1);
    return [...this.#instances, ...failed].map((instance) => instance.layout);
  }

  instance(index: number): GuestInstance | undefined {
    return this.#instances[index];
  }

  /**
   * Opens a call: from now on the clock runs and fuel is limited.
   *
   * @param timeout milliseconds, Infinity for none
   * @param fuel units for this call alone; undefined for all that is left
   */
  begin(timeout: number, fuel: bigint | undefined): void {
    this.#open(timeout, fuel);
    this.fuel.reclaim();
    this.#consumedBefore = this.fuel.consumed;
    this.#setAllowance();
  }

  /** As {@linkcode begin}, for calls of an instance that may be short: they never have to ask for their first slice. */
  beginShort(
    instance: GuestInstance,
    { timeout, fuel }: { readonly timeout: number; readonly fuel: bigint },
  ): void {
    const own = fuel < 0n ? undefined : fuel;
    this.#open(timeout, own);
    if (own !== undefined) this.#consumedBefore = this.fuel.consumed;
    this.#setAllowance();
    const consumed = this.fuel.open(instance);
    if (own === undefined) this.#consumedBefore = consumed;
    this.#stack.begin(instance);
    this.#waitIfPaused();
  }

  #open(timeout: number, fuel: bigint | undefined): void {
    this.#stop = undefined;
    this.growth.refused = undefined;
    this.#channel.markMeters();
    if (this.#killed) this.#alive.forEach((instance) => instance.revive());
    this.#killed = false;
    this.#clock.begin(timeout);
    this.#pace.begin();
    this.fuel.slice = this.#pace.least;
    this.#callFuel = fuel;
    this.#channel.setState("running");
  }

  /** Publishes the meters, and sees to it that a call that consumed more than it may has not succeeded. */
  finish(): void {
    this.#world.flushOutput();
    this.fuel.rest();
    this.#publish();
    if (this.#stop === undefined && this.overdrawn) this.#stopForFuel();
    this.#channel.setState("idle");
  }

  /** @throws what V8 throws when the module cannot be linked or traps */
  load(message: LoadedModule): void {
    if (message.fresh) this.#forget();
    this.begin(message.timeout, undefined);
    if (message.fresh) this.#provided.reset();
    if (message.watch !== undefined) this.#prepareToWatch(message.watch);
    this.#instantiate(message);
  }

  #prepareToWatch(text: string): void {
    this.watching ??= makeWatching(this.#compile, text, {
      consumed: () => this.fuel.consumed,
      store: () => this.#interpreter.store,
      mayGoOn: () => this.mayGoOn(),
      tell: (kind, bytes) => this.perform("watched", { kind, bytes }, true).reply?.bytes,
      room: this.#performers.room,
    });
  }

  /** Loads what was loaded anew; when that fails, nothing is. @throws as {@linkcode load} */
  reset({ drop, timeout }: ResetMessage): void {
    const loads = drop ? [] : this.#loads;
    this.#forget();
    this.begin(timeout, undefined);
    this.#provided.reset();
    try {
      for (const message of loads) this.#instantiate(message);
    } finally {
      if (this.#loads.length < loads.length) this.#forgetInstances();
    }
  }

  /** What the program is told from now on, up to the end of this life. */
  give(words: ProgramWords): void {
    this.#provided.give(words);
  }

  /** What an instance does for content. */
  content(instance: GuestInstance): ContentAbi {
    return instance.content ??= new ContentAbi(instance, this.#runAlone);
  }

  /** Hands over what the guest printed. */
  flushOutput(): void {
    this.#world.flushOutput();
  }

  /** Brings what the guest printed, and the meters, before the host is called. */
  settle(): void {
    this.flushOutput();
    this.#publish();
  }

  /** Parks while the host works. */
  wait(work: () => void): void {
    this.#channel.setState("waiting");
    this.#clock.park(work);
    this.#channel.setState("running");
  }

  readonly #runAlone = <Result>(work: () => Result): Result => {
    this.#alone = true;
    try {
      return work();
    } finally {
      this.#alone = false;
    }
  };

  /** Runs what calls into an instance while nothing of the guest is on the stack. */
  enter<Result>(instance: GuestInstance, work: () => Result): Result {
    this.#waitIfPaused();
    this.#stack.begin(instance);
    return work();
  }

  // Hooks. Each changes our state in few last steps, in an order in which a cut in between costs the guest.

  refuel(instance: GuestInstance): void {
    this.#publish();
    if (!this.#mayGoOnBetween()) return;
    if (this.overdrawn) return this.#stopForFuel();
    const now = performance.now();
    this.#world.flushIfOld(now);
    this.fuel.slice = this.#pace.next(now);
    this.fuel.grant(instance);
  }

  stack(instance: GuestInstance): void {
    if (!this.#stack.extend(instance)) this.stop({ kind: "stack" });
  }

  unwound(instance: GuestInstance): void {
    this.#stack.unwound(instance);
  }

  growMemory(instance: GuestInstance, index: number, pages: bigint): number {
    return this.#growthAnswer(this.growth.mayGrowMemory(instance, index, BigInt.asUintN(64, pages)));
  }

  growTable(instance: GuestInstance, index: number, elements: bigint): number {
    return this.#growthAnswer(this.growth.mayGrowTable(instance, index, BigInt.asUintN(64, elements)));
  }

  #growthAnswer(allowed: boolean): number {
    const refused = this.growth.refused;
    if (!allowed && this.#trapOnRefusal && refused !== undefined) this.stop({ kind: "memory", ...refused });
    return allowed ? 1 : 0;
  }

  /** The budget is read anew each time it seems used up, since the host may have added to it. */
  #setAllowance(): void {
    const budget = this.#channel.fuelBudget;
    const own = this.#callFuel === undefined ? budget : this.#consumedBefore + this.#callFuel;
    this.fuel.allowance = own < budget ? own : budget;
  }

  /** Whether more was consumed than may be, by the budget as it is now. */
  get overdrawn(): boolean {
    if (!this.fuel.exhausted) return false;
    this.#setAllowance();
    return this.fuel.exhausted;
  }

  /** In terms of the call if its own budget ran out, else of the sandbox. */
  #stopForFuel(): void {
    const { consumed, allowance } = this.fuel;
    const ownBudget = this.#callFuel !== undefined && allowance < this.#channel.fuelBudget;
    const before = ownBudget ? this.#consumedBefore : 0n;
    this.stop({ kind: "outOfFuel", consumed: consumed - before, allowed: allowance - before });
  }

  /** Stops the guest's code: the shim turns whatever it returns to into a trap. The first reason stays. */
  stop(reason: StopReason): void {
    this.#stop ??= reason;
    this.#killed = true;
    for (const instance of this.#alive) instance.kill();
  }

  /** As {@linkcode mayGoOn}, where the guest is between two instructions: its state is sent if it was asked for. */
  #mayGoOnBetween(): boolean {
    this.#between = true;
    try {
      this.#sendIfAsked();
      return this.mayGoOn();
    } finally {
      this.#between = false;
    }
  }

  #sendIfAsked(): void {
    const asked = this.#channel.saveRequests;
    if (asked === this.#saved) return;
    this.#saved = asked;
    this.sendState();
  }

  /** Sends the state to the host, which waits for it. */
  sendState(): void {
    this.#saved = this.#channel.saveRequests;
    this.settle();
    this.wait(() => sendState(this.#channel, () => this.#state()));
  }

  /** @throws {StateError} for what cannot be saved */
  #state(): GuestState {
    const running = this.#interpreter.waits, wasi = this.#provided.save();
    if ("why" in wasi) throw new StateError(wasi.why);
    if (running && this.pending === undefined) throw new StateError("it is not in a call of one function");
    return {
      format: STATE_FORMAT,
      store: this.#interpreter.save(),
      consumed: this.fuel.consumed,
      consumedBefore: this.#consumedBefore,
      ...(this.#callFuel === undefined ? {} : { callFuel: this.#callFuel }),
      hostCalls: this.#calls,
      refusals: this.growth.refusals,
      stack: this.#stack.save(),
      wasi,
      ...(running && this.pending !== undefined ? { call: this.pending } : {}),
    };
  }

  /**
   * Goes on from a state, with the instances of the state loaded and not started.
   *
   * @returns what was open and could not be opened again @throws {StateError}
   */
  restore(state: GuestState): LostFile[] {
    checkState(state, this.growth);
    this.#interpreter.restore(state.store);
    this.fuel.restore(state.consumed);
    this.#consumedBefore = state.consumedBefore;
    this.#callFuel = state.callFuel;
    this.#calls = state.hostCalls;
    this.growth.refusals = state.refusals;
    this.#stack.restore(state.stack);
    this.pending = state.call;
    this.#restoring = true;
    try {
      return this.#provided.restore(state.wasi);
    } finally {
      this.#restoring = false;
    }
  }

  /** Opens the rest of the call that was restored. @param timeout milliseconds, Infinity for none */
  beginRest(timeout: number): void {
    const before = this.#consumedBefore;
    this.#open(timeout, this.#callFuel);
    this.fuel.reclaim();
    this.#consumedBefore = before;
    this.#setAllowance();
  }

  /** Goes on with the code of the call that was restored. @throws what V8 throws when it traps */
  resume(): unknown {
    this.#waitIfPaused();
    return this.#interpreter.resume();
  }

  // For what the guest's imports do in its name.

  /** Stops the guest because it ended itself. */
  exit(status: number): void {
    this.stop({ kind: "exit", status });
  }

  /** Stops the guest as an access outside its memory does. */
  trapOutside(): void {
    this.stop({ kind: "outside" });
  }

  /** Parks for so many milliseconds, or until the guest is to stop. */
  sleep(milliseconds: number): void {
    const until = this.#clock.now() + milliseconds;
    while (this.mayGoOn()) {
      const now = performance.now(), left = Math.min(until, this.#clock.deadline) - now;
      if (now >= until) return;
      this.#channel.setState("waiting");
      this.#clock.park(() => this.#channel.waitForControl(left));
      this.#channel.setState("running");
    }
  }

  /**
   * Has an operation performed and parks until it is done.
   *
   * @param even whether it is done even for a guest that is to stop: what cleans up after it
   */
  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>, even = false): Answer<Name> {
    if (!even && !(this.countHostCall() && this.mayGoOn())) return { errno: ERRNO.intr };
    const channel = this.#channel;
    for (;;) {
      channel.setState("waiting");
      const answer = this.#clock.park(() => this.#performers.perform(name, request));
      channel.setState("running");
      if (answer === undefined) this.stop({ kind: "hostError" });
      if (answer === undefined || !(even || this.mayGoOn())) return { errno: ERRNO.intr };
      if (answer.missing !== undefined && this.#stopOnDenial && !this.#restoring) {
        this.stop({ kind: "denied", missing: answer.missing });
      }
      // The guest moves bytes faster than it may: it waits here, not where others would wait for it.
      if (answer.retryAfter === undefined || answer.retryAfter <= 0) return answer;
      this.sleep(answer.retryAfter);
    }
  }

  /** A call may be over before it looks at the control words. */
  #waitIfPaused(): void {
    if (this.#channel.control !== CONTROLS.run) this.mayGoOn();
  }

  /** Looks at the control words and the clock; parks while paused. */
  mayGoOn(): boolean {
    if (this.#stop !== undefined) return false;
    if (this.#channel.control === CONTROLS.pause) {
      this.#channel.setState("paused");
      this.#standStill();
      this.#channel.setState("running");
    }
    if (this.#channel.control === CONTROLS.abort) {
      this.stop(abortStop(this.#channel.abortReason, this.#clock.elapsedAtTimeout));
      return false;
    }
    if (this.#clock.now() >= this.#clock.deadline) {
      this.stop({ kind: "timeout", elapsed: this.#clock.elapsed });
      return false;
    }
    const worked = this.#cpuLimit === Infinity ? 0 : this.#clock.worked;
    if (worked >= this.#cpuLimit) {
      this.stop({ kind: "cpuTime", elapsed: worked });
      return false;
    }
    return true;
  }

  /**
   * Parks while paused; sends the state meanwhile, if it is asked for. Where it cannot be told, the guest goes on to where it
   * can, which is at its next refuel, and stands still there.
   */
  #standStill(): void {
    const channel = this.#channel;
    while (channel.control === CONTROLS.pause) {
      if (channel.saveRequests === this.#saved) this.#clock.park(() => channel.waitWhilePaused(this.#saved));
      else if (!this.#between) return;
      else {
        this.#sendIfAsked();
        channel.setState("paused");
      }
    }
  }

  /** Whether one more call of the host's side is allowed. */
  countHostCall(): boolean {
    if (this.#calls >= this.#hostCallLimit) {
      this.stop({ kind: "hostCalls" });
      return false;
    }
    this.#calls++;
    return true;
  }

  #publish(): void {
    const channel = this.#channel;
    channel.setFuelUsed(this.fuel.consumed);
    channel.setMeter("memory", this.growth.memoryBytes);
    channel.setMeter("parkedTime", this.#clock.parked);
    channel.setMeter("hostCalls", this.#calls);
    channel.setMeter("refusedGrowths", this.growth.refusals);
    channel.setMeter("beats", ++this.#beats);
  }

  #forgetInstances(): void {
    this.#instances.length = 0;
    this.#loads = [];
  }

  #forget(): void {
    this.#forgetInstances();
    this.#alive.length = 0;
    this.#interpreter.clear();
    this.watching?.clear();
    this.fuel.clear();
    this.#stack.clear();
    this.growth.clear();
    this.#clock.clear();
    this.#calls = 0;
  }

  #instantiate(message: LoadedModule): void {
    const { layout } = message;
    if (this.#stop !== undefined) return;
    this.fuel.charge(BigInt(layout.instantiationCost));
    if (this.fuel.exhausted) return this.#stopForFuel();
    const self: { -readonly [Key in keyof Importer]: Importer[Key] } = {};
    const imports = message.bindings.map((binding, index) => this.#importValue(binding, { index, self }));
    const pages = message.layout.memories.reduce(
      (sum, item, index) => sum + (index < importedMemories(layout) ? 0 : Number(item.type.min)),
      0,
    );
    if (!this.growth.fits(pages)) {
      return this.stop({ kind: "memory", used: this.growth.memoryBytes, allowed: this.growth.limit });
    }
    const instance = new GuestInstance(
      layout,
      { ...message, runner: this.#engines[message.engine] },
      imports,
      this,
    );
    self.instance = instance;
    this.#alive.push(instance);
    this.fuel.add(instance);
    this.#stack.add(instance);
    this.growth.add(instance);
    this.#stack.begin(instance);
    if (message.restoring !== true) instance.start();
    if (message.restoring !== true && instance.isReactor) this.exportCalls.call(instance, "_initialize", []);
    if (this.overdrawn) return this.#stopForFuel();
    this.#instances.push(instance);
    this.#loads.push(message);
  }

  /** @param place `self`: the instance that imports, once there is one */
  #importValue(
    binding: Binding,
    place: { readonly index: number; readonly self: Importer },
  ): ImportValue {
    const { index, self } = place;
    if (binding.from === "host") {
      const call = this.#hostCalls.bind(binding, self);
      return { ours: (...args) => this.#guarded(() => this.#mayGoOnBetween() ? call(...args) : undefined) };
    }
    if (binding.from === "aegis") {
      const run = this.#provided.bind(binding, () => self.instance?.memoryBuffer);
      // `as`: V8 made the arguments from the declared types, which linking has compared with ours.
      return { ours: (...args) => this.#guarded(() => this.#mayGoOnBetween() ? run(...args as Value[]) : 0) };
    }
    const value = this.#instances[binding.instance]?.exports[binding.name];
    if (value === undefined) throw new TypeError(`Import ${index} is bound to an export that does not exist`);
    return { value };
  }

  /** A failure of ours is no failure of the guest's; a stack overflow may be either, and is left to V8 to report. */
  #guarded(work: () => unknown): unknown {
    try {
      if (this.#alone) throw new AbiError("what gives and takes room for content calls an import");
      return work();
    } catch (error) {
      if (error instanceof RangeError) throw error;
      const kind = error instanceof AbiError ? "abi" : "fault";
      this.stop({ kind, message: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }
}

function importedMemories(layout: LoadedModule["layout"]): number {
  return layout.imports.filter((item) => item.type.kind === "memory").length;
}
