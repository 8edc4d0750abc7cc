/** Edits that switch no defence off: where one is missing, they have its tests end sooner. */
import type { Edit } from "./defence.ts";

/** Gives a guest up sooner, which nothing stops: no test waits for that. */
export const SOON_GIVEN_UP: Edit = {
  file: "src/sandbox/guest_back_end.ts",
  find: `const GRACE = 5000;`,
  replace: `const GRACE = 300;`,
};

/** Has the host stop guests after a second, that may run for longer: for tests in which something else is to stop them. */
export const SOON_OVER: Edit = {
  file: "src/sandbox/guest_thread.ts",
  find: `this.#due = performance.now() + timeout + HEAD_START;`,
  replace: `this.#due = performance.now() + Math.min(timeout, 1000) + HEAD_START;`,
};
