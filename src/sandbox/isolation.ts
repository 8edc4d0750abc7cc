/**
 * Whether it is safe to start a Worker with permissions of its own. Without the flag `worker-options` Deno ends the
 * process when one is started, and nothing inside the process tells whether the flag is set; so evidence is looked
 * for, without ever prompting: on the command line of this process, and in the configuration that governs it.
 */

const FLAG = "worker-options";

/** How the evidence is gathered; the default looks at this process. */
export interface IsolationPorts {
  /** Text of a file; undefined when there is none, null when that cannot be told. Never prompts. */
  readText(path: string): string | undefined | null;
  readonly mainModule: string;
  /** Arguments of the main module: they stand last on the command line, and are no flags of Deno's. */
  readonly args: readonly string[];
  readonly workingDirectory: string | undefined;
}

export function processPorts(): IsolationPorts {
  return {
    readText(path) {
      if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return null;
      try {
        return Deno.readTextFileSync(path);
      } catch (error) {
        return error instanceof Deno.errors.NotFound ? undefined : null;
      }
    },
    mainModule: Deno.mainModule,
    args: Deno.args,
    workingDirectory: Deno.permissions.querySync({ name: "read", path: "." }).state === "granted"
      ? Deno.cwd()
      : undefined,
  };
}

/**
 * Whether there is evidence that the flag is on. What cannot be read is no evidence, and where the command line cannot
 * be seen (it is a file on Linux alone) neither is a configuration: a flag may have put another in its place.
 */
export async function workerOptionsEnabled(ports: IsolationPorts = processPorts()): Promise<boolean> {
  const text = ports.readText("/proc/self/cmdline");
  if (typeof text !== "string") return false;
  const commandLine = text.replace(/\0$/, "").split("\0");
  const flags = commandLine.slice(0, Math.max(0, commandLine.length - ports.args.length));
  if (flags.includes(`--unstable-${FLAG}`)) return true;
  if (flags.includes("--no-config")) return false;
  const named = namedConfiguration(flags);
  if (named === undefined) return await governingEnables(ports);
  if (named === "") return false;
  if (named.startsWith("/")) return enables(parse(ports.readText(named)));
  const { fromFileUrl, join } = await import("./path.ts");
  const main = ports.mainModule.startsWith("file:") ? fromFileUrl(ports.mainModule) : undefined;
  const start = startingFolder(flags.at(-1) ?? "", main) ?? keptFolder(ports);
  return start !== undefined && enables(parse(ports.readText(join(start, named))));
}

/**
 * The folder in which Deno was started, which the program may have left since: what is in front of the main module as
 * the command line names it. Undefined where that is no relative path, or one with `..`, which ends no URL.
 */
function startingFolder(word: string, main: string | undefined): string | undefined {
  const components = word.split("/").filter((component) => component !== "." && component !== "");
  if (main === undefined || word.startsWith("/") || components.length === 0) {
    return undefined;
  }
  const below = `/${components.join("/")}`;
  return main.endsWith(below) ? main.slice(0, -below.length) || "/" : undefined;
}

/** The current folder, where it is also the one that whoever started the process was in. */
function keptFolder({ readText, workingDirectory }: IsolationPorts): string | undefined {
  const started = readText("/proc/self/environ")?.split("\0").find((entry) => entry.startsWith("PWD="));
  return workingDirectory !== undefined && started === `PWD=${workingDirectory}`
    ? workingDirectory
    : undefined;
}

/** The path that a flag names; empty for forms of the flag that are too clever to be read here. */
function namedConfiguration(flags: readonly string[]): string | undefined {
  for (const [index, flag] of flags.entries()) {
    if (flag === "--config" || flag === "-c") return flags[index + 1] ?? "";
    const named = /^--config=(.*)$/s.exec(flag)?.[1];
    if (named !== undefined) return named;
    if (/^-[^-]*c/.test(flag)) return "";
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
    const json = ports.readText(join(folder, "deno.json"));
    const text = json === undefined ? ports.readText(join(folder, "deno.jsonc")) : json;
    if (text !== undefined) {
      const configuration = parse(text);
      if (configuration === undefined) return false; // not readable: who knows what it says
      if (configuration.workspace !== undefined && nearest !== undefined) {
        if (isMember(configuration.workspace, relative(folder, nearest.folder))) {
          return enables(configuration);
        }
      }
      nearest ??= { folder, configuration };
    } else if (nearest === undefined && ports.readText(join(folder, "package.json")) !== undefined) {
      return false; // a package of its own, which Deno looks no further than
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
function parse(text: string | undefined | null): Configuration | undefined {
  if (typeof text !== "string") return undefined;
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
