/** The table of kinds in docs/capabilities.md: builders are the classes' own methods, flags those of the command. */
import { FLAGS } from "../../src/cli/flags.ts";
import { GRANT_FLAGS } from "../../src/cli/limit_flags.ts";
import { AlertCapability } from "../../src/policy/alert_capability.ts";
import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { CustomCapability } from "../../src/policy/custom_capability.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { explain } from "../../src/policy/explain.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import type { CapabilityKind } from "../../src/policy/grants.ts";
import { LoggingCapability } from "../../src/policy/logging_capability.ts";
import { CAPABILITY_KINDS } from "../../src/policy/merge_grants.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { EMPTY_POLICY } from "../../src/policy/policy.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import { SensorCapability } from "../../src/policy/sensor_capability.ts";
import { anchor, code, table } from "./markdown_text.ts";

type GrantFlag = (typeof GRANT_FLAGS)[number];

interface KindRow {
  /** The class whose static methods are the builders. */
  readonly builder: { readonly name: string };
  readonly flags: readonly GrantFlag[];
  /** As it stands beside the types of grants. */
  readonly enforcedBy: string;
}

const KINDS: Readonly<Record<CapabilityKind, KindRow>> = {
  filesystem: {
    builder: FilesystemCapability,
    flags: ["allowRead", "allowWrite", "dir"],
    enforcedBy: "the files broker",
  },
  network: { builder: NetworkCapability, flags: ["allowNet"], enforcedBy: "the network broker" },
  clock: { builder: ClockCapability, flags: ["allowClock"], enforcedBy: "the guest's Worker" },
  random: { builder: RandomCapability, flags: ["allowRandom", "seed"], enforcedBy: "the guest's Worker" },
  env: { builder: EnvCapability, flags: ["allowEnv", "env"], enforcedBy: "the host" },
  logging: { builder: LoggingCapability, flags: ["allowLogging"], enforcedBy: "the host" },
  sensor: { builder: SensorCapability, flags: ["sensor"], enforcedBy: "the host" },
  alert: { builder: AlertCapability, flags: ["allowAlert"], enforcedBy: "the host" },
  custom: { builder: CustomCapability, flags: [], enforcedBy: "the host" },
  process: { builder: ProcessCapability, flags: [], enforcedBy: "the process broker" },
};

/** What makes capabilities of a class: its static methods, in the order in which they are written. */
function buildersOf({ builder }: KindRow): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(builder))
    .filter(([name, { value }]) => name !== "prototype" && typeof value === "function")
    .map(([name]) => name);
}

/** What a guest finds where a kind is not granted, in the words of `explain()`. */
function absences(): Map<string, string> {
  return new Map(
    explain(EMPTY_POLICY).map((line) => {
      const [kind = "", absence = ""] = line.split(": not granted; ");
      return [kind, absence];
    }),
  );
}

/** The table. @throws {Error} for a flag that grants something and belongs to no kind */
function renderKinds(): string {
  const flags = Object.values(KINDS).flatMap((row) => row.flags);
  const missing = GRANT_FLAGS.filter((flag) => !flags.includes(flag));
  if (missing.length > 0) throw new Error(`No kind of capability has the flags ${missing.join(", ")}`);
  const absent = absences();
  const rows = (Object.keys(KINDS) as CapabilityKind[]).map((kind) => { // its own keys
    const row = KINDS[kind];
    return [
      `[${kind}](${anchor(kind)})`,
      [row.builder.name, ...buildersOf(row)].map(code).join(" "),
      row.flags.map((flag) => code(`--${FLAGS[flag].long}`)).join(", "),
      row.enforcedBy,
      absent.get(kind) ?? "",
    ];
  });
  if (rows.length !== CAPABILITY_KINDS.length) throw new Error("A kind of capability is missing");
  return table(["kind", "builders", "flags", "enforced by", "without it"], rows);
}

const BEGIN = "<!-- The table of kinds is written by deno task reference. -->";
const END = "<!-- The table of kinds ends here. -->";

/** The document with its table anew, not yet formatted. @throws {Error} when it does not say where the table stands */
export function withKinds(document: string): string {
  const from = document.indexOf(BEGIN), to = document.indexOf(END);
  if (from < 0 || to < from) {
    throw new Error("docs/capabilities.md does not say where its table of kinds stands");
  }
  return `${document.slice(0, from + BEGIN.length)}\n\n${renderKinds()}\n\n${document.slice(to)}`;
}
