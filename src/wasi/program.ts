/** What a program is told about itself and its time, and how it ends. */
import type { WasiFunctions } from "./caller.ts";
import { ERRNO } from "../protocol/errno.ts";

/** Bytes that the host fills with random values at once. */
const RANDOM_CHUNK = 65_536;

/** Signals are numbered up to it. */
const LAST_SIGNAL = 30;

export const PROGRAM: WasiFunctions<
  | "args_get"
  | "args_sizes_get"
  | "environ_get"
  | "environ_sizes_get"
  | "clock_res_get"
  | "clock_time_get"
  | "proc_exit"
  | "proc_raise"
  | "sched_yield"
  | "random_get"
> = {
  args_get({ memory, process }, pointers, bytes) {
    return process.args.write(memory, { pointers, bytes });
  },

  args_sizes_get({ memory, process }, count, size) {
    return process.args.writeSizes(memory, { count, size });
  },

  environ_get({ memory, process }, pointers, bytes) {
    return process.useEnviron().write(memory, { pointers, bytes });
  },

  environ_sizes_get({ memory, process }, count, size) {
    return process.useEnviron().writeSizes(memory, { count, size });
  },

  clock_res_get({ memory, process }, id, result) {
    const resolution = process.clocks.resolution(id);
    if (resolution === undefined) return ERRNO.inval;
    if (!memory.holds(result, 8)) return ERRNO.fault;
    memory.setU64(result, resolution);
    return ERRNO.success;
  },

  /** The precision that a guest asks for changes nothing: every reading is as good as it may be. */
  clock_time_get({ memory, process }, id, _precision, result) {
    if (!memory.holds(result, 8)) return ERRNO.fault;
    const time = process.clocks.read(id);
    if (time === undefined) return ERRNO.inval;
    memory.setU64(result, time);
    return ERRNO.success;
  },

  proc_exit({ process }, status) {
    process.ended = true;
    process.host.exit(status);
    return ERRNO.success;
  },

  /** There are no signals. */
  proc_raise(_caller, signal) {
    return signal > LAST_SIGNAL ? ERRNO.inval : ERRNO.notsup;
  },

  /** There is nobody to make way for: the guest gives up its thread whenever it refuels. */
  sched_yield() {
    return ERRNO.success;
  },

  random_get({ memory, process }, at, length) {
    if (!memory.holds(at, length)) return ERRNO.fault;
    const { random, host } = process;
    if (length > 0) process.uses.note("random");
    for (let done = 0; done < length && (done === 0 || host.mayGoOn());) {
      const bytes = memory.bytes(at + done, Math.min(length - done, RANDOM_CHUNK));
      if (random === undefined) host.secureRandom(bytes);
      else random.fill(bytes);
      done += bytes.length;
    }
    return ERRNO.success;
  },
};
