/** Turns the commands of a script into the steps that the Worker takes. */
import type { Step } from "./guest/program.ts";
import { type Pattern, readArgument, readPattern } from "./pattern.ts";
import type { ScriptCompiler } from "./script_compiler.ts";
import type { Action, Command, ModuleSource } from "./wast.ts";

/** A command, and how its outcome is found. */
export interface Check {
  readonly command: Command;
  readonly found:
    /** By the step with this index. */
    | { readonly step: number }
    /** The text is refused before there are bytes, and why. */
    | { readonly refusedText: string };
  readonly patterns: readonly Pattern[];
  /** Bytes of the command's module. */
  readonly size: number;
}

export interface Program {
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
  readonly steps: readonly Step[];
  readonly checks: readonly Check[];
}

/** Splits definitions from instances: a `module` command is both. */
class ProgramBuilder {
  readonly modules: Uint8Array<ArrayBuffer>[] = [];
  readonly steps: Step[] = [];
  readonly checks: Check[] = [];
  readonly #definitions: Map<string, number> = new Map();
  #lastDefinition = -1;

  constructor(readonly script: string, readonly compiler: ScriptCompiler) {}

  add(command: Command): void {
    const patterns = command.kind === "assert_return" ? command.expected.map(readPattern) : [];
    if ("module" in command) this.#addModule(command, command.module);
    else {
      this.steps.push(this.#step(command));
      this.checks.push({ command, found: { step: this.steps.length - 1 }, patterns, size: 0 });
    }
  }

  #step(command: Exclude<Command, { module: ModuleSource }>): Step {
    switch (command.kind) {
      case "register":
        return { do: "register", as: command.as, name: command.name };
      case "module instance": {
        const module = command.of === undefined
          ? this.#lastDefinition
          : this.#definitions.get(command.of) ?? -1;
        return { do: "instantiate", module, keep: true, name: command.name };
      }
      default:
        return actionStep(command.action);
    }
  }

  #addModule(command: Command, source: ModuleSource): void {
    const compiled = this.compiler.compile(this.script, command, source);
    if ("refused" in compiled) {
      this.checks.push({ command, found: { refusedText: compiled.refused }, patterns: [], size: 0 });
      return;
    }
    const module = this.modules.push(compiled.bytes) - 1, { name } = source;
    switch (command.kind) {
      case "module":
        this.steps.push({ do: "instantiate", module, keep: true, name });
        break;
      case "assert_trap":
      case "assert_unlinkable":
      case "assert_uninstantiable":
        this.steps.push({ do: "instantiate", module, keep: false, name: undefined });
        break;
      default:
        this.steps.push({ do: "prepare", module });
    }
    if (command.kind === "module" || command.kind === "module definition") {
      this.#lastDefinition = module;
      if (name !== undefined) this.#definitions.set(name, module);
    }
    const size = compiled.bytes.length;
    this.checks.push({ command, found: { step: this.steps.length - 1 }, patterns: [], size });
  }
}

function actionStep({ kind, module: name, field, args }: Action): Step {
  return kind === "get" ? { do: kind, name, field } : { do: kind, name, field, args: args.map(readArgument) };
}

/** @throws {SyntaxError} for values that are none */
export function buildProgram(
  script: string,
  commands: readonly Command[],
  compiler: ScriptCompiler,
): Program {
  const builder = new ProgramBuilder(script, compiler);
  for (const command of commands) builder.add(command);
  return builder;
}
