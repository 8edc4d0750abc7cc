/** What was given of grants, on a command line or in a manifest, to the grants of a plan. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { mergeGrants } from "../policy/policy.ts";
import { basename, dirname, join } from "../sandbox/path.ts";
import { capabilitiesOf, type PlanDirectory, type PlanGrants } from "./grants.ts";
import { readSensor } from "./sensors.ts";
import type { ManifestValues, MappedPath } from "./values.ts";

/** Grants, and what the host process gets in its environment for them: secrets stand on no command line of ours. */
export interface ReadGrants {
  readonly grants: PlanGrants;
  readonly environment: Readonly<Record<string, string>>;
}

/** How the first process finds paths and variables. */
export interface GrantPorts {
  /** The absolute path, links followed. @throws {AegisError} `InvalidOption` */
  readonly locate: (path: string) => string;
}

/** Longest variable that is passed on: Linux takes none above 128 KiB, and a character may have three bytes. */
const LONGEST_VARIABLE = 40_000;

/** First words of variables of the host process that hold values given with --env. */
const VARIABLES = "AEGIS_GUEST_ENV_";

function refuse(flag: string, value: string, reason: string, suggestion?: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot use ${flag} ${quote(value)}: ${reason}`,
    suggestion === undefined ? {} : { suggestion },
  );
}

/** The guest's name of a path that was given for both sides, as it was written; undefined where it needs another. */
export function sameGuestName(path: string): string | undefined {
  return path.split("/").includes("..") ? undefined : path.replaceAll(/\/{2,}/g, "/");
}

/** A name to propose for a path that needs one. */
export function proposedName(path: string): string {
  const last = path.split("/").filter((part) => part !== "" && part !== ".").at(-1) ?? "..";
  return last === ".." ? "/in" : `/${last}`;
}

function guestName(path: string, flag: string): string {
  const same = sameGuestName(path), name = proposedName(path);
  if (same !== undefined) return same;
  throw refuse(
    flag,
    path,
    "a guest finds nothing under a path that leads upwards; give it a name without",
    `Write --dir ${path}::${name}${flag === "--allow-read" ? ":ro" : ""}, and ${name} to the guest.`,
  );
}

/** Where a path is; what is wrong with it is wrong with the flag. */
function located(
  path: string,
  { flag, ports }: { readonly flag: string; readonly ports: GrantPorts },
): string {
  try {
    return ports.locate(path);
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    throw refuse(flag, path, error.message.replace(/^.*": /s, ""), likelyMistake(path, flag));
  }
}

/** What whoever gave a path that is not there is likely to have meant. */
function likelyMistake(path: string, flag: string): string | undefined {
  const [host, guest] = path.split(":");
  if (flag === "--dir" && host && guest) {
    return `Write two colons: --dir ${host}::${guest}.`;
  }
  if (path.includes(",")) return `Give ${flag} once for each path.`;
  if (flag === "--allow-write") return "To let it be made, grant the directory that it is to be in.";
  return undefined;
}

/** A directory or file that the guest finds under the name that was given. */
function sameName(
  rights: "read" | "write",
  ports: GrantPorts,
): (path: string | MappedPath) => PlanDirectory {
  return (path) => {
    if (typeof path !== "string") {
      return { host: located(path.host, { flag: `allow_${rights}`, ports }), guest: path.guest, rights };
    }
    const flag = `--allow-${rights}`, guest = guestName(path, flag);
    return { host: located(path, { flag, ports }), guest, rights };
  };
}

/** A directory as data, or as words. */
function mappedDirectory(value: string | PlanDirectory, ports: GrantPorts): PlanDirectory {
  const directory = typeof value === "string" ? splitDirectory(value) : value;
  const flag = typeof value === "string" ? "--dir" : "dir";
  return { ...directory, host: located(directory.host, { flag, ports }) };
}

/**
 * HOST, HOST::GUEST or either with `:ro` behind it; nothing is looked at.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function splitDirectory(value: string): PlanDirectory {
  const readOnly = value.endsWith(":ro"), spec = readOnly ? value.slice(0, -3) : value;
  const [path = "", guest, ...more] = spec.split("::");
  if (path === "" || guest === "" || more.length > 0) {
    throw refuse("--dir", value, "give HOST::GUEST, with :ro behind it for reading alone");
  }
  const suffix = /:[^:/]*$/.exec(guest ?? "")?.[0];
  if (suffix !== undefined) {
    throw refuse(
      "--dir",
      value,
      `${quote(suffix)} is unknown behind it; with :ro it is read alone, else written, too`,
    );
  }
  return { host: path, guest: guest ?? guestName(path, "--dir"), rights: readOnly ? "read" : "full" };
}

/** Whether a host is all of them. */
export function isEveryHost(host: string): boolean {
  return /^(?:[^:/]*:\/\/)?\*(?::[0-9]*)?$/.test(host);
}

/** A host that is named: no flag grants all of them. */
function namedHost(host: string): string {
  if (!isEveryHost(host)) return host;
  throw refuse(
    "--allow-net",
    host,
    "no flag grants every host",
    'Name each, or all below one: "*.example.com".',
  );
}

/** Where the file of a sensor is. It need not be there yet, and may become another one; its folder must be there. */
function locateFile({ locate }: GrantPorts): (path: string) => string {
  return (path) => join(locate(dirname(path)), basename(path));
}

/** The variables of --allow-env NAME, --env NAME and --env NAME=VALUE. */
function variables(
  flags: ManifestValues,
  prefix: string,
): Pick<ReadGrants, "environment"> & { env: PlanGrants["env"] } {
  const environment: Record<string, string> = {};
  for (const word of flags.allowEnv ?? []) {
    if (word.includes("=")) {
      const name = word.slice(0, word.indexOf("="));
      throw refuse("--allow-env", name, "it takes no value", `To set one: --env ${name}=VALUE.`);
    }
  }
  const env = (flags.allowEnv ?? []).map((name) => ({ name, from: name }));
  for (const [index, word] of (flags.env ?? []).entries()) {
    const cut = word.indexOf("=");
    if (cut < 0) {
      env.push({ name: word, from: word });
      continue;
    }
    const from = `${prefix}${index}`;
    if (word.length > LONGEST_VARIABLE) {
      throw refuse("--env", word.slice(0, cut), `its value has more than ${LONGEST_VARIABLE} characters`);
    }
    environment[from] = word.slice(cut + 1);
    env.push({ name: word.slice(0, cut), from });
  }
  for (const { name } of env) {
    if (!/^[^=\0,]+$/.test(name)) throw refuse("--env", name, "a name has no =, no comma and no NUL");
  }
  return { env, environment };
}

/**
 * Reads the flags that grant something.
 *
 * @param prefix first words of the variables of the host process that hold values; each guest needs its own
 * @throws {AegisError} `InvalidOption` for what cannot be granted
 */
export function readGrants(flags: ManifestValues, ports: GrantPorts, prefix: string = VARIABLES): ReadGrants {
  const { env, environment } = variables(flags, prefix);
  const grants: PlanGrants = {
    directories: [
      ...(flags.allowRead ?? []).map(sameName("read", ports)),
      ...(flags.allowWrite ?? []).map(sameName("write", ports)),
      ...(flags.dir ?? []).map((value) => mappedDirectory(value, ports)),
    ],
    net: (flags.allowNet ?? []).map((host) => typeof host === "string" ? namedHost(host) : host),
    clock: flags.allowClock ?? false,
    logging: flags.allowLogging ?? false,
    sensors: (flags.sensor ?? []).map((value) => {
      if (typeof value === "string") return readSensor(value, locateFile(ports));
      return "file" in value ? { ...value, file: locateFile(ports)(value.file) } : value;
    }),
    alert: flags.allowAlert || null,
    random: flags.allowRandom ?? false,
    seed: flags.seed === undefined ? null : String(flags.seed),
    env,
  };
  mergeGrants(capabilitiesOf(grants, (name) => environment[name])); // finds what does not go together
  return { grants, environment };
}
