/**
 * `aegis run`, first process: reads flags and file once into a {@linkcode RunPlan}, starts the host process with it
 * and passes its status on. The module is read, and the guest runs, over there.
 */
import type { Engine } from "../core/engine.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { basename, dirname, join } from "../sandbox/path.ts";
import { planAudit } from "./audit_plan.ts";
import { checkpointPaths, type CheckpointPlan } from "./checkpoints.ts";
import { parseDuration } from "../core/units.ts";
import type { FlagValues } from "./flags.ts";
import { planGuest } from "./guest_plan.ts";
import { hostArguments } from "./host_command.ts";
import type { HostEnd } from "./host_process.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { checkOutputPlace } from "./output_place.ts";
import { planPolicyRecord } from "./policy_record_plan.ts";
import { printable } from "./printable.ts";
import { hostPlaces } from "./program_places.ts";
import { STDIN } from "./read_input.ts";
import { planWatch } from "./plan_watch.ts";
import { PLAN_VERSION, type RunPlan } from "./run_plan.ts";
import { styleFor } from "./style.ts";
import { type NamedModule, onlyModule, readSettings, type Settings } from "./settings.ts";
import { failedReport, renderReport } from "./report.ts";

/** Milliseconds that starting, preparing and ending may take beyond what the guest is given. */
const GRACE = 5000;

/** A plan, and the variables that the host process gets for it. */
export interface PlannedRun {
  readonly plan: RunPlan;
  readonly environment: Readonly<Record<string, string>>;
}

/** Turns what was parsed into a plan. */
export function planRun(
  parsed: ParsedCommand,
  fileFlags: FlagValues,
  place: Pick<CommandIo, "locate" | "colour" | "pid">,
  resumes = false,
): PlannedRun {
  const flags: FlagValues = { ...fileFlags, ...parsed.flags };
  if (flags.quiet && flags.verbose !== undefined) {
    throw new AegisError("InvalidOption", "Cannot use --quiet together with --verbose");
  }
  const shown = parsed.operand ?? STDIN;
  if (resumes && shown === STDIN) {
    throw new AegisError("InvalidOption", "Cannot read a checkpoint from stdin: name its file", {
      suggestion: "aegis resume FILE",
    });
  }
  const { guest, environment } = planGuest(shown, resumes ? { ...flags, engine: "interpreter" } : flags, {
    ports: place,
  });
  const checkpoint = readCheckpoint(flags, guest.engine, place), watch = planWatch(flags, place);
  const record = planPolicyRecord(flags, place, guest.grants), { directories } = guest.grants;
  if (checkpoint !== null) {
    const files = checkpointPaths(checkpoint.path);
    checkOutputPlace("write the checkpoint", files, { field: "checkpoint", directories });
  }
  if (watch !== null && watch.file !== null) {
    const [what, field] = watch.kind === "trace" ? ["trace", "traceFile"] : ["profile", "profile"];
    checkOutputPlace(`write the ${what}`, [watch.file], { field, directories });
  }
  const written = [
    ...checkpoint === null ? [] : checkpointPaths(checkpoint.path),
    watch?.file ?? "",
    record?.path ?? "",
  ];
  const plan: RunPlan = Object.freeze({
    version: PLAN_VERSION,
    parent: place.pid,
    ...guest,
    args: parsed.args,
    resumes,
    checkpoint,
    watch,
    audit: planAudit(flags, place, { guests: [guest], files: written }),
    record,
    output: {
      format: flags.format ?? "human",
      metrics: flags.metrics ?? false,
      quiet: flags.quiet ?? false,
      verbosity: Math.min(flags.verbose ?? 0, 3),
      colour: place.colour,
      reader: "command" as const,
    },
  });
  return { plan, environment };
}

/** Milliseconds between two checkpoints, unless they are given, and at least: taking one costs some. */
const CHECKPOINT_EVERY = 5000, LEAST_EVERY = 10;

