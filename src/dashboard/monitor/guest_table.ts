/** The guests that run, each in a row of its own. */
import type { GuestMeters, TaskState } from "../api_types.ts";
import { part } from "../dom.ts";
import { GuestRow, type GuestRowOptions } from "./guest_row.ts";

export class GuestTable {
  readonly #options: GuestRowOptions;
  readonly #body: HTMLElement = part("guests", HTMLElement);
  readonly #none: HTMLElement = part("no-guests", HTMLElement);
  readonly #frame: HTMLElement = part("guests-frame", HTMLElement);
  /** By the id of the execution. */
  readonly #rows: Map<number, { readonly row: GuestRow; readonly task: string }> = new Map();

  constructor(options: GuestRowOptions) {
    this.#options = options;
  }

  /** @param now milliseconds since 1970, by the server's clock */
  show(guests: readonly GuestMeters[], now: number): void {
    const there = new Set(guests.map(({ execution }) => execution));
    for (const execution of [...this.#rows.keys()]) if (!there.has(execution)) this.remove(execution);
    for (const guest of guests) {
      let known = this.#rows.get(guest.execution);
      if (known === undefined) {
        known = { row: new GuestRow(guest, this.#options), task: guest.task };
        this.#rows.set(guest.execution, known);
        this.#body.append(known.row.root);
      }
      known.row.show(guest, now);
    }
    this.#tell();
  }

  /** A task has come to another state; its figures come with the next sample. */
  showState(task: string, state: TaskState): void {
    for (const known of this.#rows.values()) if (known.task === task) known.row.showState(state);
  }

  /** An execution has ended. */
  remove(execution: number): void {
    this.#rows.get(execution)?.row.root.remove();
    this.#rows.delete(execution);
    this.#tell();
  }

  #tell(): void {
    this.#none.hidden = this.#rows.size > 0;
    this.#frame.hidden = this.#rows.size === 0;
  }
}
