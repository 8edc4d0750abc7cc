/** The toolchain's ports on this machine. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { dirname, join } from "../sandbox/path.ts";
import { runBounded } from "./bounded_run.ts";
import type { ToolchainPorts } from "./ports.ts";

const WINDOWS = Deno.build.os === "windows";

/** Endings of programs, in the order in which they count. */
const ENDINGS: readonly string[] = WINDOWS ? [".exe", ".cmd", ".bat"] : [""];

function real(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

/** A program that can be started; folders of the path that are no absolute ones would depend on where we are. */
function find(program: string): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(WINDOWS ? ";" : ":")) {
    if (!/^(?:\/|[A-Za-z]:[\\/])/.test(folder)) continue;
    for (const ending of ENDINGS) {
      const path = join(folder, `${program}${ending}`);
      try {
        const { isFile, mode } = Deno.statSync(path);
        if (isFile && (WINDOWS || ((mode ?? 0) & 0o111) !== 0)) return path;
      } catch {
        // Not there.
      }
    }
  }
  return undefined;
}

/** The system's words for what failed, with the file. */
function failed(action: string, path: string, error: unknown): AegisError {
  const reason = error instanceof Deno.errors.NotFound
    ? "there is no such file"
    : error instanceof Error
    ? error.message
    : String(error);
  return new AegisError("InvalidOption", `Cannot ${action} ${quote(path)}: ${reason}`, { cause: error });
}

function read(path: string, most: number): Uint8Array<ArrayBuffer> {
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) throw new Error("it is no file");
    if (size > most) throw new Error(`it is larger than ${formatByteSize(most)}`);
    return Deno.readFileSync(path);
  } catch (error) {
    throw failed("read", path, error);
  }
}

function write(path: string, bytes: Uint8Array): void {
  const beside = `${path}.${crypto.randomUUID()}.part`;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeFileSync(beside, bytes, { createNew: true });
    Deno.renameSync(beside, path);
  } catch (error) {
    try {
      Deno.removeSync(beside);
    } catch {
      // It was not made.
    }
    throw failed("write", path, error);
  }
}

/** See {@linkcode ToolchainPorts}. */
export function systemPorts(): ToolchainPorts {
  return {
    deno: () => Deno.build.standalone ? find("deno") : Deno.execPath(),
    find,
    variable: (name) => Deno.env.get(name),
    run: runBounded,
    real,
    isFolder: (path) => {
      try {
        return Deno.statSync(path).isDirectory;
      } catch {
        return false;
      }
    },
    list: (folder) => {
      try {
        return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      } catch (error) {
        throw failed("list", folder, error);
      }
    },
    read,
    write,
    makeFolder: () => Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aegis_build_" })),
    removeFolder: (folder) => Deno.removeSync(folder, { recursive: true }),
  };
}
