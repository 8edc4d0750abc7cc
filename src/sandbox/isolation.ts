/**
 * Whether it is safe to start a Worker with permissions of its own. Without the flag `worker-options` Deno ends the
 * process when one is started, and nothing inside the process tells whether the flag is set; so evidence is looked
 * for, without ever prompting: on the command line of this process, and in the configuration that governs it.
 */
import { dirname, fromFileUrl, join } from "./path.ts";

const FLAG = "worker-options";

/** How the evidence is gathered; the default looks at this process. */
export interface IsolationPorts {
  /** Text of a file, undefined when it is missing or may not be read. Never prompts. */
  readText(path: string): string | undefined;
  readonly mainModule: string;
  readonly standalone: boolean;
  readonly workingDirectory: string | undefined;
}

export function processPorts(): IsolationPorts {
  return {
    readText(path) {
      if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return undefined;
      try {
        return Deno.readTextFileSync(path);
      } catch {
        return undefined; // missing, or of a kind that even a full read permission does not cover
      }
    },
    mainModule: Deno.mainModule,
    standalone: Deno.build.standalone,
    workingDirectory: Deno.permissions.querySync({ name: "read", path: "." }).state === "granted"
      ? Deno.cwd()
      : undefined,
  };
}

/** Whether there is evidence that the flag is on. */
export function workerOptionsEnabled(ports: IsolationPorts = processPorts()): boolean {
  if (ports.standalone) return true; // our compile task bakes the flag in
  const commandLine = ports.readText("/proc/self/cmdline")?.split("\0") ?? [];
  if (commandLine.some((argument) => argument === `--unstable-${FLAG}` || argument === "--unstable")) {
    return true;
  }
  if (commandLine.includes("--no-config")) return false;
  return configurations(commandLine, ports).some((path) => enables(ports.readText(path)));
}

/** The configuration files that may govern this process, nearest first. */
function configurations(commandLine: readonly string[], ports: IsolationPorts): string[] {
  for (const [index, argument] of commandLine.entries()) {
    const named = argument === "--config" || argument === "-c"
      ? commandLine[index + 1]
      : /^--config=(.*)$/s.exec(argument)?.[1];
    if (named !== undefined) return [named];
  }
  const paths: string[] = [];
  const start = ports.mainModule.startsWith("file:")
    ? dirname(fromFileUrl(ports.mainModule))
    : ports.workingDirectory;
  for (let folder = start; folder !== undefined;) {
    paths.push(join(folder, "deno.json"), join(folder, "deno.jsonc"));
    const parent = dirname(folder);
    folder = parent === folder ? undefined : parent;
  }
  return paths;
}

/** Reads just the one key, so that comments in the file do not matter. */
function enables(text: string | undefined): boolean {
  const list = /"unstable"\s*:\s*\[([^\]]*)\]/.exec(text ?? "")?.[1] ?? "";
  return list.includes(`"${FLAG}"`);
}
