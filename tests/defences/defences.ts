/** All defences, a list for each class of threats. */
import { CHANGES_DEFENCES } from "./classes/changes.ts";
import { COMMAND } from "./classes/command.ts";
import { COMPILING } from "./classes/compiling.ts";
import { CPU_DEFENCES } from "./classes/cpu.ts";
import { FILES } from "./classes/files.ts";
import { FORGED } from "./classes/forged.ts";
import { ISOLATION } from "./classes/isolation.ts";
import { LINKING } from "./classes/linking.ts";
import { MCP_DEFENCES } from "./classes/mcp.ts";
import { MEMORY } from "./classes/memory.ts";
import { NETWORK } from "./classes/network.ts";
import { PATHS_DEFENCES } from "./classes/paths.ts";
import { PLUGINS } from "./classes/plugins.ts";
import { PROCESSES_DEFENCES } from "./classes/processes.ts";
import { READING } from "./classes/reading.ts";
import { RESILIENCE } from "./classes/resilience.ts";
import { SANDBOX } from "./classes/sandbox.ts";
import { SECRETS_DEFENCES } from "./classes/secrets.ts";
import { SERVER } from "./classes/server.ts";
import { SERVING } from "./classes/serving.ts";
import { WASI } from "./classes/wasi.ts";
import { WRAPPED_HTTP_DEFENCES } from "./classes/wrapped_http.ts";
import type { Defence } from "./defence.ts";

/** By the name of their class, in the order of the classes. */
export const DEFENCES: Readonly<Record<string, readonly Defence[]>> = {
  files: [...PATHS_DEFENCES, ...FILES],
  serving: SERVING,
  wasi: WASI,
  cpu: CPU_DEFENCES,
  memory: MEMORY,
  compiling: COMPILING,
  reading: READING,
  network: [...LINKING, ...NETWORK, ...CHANGES_DEFENCES, ...SECRETS_DEFENCES, ...PROCESSES_DEFENCES],
  isolation: ISOLATION,
  forged: FORGED,
  sandbox: SANDBOX,
  command: COMMAND,
  server: SERVER,
  wrappers: [...MCP_DEFENCES, ...WRAPPED_HTTP_DEFENCES, ...PLUGINS],
  resilience: RESILIENCE,
};
