/** Tests that are named after a line and stand for no defence: they show that honest use still works, or what a system does. */

export interface Control {
  /** From the repository's root. */
  readonly file: string;
  /** A piece of the names. */
  readonly name: string;
  readonly reason: string;
}

export const CONTROLS: readonly Control[] = [];
