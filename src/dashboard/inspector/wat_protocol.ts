/** What a page asks of the Worker that turns text into modules, and what it gets. */

/** A module as text. */
export interface WatRequest {
  readonly text: string;
}

/** The module in binary form, not validated. */
export interface WatAnswer {
  readonly bytes: Uint8Array<ArrayBuffer>;
}
