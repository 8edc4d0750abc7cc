/**
 * The decision: pure, total, and denying whatever it does not know. The answer says which grant is missing and how a
 * person would give it; a guest sees none of that, only that it was refused.
 */
import { ALERT_LEVELS } from "../core/alert_level.ts";
import { LOG_LEVELS } from "../core/log_level.ts";
import { LARGEST_I32 } from "../core/i32.ts";
import { quote } from "../core/quote.ts";
import { decideFilesystem } from "./decide_filesystem.ts";
import { decideNetwork } from "./decide_network.ts";
import type { Policy } from "./grants.ts";
import type {
  AlertRequest,
  ClockRequest,
  CustomRequest,
  Decision,
  Denial,
  EnvRequest,
  LoggingRequest,
  PolicyRequest,
  ProcessRequest,
  SensorRequest,
} from "./request.ts";
import { suggestedFlag } from "./suggested_flag.ts";

export type { Decision, PolicyRequest } from "./request.ts";

function deny(reason: string, remedy: { readonly flag?: string | undefined; readonly hint: string }): Denial {
  return { allowed: false, reason, flag: remedy.flag, hint: remedy.hint };
}

function decideLogging({ logging }: Policy, { level }: LoggingRequest): Decision {
  if (!Object.hasOwn(LOG_LEVELS, level)) {
    return deny(`no level is called ${quote(level)}`, { hint: "LoggingCapability.all()" });
  }
  if (logging === undefined) {
    return deny("no logging grant", { flag: "--allow-logging", hint: "LoggingCapability.all()" });
  }
  if (LOG_LEVELS[level] <= LOG_LEVELS[logging.level]) return { allowed: true, grant: logging };
  return deny(`logging was granted up to level ${logging.level}, without ${level}`, {
    flag: "--allow-logging",
    hint: `LoggingCapability.atLevel(${quote(level)})`,
  });
}

function decideSensor({ sensor }: Policy, { id }: SensorRequest): Decision {
  const grant = sensor.find((entry) => entry.id === id);
  if (grant !== undefined) return { allowed: true, grant };
  if (!(id >= 0 && id <= LARGEST_I32 && Number.isInteger(id))) {
    return deny(`no sensor has number ${id}`, {
      hint: "SensorCapability.constant(0, VALUE), with a number from 0 on",
    });
  }
  return deny(`no sensor grant names ${id}`, {
    flag: `--sensor ${id}=VALUE`,
    hint: `SensorCapability.constant(${id}, VALUE)`,
  });
}

function decideAlert({ alert }: Policy, { level }: AlertRequest): Decision {
  if (!Object.hasOwn(ALERT_LEVELS, level)) {
    return deny(`no level of alerts is called ${quote(String(level))}`, { hint: "AlertCapability.all()" });
  }
  if (alert === undefined) {
    return deny("no alert grant", { flag: "--allow-alert", hint: "AlertCapability.all()" });
  }
  if (ALERT_LEVELS[level] >= ALERT_LEVELS[alert.level]) return { allowed: true, grant: alert };
  return deny(`alerts were granted from level ${alert.level} on, without ${level}`, {
    flag: `--allow-alert=${level}`,
    hint: `AlertCapability.atLevel(${quote(level)})`,
  });
}

function decideClock({ clock }: Policy, request: ClockRequest): Decision {
  const granted = request.clock === "monotonic"
    ? clock?.monotonic
    : request.clock === "realtime" && (clock?.realtime || clock?.fixed !== undefined);
  if (clock !== undefined && granted) return { allowed: true, grant: clock };
  const known = request.clock === "monotonic" || request.clock === "realtime";
  return deny(clock === undefined ? "no clock grant" : `the clock was granted without ${request.clock}`, {
    flag: known ? "--allow-clock" : undefined,
    hint: known ? `ClockCapability.${request.clock}()` : "ClockCapability.all()",
  });
}

function decideEnv({ env }: Policy, { name }: EnvRequest): Decision {
  const grant = env.find((entry) => entry.name === name);
  if (grant !== undefined) return { allowed: true, grant };
  return deny(`no env grant names ${quote(name)}`, {
    flag: suggestedFlag("allow-env", name),
    hint: `EnvCapability.inherit([${quote(name)}])`,
  });
}

function decideRandom({ random }: Policy): Decision {
  if (random !== undefined) return { allowed: true, grant: random };
  return deny("no random grant", { flag: "--allow-random", hint: "RandomCapability.secure()" });
}

function decideProcess(policy: Policy, { name, moreArgs }: ProcessRequest): Decision {
  const grant = policy.process.find((entry) => entry.name === name);
  if (grant === undefined) {
    return deny(`no process grant names ${quote(name)}`, {
      hint: `ProcessCapability.command(${quote(name)}, { command: "/path/of/the/program" })`,
    });
  }
  if (grant.moreArgs || moreArgs === false) return { allowed: true, grant };
  return deny(`command ${quote(name)} was granted without words of the guest`, {
    hint: `ProcessCapability.command(${quote(name)}, { command: ${quote(grant.command)}, moreArgs: true })`,
  });
}

function decideCustom({ custom }: Policy, { name }: CustomRequest): Decision {
  if (custom.includes(name)) return { allowed: true, grant: { kind: "custom", name } };
  return deny(`no custom grant names ${quote(name)}`, { hint: `CustomCapability.named(${quote(name)})` });
}

/** Decides whether a policy allows a request. Never throws; the same request always gets the same answer. */
export function decide(policy: Policy, request: PolicyRequest): Decision {
  switch (request.kind) {
    case "filesystem":
      return decideFilesystem(policy, request);
    case "network":
      return decideNetwork(policy, request);
    case "logging":
      return decideLogging(policy, request);
    case "sensor":
      return decideSensor(policy, request);
    case "alert":
      return decideAlert(policy, request);
    case "clock":
      return decideClock(policy, request);
    case "env":
      return decideEnv(policy, request);
    case "random":
      return decideRandom(policy);
    case "process":
      return decideProcess(policy, request);
    case "custom":
      return decideCustom(policy, request);
    default:
      return deny("no capability is of that kind", { hint: "one of the capabilities that there are" });
  }
}
