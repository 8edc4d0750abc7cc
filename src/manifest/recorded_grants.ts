/**
 * What a run really used of what it was granted, so that the next one can be granted no more. Grants only ever become
 * smaller here: a directory becomes a directory or a file inside it, hosts the ones that were spoken to, levels the least
 * important one that was sent.
 */
import { ALERT_LEVELS, isAlertLevel } from "../core/alert_level.ts";
import type { AuditEvent } from "../core/audit.ts";
import { LOG_LEVELS, type LogLevel } from "../core/log_level.ts";
import type { FilesystemGrant, Policy } from "../policy/grants.ts";
import { joinGuestPath, resolveGuestPath } from "../policy/guest_path.ts";
import { decide } from "../policy/decide.ts";
import { mergeGrants } from "../policy/policy.ts";
import { join } from "../sandbox/path.ts";
import {
  capabilitiesOf,
  FILE_RIGHTS,
  type FileRight,
  hostCapability,
  type PlanAlert,
  type PlanDirectory,
  type PlanGrants,
  type PlanHost,
  type PlanLog,
} from "./grants.ts";

/** Places of one grant that are named each; beyond that it is the directory that they have in common. */
const MOST_PLACES = 16;

/** Rights whose use makes or removes a name: they are rights over the directory that it stands in. */
const OF_PARENT: readonly FileRight[] = ["create", "delete"];

/** Rights that were used of one grant, by the path below it. */
type Uses = Map<string, Set<FileRight>>;

export class GrantRecord {
  readonly #grants: PlanGrants;
  readonly #policy: Policy;
  readonly #exists: (hostPath: string) => boolean;
  readonly #files: Map<FilesystemGrant, Uses> = new Map();
  /** Targets by capability; `clock` has names of clocks, `network` URLs without a path. */
  readonly #targets: Map<string, Set<string>> = new Map();
  #cut = 0;

  /** @param exists whether there is something at a path of this machine: what is not there cannot be granted */
  constructor(grants: PlanGrants, exists: (hostPath: string) => boolean) {
    this.#grants = grants;
    this.#exists = exists;
    this.#policy = mergeGrants(capabilitiesOf(grants, () => ""));
  }

  /** Decisions that were too many to be told each: what they were about is granted as it was. */
  get cut(): number {
    return this.#cut;
  }

  /** Takes note of a decision; denials change nothing. */
  add(event: AuditEvent): void {
    if (!event.allowed) return;
    // What was allowed has a reason only where it stands for many that were not told.
    const cut = event.reason !== undefined;
    if (cut) this.#cut += event.count ?? 1;
    if (event.capability === "filesystem") return cut ? this.#addEverywhere(event) : this.#addFile(event);
    const targets = this.#targets.get(event.capability) ?? new Set();
    this.#targets.set(event.capability, targets.add(event.target));
  }

  #addFile(event: AuditEvent): void {
    const action = FILE_RIGHTS.find((right) => right === event.action);
    if (action === undefined) return;
    const decision = decide(this.#policy, { kind: "filesystem", action, path: event.target });
    const components = resolveGuestPath(event.target);
    if (!decision.allowed || decision.grant.kind !== "filesystem" || components === undefined) {
      return this.#addEverywhere(event); // a path that was cut
    }
    const { grant } = decision, depth = resolveGuestPath(grant.guestPath)?.length ?? 0;
    this.#use(grant, { action, path: components.slice(depth) });
  }

