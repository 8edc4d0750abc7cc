/** Forms of grants. What is granted is made once while it is read, so that a mistake is found where it stands. */
import { ALERT_LEVELS, type AlertLevel } from "../core/alert_level.ts";
import { LOG_LEVELS, type LogLevel } from "../core/log_level.ts";
import type { At } from "./at.ts";
import {
  choice,
  date,
  either,
  entries,
  type Form,
  integer,
  list,
  mapped,
  path,
  size,
  table,
  text,
  time,
  truth,
} from "./form.ts";
import {
  alertCapability,
  clockCapability,
  CLOCKS,
  directoryCapability,
  FILE_RIGHTS,
  hostCapability,
  logCapability,
  type PlanAlert,
  type PlanClock,
  type PlanDirectory,
  type PlanHost,
  type PlanLog,
} from "./grants.ts";
import { isEveryHost, proposedName, sameGuestName, splitDirectory } from "./read_grants.ts";
import { type PlanSensor, readSensor, sensorCapability } from "./sensors.ts";
import type { MappedPath } from "./values.ts";

const LOG_NAMES = Object.keys(LOG_LEVELS) as readonly LogLevel[]; // a literal's keys are those of its type
const ALERT_NAMES = Object.keys(ALERT_LEVELS) as readonly AlertLevel[]; // as above

/** No bound of its own. */
const ANY = { least: 0, most: Number.MAX_SAFE_INTEGER } as const;

/** A rate, and other counts that start at one. */
const FROM_ONE = integer(1, 1_000_000_000);

/** The same without the keys whose value is undefined. */
function present<T extends object>(fields: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as T; // what T requires, its callers have given
}

function guestNameOf(given: string, at: At): string {
  const name = sameGuestName(given);
  if (name !== undefined) return name;
  throw at.refuse(
    `a guest finds nothing under ${JSON.stringify(given)}, which leads upwards; give it a name without`,
    `Write { host = ${JSON.stringify(given)}, guest = "${proposedName(given)}" }.`,
  );
}

/** Checks a directory by making its capability. */
function checked<Directory extends PlanDirectory>(directory: Directory): Directory {
  directoryCapability(directory);
  return directory;
}

/** A path for both sides, or with a name of its own. */
export const grantedPath: Form<MappedPath> = mapped(
  either(text, table({ host: text, guest: text }, ["host", "guest"])),
  (given, at) => {
    const host = typeof given === "string" ? given : given.host ?? "";
    const guest = typeof given === "string" ? guestNameOf(given, at) : given.guest ?? "";
    checked({ host, guest, rights: "read" });
    return { host: at.place(host), guest };
  },
);

/** `HOST::GUEST[:ro]`, or a table with rights and bounds. */
export const directory: Form<PlanDirectory> = mapped(
  either(
    text,
    table({
      host: text,
      guest: text,
      rights: list(choice(FILE_RIGHTS)),
      max_file_size: size(ANY),
      total_bytes: size(ANY),
    }, ["host"]),
  ),
  (given, at) => {
    const split = typeof given === "string" ? splitDirectory(given) : present<PlanDirectory>({
      host: given.host ?? "",
      guest: given.guest ?? guestNameOf(given.host ?? "", at),
      rights: rightsOf(given.rights ?? FILE_RIGHTS),
      maxFileSize: given.max_file_size,
      totalBytes: given.total_bytes,
    });
    return { ...checked(split), host: at.place(split.host) };
  },
);

/** Rights that have a name get it: what reads alone is told by that name. */
function rightsOf(rights: readonly (typeof FILE_RIGHTS)[number][]): PlanDirectory["rights"] {
  const once = FILE_RIGHTS.filter((right) => rights.includes(right));
  if (once.length === FILE_RIGHTS.length) return "full";
  return once.length === 1 && once[0] === "read" ? "read" : once;
}

/** A host that is named. */
function nameOfHost(host: string, at: At): string {
  if (!isEveryHost(host)) return host;
  throw at.refuse(
    "no name stands for every host",
    "Name each, or write { public = true } for all public ones.",
  );
}

/** A host as on the command line, or with bounds. */
export const host: Form<string | PlanHost> = mapped(
  either(
    text,
    table({
      host: text,
      public: truth,
      ports: list(integer(1, 65_535)),
      methods: list(text),
      max_body: size(ANY),
      connections: FROM_ONE,
    }),
  ),
  (given, at) => {
    if (typeof given === "string") {
      hostCapability(nameOfHost(given, at));
      return given;
    }
    const { host, ports, methods, connections, max_body: maxBody } = given;
    if ((host === undefined) !== (given.public === true)) {
      throw at.refuse("give host, or public = true for all public hosts");
    }
    if (host !== undefined && ports !== undefined) {
      throw at.refuse("ports are for public = true", `Write host = "${host}:PORT".`);
    }
    const granted = present<PlanHost>({
      host: host === undefined ? null : nameOfHost(host, at),
      ports,
      methods,
      maxBody,
      connections,
    });
    hostCapability(granted);
    return granted;
  },
);

