/**
 * Whether it is safe to start a Worker with permissions of its own. Without the flag `worker-options` Deno ends the
 * process when one is started, and nothing inside the process tells whether the flag is set; so evidence is looked
 * for, without ever prompting: on the command line of this process, and in the configuration that governs it.
 */

const FLAG = "worker-options";

/** How the evidence is gathered; the default looks at this process. */
export interface IsolationPorts {
  /** Text of a file, undefined when it is missing or may not be read. Never prompts. */
  readText(path: string): string | undefined;
  readonly mainModule: string;
  /** Arguments of the main module: they stand last on the command line, and are no flags of Deno's. */
  readonly args: readonly string[];
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
    args: Deno.args,
    standalone: Deno.build.standalone,
    workingDirectory: Deno.permissions.querySync({ name: "read", path: "." }).state === "granted"
      ? Deno.cwd()
      : undefined,
  };
}

/** Whether there is evidence that the flag is on. */
export async function workerOptionsEnabled(ports: IsolationPorts = processPorts()): Promise<boolean> {
  if (ports.standalone) return true; // our compile task bakes the flag in
  const commandLine = ports.readText("/proc/self/cmdline")?.replace(/\0$/, "").split("\0") ?? [];
  const flags = commandLine.slice(0, Math.max(0, commandLine.length - ports.args.length));
  if (flags.includes(`--unstable-${FLAG}`)) return true;
  if (flags.includes("--no-config")) return false;
  const named = namedConfiguration(flags);
  return named === undefined ? await governingEnables(ports) : enables(parse(ports.readText(named)));
}

function namedConfiguration(flags: readonly string[]): string | undefined {
  for (const [index, flag] of flags.entries()) {
    if (flag === "--config" || flag === "-c") return flags[index + 1];
    const named = /^--config=(.*)$/s.exec(flag)?.[1];
    if (named !== undefined) return named;
  }
  return undefined;
}

/** Deno takes the nearest configuration; if that is a member of a workspace, unstable features are the root's. */
async function governingEnables(ports: IsolationPorts): Promise<boolean> {
  // Loaded here since it is a package, which costs 16 ms, and a process that has the flag need not come here.
  const { dirname, fromFileUrl, join, relative } = await import("./path.ts");
  let nearest: { folder: string; configuration: Configuration } | undefined;
  const start = ports.mainModule.startsWith("file:")
    ? dirname(fromFileUrl(ports.mainModule))
    : ports.workingDirectory;
  for (let folder = start; folder !== undefined;) {
    const configuration = parse(
      ports.readText(join(folder, "deno.json")) ?? ports.readText(join(folder, "deno.jsonc")),
    );
    if (configuration !== undefined) {
      if (configuration.workspace !== undefined && nearest !== undefined) {
        if (isMember(configuration.workspace, relative(folder, nearest.folder))) {
          return enables(configuration);
        }
      }
      nearest ??= { folder, configuration };
    }
    const parent = dirname(folder);
    folder = parent === folder ? undefined : parent;
  }
  return enables(nearest?.configuration);
}

interface Configuration {
  readonly unstable?: unknown;
  readonly workspace?: unknown;
}

const STRING_OR_COMMENT = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const STRING_OR_COMMA = /"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g;

/** Reads JSON with comments and trailing commas; undefined for anything else. */
function parse(text: string | undefined): Configuration | undefined {
  if (text === undefined) return undefined;
  const keepStrings = (found: string) => found.startsWith('"') ? found : "";
  try {
    const value: unknown = JSON.parse(
      text.replace(STRING_OR_COMMENT, keepStrings).replace(STRING_OR_COMMA, keepStrings),
    );
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function enables(configuration: Configuration | undefined): boolean {
  return Array.isArray(configuration?.unstable) && configuration.unstable.includes(FLAG);
}

/** Whether a workspace lists a folder by its path. Patterns count as evidence of nothing. */
function isMember(workspace: unknown, folder: string): boolean {
  const members = Array.isArray(workspace) ? workspace : (workspace as { members?: unknown } | null)?.members;
  const normal = (path: unknown) => String(path).replace(/^\.\//, "").replace(/\/$/, "");
  return Array.isArray(members) && members.some((member) => normal(member) === normal(folder));
}
