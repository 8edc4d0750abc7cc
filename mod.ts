/**
 * Aegis runs untrusted WebAssembly without risk to the host.
 *
 * @module
 */
export { Aegis, type AegisOptions, type SandboxOptions } from "./src/sandbox/aegis.ts";
export type { RuntimeBuilder } from "./src/sandbox/runtime_builder.ts";
export type { SandboxBuilder } from "./src/sandbox/sandbox_builder.ts";
export type { CallOptions } from "./src/sandbox/call_options.ts";
export type { CallResult, Sandbox } from "./src/sandbox/sandbox.ts";
export type { AegisModule } from "./src/sandbox/module.ts";
export type { HostFunction, HostFunctionType } from "./src/sandbox/host_functions.ts";
export {
  AegisError,
  type AegisErrorOptions,
  type ErrorCode,
  FunctionNotFoundError,
  HostCallsExceededError,
  MemoryExceededError,
  MissingImportError,
  ModuleInvalidError,
  ModuleRefusedError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
  TypeMismatchError,
} from "./src/core/errors.ts";
export {
  type LimitName,
  type LimitOptions,
  LIMITS,
  type Limits,
  type PresetName,
  PRESETS,
} from "./src/core/limits.ts";
export type { Metrics, Usage } from "./src/core/metrics.ts";
export type { Outcome } from "./src/core/outcome.ts";
export type { TrapCode, TrapFrame } from "./src/core/trap.ts";
export type { ByteSize, Count, Duration } from "./src/core/units.ts";
export type { FuncType, Value, ValueKind } from "./src/core/value.ts";
export type { ExportDescription, ExternalType, ImportDescription } from "./src/wasm/external_type.ts";
