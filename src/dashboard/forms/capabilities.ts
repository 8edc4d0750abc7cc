/** What modules need, beside what a server grants: which capability answers which need, and what its policy file says. */
import type { Need } from "../../inspection/needs.ts";
import type { Policy } from "../api_types.ts";

/** A row of {@linkcode NEED_ROWS}. */
interface NeedRow {
  /** As `GET /policy` names it; undefined where nothing is granted by it. */
  readonly capability?: string;
  /** What has to stand in the server's policy file. */
  readonly line?: string;
  /** What the guest finds where it is not granted. */
  readonly without: string;
}

/** A row for each need. */
export const NEED_ROWS: Readonly<Record<Need["capability"], NeedRow>> = {
  filesystem: {
    capability: "filesystem",
    line: 'allow_read = ["data"]',
    without: "the guest finds no directory",
  },
  streams: { without: "" },
  sockets: { without: "no server can grant it" },
  clock: {
    capability: "clock",
    line: "allow_clock = true",
    without: "time is fake, and the same in each run",
  },
  random: {
    capability: "random",
    line: "allow_random = true",
    without: "random bytes are the same in each run",
  },
  env: { capability: "env", line: 'allow_env = ["NAME"]', without: "no variable is seen" },
  args: { without: "" },
  logging: { capability: "logging", line: "allow_logging = true", without: "the guest's log is dropped" },
  sensor: { capability: "sensor", line: 'sensor = ["0=21"]', without: "every sensor reads 0" },
  alert: { capability: "alert", line: 'allow_alert = "info"', without: "the guest's alerts are dropped" },
  network: {
    capability: "network",
    line: 'allow_net = ["api.example.com"]',
    without: "no host can be reached",
  },
  channels: { without: "the library alone can open them, so the module does not start here" },
  tools: { without: "aegis mcp alone has it, so the module does not start here" },
  plugins: { without: "hosts of plugins alone have it, so the module does not start here" },
  commands: { without: "the library alone can grant them" },
  "host functions": { without: "the library alone can register them, so the module does not start here" },
};

/** A need as a person reads it. */
export interface JudgedNeed {
  readonly need: Need;
  /** `free` needs no grant, `none` cannot be granted to tasks. */
  readonly verdict: "free" | "granted" | "missing" | "none";
  /** What the server grants of it, one for each grant. */
  readonly details: readonly string[];
  /** What the guest finds without. */
  readonly without: string;
  /** What grants it, in the server's policy file. */
  readonly line: string | undefined;
}

/** Puts what a module needs beside what a server grants. */
export function judgeNeeds(needs: readonly Need[], { grants }: Pick<Policy, "grants">): JudgedNeed[] {
  return needs.map((need) => {
    const { capability, line, without } = NEED_ROWS[need.capability];
    const details = grants.filter((grant) => grant.capability === capability).map(({ detail }) => detail);
    const verdict = capability !== undefined
      ? details.length > 0 ? "granted" : "missing"
      : without === ""
      ? "free"
      : "none";
    return { need, verdict, details, without, line };
  });
}

/** Numbers of the sensors that a server grants, as it describes them. */
export function grantedSensors({ grants }: Pick<Policy, "grants">): number[] {
  return grants.flatMap(({ capability, detail }) => {
    const [, id] = capability === "sensor" ? /^(\d+) reads /.exec(detail) ?? [] : [];
    return id === undefined ? [] : [Number(id)];
  });
}

/** The level of a server's grant of the log or of alerts, as it describes it. */
export function grantedLevel(
  { grants }: Pick<Policy, "grants">,
  kind: "logging" | "alert",
): string | undefined {
  const detail = grants.find(({ capability }) => capability === kind)?.detail;
  return /^(?:up to|from) level (\w+)/.exec(detail ?? "")?.[1];
}

/** Whether a server grants something of a kind. */
export function isGranted({ grants }: Pick<Policy, "grants">, kind: string): boolean {
  return grants.some(({ capability }) => capability === kind);
}
