/** Tools made and started in a folder of their own. */
import type { CommandIo } from "../../../src/cli/io.ts";
import { main } from "../../../src/cli/main.ts";
import { systemIo } from "../../../src/cli/system_io.ts";
import { compileText } from "../../testsuite/module_bytes.ts";

/** Programs of the folder `programs`. */
export const PROGRAMS: URL = new URL("../../programs/wasm/", import.meta.url);

const ADD =
  '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))';

/** What a command printed and came to. */
export interface Made {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** An io whose output is kept, over the files of this system. */
export function keptIo(
  more: Partial<CommandIo> = {},
): { readonly io: CommandIo; readonly made: (status: number) => Made } {
  let out = "", err = "";
  const io: CommandIo = {
    ...systemIo(),
    out: (text) => out += text,
    err: (text) => err += text,
    colour: false,
    ...more,
  };
  return { io, made: (status) => ({ status, out, err }) };
}

/** A folder with modules, and tools below `root`. */
export class ToolFolder implements AsyncDisposable {
  readonly path: string = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aegis_tool_" }));
  readonly root: string;
  readonly add: string = `${this.path}/add.wasm`;

  /** @param name of the root below the folder, as hostile as a file system takes it */
  constructor(name = "root") {
    this.root = `${this.path}/${name}`;
    Deno.writeFileSync(this.add, compileText(ADD));
  }

  /** Runs the command in this process. */
  async aegis(...words: readonly string[]): Promise<Made> {
    const { io, made } = keptIo();
    return made(await main(words, io));
  }

  /** Installs a module below the root. */
  install(module: string, ...flags: readonly string[]): Promise<Made> {
    return this.aegis("install", module, "--root", this.root, ...flags);
  }

  /** The words behind `deno` and the entry, as the launcher has them: the file of the tool and its hash. */
  words(name: string): [file: string, hash: string] {
    const folder = `${this.root}/lib/aegis/${name}`;
    const file = [...Deno.readDirSync(folder)].map((one) => one.name).find((one) => one.endsWith(".json")) ??
      "";
    return [`${folder}/${file}`, file.replace(".json", "")];
  }

  /** Starts a launcher. */
  async start(
    name: string,
    words: readonly string[],
    { cwd = this.path, env = {} }: {
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Made> {
    const { code, stdout, stderr } = await new Deno.Command(`${this.root}/bin/${name}`, {
      args: [...words],
      cwd,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { status: code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
