/**
 * The memory that a host and a guest share: one growable SharedArrayBuffer a sandbox.
 *
 *     byte 0      control words, i32 each, and the budget: what is hardly ever written
 *          64     meters, 64 bits each, and the state: what the guest writes
 *         128     the turn and its frame, i32 each: what both write
 *         192     meters at the beginning of the call, written by the guest
 *         256     frame area, grows to the frame limit
 *
 * Each is a line of memory of its own: what one side writes and the other reads costs a tenth of a microsecond, and a
 * short call costs one.
 *
 * Turns: the frame area belongs to the side that TURN names. The host writes a request and gives the turn away; the
 * guest, while it works on it, may write a host call and give the turn back, and so on until it writes a result. For
 * an operation that a broker performs it gives the turn to the broker, and gets it from there. So each side only ever
 * waits for the turn, on its own bell. CONTROL is the exception: the host may set it at any time, and the guest looks
 * at it whenever it refuels, returns from a wait, or gets the turn.
 *
 * Both sides read every word once into a local and check it before use: nothing is parsed in place.
 */
export const WORDS = {
  /** Whose turn it is: a value of {@linkcode TURNS}. Written by the side that gives the turn away. */
  turn: 32,
  /** What the guest shall do: a value of {@linkcode CONTROLS}. Written by the host. */
  control: 1,
  /** Why the guest shall abort: a value of `ABORT_REASONS`. Written by the host before CONTROL. */
  abortReason: 2,
  /** Counts how often the guest was asked for its state in mid-call. Written by the host. */
  saveRequests: 5,
  /** Counts events for the guest, who waits on it. Written by the host. */
  guestBell: 3,
  /** Counts events for the host, who waits on it. Written by the guest. */
  hostBell: 4,
  /** A value of {@linkcode FRAMES}. Written by the side that has the turn. */
  frameKind: 33,
  /** Bytes of the frame. Written by the side that has the turn. */
  frameLength: 34,
  /** What the guest is doing: a value of {@linkcode STATES}. Written by the guest. */
  state: 31,
  /** 1 while the host's thread blocks for the guest, 0 while it waits in its event loop. Written by the host. */
  hostBlocks: 8,
  /** How many waits of the host may be parked, and are to be woken. Written by the host. */
  hostParked: 9,
  /** How many waits of the guest may be parked, and are to be woken. Written by the guest. */
  guestParked: 10,
} as const;

/** Meters, as indices of 64-bit words of the buffer. `fuel…` are i64, the others f64. */
export const METERS = {
  /** Fuel consumed since the instance's life began. Written by the guest. */
  fuelUsed: 8,
  /** Budget of the instance, additions included. Written by the host. */
  fuelBudget: 6,
  /** Milliseconds for which the host has had the guest stand still, all pauses together. Written by the host. */
  pausedTime: 7,
  /** Bytes of all memories. Written by the guest. */
  memory: 10,
  /** Calls of host functions. Written by the guest. */
  hostCalls: 11,
  /** Milliseconds that the guest was parked. Written by the guest. */
  parkedTime: 12,
  /** Growths that were refused. Written by the guest. */
  refusedGrowths: 13,
  /** Times the guest has looked at the control words. Written by the guest. */
  beats: 14,
} as const;

/** From a meter to what it was when the call began, in 64-bit words. */
export const BEFORE = 16;

/** Byte offset of the frame area. */
export const FRAME_START = 256;

/** Bytes of a frame area when it is made; it grows when a frame needs more. */
export const FIRST_FRAME_SIZE = 4096;

/** Sides that can have the turn; beside host and guest the brokers, each for one operation. */
export const TURNS = { host: 0, guest: 1, files: 2, net: 3, process: 4 } as const;

export const CONTROLS = { run: 0, pause: 1, abort: 2 } as const;

export const STATES = { starting: 0, idle: 1, running: 2, waiting: 3, paused: 4 } as const;

/** What a frame holds. Requests come from the host, the rest is said beside each. */
export const FRAMES = {
  none: 0,
  /** Request: call an exported function. */
  call: 1,
  /** Request: copy bytes out of a memory. */
  readMemory: 2,
  /** Request: copy bytes into a memory. */
  writeMemory: 3,
  /** Request: call an exported function with numbers, once or often; `batch_frames.ts` says how. */
  batch: 4,
  /** Request: how the row of a batch ended that had no value. */
  batchEnd: 5,
  /** Request: send the state, between two calls. */
  save: 6,
  /** Request: a piece of a state to go on from; the last one is put in place. */
  restore: 7,
  /** Request: go on with the call in whose midst the state was taken. */
  goOn: 8,
  /** Request: what the program is given from now on, arguments and variables as data. */
  program: 9,
  /** Request: watch what is called next, as `watch_messages.ts` says. */
  watch: 18,
  /** Request: watch no more; the result is what was seen. */
  watchEnd: 19,
  /** From the guest: how a request ended. */
  result: 10,
  /** From the guest: it calls a host function. */
  hostCall: 11,
  /** From the host: what the host function returned. */
  hostReturn: 12,
  /** From the host: the host function threw. */
  hostThrow: 13,
  /** From the guest: it asks for an operation. */
  operation: 14,
  /** From who performs it: how the operation ended. */
  answer: 15,
  /** From the guest: the rows of a batch that were done. */
  batchRows: 16,
  /** From the guest: a piece of its state, or why there is none; the host answers with `hostReturn`. */
  state: 17,
} as const;

/** What a piece of a state is, the first byte of a `state` or `restore` frame; bytes follow, or why there is no state. */
export const PIECES = { more: 0, last: 1, refused: 2 } as const;

/** How a request ended, the first byte of a `result` frame. The codes stand in frames only. */
export const RESULTS = {
  value: 0,
  trap: 1,
  outOfFuel: 2,
  timeout: 3,
  memory: 4,
  stack: 5,
  hostCalls: 6,
  aborted: 7,
  hostError: 8,
  fault: 9,
  exit: 10,
  /** An import cannot be linked: module, name and reason follow as strings. */
  missingImport: 11,
  cpuTime: 12,
  inlineError: 13,
  abi: 14,
  /** From the relay of a guest whose heap was full, and whose process has ended by that; as `memory`. */
  heapFull: 15,
  /** Something was refused for want of a grant: capability, action, reason and hint follow as strings. */
  denied: 16,
} as const;
