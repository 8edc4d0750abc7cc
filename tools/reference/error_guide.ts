/**
 * What the codes of errors mean for whoever meets one, in the Markdown of docs/errors.md. The keys are those of the code's
 * tables, so that a code without words does not compile.
 */
import type { ErrorCode } from "../../src/core/errors.ts";
import type { TrapCode } from "../../src/core/trap.ts";
import type { ServerCode } from "../../src/server/server_error.ts";

/** Headings under which codes stand, by what went wrong. */
export const ERROR_GROUPS = {
  limit: "A limit was met",
  guest: "The guest failed",
  module: "The module cannot be run",
  use: "It was asked for in a wrong way",
  place: "Something outside is in the way",
} as const;

export interface ErrorGuide {
  readonly group: keyof typeof ERROR_GROUPS;
  /** What happened. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

const RESET = "The instance has ended: call `reset` before the next call.";
const GOES_ON = "The instance can be called again; what it had changed in its memory stays.";

export const ERROR_GUIDE: Readonly<Record<ErrorCode, ErrorGuide>> = {
  OutOfFuel: {
    group: "limit",
    what:
      "The guest executed more instructions than it may, counted over all calls since its instance began, or in one " +
      "call whose options have `fuel`. It is stopped at the next test, so that `consumed` may be some thousand units past " +
      "`limit`.",
    remedy: "Raise `fuelLimit`, give it less to do, or add fuel with `addFuel`. On the interpreter, " +
      `\`aegis run --profile\` tells which functions use it up: [tracing.md](tracing.md). ${RESET}`,
  },
  Timeout: {
    group: "limit",
    what:
      "The call took longer than it may, by the clock on the wall: what the guest waited for is included. Of " +
      "`aegis build`, the compiler did.",
    remedy:
      "Raise `timeout`, or see what it waits for; time at work alone is bounded by `cpuTime`. For a build there is " +
      `\`--time-limit\`. ${RESET}`,
  },
  CpuTimeExceeded: {
    group: "limit",
    what: "The call was at work for longer than it may. What it waited is left out.",
    remedy: `Raise \`cpuTime\`, or give it less to do. ${RESET}`,
  },
  MemoryExceeded: {
    group: "limit",
    what:
      "The guest asked for more memory, or a longer table, than it may have, was refused, and trapped in the same " +
      "call. In a process of its own, objects may have filled the heap: the message says so.",
    remedy:
      `Raise \`memoryLimit\`, or \`tableLimit\` where it was a table. ${GOES_ON} After a full heap it has ended.`,
  },
  StackOverflow: {
    group: "limit",
    what: "The guest's calls needed more stack than it may have. Mostly that is a recursion without an end.",
    remedy:
      `Raise \`stackLimit\` if the recursion is meant to be so deep; [limits.md](limits.md#all-limits) has the most. ` +
      GOES_ON,
  },
  HostCallsExceeded: {
    group: "limit",
    what: "The guest called functions of the host, or used files, hosts and streams, more often than it may.",
    remedy:
      "Raise `hostCallLimit` if it is meant to; a task of the preset `os` may do so a thousand times. Until `reset` " +
      "every further call of the host ends the same way.",
  },
  Trap: {
    group: "guest",
    what:
      "An instruction trapped. `trap` says which trap it was ([below](#traps)), `frames` where the guest was, innermost " +
      "function first, with offsets in the module as it was given.",
    remedy:
      "`aegis disasm MODULE --function NAME` shows what stands at an offset; a module that was built with names has " +
      `them in the frames. ${GOES_ON}`,
  },
  Exit: {
    group: "guest",
    what:
      "The program ended itself with a status. `run` of a sandbox returns that status, `call` throws this; `aegis run` " +
      "ends with it.",
    remedy:
      "For a status other than 0 see what the program printed on stderr, and what it was denied: `denials()`, or `-v` " +
      `of the command. ${RESET}`,
  },
  AbiViolation: {
    group: "guest",
    what:
      "Text, bytes or a structured value was to cross, and the guest did not keep to the rules for that: no room, an " +
      "address outside of its memory, no UTF-8, no JSON.",
    remedy: `The table in [guest_abi.md](guest_abi.md#what-goes-wrong) has the cases. ${RESET}`,
  },
  CapabilityDenied: {
    group: "guest",
    what:
      'The guest asked for what was not granted, and was stopped for it: by `onDenial: "stop"`, or since it called a ' +
      "host function that is bound to a capability. Of a plugin: it called one that it does not depend on.",
    remedy:
      "`hint` names the grant, and [capabilities.md](capabilities.md) says what else it allows. That the guest wants " +
      "it does not mean that it should have it. The instance can be called again.",
  },
  HostFunctionFailed: {
    group: "guest",
    what:
      "A function of yours gave what does not fit: a value of another type, too much of it, or a promise to " +
      "`callSync`; an inline function threw. What any other function throws comes out of `call` as it is; where only codes " +
      "are told, in reports, events and answers over MCP, it has this code, too.",
    remedy:
      "Mend the function; use `call` where it is asynchronous. The guest cannot catch it, and can be called again.",
  },
  GuestFault: {
    group: "guest",
    what:
      "The thread or process of a guest, or one that works for it, failed or could not be started: the system has no " +
      "thread, process or memory left, or somebody ended it. A result that does not fit into `frameSize` ends a call like " +
      "this, too; the message says so.",
    remedy:
      "See whether the machine has memory and threads left, and close sandboxes that are no longer needed. `reset` " +
      "starts a new thread. If it comes again with the same module, it is a defect: tell us, as " +
      "[SECURITY.md](../SECURITY.md#how-to-report) says.",
  },
  ModuleInvalid: {
    group: "module",
    what:
      "The bytes are no WebAssembly module, or not a valid one; `offset` says where. Text does not parse; for " +
      "`aegis build`, the compiler refused the source.",
    remedy:
      "`aegis validate FILE` says the same without running anything. A file that was cut while it was copied, or a " +
      "text of another format, is the usual reason; otherwise build it anew.",
  },
  ModuleRefused: {
    group: "module",
    what:
      "The module is valid, and is not run: it has more of something than a limit allows (`field` names it), it uses " +
      "what cannot be bounded or run where it is to run, it is a component, or it is not the one whose hash was given.",
    remedy:
      "`aegis validate --strict FILE` tells what a run would refuse. Raise the limit, or follow the suggestion: GC types " +
      'and shared memories need `isolation: "process"` and V8; a component has to be built anew for WASI preview 1.',
  },
  MissingImport: {
    group: "module",
    what: "The module imports what its sandbox does not have, or has with another type.",
    remedy:
      "Register it with `registerFunc` before the module is loaded, or load the module that exports it first. " +
      "`aegis inspect FILE --imports` lists what it wants; what Aegis itself provides stands in [wasi.md](wasi.md), " +
      "[guest_http.md](guest_http.md) and [channels.md](channels.md).",
  },
  ModuleNotLoaded: {
    group: "use",
    what:
      "A function was called and no module is loaded; or the module of a task was removed before the task was made.",
    remedy: "Call `loadModule` first; load the module of the task anew.",
  },
  InstanceEnded: {
    group: "use",
    what:
      "An earlier call was stopped in a way after which the instance cannot go on; the message names it. Calls that " +
      "waited behind it end like this, too.",
    remedy: "Call `reset`, which begins anew with all limits; a pool does so by itself.",
  },
  FunctionNotFound: {
    group: "use",
    what: "No function of that name is exported. `suggestions` has names that are like it.",
    remedy:
      "`aegis inspect FILE --exports` lists those that are. Without a name, `aegis run` calls `_start`, or `main`.",
  },
  TypeMismatch: {
    group: "use",
    what:
      "A value is not of the type that is needed: `expected` and `actual` say what was meant and what came.",
    remedy:
      "Give as many arguments as the function has, of its types: numbers, and bigints for `i64`. `functionType` of a " +
      "module, or `aegis inspect FILE --exports`, has them.",
  },
  LimitTooLow: {
    group: "use",
    what: "A limit is lower than it can be. `field` names it.",
    remedy: "[limits.md](limits.md#all-limits) has the least of each.",
  },
  InvalidOption: {
    group: "use",
    what:
      "An option, flag, key or argument is unknown, has a value that it cannot have, or contradicts another one; a " +
      "grant or a limit goes beyond the runtime's; a manifest has a mistake. `field` names what is to blame.",
    remedy:
      "The message says what would do. `aegis help COMMAND` has the flags of a command; `aegis config check` tells " +
      "every mistake of a manifest with its line.",
  },
  Reentrant: {
    group: "use",
    what:
      "A host function called into the sandbox that waits for it, or a listener of its events did; plugins wait for " +
      "each other in a circle, or too deep.",
    remedy: "Call when the function has returned, or use another sandbox.",
  },
  Closed: {
    group: "use",
    what:
      "The sandbox, runtime, pool or store was closed, before the call or during it. A guest of a pool was used after " +
      "its release, or memory after the host function that was given it had ended.",
    remedy:
      "Keep it open for as long as it is used: `await using` closes at the end of its block. `aegis server` answers " +
      "like this while it shuts down.",
  },
  Cancelled: {
    group: "use",
    what:
      "Somebody stopped it: the signal of the call, `stop()`, or whoever stopped the task or interrupted the build.",
    remedy: `Nothing, if that was meant; \`cause\` is the reason of the signal. ${RESET}`,
  },
  WrongState: {
    group: "use",
    what:
      "What was asked for cannot be done now: the task or plugin is in a state from which that does not lead on, or " +
      "there is something of that name already.",
    remedy:
      "Look at the state first: `aegis task show`, `aegis plugin show`. [tasks.md](tasks.md#states) has what leads " +
      "where.",
  },
  NotFound: {
    group: "use",
    what:
      "There is no task, module, plugin, token, schedule or section of that name; or no server at that address.",
    remedy:
      "`aegis task list` and `aegis plugin list` have what there is. For a server, see whether it runs and under " +
      "which address: `--server`, or `$AEGIS_SERVER`.",
  },
  NotSaved: {
    group: "use",
    what:
      "The state of the guest cannot be taken: it runs on V8, or it is in the middle of what cannot be saved.",
    remedy:
      'Load the module with `engine: "interpreter"`; [snapshots.md](snapshots.md#when-the-state-is-taken) says when.',
  },
  SnapshotInvalid: {
    group: "use",
    what:
      "The bytes are no snapshot, were damaged, or were taken by a version or with options that make other code of the " +
      "modules.",
    remedy: "Restore it by the version that took it, with the options of its runtime: " +
      "[snapshots.md](snapshots.md#what-is-checked).",
  },
  TooManySandboxes: {
    group: "place",
    what: "As many sandboxes are alive as the runtime may have.",
    remedy:
      "Close those that are no longer needed, raise `maxSandboxes`, or share them by a [pool](pool.md).",
  },
  PoolBusy: {
    group: "place",
    what: "No guest of the pool was free in time, or too many callers wait for one already.",
    remedy: "Send less at once, or raise `maximum`, `waiting` or `waitTimeout` of the [pool](pool.md).",
  },
  Busy: {
    group: "place",
    what:
      "Something else has it: another call is under way where one was to block; another process has the folder of " +
      "data or the port; tasks still run the module; the server was asked too often.",
    remedy:
      "Await what is under way, or use `call`, which queues. Stop the other process, or take another folder or port. " +
      "Else try again later.",
  },
  Full: {
    group: "place",
    what:
      "The disk is full, or there are as many tasks, schedules, tokens or modules as may be. Or the audit log " +
      "cannot be written, and nothing is started without it.",
    remedy:
      "Make room: on the disk, or by removing what is no longer needed. [server.md](server.md#bounds) has the bounds.",
  },
  StoreFailed: {
    group: "place",
    what:
      "The database of a server cannot be read or written: the disk is bad, or read-only, or the file was damaged.",
    remedy:
      "See whether the disk is well. Until the store can be written again a server begins nothing new; then it goes on " +
      "by itself: [tasks.md](tasks.md#what-survives-sigkill).",
  },
  UnsupportedPlatform: {
    group: "place",
    what:
      "What was asked for cannot be had here: filesystem grants on Windows, processes for guests where `deno` cannot " +
      "be run, a compiler that is not there, the base binary for `aegis compile`.",
    remedy:
      "The message names what is missing and how to get it. Guests run in processes with `--allow-run` of your " +
      "`deno`, in Workers with `worker-options` on: [README](../README.md#library).",
  },
};

/** Codes that the HTTP API of `aegis server` has beside these. */
export const SERVER_GUIDE: Readonly<Record<ServerCode, Omit<ErrorGuide, "group">>> = {
  Unauthorized: {
    what: "There is no token, or one that the server does not know.",
    remedy:
      "Send `Authorization: Bearer TOKEN`. `aegis server --new-token` prints a new token, and makes all others worthless.",
  },
  Forbidden: {
    what: "The token may only look, or a page of another origin asks.",
    remedy: "Use another token; let the origin ask with `--cors`.",
  },
  RequestTimeout: {
    what: "The body did not come to its end in time.",
    remedy: "Send it again; [server.md](server.md#bounds) has the times.",
  },
  TooLarge: {
    what: "The body is larger than it may be.",
    remedy: "Send less: [server.md](server.md#bounds).",
  },
  UnsupportedMediaType: {
    what: "The body is not of a type that the route takes.",
    remedy: "Send the `Content-Type` that [server.md](server.md#apiv1) says.",
  },
  HostNotAllowed: {
    what: "The server is asked under a name that is not its own.",
    remedy: "Name it with `--allow-host`.",
  },
  InvalidRequest: {
    what: "A parameter, field or body is not as the route wants it; the message says which.",
    remedy: "The OpenAPI document, `/api/v1/openapi.json`, has the schemas.",
  },
  RateLimited: {
    what: "There were too many requests, wrong tokens or listeners of this address.",
    remedy: "Wait for as long as `Retry-After` says; close listeners that are no longer needed.",
  },
  Internal: {
    what: "The server failed in a way that nobody foresaw.",
    remedy: "Its own output says why; tell us of it.",
  },
  NoSuchRoute: {
    what: "There is nothing under that method and path.",
    remedy: "[server.md](server.md) lists the routes.",
  },
};

/** What a trap usually comes from. */
export const TRAP_GUIDE: Readonly<Record<TrapCode, string>> = {
  unreachable:
    "the guest gave up: a panic, a failed assertion, an abort, or a place that was not to be reached",
  memoryOutOfBounds:
    "an address outside of the memory: a wild pointer, an index past the end, or memory that it was refused",
  divideByZero: "a division or remainder by zero",
  integerOverflow: "the least integer divided by -1",
  invalidConversion: "a float that is too large, or no number, was made an integer",
  tableOutOfBounds: "an index past the end of a table, mostly a function pointer that is none",
  indirectCall: "a function pointer that is null, or was cast to another type",
  nullReference: "a reference that is null was used",
  castFailure: "a reference was cast to a type that it is not of",
  arrayOutOfBounds: "an index past the end of an array",
  arrayTooLarge: "an array of more elements than there may be",
  dataOutOfBounds: "bytes past the end of a data segment, or of one that was dropped",
  elementOutOfBounds: "elements past the end of an element segment, or of one that was dropped",
  unalignedAtomic: "an atomic access at an address that is no multiple of its size",
  atomicWait: "waiting on a memory where that is not allowed, such as one that is not shared",
  nullException: "an exception was to be thrown again, and there was none",
  uncaughtException: "the guest threw an exception, and caught it nowhere",
  unknown: "V8 words the trap in a way that is not known; its own words are the message",
};
