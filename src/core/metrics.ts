/** What a sandbox has used: since it was created or last reset, or in one call. */
export interface Usage {
  /** Fuel units burnt, instantiation and start function included. */
  readonly fuelConsumed: bigint;
  /** Wall time in milliseconds. */
  readonly duration: number;
  /** Wall time less the time the guest was parked, in milliseconds. */
  readonly cpuTime: number;
  /** Largest size of all memories together, in bytes. */
  readonly peakMemory: number;
  /** Calls of host functions. */
  readonly hostCalls: number;
  /** Growths of memories or tables that were refused. */
  readonly refusedGrowths: number;
}

/** What a sandbox had used at one moment since it was made or last reset, amid a call too. */
export interface UsageSample {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Fuel units. */
  readonly fuelConsumed: bigint;
  /** Milliseconds of work. */
  readonly cpuTime: number;
  /** Bytes of all memories. */
  readonly memory: number;
  /** Calls of host functions. */
  readonly hostCalls: number;
  /** Times that something was denied. */
  readonly denials: number;
  /** Whether a call or another request is under way. */
  readonly running: boolean;
}

/** The meters of a sandbox: cumulative, with the last call beside them. */
export interface Metrics extends Usage {
  /** Calls that were started. */
  readonly calls: number;
  /** Times that something was denied which was not granted. */
  readonly denials: number;
  /** Size of all memories now, in bytes. */
  readonly memory: number;
  /** The last call that ended; absent before the first. */
  readonly lastCall?: Usage;
}
