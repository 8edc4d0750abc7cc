/** What was asked for and how it was decided: one event for every decision about a grant. */
export interface AuditEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Id of the sandbox. */
  readonly sandbox: string;
  /** Kind of the capability: `filesystem`, `network`, … */
  readonly capability: string;
  /** What was to be done: `read`, `write`, `create`, `delete`, `connect`, `secret` for putting one in, … */
  readonly action: string;
  /** What it was to be done to, in the guest's terms: a path, an address, a name. */
  readonly target: string;
  /** How it was decided. */
  readonly allowed: boolean;
  /**
   * It was not allowed, and the guest was given something in place of it that is the same in each run, as for clocks and
   * random bytes: no denial that it could notice.
   */
  readonly standIn?: true;
  /** Why it was denied. */
  readonly reason?: string;
  /** The flag of the command that would allow it; absent where there is none. */
  readonly flag?: string;
  /** How many equal events this one stands for, when a guest repeats itself faster than they can be told. @default 1 */
  readonly count?: number;
}
