/** What happens on the server, as it happens: one stream of events, which comes back by itself when it breaks. */
import type { Api, Query } from "./api.ts";
import { ApiError } from "./api_error.ts";
import { readEvents } from "./event_reader.ts";
import { inSlot } from "./stream_slots.ts";

/** How the connection stands. `crowded`: others have all streams, and this page looks now and then. */
export type LiveState = "connecting" | "live" | "lost" | "crowded";

export interface LiveOptions {
  /** Which events: `task`, `meters`, `audit`. */
  readonly query: Query;
  /** Told of each event, its data parsed. */
  readonly onEvent: (type: string, data: unknown) => void;
  /** Called whenever a stream begins, and now and then where there is none to be had: look at everything again. */
  readonly onConnect: () => void;
  readonly onState: (state: LiveState) => void;
}

/** Milliseconds to wait after a failure: doubled from the first to the last. */
const FIRST_WAIT = 250, LAST_WAIT = 5000;

/** Milliseconds of silence after which a connection counts as lost: the server says every 15 s that it lives. */
const LONGEST_SILENCE = 40_000;

export class LiveEvents {
  readonly #api: Api;
  readonly #options: LiveOptions;
  readonly #end: AbortController = new AbortController();

  constructor(api: Api, options: LiveOptions) {
    this.#api = api;
    this.#options = options;
    void this.#run();
  }

  close(): void {
    this.#end.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    let wait = FIRST_WAIT, looked = false;
    this.#options.onState("connecting");
    while (!signal.aborted) {
      let isCrowded = false;
      try {
        isCrowded = !await inSlot(() => this.#listen(() => wait = FIRST_WAIT));
      } catch (error) {
        isCrowded = error instanceof ApiError && error.code === "RateLimited";
      }
      if (signal.aborted) return;
      this.#options.onState(isCrowded ? "crowded" : "lost");
      if (isCrowded) {
        if (!looked || !document.hidden) this.#options.onConnect();
        looked = true;
        await untilSeen(LAST_WAIT);
      } else {
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(2 * wait, LAST_WAIT);
      }
    }
  }

  async #listen(onConnect: () => void): Promise<void> {
    const silence = new AbortController(), signal = AbortSignal.any([this.#end.signal, silence.signal]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), LONGEST_SILENCE);
    };
    try {
      heard();
      const stream = await this.#api.stream("/events", this.#options.query, signal);
      onConnect();
      this.#options.onState("live");
      this.#options.onConnect();
      await readEvents(stream, {
        onLine: heard,
        onEvent: ({ type, data }) => this.#options.onEvent(type, JSON.parse(data)),
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Waits for a time, or until somebody turns to the page. */
async function untilSeen(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>(), end = () => resolve();
  const timer = setTimeout(end, milliseconds);
  document.addEventListener("visibilitychange", end);
  await promise;
  clearTimeout(timer);
  document.removeEventListener("visibilitychange", end);
}
