/** Alerts of guests, sent on to a URL: one after the other, bounded in number and time, tried again a few times. */
import type { TaskEvent } from "../tasks/task_events.ts";

/** An alert of a task. */
export type AlertEvent = Extract<TaskEvent, { readonly type: "alert" }>;

/** What sends an alert. */
export interface AlertWebhookPorts {
  /** Posts JSON. @throws when it was not taken */
  readonly post: (json: string, signal: AbortSignal) => Promise<void>;
  /** Waits. @param milliseconds how long */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Told of an alert that could not be sent, and of how many were dropped. */
  readonly onLost: (reason: string) => void;
}

/** Alerts that wait; tries of each; milliseconds that one may take, and between two. */
const MOST_WAITING = 1000, TRIES = 3, LONGEST_POST = 5000, PAUSE = 1000;

export class AlertWebhook {
  readonly #ports: AlertWebhookPorts;
  readonly #waiting: AlertEvent[] = [];
  readonly #ending: AbortController = new AbortController();
  #sending: Promise<void> | undefined;
  #dropped = 0;

  constructor(ports: AlertWebhookPorts) {
    this.#ports = ports;
  }

  /** Sends an alert, when those before it are sent. Past a thousand that wait, the latest are dropped, and counted. */
  send(alert: AlertEvent): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(alert);
    this.#sending ??= this.#sendAll().finally(() => this.#sending = undefined);
  }

  /** Sends no more. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let alert = this.#waiting.shift(); alert !== undefined; alert = this.#waiting.shift()) {
      if (this.#ending.signal.aborted) return;
      await this.#sendOne(alert);
      if (this.#dropped === 0) continue;
      this.#ports.onLost(`${this.#dropped} alerts came too fast for the webhook`);
      this.#dropped = 0;
    }
  }

  async #sendOne({ time, task, execution, level, message }: AlertEvent): Promise<void> {
    const json = JSON.stringify({ time, task, execution, level, message }), { signal } = this.#ending;
    for (let turn = 1; turn <= TRIES && !signal.aborted; turn++) {
      try {
        return await this.#ports.post(json, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_POST)]));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (turn === TRIES) this.#ports.onLost(`the webhook took no alert: ${reason}`);
        else await this.#ports.sleep(PAUSE * 2 ** (turn - 1), signal);
      }
    }
  }
}
