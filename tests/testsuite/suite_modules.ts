import { readScript, scriptNames } from "./location.ts";
import { ScriptCompiler } from "./script_compiler.ts";
import { type Command, splitScript } from "./wast.ts";

/** A module of the suite as a script uses it. */
export interface SuiteModule {
  /** Script and line, such as `legacy/throw.wast:3`. */
  readonly place: string;
  readonly form: "text" | "quote" | "binary";
  /** The command that it stands in: the kinds of {@linkcode Command}. */
  readonly kind: Command["kind"];
  /** Absent where no compiler of text takes it. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** Whether the suite says that the module is no valid module, rather than one that cannot be linked or run. */
export function isInvalid({ kind }: SuiteModule): boolean {
  return kind === "assert_invalid" || kind === "assert_malformed";
}

/** Whether the suite says that an annotation in the text is wrong, which nobody sees who ignores annotations. */
export function isCustom({ kind }: SuiteModule): boolean {
  return kind === "assert_invalid_custom" || kind === "assert_malformed_custom";
}

/** Every module of the suite, in order. */
export async function suiteModules(folder: URL): Promise<SuiteModule[]> {
  const compiler = await ScriptCompiler.create();
  return scriptNames(folder).flatMap((script) =>
    splitScript(readScript(folder, script)).flatMap((command) => {
      if (!("module" in command)) return [];
      const { module, kind, line } = command, compiled = compiler.compile(script, command, module);
      const bytes = "bytes" in compiled ? compiled.bytes : undefined;
      return [{ place: `${script}:${line}`, form: module.form, kind, bytes }];
    })
  );
}
