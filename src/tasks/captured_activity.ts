/**
 * What one execution asked of the host: what it was granted and denied, its alerts, the growth of its memory. A guest can
 * ask a million times a second, for whatever it likes: what is the same is one entry with a count, entries are bounded in
 * number and size by their kind, and what finds no room is counted alone.
 *
 * Called while the guest waits for each answer, so it is written plainly: 0.2 µs for what has an entry, 0.4 µs for what has none
 * and finds no room, 2 µs for a target of 1,000 characters.
 */
import { cutText } from "../core/cut.ts";
import type { EventOf } from "../core/events.ts";

/** What an entry tells of: something that was granted, something that was denied, alerts, memory that grew. */
export const ACTIVITY_KINDS = ["call", "denial", "alert", "memory"] as const;

/** One of {@linkcode ACTIVITY_KINDS}. */
export type ActivityKind = typeof ACTIVITY_KINDS[number];

/** Something that a guest asked of the host, as often as it did. Texts may be of its choosing: data, wherever they are shown. */
export interface ActivityEntry {
  /** The first time, in milliseconds since 1970. */
  readonly time: number;
  /** The last time. */
  readonly until: number;
  /** What the entry tells of. */
  readonly kind: ActivityKind;
  /** Kind of the capability: `filesystem`, `sensor`; `memory` for none. */
  readonly capability: string;
  /** What was to be done: `read`, `connect`, `send`, `grow`. */
  readonly action: string;
  /** To what: a path, an address, a number, a level. */
  readonly target: string;
  /** Why it was denied, what the first alert said, from how many bytes to how many the memory grew. */
  readonly detail: string | undefined;
  /** How often. */
  readonly count: number;
}

/** What an execution asked of the host. */
export interface StoredActivity {
  /** In the order of their first times. */
  readonly entries: readonly ActivityEntry[];
  /** How often something was asked of which there is no entry. */
  readonly cut: number;
}

/** A denial that is told as it happens. */
export interface ToldDenial extends Pick<ActivityEntry, "time" | "capability" | "action" | "target"> {
  readonly reason: string;
  /** How often it happened since it was told last. */
  readonly count: number;
}

/** Events that are listened to. */
export const ACTIVITY_EVENTS = ["capability_checked", "alert_sent", "memory_grew"] as const;

/** One of them. */
export type ActivityEvent = EventOf<typeof ACTIVITY_EVENTS[number]>;

/** Entries of each kind, and the UTF-16 code units of their texts: what a guest may do leaves room for what it may not. */
const ROOMS: Readonly<Record<ActivityKind, { readonly entries: number; readonly size: number }>> = {
  call: { entries: 100, size: 16 * 1024 },
  denial: { entries: 100, size: 16 * 1024 },
  alert: { entries: 4, size: 4096 }, // one for each level
  memory: { entries: 1, size: 256 },
};

/** UTF-16 code units of a target, and of a detail, that are kept. */
const LONGEST_TARGET = 256, LONGEST_DETAIL = 512;

/** Denials of one execution that are told in a second; the others are told with the next of their kind, or at its end. */
const TOLD_A_SECOND = 10;

type OpenEntry = { -readonly [Field in keyof ActivityEntry]: ActivityEntry[Field] } & {
  /** Times since it was told. */
  untold: number;
  /** Bytes that the memory had first. */
  readonly from: number;
};

type Happening = Omit<ActivityEntry, "until">;

export class CapturedActivity {
  readonly #onDenial: (denial: ToldDenial) => void;
  readonly #entries: Map<string, OpenEntry> = new Map();
  readonly #used: Record<ActivityKind, { entries: number; size: number }> = {
    call: { entries: 0, size: 0 },
    denial: { entries: 0, size: 0 },
    alert: { entries: 0, size: 0 },
    memory: { entries: 0, size: 0 },
  };
  /** Denials that were told in the second of the clock that is under way. */
  #told = { second: 0, count: 0 };
  #cut = 0;

  /** @param onDenial told of denials, some in a second */
  constructor(onDenial: (denial: ToldDenial) => void) {
    this.#onDenial = onDenial;
  }

  get entries(): readonly ActivityEntry[] {
    return Array.from(this.#entries.values(), ({ untold: _, from: _from, ...entry }) => entry);
  }

  /** How often something was asked of which there is no entry. */
  get cut(): number {
    return this.#cut;
  }

  take(event: ActivityEvent): void {
    switch (event.type) {
      case "capability_checked": {
        const { time, capability, action, target, allowed, reason, count = 1 } = event;
        if (!allowed) {
          return this.#deny({ time, kind: "denial", capability, action, target, detail: reason, count });
        }
        // Of an alert that was taken there is an event of its own.
        if (capability !== "alert") {
          this.#add({ time, kind: "call", capability, action, target, detail: undefined, count });
        }
        return;
      }
      case "alert_sent": {
        const { time, level: target, message: detail } = event;
        this.#add({ time, kind: "alert", capability: "alert", action: "send", target, detail, count: 1 });
        return;
      }
      case "memory_grew": {
        const { time, from, to } = event, facts = { capability: "memory", action: "grow", target: "" };
        const entry = this.#add({ time, kind: "memory", ...facts, detail: undefined, count: 1 }, from);
        if (entry !== undefined) entry.detail = `from ${entry.from} to ${to} bytes`;
      }
    }
  }

  /** Tells of the denials that were not told yet: nothing comes any more. */
  finish(): void {
    for (const entry of this.#entries.values()) if (entry.untold > 0) this.#tell(entry);
  }

  #deny(happening: Happening): void {
    const entry = this.#add(happening);
    if (entry === undefined) return;
    entry.untold += happening.count;
    const second = Math.floor(happening.time / 1000), told = this.#told;
    if (second !== told.second) this.#told = { second, count: 1 };
    else if (told.count++ >= TOLD_A_SECOND) return;
    this.#tell(entry);
  }

  #tell(entry: OpenEntry): void {
    const { until: time, capability, action, target, detail: reason = "", untold: count } = entry;
    entry.untold = 0;
    this.#onDenial({ time, capability, action, target, reason, count });
  }

  /** @returns its entry; undefined where there is no room for one */
  #add(happening: Happening, from = 0): OpenEntry | undefined {
    const { time, kind, capability, action, count } = happening;
    // A slice keeps the whole text alive: it is only looked up by, and what is kept is made anew.
    const start = happening.target.slice(0, LONGEST_TARGET),
      key = `${kind}\n${capability}\n${action}\n${start}`;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.count += count;
      if (time > known.until) known.until = time;
      return known;
    }
    const used = this.#used[kind], room = ROOMS[kind];
    const size = used.size + capability.length + action.length + start.length +
      Math.min(happening.detail?.length ?? 0, LONGEST_DETAIL);
    if (used.entries >= room.entries || size > room.size) {
      this.#cut += count;
      return undefined;
    }
    used.entries++;
    used.size = size;
    const detail = happening.detail === undefined ? undefined : cutText(happening.detail, LONGEST_DETAIL);
    const target = cutText(happening.target, LONGEST_TARGET);
    const entry = { time, until: time, kind, capability, action, target, detail, count, untold: 0, from };
    this.#entries.set(key, entry);
    return entry;
  }
}