  /** All grants with that right are used, for all that is known; with any right where none is told. */
  #addEverywhere({ action }: AuditEvent): void {
    const told = FILE_RIGHTS.filter((right) => right === action);
    for (const right of told.length > 0 ? told : FILE_RIGHTS) {
      for (const grant of this.#policy.filesystem) {
        if (grant[right]) this.#use(grant, { action: right, path: [] });
      }
    }
  }

  #use(
    grant: FilesystemGrant,
    { action, path }: { readonly action: FileRight; readonly path: readonly string[] },
  ): void {
    const uses: Uses = this.#files.get(grant) ?? new Map();
    this.#files.set(grant, uses);
    const place = joinGuestPath(OF_PARENT.includes(action) ? path.slice(0, -1) : path, false);
    uses.set(place, (uses.get(place) ?? new Set()).add(action));
  }

  /** The smallest grants of the given ones with which the same is allowed. */
  used(): PlanGrants {
    const { random, seed, env, sensors } = this.#grants;
    const wasUsed = (capability: string, target: string) => {
      const targets = this.#targets.get(capability);
      return targets !== undefined && (targets.has(target) || targets.has(UNTOLD));
    };
    return {
      directories: [...this.#files].flatMap(([grant, uses]) => this.#directories(grant, uses)),
      net: this.#hosts(),
      clock: this.#clock(),
      logging: this.#logging(),
      sensors: sensors.filter(({ id }) => wasUsed("sensor", String(id))),
      alert: this.#alert(),
      random: random && this.#targets.has("random"),
      seed,
      env: env.filter(({ name }) => wasUsed("env", name)),
    };
  }

  #directories(grant: FilesystemGrant, uses: Uses): PlanDirectory[] {
    const { maxFileSize, totalBytes } = grant, rooted = grant.guestPath.startsWith("/");
    const mount = resolveGuestPath(grant.guestPath) ?? [];
    return [...this.#places(grant, uses)].map(([place, rights]) => {
      const path = resolveGuestPath(place) ?? [];
      return {
        host: join(grant.hostPath, ...path),
        guest: joinGuestPath([...mount, ...path], rooted),
        rights: FILE_RIGHTS.filter((right) => rights.has(right)),
        ...(rights.has("write") || rights.has("create")
          ? {
            ...(maxFileSize === Infinity ? {} : { maxFileSize }),
            ...(totalBytes === Infinity ? {} : { totalBytes }),
          }
          : {}),
      };
    });
  }

  /** The places that are to be granted, none inside another, each with all that was used in it. */
  #places({ hostPath }: FilesystemGrant, uses: Uses): Uses {
    const found = [...uses].map(([place, rights]) => {
      let path = resolveGuestPath(place) ?? [];
      while (path.length > 0 && !this.#exists(join(hostPath, ...path))) path = path.slice(0, -1);
      return { path, rights };
    });
    const outer = merged(found);
    // What is renamed must not leave its directory, so the places where names go and come are one.
    const moved = outer.filter(({ rights }) => OF_PARENT.some((right) => rights.has(right)));
    const moves = moved.length > 1 && moved.some(({ rights }) => rights.has("delete"));
    const together = outer.length > MOST_PLACES ? outer : moves ? moved : [];
    const places = together.length === 0 ? outer : merged([
      ...outer,
      { path: commonPath(together.map(({ path }) => path)), rights: new Set() },
    ]);
    return new Map(places.map(({ path, rights }) => [joinGuestPath(path, false), rights]));
  }

  #hosts(): (string | PlanHost)[] {
    const { net } = this.#grants, urls = [...this.#targets.get("network") ?? []];
    if (urls.includes(UNTOLD)) return [...net];
    const policies = net.map((granted) => mergeGrants([hostCapability(granted)]));
    return urls.flatMap((url): (string | PlanHost)[] => {
      const { protocol, hostname, port } = new URL(url), scheme = protocol.slice(0, -1);
      const request = {
        kind: "network",
        scheme,
        host: hostname,
        port: Number(port) || (scheme === "https" ? 443 : 80),
      } as const;
      const methods = (policy: Policy) => policy.network[0]?.methods[0] ?? "GET";
      const index = policies.findIndex((policy) =>
        decide(policy, { ...request, method: methods(policy) }).allowed
      );
      const granted = net[index];
      if (granted === undefined) return [];
      if (typeof granted === "string") return [url];
      const { ports: _, ...bounds } = granted;
      return [{ ...bounds, host: url }];
    });
  }

  #clock(): PlanGrants["clock"] {
    const { clock } = this.#grants, read = this.#targets.get("clock");
    if (clock === false || read === undefined) return false;
    if (clock !== true && clock.fixed !== undefined) return clock;
    const [only, ...others] = read;
    if (others.length > 0 || only !== "monotonic" && only !== "realtime") return clock;
    return clock === true ? { clock: only } : { ...clock, clock: only };
  }

  #logging(): boolean | PlanLog {
    const { logging } = this.#grants, sent = this.#targets.get("logging");
    if (logging === false || sent === undefined) return false;
    if (sent.has(UNTOLD)) return logging;
    const levels = [...sent].filter((level): level is LogLevel => Object.hasOwn(LOG_LEVELS, level));
    const level = levels.toSorted((one, other) => LOG_LEVELS[other] - LOG_LEVELS[one])[0];
    return level === undefined ? logging : { ...logging === true ? {} : logging, level };
  }

  #alert(): PlanGrants["alert"] {
    const { alert } = this.#grants, sent = this.#targets.get("alert");
    if (alert === null || sent === undefined) return null;
    if (sent.has(UNTOLD)) return alert;
    const least = [...sent].filter(isAlertLevel)
      .toSorted((one, other) => ALERT_LEVELS[one] - ALERT_LEVELS[other])[0];
    if (least === undefined) return alert;
    const bounds: Partial<PlanAlert> = typeof alert === "string" ? {} : alert;
    return Object.keys(bounds).length === 0 ? least : { ...bounds, level: least };
  }
}

/** What stands in the place of targets that were not told. */
const UNTOLD = "…";

interface Place {
  readonly path: readonly string[];
  readonly rights: ReadonlySet<FileRight>;
}

/** Outermost places alone, with the rights of what lies in them. */
function merged(places: readonly Place[]): { path: readonly string[]; rights: Set<FileRight> }[] {
  const outer: { path: readonly string[]; rights: Set<FileRight> }[] = [];
  for (const { path, rights } of places.toSorted((one, other) => one.path.length - other.path.length)) {
    const around = outer.find((one) => one.path.every((part, index) => part === path[index]));
    if (around === undefined) outer.push({ path, rights: new Set(rights) });
    else for (const right of rights) around.rights.add(right);
  }
  return outer;
}

function commonPath(paths: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = paths;
  const end = first.findIndex((part, index) => others.some((path) => path[index] !== part));
  return end < 0 ? first : first.slice(0, end);
}
