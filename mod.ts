/**
 * Aegis runs untrusted WebAssembly without risk to the host.
 *
 * @module
 */
export { Aegis } from "./src/sandbox/aegis.ts";
export type { AegisOptions, Isolation, RestoreOptions, SandboxOptions } from "./src/sandbox/aegis_options.ts";
export type { Engine } from "./src/core/engine.ts";
export { run, tryRun } from "./src/sandbox/run.ts";
export { execute, type ExecuteReport } from "./src/sandbox/execute.ts";
export type { ModuleSource, RunOptions, RunReport } from "./src/sandbox/single_use.ts";
export type { RuntimeBuilder } from "./src/sandbox/runtime_builder.ts";
export type { SandboxBuilder } from "./src/sandbox/sandbox_builder.ts";
export type { Batch } from "./src/sandbox/batch.ts";
export { type CollectingOptions, CollectingSubscriber } from "./src/sandbox/collecting_subscriber.ts";
export { LoggingSubscriber, type LoggingSubscriberOptions } from "./src/sandbox/logging_subscriber.ts";
export type {
  ExecutionReport,
  JsonOf,
  LimitShare,
  ReportData,
  ReportDocument,
  ReportedCall,
  ReportedModule,
  ReportedOutput,
} from "./src/sandbox/execution_report.ts";
export { AuditLog, type AuditLogOptions, type AuditNote } from "./src/sandbox/audit_log.ts";
export { AUDIT_KINDS, type AuditKind, SEVERITIES, type Severity } from "./src/audit/kinds.ts";
export { readAuditLog, verifyAuditLog, type VerifyAuditOptions } from "./src/sandbox/read_audit.ts";
export type { AuditQuery } from "./src/audit/query.ts";
export type { AuditFlaw, AuditVerification, Expectation } from "./src/audit/verify.ts";
export type { AuditDetail, AuditEntry, AuditRecord } from "./src/audit/record.ts";
export { THREAT_RULES, type ThreatRule, type ThreatRuleName } from "./src/audit/threat_rules.ts";
export type { Threat } from "./src/audit/threat_scanner.ts";
export { openTelemetry, type TelemetryOptions } from "./src/sandbox/telemetry.ts";
export type { EventSubscriber } from "./src/sandbox/event_subscriber.ts";
export type { AegisEvents, EventListenerOf, EventStream, EventStreamOptions } from "./src/sandbox/events.ts";
export type { BatchOptions, CallOptions } from "./src/sandbox/call_options.ts";
export type { CallStream, StreamResult } from "./src/sandbox/call_stream.ts";
export type { CallInputs } from "./src/sandbox/stream_inputs.ts";
export type { CallStreamOptions, PoolStreamOptions } from "./src/sandbox/stream_options.ts";
export type { CallResult, ContinueOptions, Sandbox } from "./src/sandbox/sandbox.ts";
export type { ProgramInput } from "./src/sandbox/program_input.ts";
export type { ProgramOptions } from "./src/sandbox/sandbox_io.ts";
export type { InputSource } from "./src/sandbox/standard_input.ts";
export type { Output, OutputSink } from "./src/sandbox/standard_output.ts";
export type { MonitorOptions, UsageMonitor } from "./src/sandbox/usage_monitor.ts";
export type { ChannelOptions } from "./src/sandbox/channel_options.ts";
export type { ChannelWaitOptions } from "./src/sandbox/channel_wait.ts";
export type { ChannelSizes, GuestChannel } from "./src/sandbox/guest_channel.ts";
export type { QueueSize } from "./src/sandbox/message_queue.ts";
export type { Alert } from "./src/sandbox/alert_messages.ts";
export type { LogMessage } from "./src/sandbox/log_messages.ts";
export type { AegisModule } from "./src/sandbox/module.ts";
export type {
  LoadOptions,
  PrepareModuleOptions,
  ResetOptions,
  WatchLevel,
} from "./src/sandbox/load_options.ts";
export {
  type Manifest,
  type ManifestHttp,
  type ManifestModule,
  manifestOptions,
  type ManifestSource,
  type ManifestTool,
  readManifest,
} from "./src/manifest/manifest.ts";
export { HTTP_FORMS, type HttpForm } from "./src/core/http_forms.ts";
export { Debugger } from "./src/sandbox/debugger.ts";
export type { Profile, TraceResult } from "./src/sandbox/guest_watch.ts";
export type { DebugOptions, TraceOptions } from "./src/sandbox/watch_options.ts";
export type {
  DebugReason,
  DebugStop,
  ProfiledFunction,
  ProfileResult,
  WatchedFrame,
  WatchedValue,
} from "./src/sandbox/watch_results.ts";
export {
  type ArgumentsOf,
  type HostFunction,
  hostFunction,
  type HostFunctionDefinition,
  type HostFunctionType,
  type HostFunctionUsage,
  type ResultOf,
  type ReturnOf,
  type ValueOf,
} from "./src/sandbox/host_functions.ts";
export type { GuestMemory, HostContext } from "./src/sandbox/host_context.ts";
export type { ModuleRegistry } from "./src/sandbox/module_cache.ts";
export type { SandboxRegistry } from "./src/sandbox/sandbox_registry.ts";
export type { AcquireOptions, Pool, PoolCallOptions, PoolCloseOptions } from "./src/sandbox/pool.ts";
export type { CurrentUse, NamedPoolModule, PoolOptions, RecycleMode } from "./src/sandbox/pool_options.ts";
export type { PoolStats } from "./src/sandbox/guest_pool.ts";
export type { Lease, ReleaseOptions } from "./src/sandbox/lease.ts";
export type { PooledSandbox } from "./src/sandbox/pooled_sandbox.ts";
export {
  AegisError,
  type AegisErrorOptions,
  CapabilityDeniedError,
  CpuTimeExceededError,
  ERROR_CODES,
  type ErrorCode,
  ExitError,
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
export type { AuditEvent } from "./src/core/audit.ts";
export type { BoundedStream } from "./src/core/bounded_stream.ts";
export {
  type AegisEvent,
  type AlertSentEvent,
  type CapabilityCheckedEvent,
  type ErrorEvent,
  EVENT_TYPES,
  type EventOf,
  type EventOrigin,
  type EventType,
  type ExecutionCompletedEvent,
  type ExecutionStartedEvent,
  type FuelConsumedEvent,
  type HostFunctionCalledEvent,
  type MemoryGrewEvent,
  type ModuleLoadedEvent,
} from "./src/core/events.ts";
export { ALERT_LEVELS, type AlertLevel } from "./src/core/alert_level.ts";
export { ON_DENIAL, type OnDenial } from "./src/core/on_denial.ts";
export { LOG_LEVELS, type LogLevel } from "./src/core/log_level.ts";
export type { Metrics, Usage, UsageSample } from "./src/core/metrics.ts";
export type { Outcome } from "./src/core/outcome.ts";
export { type TrapCode, type TrapFrame, TRAPS } from "./src/core/trap.ts";
export type { ByteSize, Count, Duration } from "./src/core/units.ts";
export { CONTENT_KINDS, type ContentKind, type Kind, type Signature } from "./src/core/signature.ts";
export { type CallValue, type FuncType, type Value, VALUE_KINDS, type ValueKind } from "./src/core/value.ts";
export type { ExportDescription, ExternalType, ImportDescription } from "./src/wasm/external_type.ts";
export { Capability, type GrantOf } from "./src/policy/capability.ts";
export { AlertCapability, type AlertOptions } from "./src/policy/alert_capability.ts";
export { ClockCapability, type ClockOptions } from "./src/policy/clock_capability.ts";
export { CustomCapability } from "./src/policy/custom_capability.ts";
export { EnvCapability } from "./src/policy/env_capability.ts";
export {
  FilesystemCapability,
  type FilesystemOptions,
  type FilesystemRights,
  type GrantedPath,
} from "./src/policy/filesystem_capability.ts";
export { LoggingCapability, type LoggingOptions } from "./src/policy/logging_capability.ts";
export {
  type FullNetworkOptions,
  NetworkCapability,
  type NetworkOptions,
} from "./src/policy/network_capability.ts";
export { ProcessCapability } from "./src/policy/process_capability.ts";
export { RandomCapability } from "./src/policy/random_capability.ts";
export { SensorCapability, type SeriesOptions } from "./src/policy/sensor_capability.ts";
export type {
  AlertGrant,
  CapabilityKind,
  ClockGrant,
  CustomGrant,
  EnvGrant,
  FilesystemGrant,
  Grant,
  LoggingGrant,
  NetworkGrant,
  Policy,
  ProcessGrant,
  RandomGrant,
  SensorGrant,
  SensorSource,
} from "./src/policy/grants.ts";
export { decide } from "./src/policy/decide.ts";
export { explain } from "./src/policy/explain.ts";
export { EMPTY_POLICY, mergeGrants, narrowPolicy } from "./src/policy/policy.ts";
export type { Secret } from "./src/policy/secret.ts";
export {
  applyPolicyPreset,
  CAPABILITY_PRESETS,
  type CapabilityPresetName,
  POLICY_PRESETS,
  type PolicyPreset,
  type PolicyPresetName,
  type PresetOptions,
} from "./src/policy/presets.ts";
export type {
  AlertRequest,
  ClockRequest,
  CustomRequest,
  Decision,
  Denial,
  EnvRequest,
  FileAction,
  FilesystemRequest,
  LoggingRequest,
  NetworkRequest,
  PolicyRequest,
  ProcessRequest,
  RandomRequest,
  SensorRequest,
} from "./src/policy/request.ts";
export type { InterruptedCall, LostFile } from "./src/sandbox/guest_states.ts";
