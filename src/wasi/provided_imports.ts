/**
 * The functions that Aegis itself provides to guests: WASI, and what is named after us. The host links against the
 * table of types; the guest binds the functions. A function here is called with what the guest likes, and reaches the
 * world through a {@linkcode WasiHost} alone.
 */
import { ALERT_FUNCTIONS, alertFunction } from "./alert_imports.ts";
import { CHANNEL_FUNCTIONS, CHANNEL_MODULE, ChannelImports } from "./channel_imports.ts";
import { wasiFunctionNames, wasiFunctionType } from "./functions.ts";
import type { ProgramWords, WasiHost, WasiSettings } from "./host.ts";
import { HTTP_FUNCTIONS, HTTP_MODULE, HttpImports } from "./http_imports.ts";
import { LOG_FUNCTIONS, logFunction } from "./log_imports.ts";
import { PROCESS_FUNCTIONS, PROCESS_MODULE, ProcessImports } from "./process_imports.ts";
import type { LostFile, ProcessState } from "./process_state.ts";
import type { ImportName, ProvidedFunction } from "./provided_function.ts";
import { SENSOR_FUNCTIONS, SensorImports } from "./sensor_imports.ts";
import { type GuestMemory, Wasi } from "./wasi.ts";
import type { FuncType } from "../core/value.ts";

type Functions = Readonly<Record<string, FuncType>>;

/** Modules that are named after us, and `env`, with their functions. */
const MODULES: Readonly<Record<string, Functions>> = {
  [CHANNEL_MODULE]: CHANNEL_FUNCTIONS,
  [HTTP_MODULE]: HTTP_FUNCTIONS,
  [PROCESS_MODULE]: PROCESS_FUNCTIONS,
  ...LOG_FUNCTIONS,
  env: { ...LOG_FUNCTIONS["env"], ...SENSOR_FUNCTIONS, ...ALERT_FUNCTIONS },
};

function functionsOf(module: string): Functions | undefined {
  return Object.hasOwn(MODULES, module) ? MODULES[module] : undefined;
}

/** The type of a function that Aegis provides; undefined when it provides none of that name. */
export function providedFunctionType({ module, name }: ImportName): FuncType | undefined {
  const functions = functionsOf(module);
  if (functions === undefined) return wasiFunctionType(module, name);
  return Object.hasOwn(functions, name) ? functions[name] : undefined;
}

/** All functions that Aegis provides under a module's name; empty when there are none. */
export function providedNames(module: string): readonly string[] {
  const functions = functionsOf(module);
  return functions === undefined ? wasiFunctionNames(module) : Object.keys(functions);
}

/** The provided functions of one sandbox, and the state behind them. */
export class ProvidedImports {
  readonly #host: WasiHost;
  readonly #wasi: Wasi;
  readonly #channels: ChannelImports;
  readonly #http: HttpImports;
  readonly #process: ProcessImports;
  readonly #sensors: SensorImports;

  constructor(settings: WasiSettings, host: WasiHost) {
    this.#host = host;
    this.#wasi = new Wasi(settings, host);
    this.#channels = new ChannelImports(host);
    this.#http = new HttpImports(host);
    this.#process = new ProcessImports(host);
    this.#sensors = new SensorImports(host);
  }

  /**
   * The function behind one import of one instance.
   *
   * @param memory the instance's memory at the moment; undefined while or when there is none
   * @throws {TypeError} for a name that {@linkcode providedFunctionType} does not know
   */
  bind(binding: ImportName, memory: GuestMemory): ProvidedFunction {
    const { module, name } = binding;
    if (module === CHANNEL_MODULE) return this.#channels.bind(name, memory);
    if (module === HTTP_MODULE) return this.#http.bind(name, memory);
    if (module === PROCESS_MODULE) return this.#process.bind(name, memory);
    const host = this.#host;
    if (module === "env" && Object.hasOwn(SENSOR_FUNCTIONS, name)) return this.#sensors.read;
    if (module === "env" && Object.hasOwn(ALERT_FUNCTIONS, name)) return alertFunction({ host, memory });
    if (Object.hasOwn(LOG_FUNCTIONS, module)) return logFunction(binding, { host, memory });
    return this.#wasi.bind(module, name, memory);
  }

  /** What the program is told from now on, up to the end of this life. */
  give(words: ProgramWords): void {
    this.#wasi.give(words);
  }

  /** What is to be known to go on elsewhere; or why that cannot be. */
  save(): ProcessState | { readonly why: string } {
    if (this.#http.open > 0) return { why: "the guest has the response to an HTTP request open" };
    if (this.#process.open > 0) return { why: "the guest has the output of a command open" };
    if (this.#channels.used) return { why: "the guest has a channel open" };
    const sensors = this.#sensors.save();
    return { ...this.#wasi.save(), ...(sensors.length === 0 ? {} : { sensors }) };
  }

  /** Goes on from a state. @returns what was open and could not be opened again */
  restore(state: ProcessState): LostFile[] {
    this.#sensors.restore(state.sensors ?? []);
    return this.#wasi.restore(state);
  }

  /** A new life begins: everything that the last one had open is closed. */
  reset(): void {
    this.#wasi.reset();
    this.#http.reset();
    this.#process.reset();
    this.#channels.reset();
    this.#sensors.reset();
  }
}
