/** A runtime with one sandbox, for tests: both end with the scope that holds them. */
import { Aegis, type AegisModule, type AegisOptions, type Sandbox } from "../../mod.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** Host functions by module, name and the types of parameters and results, as in `env.log(i32,i32)->i32`. */
export type Offered = Readonly<Record<string, Parameters<Sandbox["registerFunc"]>[3]>>;

export interface StartOptions extends AegisOptions {
  readonly offers?: Offered;
}

export class Started implements AsyncDisposable {
  constructor(readonly runtime: Aegis, readonly sandbox: Sandbox) {}

  /** Prepares the fields of a text module. */
  module(fields: string): Promise<AegisModule> {
    return this.runtime.loadBytes(compileText(`(module ${fields})`));
  }

  /** Prepares the fields of a text module and loads it. */
  async load(fields: string, name?: string): Promise<void> {
    await this.sandbox.loadModule(await this.module(fields), name === undefined ? {} : { name });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.runtime.close();
  }
}

const SIGNATURE = /^(\w*)\.(\w*)\(([\w,]*)\)->([\w,]*)$/;

/** Registers functions by their signatures. */
export function offer(sandbox: Sandbox, functions: Offered): void {
  for (const [signature, run] of Object.entries(functions)) {
    const [, module = "", name = "", params = "", results = ""] = SIGNATURE.exec(signature) ?? [];
    const kinds = (list: string) => list === "" ? [] : list.split(",") as ("i32" | "i64" | "f32" | "f64")[]; // written so
    sandbox.registerFunc(module, name, { params: kinds(params), results: kinds(results) }, run);
  }
}

/** Starts a runtime and a sandbox. */
export async function start(options: StartOptions = {}): Promise<Started> {
  const { offers = {}, ...rest } = options;
  const runtime = await Aegis.create(rest);
  try {
    const sandbox = await runtime.sandbox().build();
    offer(sandbox, offers);
    return new Started(runtime, sandbox);
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** Starts a sandbox with a module of these fields. */
export async function running(fields: string, options: StartOptions = {}): Promise<Started> {
  const started = await start(options);
  try {
    await started.load(fields);
    return started;
  } catch (error) {
    await started.runtime.close();
    throw error;
  }
}

/** A loop that never ends by itself. */
export const SPIN = '(func (export "spin") (loop $l (br $l)))';

/** `count(n)` turns a loop n times: 4 units to begin with, and as many for each turn. */
export const COUNT = `(func (export "count") (param i32) (result i32) (local i32)
  (block $done (br_if $done (i32.eqz (local.get 0)))
    (loop $l (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0)))))
  local.get 1)`;
