import { ModuleInvalidError } from "../../core/errors.ts";

/** What a message says is being validated: `function 3`, `global 0`, `export "run"`. */
export interface Subject {
  readonly kind: string;
  readonly index: number;
}

/** The error of everything that the validator refuses. */
export function invalid(subject: Subject, reason: string, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(`Cannot validate ${subject.kind} ${subject.index}: ${reason}`, offset);
}
