/** `--record-policy FILE`: a manifest with what a run really used of its grants. */
import type { AuditEvent } from "../core/audit.ts";
import { AegisError } from "../core/errors.ts";
import { groupDigits } from "../core/group_digits.ts";
import { plainText } from "../core/plain_text.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { moduleName } from "../inspection/suggest_policy.ts";
import { manifestWriter, type WrittenModule } from "../manifest/manifest_text.ts";
import { GrantRecord } from "../manifest/recorded_grants.ts";
import type { Metrics } from "../core/metrics.ts";
import type { GuestPlan } from "./guest_plan.ts";
import type { PolicyRecordPlan } from "./policy_record_plan.ts";
import { reasonOf } from "./read_input.ts";
import { writeOut } from "./write_out.ts";

/** What is recorded of a run. */
type RecordedPlan = Pick<GuestPlan, "module" | "functionName" | "engine" | "deterministic" | "grants"> & {
  readonly record: PolicyRecordPlan;
};

/** Denials that are told; a guest that tries everything would fill the file. */
const MOST_DENIALS = 50;

/** UTF-16 units of a line of comment. */
const LONGEST_LINE = 400;

export class PolicyRecord implements Disposable {
  readonly #plan: RecordedPlan;
  readonly #file: Deno.FsFile;
  readonly #write: (module: WrittenModule, file: string) => string;
  readonly #grants: GrantRecord;
  readonly #denials: Set<string> = new Set();

  private constructor(
    plan: RecordedPlan,
    parts: { file: Deno.FsFile; write: (module: WrittenModule, file: string) => string },
  ) {
    this.#plan = plan;
    this.#file = parts.file;
    this.#write = parts.write;
    this.#grants = new GrantRecord(plan.grants, exists);
  }

  /** Opens the file, and loads what writes it, while this process may do so. @throws {AegisError} `InvalidOption` */
  static async open(plan: RecordedPlan): Promise<PolicyRecord> {
    const write = await manifestWriter();
    try {
      const file = Deno.openSync(plan.record.path, { write: true, create: true, truncate: true });
      return new PolicyRecord(plan, { file, write });
    } catch (error) {
      throw new AegisError(
        "InvalidOption",
        `Cannot write ${quote(plan.record.shown)}: ${reasonOf(error)}`,
        { field: "recordPolicy", cause: error },
      );
    }
  }

  /** Takes note of a decision. */
  add(event: AuditEvent): void {
    this.#grants.add(event);
    if (event.allowed || this.#denials.size >= MOST_DENIALS) return;
    const { capability, action, target, reason = "", standIn } = event;
    this.#denials.add(
      standIn
        ? `used, not granted: ${capability}, ${target}: what stood in for it is the same in each run`
        : `denied: ${capability}, ${action} ${quote(target)}: ${reason}`,
    );
  }

  /** Writes the manifest. @param metrics undefined where no guest ran @throws what Deno throws for the file */
  write(metrics: Pick<Metrics, "fuelConsumed" | "memory"> | undefined): void {
    const { module, functionName, engine, deterministic, record: { path } } = this.#plan;
    const comments = [
      `What a run of ${
        quote(module.shown)
      } used of its grants. Another input may lead it elsewhere: read it before use.`,
    ];
    if (metrics !== undefined) {
      const fuel = groupDigits(metrics.fuelConsumed);
      comments.push(`It consumed ${fuel} units of fuel, and ${formatByteSize(metrics.memory)} of memory.`);
    }
    if (this.#grants.cut > 0) {
      comments.push(
        `${this.#grants.cut} decisions came too fast to be told each: what they were about stands here as it was granted.`,
      );
    }
    const set = this.#plan.grants.env.filter(({ name, from }) => name !== from).map(({ name }) =>
      quote(name)
    );
    if (set.length > 0) {
      comments.push(`Values given on the command line are not recorded: ${set.join(", ")}.`);
    }
    comments.push(...this.#denials);
    const lines = comments.map((line) => `# ${plainText(line, LONGEST_LINE)}\n`).join("");
    const keys = {
      ...(functionName === null ? {} : { function: functionName }),
      ...(engine === "v8" ? {} : { engine }),
      ...(deterministic ? { deterministic } : {}),
    };
    const written = { name: moduleName(module.shown), path: module.path, keys, grants: this.#grants.used() };
    writeOut(this.#file, `${lines}\n${this.#write(written, path)}`);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Whether there is something at a path, a link too, as far as this process may look. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
