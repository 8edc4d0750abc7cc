/**
 * WASI through a real sandbox with files, clocks and output: a guest that makes any call with any arguments over any
 * memory, on either engine. Each call gives an error number or ends the guest as documented; nothing outside of the
 * directory that was granted changes, and the sandbox that comes after works as ever.
 */
import { ClockCapability, FilesystemCapability, RandomCapability } from "../../../mod.ts";
import { Aegis, type AegisModule, type Outcome, type Sandbox } from "../../../mod.ts";
import { ERRNO } from "../../../src/protocol/errno.ts";
import { WASI_FUNCTIONS, type WasiFunctionName } from "../../../src/wasi/functions.ts";
import { driverText } from "../../adversarial/wasi/driver.ts";
import { textModule } from "../../adversarial/cpu/stopping.ts";
import { Place } from "../../broker/files_rig.ts";
import { Choices } from "../choices.ts";
import type { Attempts, Input, Target } from "../target.ts";

const NAMES = Object.keys(WASI_FUNCTIONS) as WasiFunctionName[]; // its own keys

const ENGINES = ["v8", "interpreter"] as const;

const ERRNO_COUNT = Object.keys(ERRNO).length;

/** Calls of an input, and what a step does that is no call. */
const MOST_CALLS = 24, POKE = 250, GROW = 251;

/** Inputs after which everything begins anew. */
const LIFE = 400;

/** Ways in which a call may end; a fault would be one of our own program. */
const ENDINGS: ReadonlySet<Outcome["kind"]> = new Set(["value", "exit", "trap", "limit"]);

const PATHS = ["f", "d/g", "new", "..", "../out", "/", "link", "up/out", "loop", "d/", ""];

interface Life {
  readonly place: Place;
  readonly runtime: Aegis;
  readonly modules: readonly AegisModule[];
}

async function begin(): Promise<Life> {
  const place = new Place().file("f").directory("d").file("d/g").link("link", "f").link("up", "..").link(
    "loop",
    "loop",
  );
  const runtime = await Aegis.create({
    isolation: "worker",
    timeout: 500,
    memoryLimit: "4MiB",
    fuelLimit: "unlimited",
    capabilities: [
      FilesystemCapability.full([{ host: place.path, guest: "/data" }]),
      ClockCapability.all(),
      RandomCapability.secure(),
    ],
  });
  const bytes = textModule(driverText({ pages: 2 }));
  return {
    place,
    runtime,
    modules: await Promise.all(ENGINES.map((engine) => runtime.loadBytes(bytes, { engine }))),
  };
}

class SandboxTarget implements Attempts {
  #inputs = 0;
  /** By engine; a guest that has ended is followed by another. */
  readonly #sandboxes = new Map<number, Sandbox>();

  constructor(private life: Life) {}

  async attempt(input: Input): Promise<void> {
    const choices = new Choices(input),
      engine = choices.below(ENGINES.length),
      sandbox = await this.#sandbox(engine);
    let ended = false;
    for (let step = 0; step < MOST_CALLS && !choices.ended && !ended; step++) {
      ended = await this.#step(sandbox, choices);
    }
    if (ended) {
      this.#sandboxes.delete(engine);
      await sandbox.close();
    } else await sandbox.reset();
    const next = await this.#sandbox(engine), outcome = await next.tryCall("sched_yield");
    if (outcome.kind !== "value" || outcome.values[0] !== 0) {
      throw new Error(`The next guest ended with ${outcome.kind}`);
    }
    if (++this.#inputs % LIFE === 0) {
      await this.close();
      this.life = await begin();
    }
  }

  async #sandbox(engine: number): Promise<Sandbox> {
    const known = this.#sandboxes.get(engine), module = this.life.modules[engine];
    if (known !== undefined || module === undefined) {
      return known ?? Promise.reject(new RangeError("no such engine"));
    }
    const sandbox = await this.life.runtime.sandbox({ args: ["driver"], stdin: "input" }).build();
    await sandbox.loadModule(module);
    this.#sandboxes.set(engine, sandbox);
    return sandbox;
  }

  /** One call, or a change of the memory. @returns whether the guest has ended */
  async #step(sandbox: Sandbox, choices: Choices): Promise<boolean> {
    const which = choices.byte();
    if (which === POKE) {
      const at = choices.u16(),
        text = choices.below(2) === 0
          ? new TextEncoder().encode(choices.pick(PATHS))
          : choices.bytes(choices.byte());
      if (text.length > 0) await sandbox.writeMemory(at, text);
      return false;
    }
    if (which === GROW) return (await sandbox.tryCall("grow", [choices.below(8)])).kind !== "value";
    const name = NAMES[which % NAMES.length] ?? "fd_close", { params, results } = WASI_FUNCTIONS[name];
    const args = params.map((kind) => kind === "i64" ? choices.i64() : choices.i32());
    const outcome = await sandbox.tryCall(name, args), what = `${name}(${args.join(", ")})`;
    if (!ENDINGS.has(outcome.kind)) {
      throw new Error(`${what} ended with ${outcome.kind}: ${JSON.stringify(outcome)}`);
    }
    if (outcome.kind !== "value") return true;
    const [errno] = outcome.values;
    if (results.length > 0 && !(Number(errno) >= 0 && Number(errno) < ERRNO_COUNT)) {
      throw new Error(`No error number: ${what} gave ${errno}`);
    }
    return false;
  }

  async close(): Promise<void> {
    this.#sandboxes.clear();
    await this.life.runtime.close();
    this.life.place[Symbol.dispose](); // which looks whether all that lies outside is as it was
  }
}

/** Puts a piece of 16 bytes at 2048 into a list at 1024. */
const PIECE = [POKE, 0, 4, 1, 8, 0, 8, 0, 0, 16, 0, 0, 0];

/** Every function on either engine, with arguments that work or nearly do; reads and writes with a piece to work on. */
function seeds(): Input[] {
  const moves = ["fd_read", "fd_write"].map((name) => NAMES.findIndex((each) => each === name));
  return [0, 1].flatMap((engine) =>
    [
      ...NAMES.map((_, which) => [POKE, 0, 4, 0, which % 11, which, ...new Array<number>(24).fill(3)]),
      ...moves.flatMap((move) => [0, 1, 2, 3, 4].map((fd) => [...PIECE, move, fd, 160, 0, 4, 1, 0])),
    ].map((steps) => Uint8Array.from([engine, ...steps]))
  );
}

export const target: Target = {
  doc: "WASI through a real sandbox on both engines: errno or a documented end, nothing outside touched",
  seeds,
  words: [Uint8Array.of(POKE, 0, 4, 8, 0, 8, 0, 0, 16, 0, 0, 0), Uint8Array.of(GROW, 1), ...PATHS],
  mostBytes: 512,
  patience: { base: 8000, perKiB: 8000 },
  open: async () => new SandboxTarget(await begin()),
};
