/** Events of tasks as pages hear them: the data of `GET /events`. Texts in them may be a guest's. */
import type { AuditRecord, Execution, LogLine, Meters, TaskState } from "./api_types.ts";

/** By the event's type. Times are milliseconds since 1970. */
export interface EventData {
  readonly task_created: TaskEvent & { readonly name: string };
  readonly task_removed: TaskEvent & { readonly name: string };
  readonly task_state: TaskEvent & { readonly from: TaskState; readonly to: TaskState };
  readonly execution_started: TaskEvent & { readonly execution: number; readonly attempt: number };
  readonly execution_finished: TaskEvent & { readonly execution: Execution };
  readonly log: TaskEvent & { readonly execution: number; readonly line: LogLine; readonly index: number };
  readonly alert: TaskEvent & {
    readonly execution: number;
    readonly level: string;
    readonly message: string;
  };
  readonly denial: TaskEvent & Denial;
  readonly store_error: { readonly time: number; readonly task?: string; readonly error: string };
  readonly meters: MeterReading;
  readonly audit: AuditRecord;
  /** Events that were left out, since the page read too slowly. */
  readonly missed: { readonly count: number };
}

/** What is told each second. */
export interface MeterReading extends Pick<Meters, "guests"> {
  readonly sample: Meters["samples"][number];
}

interface TaskEvent {
  readonly time: number;
  /** Id. */
  readonly task: string;
}

/** Something that a guest asked for and was not given. */
export interface Denial {
  readonly execution: number;
  readonly capability: string;
  readonly action: string;
  readonly target: string;
  readonly reason: string;
  /** How often, since the last that was told. */
  readonly count: number;
}

/** What a page does at events of some types. */
export type EventHandlers = { readonly [Type in keyof EventData]?: (data: EventData[Type]) => void };

/** Calls the handler of an event's type, if there is one. */
export function handleEvent(handlers: EventHandlers, type: string, data: unknown): void {
  if (!Object.hasOwn(handlers, type)) return;
  const handler = handlers[type as keyof EventHandlers] as ((data: unknown) => void) | undefined; // one of its own
  handler?.(data); // as the server's schemas say
}
