/** A server whose guests may log, and get nothing else. */
import { assert } from "../assert.ts";
import { ServerProcess } from "../cli/server_process.ts";
import type { TestServer } from "./browser.ts";

const POLICY = `
fuel_limit = "unlimited"
timeout = "10m"
allow_logging = true
`;

export class GrantingServer implements TestServer {
  readonly url: string;
  readonly token: string;
  readonly #server: ServerProcess;
  readonly #folder: string;

  private constructor(server: ServerProcess, folder: string) {
    assert(server.token !== undefined, "the first start of a server makes a token");
    this.url = server.url;
    this.token = server.token;
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<GrantingServer> {
    const folder = await Deno.makeTempDir({ prefix: "aegis_granting_" }), policy = `${folder}/policy.toml`;
    await Deno.writeTextFile(policy, POLICY);
    return new GrantingServer(await ServerProcess.start(["--policy", policy, "--grace", "100ms"]), folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
