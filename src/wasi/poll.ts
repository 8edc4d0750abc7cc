/**
 * `poll_oneoff`: waits for the first of several things. Everything is read out of the guest's memory before anything
 * is written, since the lists may overlap.
 *
 *     subscription:  u64 userdata | 8 u8 type | 16 u32 descriptor, or at the offset that the ABI says, of a clock
 *                    u32 id | 8 u64 timeout | 16 u64 precision | 24 u16 flags
 *     event:         u64 userdata | 8 u16 error | 10 u8 type | 16 u64 bytes | 24 u16 flags
 */
import type { Caller, WasiFunctions } from "./caller.ts";
import { CLOCKS } from "./clocks.ts";
import { RIGHTS } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";

/** Subscriptions of one call at most; what is above it is refused with `inval`. */
const MOST_SUBSCRIPTIONS = 4096;

const EVENT_SIZE = 32;

const EVENT_TYPES = { clock: 0, fdRead: 1, fdWrite: 2 } as const;

/** The flag that makes a timeout a point in time. */
const ABSOLUTE = 1;

/** Milliseconds of one wait: between waits the guest may be told to stop. */
const LONGEST_WAIT = 1000;

const NANOSECONDS = 1e6;

/** Something that a guest waits for. */
interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** What happened, unless nothing has yet. */
  event: { readonly errno: number; readonly bytes: number } | undefined;
  /** Nanoseconds until a clock is due; Infinity for what is no clock. */
  readonly due: number;
}

const ready = (bytes: number) => ({ errno: ERRNO.success, bytes });
const failed = (errno: number) => ({ errno, bytes: 0 });

/** Nanoseconds from now on until a clock has reached the timeout; undefined for a clock or flags that are none. */
function dueIn(caller: Caller, at: number): number | undefined {
  const { memory, process: { clocks } } = caller;
  const id = memory.u32(at), timeout = memory.u64(at + 8), flags = memory.u16(at + 24);
  if (id > CLOCKS.threadCpuTime || flags > ABSOLUTE) return undefined;
  if (flags !== ABSOLUTE) return Number(timeout);
  const left = timeout - clocks.peek(id);
  return left > 0n ? Number(left) : 0;
}

/** What a descriptor is ready for at once; undefined for standard input, which has to be asked. */
function readiness(caller: Caller, fd: number, writing: boolean): Subscription["event"] {
  const { process: { descriptors, host } } = caller, descriptor = descriptors.get(fd);
  if (descriptor === undefined) return failed(ERRNO.badf);
  if ((descriptor.rights & (writing ? RIGHTS.fd_write : RIGHTS.fd_read)) === 0) return failed(ERRNO.badf);
  if ((descriptor.rights & RIGHTS.poll_fd_readwrite) === 0) return failed(ERRNO.notcapable);
  if (writing) return ready(host.room);
  if (descriptor.kind === "stream") return undefined;
  if (descriptor.kind !== "file") return failed(ERRNO.badf);
  const { errno, reply } = caller.perform("stat", { descriptor: descriptor.handle });
  return reply === undefined ? failed(errno) : ready(Math.max(0, reply.size - descriptor.position));
}

/** Reads one subscription; undefined when its type is none. */
function subscriptionAt(caller: Caller, at: number): Subscription | undefined {
  const { memory, abi } = caller, userdata = memory.u64(at), type = memory.u8(at + 8);
  switch (type) {
    case EVENT_TYPES.clock: {
      const due = dueIn(caller, at + abi.subscription.clock);
      const event = due === undefined ? failed(ERRNO.inval) : due === 0 ? ready(0) : undefined;
      return { userdata, type, event, due: due ?? 0 };
    }
    case EVENT_TYPES.fdRead:
    case EVENT_TYPES.fdWrite: {
      const event = readiness(caller, memory.u32(at + 16), type === EVENT_TYPES.fdWrite);
      return { userdata, type, event, due: Infinity };
    }
  }
  return undefined;
}

/** All subscriptions of a list whose range is checked; undefined when one is of no type. */
function subscriptionsAt(caller: Caller, at: number, count: number): Subscription[] | undefined {
  const subscriptions: Subscription[] = [], { host } = caller.process;
  for (let index = 0; index < count; index++) {
    const subscription = subscriptionAt(caller, at + index * caller.abi.subscription.size);
    if (subscription === undefined) return undefined;
    subscriptions.push(subscription);
    if (!host.mayGoOn()) break;
  }
  return subscriptions;
}

/** Asks standard input for at most so many milliseconds, for ever with Infinity, or until the guest is to stop. */
function pollInput(caller: Caller, milliseconds: number): Subscription["event"] {
  const { host } = caller.process, end = host.now() + milliseconds;
  host.flushOutput();
  for (let left = milliseconds;; left = end - host.now()) {
    const { errno, reply } = caller.perform("pollInput", {
      timeout: Math.max(0, Math.min(left, LONGEST_WAIT)),
    });
    if (reply === undefined) return failed(errno);
    if (reply.ready !== 0) return ready(1);
    if (left <= LONGEST_WAIT || !host.mayGoOn()) return undefined;
  }
}

/** Parks the thread for so many milliseconds, or until the guest is to stop. */
function sleep(caller: Caller, milliseconds: number): void {
  const { host } = caller.process, end = host.now() + milliseconds;
  host.flushOutput();
  for (let left = milliseconds; left > 0 && host.mayGoOn(); left = end - host.now()) {
    host.sleep(Math.min(left, LONGEST_WAIT));
  }
}

/** Waits until something happens. Standard input is asked once for all that wait for it. */
function wait(caller: Caller, subscriptions: readonly Subscription[]): void {
  const { clocks, host } = caller.process;
  const happened = subscriptions.some((one) => one.event !== undefined);
  const due = happened ? 0 : subscriptions.reduce((least, one) => Math.min(least, one.due), Infinity);
  const inputs = subscriptions.filter((one) => one.event === undefined && one.due === Infinity);
  if (inputs.length > 0) {
    const event = pollInput(caller, due / NANOSECONDS);
    for (const one of inputs) one.event = event;
    if (event !== undefined) return;
  } else if (!happened && clocks.passes()) sleep(caller, due / NANOSECONDS);
  if (happened || due === Infinity || !host.mayGoOn()) return;
  clocks.advance(BigInt(Math.floor(due)));
  for (const one of subscriptions) if (one.due <= due) one.event = ready(0);
}

export const POLL: WasiFunctions<"poll_oneoff"> = {
  poll_oneoff(caller, at, events, count, result) {
    const { memory, abi, process: { host } } = caller;
    if (count === 0 || count > MOST_SUBSCRIPTIONS) return ERRNO.inval;
    if (
      !memory.holds(at, count * abi.subscription.size) || !memory.holds(events, count * EVENT_SIZE) ||
      !memory.holds(result, 4)
    ) return ERRNO.fault;
    const subscriptions = subscriptionsAt(caller, at, count);
    if (subscriptions === undefined) return ERRNO.inval;
    wait(caller, subscriptions);
    if (!host.mayGoOn()) return ERRNO.intr;
    let written = 0;
    for (const { userdata, type, event } of subscriptions) {
      if (event === undefined) continue;
      const place = events + written++ * EVENT_SIZE;
      memory.fill(place, EVENT_SIZE);
      memory.setU64(place, userdata);
      memory.setU16(place + 8, event.errno);
      memory.setU8(place + 10, type);
      memory.setU64(place + 16, BigInt(event.bytes));
    }
    memory.setU32(result, written);
    return ERRNO.success;
  },
};
