/** A machine in memory, for the toolchain: files, programs that answer, and what was started. */
import type { ToolchainPorts, ToolCommand, ToolEnd } from "../../src/toolchain/ports.ts";

export interface FakeMachine {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly started: ToolCommand[];
  readonly ports: ToolchainPorts;
}

/** How a program of the machine answers; what it writes goes into the files. */
export type FakeProgram = (command: ToolCommand, files: FakeMachine["files"]) => Partial<ToolEnd> | undefined;

/** @param programs by their names on the path, which is /bin */
export function fakeMachine(
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
  programs: Readonly<Record<string, FakeProgram>> = {},
  variables: Readonly<Record<string, string>> = {},
): FakeMachine {
  const here = new Map<string, Uint8Array<ArrayBuffer>>(), started: ToolCommand[] = [];
  for (const [path, content] of Object.entries(files)) {
    here.set(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }
  const below = (folder: string) => [...here.keys()].filter((path) => path.startsWith(`${folder}/`));
  let folders = 0;
  const ports: ToolchainPorts = {
    deno: () => "/bin/deno",
    find: (program) => Object.hasOwn(programs, program) ? `/bin/${program}` : undefined,
    variable: (name) => variables[name],
    run: (command) => {
      started.push(command);
      const answer = programs[command.program.replace("/bin/", "")]?.(command, here);
      const end = { status: 0, overdue: false, interrupted: false, out: "", err: "" };
      return Promise.resolve({ ...end, ...answer ?? { status: 127 } });
    },
    real: (path) => here.has(path) || below(path).length > 0 ? path : undefined,
    isFolder: (path) => below(path).length > 0,
    list: (
      folder,
    ) => [...new Set(below(folder).map((path) => path.slice(folder.length + 1).split("/", 1)[0] ?? ""))],
    read: (path, most) => {
      const content = here.get(path);
      if (content === undefined || content.length > most) throw new Error(`cannot read ${path}`);
      return content;
    },
    write: (path, bytes) => void here.set(path, Uint8Array.from(bytes)),
    makeFolder: () => `/scratch/${++folders}`,
    removeFolder: (folder) => {
      for (const path of below(folder)) here.delete(path);
    },
  };
  return { files: here, started, ports };
}
