/** Grants as a manifest says them. */
import {
  DIRECTORY_RIGHTS,
  type PlanClock,
  type PlanDirectory,
  type PlanGrants,
  type PlanHost,
} from "./grants.ts";
import type { PlanSensor } from "./sensors.ts";
import { dirname } from "../sandbox/path.ts";

/** What can stand in a manifest. */
type Value = boolean | number | bigint | string | readonly Value[] | { readonly [key: string]: Value };

/** A module of a manifest. */
export interface WrittenModule {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** Where it is; `null` for one that came on stdin. */
  readonly path: string | null;
  /** Keys beside those of grants. */
  readonly keys: Readonly<Record<string, Value>>;
  readonly grants: PlanGrants;
}

/** A host's path as a manifest in that folder names it: below the folder by the way there, else as it is. */
function pathFrom(folder: string, path: string): string {
  if (path === folder) return ".";
  const above = folder.endsWith("/") ? folder : `${folder}/`;
  return path.startsWith(above) ? path.slice(above.length) : path;
}

function directoryValue({ host, guest, rights, maxFileSize, totalBytes }: PlanDirectory): Value {
  return {
    host,
    guest,
    rights: typeof rights === "string" ? DIRECTORY_RIGHTS[rights] : rights,
    ...(maxFileSize === undefined ? {} : { max_file_size: maxFileSize }),
    ...(totalBytes === undefined ? {} : { total_bytes: totalBytes }),
  };
}

function hostValue(granted: string | PlanHost): Value {
  if (typeof granted === "string") return granted;
  const { host, ports, methods, maxBody, connections } = granted;
  return {
    ...(host === null ? { public: true } : { host }),
    ...(ports === undefined ? {} : { ports: [...ports] }),
    ...(methods === undefined ? {} : { methods: [...methods] }),
    ...(maxBody === undefined ? {} : { max_body: maxBody }),
    ...(connections === undefined ? {} : { connections }),
  };
}

function clockValue(clock: true | PlanClock): Value {
  if (clock === true) return true;
  const { clock: name, fixed, resolution } = clock;
  if (fixed === undefined && resolution === undefined) return name === "all" ? true : name;
  return {
    ...(fixed === undefined ? { clock: name } : { fixed: new Date(fixed).toISOString() }),
    ...(resolution === undefined ? {} : { resolution: resolution / 1000 }),
  };
}

function sensorValue(sensor: PlanSensor, folder: string): Value {
  const { id } = sensor;
  if ("file" in sensor) return { id, file: pathFrom(folder, sensor.file) };
  const [only, ...more] = sensor.values;
  if (only !== undefined && more.length === 0) return { id, value: only };
  return { id, values: [...sensor.values], ...(sensor.end === undefined ? {} : { end: sensor.end }) };
}

/** A message's level, with bounds where it has some. */
function levelValue(
  { level, maxMessage, rate, keep }: {
    readonly level: string;
    readonly maxMessage?: number;
    readonly rate?: number;
    readonly keep?: number;
  },
): Value {
  if (maxMessage === undefined && rate === undefined && keep === undefined) return level;
  return {
    level,
    ...(maxMessage === undefined ? {} : { max_message: maxMessage }),
    ...(rate === undefined ? {} : { rate }),
    ...(keep === undefined ? {} : { keep }),
  };
}

/** Keys of `[capabilities]` for what is granted. @param folder that of the manifest: its paths are relative to it */
function grantKeys(grants: PlanGrants, folder: string): Record<string, Value> {
  const keys: Record<string, Value> = {};
  const directories = grants.directories.map((one) => ({ ...one, host: pathFrom(folder, one.host) }));
  const isRead = ({ host, guest, rights }: PlanDirectory) =>
    host === guest && (rights === "read" || rights.length === 1 && rights[0] === "read");
  const read = directories.filter(isRead), others = directories.filter((one) => !isRead(one));
  if (read.length > 0) keys["allow_read"] = read.map(({ host }) => host);
  if (others.length > 0) keys["dir"] = others.map(directoryValue);
  if (grants.net.length > 0) keys["allow_net"] = grants.net.map(hostValue);
  if (grants.clock !== false) keys["allow_clock"] = clockValue(grants.clock);
  if (grants.random) keys["allow_random"] = true;
  if (grants.seed !== null) keys["seed"] = BigInt(grants.seed);
  const { logging, alert } = grants;
  if (logging !== false) keys["allow_logging"] = logging === true ? true : levelValue(logging);
  if (alert !== null) keys["allow_alert"] = typeof alert === "string" ? alert : levelValue(alert);
  if (grants.sensors.length > 0) keys["sensor"] = grants.sensors.map((one) => sensorValue(one, folder));
  if (grants.env.length > 0) keys["allow_env"] = grants.env.map(({ name }) => name);
  return keys;
}

/** Text of a manifest, as TOML; loaded while this process may still load something. */
export async function manifestWriter(): Promise<(module: WrittenModule, file: string) => string> {
  const { stringify } = await import("smol-toml");
  return ({ name, path, keys, grants }, file) => {
    const folder = dirname(file), capabilities = grantKeys(grants, folder);
    const module = {
      ...(path === null ? {} : { path: pathFrom(folder, path) }),
      ...keys,
      ...(Object.keys(capabilities).length === 0 ? {} : { capabilities }),
    };
    return stringify({ modules: { [name]: module } });
  };
}
