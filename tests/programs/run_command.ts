/** Runs the real command over a program, in a folder, without a shell. */
import { isForInterpreter } from "../engine_of_tests.ts";
import { programPath } from "./run_program.ts";

const ENTRY = new URL("../../cli.ts", import.meta.url).pathname;

/** What a run of the command is given. */
export interface CommandSetting {
  /** The folder that it starts in. */
  readonly folder: string;
  /** Flags of the command. @default none */
  readonly flags?: readonly string[];
  /** Words of the program. @default none */
  readonly args?: readonly string[];
  /** Variables of the command's own environment, beside those of this process. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** What comes through a pipe. @default nothing */
  readonly stdin?: string;
}

/** How it ended. */
export interface CommandEnd {
  readonly status: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** Stdout, decoded. */
  readonly text: string;
  /** Stderr without the lines of hints. */
  readonly complaint: string;
  /** The lines of hints. */
  readonly hints: readonly string[];
}

/** Starts the command. @param program a file, or the name of one in `wasm/` */
export function startCommand(program: string, setting: CommandSetting): Deno.ChildProcess {
  const { folder, flags = [], args = [], env = {} } = setting;
  const engine = isForInterpreter() ? ["--engine", "interpreter"] : [];
  const path = program.includes("/") ? program : programPath(program);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ENTRY, "run", path, ...engine, ...flags, "--", ...args],
    cwd: folder,
    env: { ...env, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the command to its end. @param program as for {@linkcode startCommand} */
export async function runCommand(program: string, setting: CommandSetting): Promise<CommandEnd> {
  const child = startCommand(program, setting), writer = child.stdin.getWriter();
  // A program may end without having read.
  const fed = writer.write(new TextEncoder().encode(setting.stdin ?? "")).then(() => writer.close()).catch(
    () => {},
  );
  const { code, stdout, stderr } = await child.output();
  await fed;
  const decoder = new TextDecoder(), lines = decoder.decode(stderr).split(/(?<=\n)/);
  const isHint = (line: string) => line.startsWith("hint: ");
  return {
    status: code,
    stdout,
    text: decoder.decode(stdout),
    complaint: lines.filter((line) => !isHint(line)).join(""),
    hints: lines.filter(isHint),
  };
}
