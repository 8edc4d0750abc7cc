/** Calls that are watched: traced, profiled, stepped. */
import type { CallOptions } from "./call_options.ts";
import { Debugger } from "./debugger.ts";
import type { Around, GuestCalls } from "./guest_calls.ts";
import type { GuestSession } from "./guest_session.ts";
import type { WatchLevel } from "./load_options.ts";
import type { AegisModule } from "./module.ts";
import type { WatchDesk } from "./watch_desk.ts";
import { type DebugOptions, readFilter, resolveTrace, type TraceOptions } from "./watch_options.ts";
import { type ProfileResult, readProfile, readTraceEnd } from "./watch_results.ts";
import { AegisError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import { quote } from "../core/quote.ts";
import type { CallValue } from "../core/value.ts";
import { FRAMES } from "../protocol/layout.ts";
import { encodeWatch, WATCHED, type WatchSettings } from "../protocol/watch_messages.ts";

/** What a traced call gave. */
export interface TraceResult {
  /** How it ended. */
  readonly outcome: Outcome;
  /** The lines, where nobody took them. */
  readonly text: string;
  /** How many there were. */
  readonly lines: number;
  /** Whether there was more than may be written. */
  readonly cut: boolean;
}

/** What a profiled call gave. */
export interface Profile extends ProfileResult {
  /** How it ended. */
  readonly outcome: Outcome;
}

/** Characters of a trace for each of its lines, all together: a line has fewer, but the guest's thread may be forged. */
const LINE_SIZE = 2048;

const NO_ANSWER = new Uint8Array();

const EMPTY_PROFILE: ProfileResult = { fuel: 0, functions: [], stacks: "", other: 0, cut: false };

/** A call that is to be watched. */
interface Call {
  readonly name: string;
  readonly args: readonly CallValue[];
  readonly options: CallOptions;
}

export class GuestWatch {
  readonly #session: GuestSession;
  readonly #calls: GuestCalls;
  readonly #desk: WatchDesk;

  constructor(
    session: GuestSession,
    { calls, desk }: { readonly calls: GuestCalls; readonly desk: WatchDesk },
  ) {
    this.#session = session;
    this.#calls = calls;
    this.#desk = desk;
  }

  /** @throws as `Sandbox.trace` */
  async trace(name: string, args: readonly CallValue[], options: TraceOptions): Promise<TraceResult> {
    const { level, filter, lines, onText, call } = resolveTrace(options), decoder = new TextDecoder();
    let text = "", room = lines * LINE_SIZE, end = { lines: 0, cut: false };
    const outcome = await this.#watched(
      { name, args, options: call },
      {
        level,
        settings: { mode: "trace", level, filter, lines },
        take: (kind, bytes) => {
          const part = decoder.decode(bytes);
          room -= part.length;
          if (kind !== WATCHED.trace || room < 0) return NO_ANSWER;
          const taken = onText?.(part);
          if (onText === undefined) text += part;
          return taken === undefined ? NO_ANSWER : taken.then(() => NO_ANSWER);
        },
        end: (bytes) => {
          end = readTraceEnd(bytes);
        },
      },
    );
    return { outcome, text, ...end };
  }

  /** @throws as `Sandbox.profile` */
  async profile(name: string, args: readonly CallValue[], options: CallOptions): Promise<Profile> {
    let profile = EMPTY_PROFILE;
    const outcome = await this.#watched({ name, args, options }, {
      level: "functions",
      settings: { mode: "profile" },
      take: () => NO_ANSWER,
      end: (bytes) => {
        profile = readProfile(bytes);
      },
    });
    return { outcome, ...profile };
  }

  /** @throws as `Sandbox.debug` */
  async debug(name: string, args: readonly CallValue[], options: DebugOptions): Promise<Debugger> {
    const { breakAt = "", ...call } = options, desk = this.#desk, session = this.#session;
    const made = new Debugger({
      pause: () => session.pause(),
      resume: () => session.resume(),
      stop: () => session.stop(),
    });
    const outcome = this.#watched({ name, args, options: call }, {
      level: "instructions",
      settings: { mode: "step", breakAt: readFilter(breakAt, "breakAt") },
      take: (kind, bytes) => made.take(kind, bytes),
      end: () => {},
    }, () => desk.onAbandon = () => made.abandon());
    await made.start(outcome);
    return made;
  }

  /** Calls, and has the desk hand over what is told meanwhile. */
  #watched(
    { name, args, options }: Call,
    watch: {
      readonly level: WatchLevel;
      readonly settings: WatchSettings;
      readonly take: NonNullable<WatchDesk["taker"]>;
      readonly end: (bytes: Uint8Array) => void;
    },
    begun: () => void = () => {},
  ): Promise<Outcome> {
    const desk = this.#desk;
    const around: Around = {
      before: async (module) => {
        checkWatched(module, watch.level);
        await this.#request(FRAMES.watch, encodeWatch(watch.settings));
        desk.taker = watch.take;
        begun();
      },
      after: async () => {
        try {
          const said = await this.#request(FRAMES.watchEnd, NO_ANSWER);
          if (said !== undefined) watch.end(said);
        } finally {
          desk.taker = desk.onAbandon = undefined;
        }
      },
    };
    return this.#calls.call(name, args, options, around);
  }

  /** @returns undefined for a guest whose thread is gone */
  async #request(kind: number, content: Uint8Array): Promise<Uint8Array | undefined> {
    const reply = await this.#session.request({
      kind,
      timeout: this.#session.limits.timeout,
      write: (writer) => writer.rest(content),
      read: (reader) => reader.bytes(),
    });
    return "result" in reply ? reply.result : undefined;
  }
}

/** @throws {AegisError} `InvalidOption` */
function checkWatched({ watch }: AegisModule, level: WatchLevel): void {
  if (watch === "instructions" || watch === level) return;
  throw new AegisError("InvalidOption", `Cannot watch ${level} of a module that was not loaded for it`, {
    field: "watch",
    suggestion: `Load it with engine "interpreter" and watch ${quote(level)}.`,
  });
}
