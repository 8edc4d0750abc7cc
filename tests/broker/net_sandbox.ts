/** A sandbox as the network broker serves it, without Worker and channel, whose names resolve as a test says. */
import { nameOf } from "./errno_name.ts";
import { Allowance, netAllowances } from "../../src/broker/net_allowance.ts";
import { NetOperations } from "../../src/broker/net_operations.ts";
import type { NetPorts } from "../../src/broker/net_ports.ts";
import { type ConnectOptions, type NodeModules, nodeModules } from "../../src/broker/net_node.ts";
import type { ResolvedSecret } from "../../src/policy/secret.ts";
import type { NetQuotas } from "../../src/broker/messages.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import type { NetworkGrant } from "../../src/policy/grants.ts";
import { NetworkCapability, type NetworkOptions } from "../../src/policy/network_capability.ts";
import type { Answer } from "../../src/protocol/operations.ts";

/** The addresses of a name; a function gives others each time. */
export type Names = Readonly<Record<string, readonly string[] | (() => readonly string[])>>;

interface LookupOptions {
  readonly all?: boolean;
  readonly family?: number;
}

type LookupEnd = (error: Error | null, ...found: unknown[]) => void;

/** Deno's modules with a resolver of the test's own; literals go as they are. */
export function modulesThatResolve(names: Names, base: NodeModules = nodeModules()): NodeModules {
  const lookup = (host: string, options: LookupOptions, end: LookupEnd) => {
    const entry = Object.hasOwn(names, host) ? names[host] : undefined;
    const all = (typeof entry === "function" ? entry() : entry ?? []).map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    })).filter(({ family }) => !options.family || family === options.family);
    const [first] = all;
    if (first === undefined) return end(Object.assign(new Error(`ENOTFOUND ${host}`), { code: "ENOTFOUND" }));
    if (options.all) end(null, all);
    else end(null, first.address, first.family);
  };
  return {
    ...base,
    connect: (options) => {
      const { host } = options;
      return base.connect(Object.hasOwn(names, host) ? { ...options, lookup } as ConnectOptions : options);
    },
  };
}

export const NO_QUOTAS: NetQuotas = {
  connections: 8,
  readBytes: Infinity,
  writeBytes: Infinity,
  readRate: Infinity,
  writeRate: Infinity,
};

/** Lets everything pass, at once. */
export function unboundedAllowance(): Allowance {
  return new Allowance({ total: Infinity, rate: Infinity }, { now: () => 0, delay: () => Promise.resolve() });
}

export function grants(hosts: readonly string[], options: NetworkOptions = {}): readonly NetworkGrant[] {
  return NetworkCapability.hosts(hosts, options).grants;
}

export interface TestSandboxOptions {
  readonly grants: readonly NetworkGrant[];
  readonly names?: Names;
  readonly modules?: NodeModules;
  readonly ports?: Partial<NetPorts>;
  readonly quotas?: Partial<NetQuotas>;
  readonly secrets?: readonly ResolvedSecret[];
  readonly timeout?: number;
  readonly auditAll?: boolean;
  readonly room?: number;
}

/** What a guest asks for; GET without headers and body where nothing is said. */
export interface Asked {
  readonly method?: string;
  readonly headers?: string;
  readonly body?: string;
}

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

export class TestSandbox {
  readonly operations: NetOperations;
  readonly events: AuditEvent[] = [];

  constructor(options: TestSandboxOptions) {
    const quotas = { ...NO_QUOTAS, ...options.quotas };
    const ports = {
      modules: options.modules ?? modulesThatResolve(options.names ?? {}),
      permitted: () => true,
      now: () => performance.now(),
      wallTime: () => 0,
      delay: () => Promise.resolve(),
      ...options.ports,
    };
    this.operations = new NetOperations({
      sandbox: {
        sandbox: "s1",
        grants: options.grants,
        quotas,
        secrets: options.secrets ?? [],
        timeout: options.timeout ?? 5000,
        auditAll: options.auditAll ?? false,
      },
      allowances: netAllowances(quotas, ports),
      ports,
      audit: (event) => this.events.push(event),
      room: options.room ?? 1 << 20,
    });
  }

  request(
    url: string,
    { method = "GET", headers = "", body = "" }: Asked = {},
  ): Promise<Answer<"httpRequest">> {
    return this.operations.perform("httpRequest", { method, url, headers, body: ENCODER.encode(body) });
  }

  /** The head of a response, or the name of the error number. */
  async head(
    url: string,
    asked: Asked = {},
  ): Promise<string | { status: number; headers: string; response: number }> {
    const answer = await this.request(url, asked);
    return answer.reply ?? nameOf(answer.errno);
  }

  /** Status and body; for each of them the name of the error number when it failed. */
  async fetch(url: string, asked: Asked = {}): Promise<string> {
    const answer = await this.request(url, asked);
    if (answer.reply === undefined) return nameOf(answer.errno);
    const { response, status } = answer.reply;
    const body = await this.body(response);
    await this.operations.perform("httpClose", { response });
    return `${status} ${body}`;
  }

  /** The rest of a body, or the name of the error number. */
  async body(response: number): Promise<string> {
    let text = "";
    for (;;) {
      const bytes = await this.read(response);
      if (typeof bytes === "string") return bytes;
      if (bytes.length === 0) return text;
      text += DECODER.decode(bytes);
    }
  }

  async read(response: number, length = 65536): Promise<string | Uint8Array> {
    const answer = await this.operations.perform("httpRead", { response, length });
    return answer.reply?.bytes ?? nameOf(answer.errno);
  }

  [Symbol.dispose](): void {
    this.operations.close();
  }
}

/** Everything to a server, under the names a.test, b.test and by its address. */
export function everything(port: number) {
  return grants([`127.0.0.1:${port}`, `a.test:${port}`, `b.test:${port}`]);
}

/** What names resolve to. */
export const NAMES = { "a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"] };