function readCheckpoint(
  { checkpoint, checkpointEvery }: FlagValues,
  engine: Engine,
  place: Pick<CommandIo, "locate">,
): CheckpointPlan | null {
  if (checkpoint === undefined) {
    if (checkpointEvery === undefined) return null;
    throw new AegisError("InvalidOption", "Cannot use --checkpoint-every without --checkpoint", {
      field: "checkpointEvery",
      suggestion: "Name the file with --checkpoint FILE.",
    });
  }
  if (engine !== "interpreter") {
    throw new AegisError("InvalidOption", `Cannot save what engine "${engine}" runs`, {
      field: "checkpoint",
      suggestion: "Add --engine interpreter.",
    });
  }
  if (checkpoint === "" || checkpoint === STDIN) {
    throw new AegisError("InvalidOption", "Cannot write a checkpoint without the name of a file", {
      field: "checkpoint",
    });
  }
  const every = checkpointEvery === undefined
    ? CHECKPOINT_EVERY
    : parseDuration(checkpointEvery, "checkpointEvery");
  // The file need not be there yet; its folder must be.
  const path = join(place.locate(dirname(checkpoint)), basename(checkpoint));
  return { path, shown: checkpoint, every: Math.max(LEAST_EVERY, Math.round(every)) };
}

/**
 * Milliseconds after which the host process is killed. Its own timeouts end the guest long before: twice the limit, as
 * the start function and the call have it each. A module from stdin may be as late as a person types.
 */
export function deadlineOf(plan: RunPlan): number | undefined {
  const deadline = 2 * plan.limits.timeout + GRACE;
  return plan.module.path === null || deadline > 2 ** 31 - 1 ? undefined : deadline;
}

/** What is to be said when the host process did not end by itself; it then had no chance to. */
function abnormalEnd(end: HostEnd, plan: RunPlan): AegisError | undefined {
  if (end.overdue) {
    return new AegisError(
      "Timeout",
      `Timeout: the process of the sandbox had not ended after ${deadlineOf(plan)} ms and was killed`,
      { field: "timeout" },
    );
  }
  if (end.signal === null || end.forwarded.includes(end.signal)) return undefined;
  return new AegisError("GuestFault", `The process of the sandbox was ended by ${end.signal}`);
}

/** Runs the command; the result is its exit status. */
export function run(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  return start(parsed, io, false);
}

/** The same, from a checkpoint. */
export function resume(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  return start(parsed, io, true);
}

/** What is gone on with: the checkpoint that is named, or that of the module that is. @throws {AegisError} `InvalidOption` */
function savedRun(
  { operand = "" }: ParsedCommand,
  settings: Settings,
): Pick<NamedModule, "shown" | "flags" | "sha256"> {
  const { name, shown, flags } = onlyModule("resume", settings);
  if (shown === operand) return { shown, flags };
  if (flags.checkpoint !== undefined) return { shown: flags.checkpoint, flags };
  throw new AegisError("InvalidOption", `Cannot resume module ${quote(name)}: it has no checkpoint`, {
    suggestion: "Name the file.",
  });
}

async function start(parsed: ParsedCommand, io: CommandIo, resumes: boolean): Promise<number> {
  const command = resumes ? "resume" : "run", settings = await readSettings(command, parsed, io);
  const { shown, flags, sha256 = null } = resumes
    ? savedRun(parsed, settings)
    : onlyModule(command, settings);
  const { plan, environment } = planRun({ ...parsed, operand: shown }, flags, io, resumes);
  return await startPlan({ ...plan, module: { ...plan.module, sha256 } }, { environment, io });
}

/**
 * Starts the host process with a plan, and passes its status on.
 *
 * @param inherit variables of this process that it gets; all where none are named
 */
export async function startPlan(
  plan: RunPlan,
  { environment, inherit, io }: {
    readonly environment: Readonly<Record<string, string>>;
    readonly inherit?: readonly string[];
    readonly io: CommandIo;
  },
): Promise<number> {
  const places = hostPlaces();
  const args = hostArguments(plan, places);
  if (plan.output.verbosity >= 3) {
    const line = [places.deno, ...args].map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);
    io.err(`${styleFor(io.colour).faint("trace:")} ${printable(line.join(" "))}\n`);
  }
  const end = await io.startHost({
    command: places.deno,
    args,
    environment,
    ...(inherit === undefined ? {} : { inherit }),
    deadline: deadlineOf(plan),
  }).ended;
  const failure = abnormalEnd(end, plan);
  if (failure === undefined) return end.status;
  const report = failedReport(failure);
  renderReport(report, plan, io);
  return report.status;
}
