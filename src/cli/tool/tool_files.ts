/**
 * The files of an installed tool. What it is made of is called by its hash, so that the launcher, which is replaced in one
 * step, always names files that belong together.
 *
 *     ROOT/bin/NAME                        the launcher
 *     ROOT/lib/aegis/NAME/<sha256>.wasm    the module
 *     ROOT/lib/aegis/NAME/<sha256>.json    what it runs with
 */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { dirname, join } from "../../sandbox/path.ts";
import { reasonOf } from "../read_input.ts";
import { LAUNCHER_MARK } from "./launcher.ts";

/** Bytes of a launcher that are looked at for its mark. */
const BEGINNING = 400;

/** Where a tool lies. */
export interface ToolPlaces {
  readonly launcher: string;
  /** What it is made of, and nothing else. */
  readonly folder: string;
}

/** Where a tool of that name lies. @param root absolute */
export function toolPlaces(root: string, name: string): ToolPlaces {
  const launcher = join(root, "bin", Deno.build.os === "windows" ? `${name}.cmd` : name);
  return { launcher, folder: join(root, "lib", "aegis", name) };
}

/** The root of the tool that this file of it lies under. */
export function rootOf(file: string): string {
  return dirname(dirname(dirname(dirname(file))));
}

/** What a launcher would replace. */
export type Present = "nothing" | "tool" | "other" | "directory";

/** What is there under a name; links are not followed. */
export function lookAt(path: string): Present {
  try {
    const { isDirectory, isFile } = Deno.lstatSync(path);
    if (isDirectory) return "directory";
    if (!isFile) return "other";
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(BEGINNING), length = file.readSync(bytes) ?? 0;
    const [, second = ""] = new TextDecoder().decode(bytes.subarray(0, length)).split(/\r?\n/, 2);
    return /^(?:#|rem) /.test(second) && second.includes(LAUNCHER_MARK) ? "tool" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "nothing";
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): AegisError {
  return new AegisError("InvalidOption", `Cannot write ${quote(path)}: ${reasonOf(error)}`, { cause: error });
}

/** @throws {AegisError} `InvalidOption` for what may not be replaced */
export function checkReplaceable(path: string, force: boolean): void {
  const present = lookAt(path);
  if (present === "nothing" || force && present !== "directory") return;
  const what = {
    tool: "a tool of that name is there",
    other: "it is there, and no tool of aegis",
    directory: "it is a directory",
  };
  throw new AegisError("InvalidOption", `Cannot write ${quote(path)}: ${what[present]}`, {
    suggestion: present === "directory"
      ? "Choose another name."
      : "Choose another name, or replace it with --force.",
  });
}

/** Makes a file appear whole, in the place of whatever has its name: a link is replaced, not followed. */
function putFile(path: string, content: Uint8Array | string, mode: number): void {
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(part, bytes, { createNew: true, mode });
    if (Deno.build.os !== "windows") Deno.chmodSync(part, mode); // whatever the umask says
    Deno.renameSync(part, path);
  } catch (error) {
    try {
      Deno.removeSync(part);
    } catch {
      // It had not come to be.
    }
    throw unwritable(path, error);
  }
}

/** Makes the folders of tools. @returns the root, absolute, links followed */
export function makeRoot(root: string, name: string): string {
  try {
    Deno.mkdirSync(join(root, "bin"), { recursive: true });
    Deno.mkdirSync(join(root, "lib", "aegis", name), { recursive: true });
    return Deno.realPathSync(root);
  } catch (error) {
    throw unwritable(root, error);
  }
}

/** Names that files of a tool have, whole or in the making. */
const OWN_FILE =
  /^[0-9a-f]{64}\.(?:wasm|json)(?:\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.part)?$/;

/** Removes what a tool was made of, and nothing that has another name. */
function removeOwn(folder: string, kept: readonly string[] = []): void {
  for (const { name, isDirectory } of [...Deno.readDirSync(folder)]) {
    if (OWN_FILE.test(name) && !isDirectory && !kept.includes(name)) Deno.removeSync(join(folder, name));
  }
}

/** Puts a tool in its place: what it is made of first, the launcher last, then what an earlier one was made of goes. */
export function putTool(
  { launcher, folder }: ToolPlaces,
  { module, tool, script, secret }: {
    readonly module: { readonly name: string; readonly bytes: Uint8Array };
    readonly tool: { readonly name: string; readonly text: string };
    readonly script: string;
    /** Whether others must not read it. */
    readonly secret: boolean;
  },
): void {
  putFile(join(folder, module.name), module.bytes, secret ? 0o600 : 0o644);
  putFile(join(folder, tool.name), tool.text, secret ? 0o600 : 0o644);
  putFile(launcher, script, secret ? 0o700 : 0o755);
  removeOwn(folder, [module.name, tool.name]);
}

/** Takes a tool away. @throws {AegisError} `NotFound`, `InvalidOption` for a file that is no tool of ours */
export function removeTool({ launcher, folder }: ToolPlaces, name: string): void {
  const present = lookAt(launcher), kept = lookAt(folder) === "directory";
  if (present === "other" || present === "directory") {
    throw new AegisError("InvalidOption", `Cannot remove ${quote(launcher)}: it is no tool of aegis`);
  }
  if (present === "nothing" && !kept) {
    throw new AegisError(
      "NotFound",
      `Cannot find a tool named ${quote(name)}: there is no ${quote(launcher)}`,
      {
        suggestion: "Name where it was installed with --root.",
      },
    );
  }
  try {
    if (present === "tool") Deno.removeSync(launcher);
    if (!kept) return;
    removeOwn(folder);
    if ([...Deno.readDirSync(folder)].length === 0) Deno.removeSync(folder); // else something of another's is there
  } catch (error) {
    throw unwritable(launcher, error);
  }
}
