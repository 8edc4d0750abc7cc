import { cutToBytes, MessageRate } from "./message_rate.ts";
import { TakenMessages } from "./taken_messages.ts";
import type { AlertLevel } from "../core/alert_level.ts";
import type { AlertGrant } from "../policy/grants.ts";

/** An alert of a guest. The text is the guest's: escape it before it reaches a terminal or a page. */
export interface Alert {
  /** Id of the sandbox. */
  readonly sandbox: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How important the guest says that it is. */
  readonly level: AlertLevel;
  /** The guest's text. */
  readonly message: string;
  /** Whether it was cut at the grant's size. */
  readonly truncated: boolean;
}

/** The alerts of one sandbox, as its grant bounds them. */
export class AlertMessages {
  readonly #sandbox: string;
  readonly #messages: TakenMessages<Alert>;
  readonly #tell: (alert: Alert) => void;
  readonly #rate: MessageRate = new MessageRate();

  /** @param ports `take`: the embedder's function; `tell`: told of each alert before */
  constructor(
    sandbox: string,
    ports: { readonly take: ((alert: Alert) => void) | undefined; readonly tell: (alert: Alert) => void },
  ) {
    this.#sandbox = sandbox;
    this.#messages = new TakenMessages("onAlert", ports.take);
    this.#tell = ports.tell;
  }

  get kept(): readonly Alert[] {
    return this.#messages.kept;
  }

  restart(): void {
    this.#messages.restart();
  }

  /** Takes an alert; whether it was within the grant's rate. @param time milliseconds since 1970 */
  add(
    grant: AlertGrant,
    given: { readonly level: AlertLevel; readonly text: string; readonly time: number },
  ): boolean {
    const { level, text, time } = given;
    if (!this.#rate.take(grant.rate, time)) return false;
    const message = cutToBytes(text, grant.maxMessage), truncated = message.length < text.length;
    const alert = { sandbox: this.#sandbox, time, level, message, truncated };
    this.#tell(alert);
    this.#messages.add(alert, grant.keep);
    return true;
  }
}