/** Which clocks, how finely, and at which time they stand. */
export const clock: Form<boolean | PlanClock> = mapped(
  either(
    truth,
    either(
      choice(CLOCKS),
      table({ clock: choice(CLOCKS), fixed: date, resolution: time({ least: 0.001, most: 2 ** 31 }) }),
    ),
  ),
  (given, at) => {
    if (typeof given === "boolean") return given;
    if (typeof given === "string") return given === "all" ? true : { clock: given };
    if (given.clock !== undefined && given.fixed !== undefined) {
      throw at.refuse("a fixed time is no other clock: leave one of clock and fixed out");
    }
    const granted = present<PlanClock>({ ...given, clock: given.clock ?? "all" });
    clockCapability(granted);
    return granted;
  },
);

/** Which messages, how large and how many. */
export const logging: Form<boolean | PlanLog> = mapped(
  either(
    truth,
    either(choice(LOG_NAMES), table({ level: choice(LOG_NAMES), max_message: size(ANY), rate: FROM_ONE })),
  ),
  (given) => {
    if (typeof given === "boolean") return given;
    const { level = "trace", ...bounds } = typeof given === "string"
      ? { level: given }
      : { level: given.level, maxMessage: given.max_message, rate: given.rate };
    const granted = present<PlanLog>({ level, ...bounds } as PlanLog); // without what is undefined
    logCapability(granted);
    return granted;
  },
);

/** Which alerts, how large, how many and how many are kept. */
export const alert: Form<AlertLevel | PlanAlert | false> = mapped(
  either(
    truth,
    either(
      choice(ALERT_NAMES),
      table({
        level: choice(ALERT_NAMES),
        max_message: size(ANY),
        rate: FROM_ONE,
        keep: integer(1, 1000),
      }),
    ),
  ),
  (given) => {
    if (given === true) return "info";
    if (typeof given !== "object") return given;
    const { level = "info", max_message: maxMessage, rate, keep } = given;
    const granted = present<PlanAlert>({ level, maxMessage, rate, keep });
    alertCapability(granted);
    return granted;
  },
);

const READING = integer(-(2 ** 31), 2 ** 31 - 1);

/** `ID=VALUE` as on the command line, or a table. */
export const sensor: Form<PlanSensor> = mapped(
  either(
    text,
    table({
      id: integer(0, 2 ** 31 - 1),
      value: READING,
      values: list(READING),
      end: choice(["repeat", "hold"]),
      file: path,
    }, ["id"]),
  ),
  (given, at) => {
    if (typeof given === "string") return readSensor(given, (file) => at.place(file));
    const { id = 0, value, values, end, file } = given;
    if ([value, values, file].filter((one) => one !== undefined).length !== 1) {
      throw at.refuse("give one of value, values and file");
    }
    if (end !== undefined && values === undefined) {
      throw at.refuse("end says how values go on: it needs values");
    }
    if (file !== undefined) return { id, file };
    const series = values ?? [value ?? 0];
    const read: PlanSensor = end === "hold" ? { id, values: series, end } : { id, values: series };
    sensorCapability(read);
    return read;
  },
);

const NAME = /^[^=\0,]+$/;

/** Names of variables that the guest sees as they are. */
export const variableName: Form<string> = mapped(text, (name, at) => {
  if (NAME.test(name)) return name;
  throw at.refuse("the name of a variable has no =, no comma and no NUL");
});

/** Longest variable that is passed on; as on the command line. */
const LONGEST_VARIABLE = 40_000;

/** Text that may be empty. */
const anyText: Form<string> = {
  ...text,
  schema: { type: "string", maxLength: LONGEST_VARIABLE },
  read: (value, at) => {
    if (typeof value !== "string") throw at.refuse("the value of a variable is text");
    if (value.length > LONGEST_VARIABLE) throw at.refuse(`it has more than ${LONGEST_VARIABLE} characters`);
    return value;
  },
};

/** `NAME=VALUE` and `NAME` in a list, or a table of names and values. No message quotes a value: it may be a secret. */
export const variables: Form<readonly string[]> = mapped(
  either(entries(anyText), list(anyText)),
  (given, at) =>
    given.map((one) => {
      const word = typeof one === "string" ? one : `${one[0]}=${one[1]}`;
      const name = typeof one === "string" ? word.replace(/=.*$/s, "") : one[0];
      if (!NAME.test(name)) {
        throw at.refuse("the name of a variable has no =, no comma and no NUL, and is not empty");
      }
      if (word.slice(name.length).includes("\0")) throw at.refuse(`the value of ${name} has a NUL`);
      return word;
    }),
);
