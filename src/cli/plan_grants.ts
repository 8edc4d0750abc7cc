/** Checks of the grants of a decoded plan: the process that gets one trusts its fields no further than these go. */
import { isAlertLevel } from "../core/alert_level.ts";
import { AegisError } from "../core/errors.ts";
import { LOG_LEVELS, type LogLevel } from "../core/log_level.ts";
import { quote } from "../core/quote.ts";
import {
  CLOCKS,
  DIRECTORY_RIGHTS,
  FILE_RIGHTS,
  type PlanDirectory,
  type PlanGrants,
  type PlanHost,
} from "../manifest/grants.ts";
import type { PlanSensor } from "../manifest/sensors.ts";
import { list, malformed, record, text, textOrNull, truth, whole } from "./plan_fields.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The numbers of a record that are there. */
function numbers<Name extends string>(
  fields: Fields,
  part: string,
  names: readonly Name[],
): { [Key in Name]?: number } {
  const found: { [Key in Name]?: number } = {};
  for (const name of names) {
    const value = fields[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value >= 0)) throw malformed(`${part}.${name}`);
    found[name] = value;
  }
  return found;
}

function decodeDirectory(item: unknown): PlanDirectory {
  const part = "grants.directories", directory = record(item, part), { rights } = directory;
  return {
    host: text(directory["host"], `${part}.host`),
    guest: text(directory["guest"], `${part}.guest`),
    rights: Array.isArray(rights) ? rights.map(decodeRight) : decodeRights(text(rights, `${part}.rights`)),
    ...numbers(directory, part, ["maxFileSize", "totalBytes"]),
  };
}

function decodeRight(right: unknown): typeof FILE_RIGHTS[number] {
  const found = FILE_RIGHTS.find((one) => one === right);
  if (found === undefined) throw malformed("grants.directories.rights");
  return found;
}

function decodeRights(name: string): keyof typeof DIRECTORY_RIGHTS {
  if (Object.hasOwn(DIRECTORY_RIGHTS, name)) return name as keyof typeof DIRECTORY_RIGHTS; // tested here
  throw new AegisError("InvalidOption", `Cannot read the run plan: unknown rights ${quote(name)}`);
}

function decodeHost(item: unknown): string | PlanHost {
  if (typeof item === "string") return item;
  const part = "grants.net", host = record(item, part), { ports, methods } = host;
  return {
    host: textOrNull(host["host"], `${part}.host`),
    ...(ports === undefined
      ? {}
      : { ports: list(ports, `${part}.ports`).map((port) => whole(port, `${part}.ports`)) }),
    ...(methods === undefined
      ? {}
      : { methods: list(methods, `${part}.methods`).map((method) => text(method, `${part}.methods`)) }),
    ...numbers(host, part, ["maxBody", "connections"]),
  };
}

function decodeClock(value: unknown): PlanGrants["clock"] {
  if (typeof value === "boolean") return value;
  const part = "grants.clock", fields = record(value, part);
  const clock = CLOCKS.find((one) => one === fields["clock"]);
  if (clock === undefined) throw malformed(part);
  return { clock, ...numbers(fields, part, ["fixed", "resolution"]) };
}

function decodeLogging(value: unknown): PlanGrants["logging"] {
  if (typeof value === "boolean") return value;
  const part = "grants.logging", fields = record(value, part), level = text(fields["level"], part);
  if (!Object.hasOwn(LOG_LEVELS, level)) throw malformed(part);
  return { level: level as LogLevel, ...numbers(fields, part, ["maxMessage", "rate"]) }; // tested one line above
}

function decodeAlert(value: unknown): PlanGrants["alert"] {
  if (value === null) return null;
  const fields = typeof value === "string" ? { level: value } : record(value, "grants.alert");
  const level = text(fields["level"], "grants.alert");
  if (!isAlertLevel(level)) {
    throw new AegisError(
      "InvalidOption",
      `Cannot read the run plan: unknown level of alerts ${quote(level)}`,
    );
  }
  if (typeof value === "string") return level;
  return { level, ...numbers(fields, "grants.alert", ["maxMessage", "rate", "keep"]) };
}

function decodeSensor(value: unknown): PlanSensor {
  const sensor = record(value, "grants.sensors"), id = whole(sensor["id"], "grants.sensors.id");
  if (sensor["file"] !== undefined) return { id, file: text(sensor["file"], "grants.sensors.file") };
  const values = list(sensor["values"], "grants.sensors.values");
  return {
    id,
    values: values.map((one) => whole(one, "grants.sensors.values")),
    ...(sensor["end"] === "hold" ? { end: "hold" } : {}),
  };
}

/** Checks every field. @throws {AegisError} `InvalidOption` */
export function decodeGrants(value: unknown): PlanGrants {
  const grants = record(value, "grants");
  const seed = textOrNull(grants["seed"], "grants.seed");
  if (seed !== null && !/^[0-9]{1,20}$/.test(seed)) {
    throw new AegisError("InvalidOption", `Cannot read the run plan: grants.seed is ${quote(seed)}`);
  }
  return {
    directories: list(grants["directories"], "grants.directories").map(decodeDirectory),
    net: list(grants["net"], "grants.net").map(decodeHost),
    clock: decodeClock(grants["clock"]),
    logging: decodeLogging(grants["logging"]),
    sensors: list(grants["sensors"], "grants.sensors").map(decodeSensor),
    alert: decodeAlert(grants["alert"]),
    random: truth(grants["random"], "grants.random"),
    seed,
    env: list(grants["env"], "grants.env").map((item) => {
      const variable = record(item, "grants.env");
      return {
        name: text(variable["name"], "grants.env.name"),
        from: text(variable["from"], "grants.env.from"),
      };
    }),
  };
}
