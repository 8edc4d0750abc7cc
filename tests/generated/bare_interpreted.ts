/** A program in the interpreter as it is, without instrumentation. */
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { newStore } from "../interp/rig.ts";
import type { Ending } from "./observe.ts";
import type { Program } from "./program.ts";
import { Run } from "./run.ts";

export class BareInterpretedRun extends Run {
  exports: WebAssembly.Exports = {};
  readonly origin = undefined;
  readonly started: Ending;
  readonly units = 0n;

  constructor(program: Program) {
    super("the interpreter", program);
    const module = compileModule(program.bytes);
    const functions = program.hosts.map((shape, index) => this.hosts.function(index, shape));
    this.started = this.attempt(() => {
      // `as`: what the store gives is seen as what V8 gives.
      this.exports = newStore().instantiate(module, functions) as WebAssembly.Exports;
    });
    this.hosts.ready = true;
  }
}
