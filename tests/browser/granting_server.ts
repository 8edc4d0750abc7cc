/** A server whose guests may log, and get nothing else. It can be ended, and started again where it was. */
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
  readonly #folder: string;
  #server: ServerProcess;

  private constructor(server: ServerProcess, folder: string) {
    assert(server.token !== undefined, "the first start of a server makes a token");
    this.url = server.url;
    this.token = server.token;
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<GrantingServer> {
    const folder = await Deno.makeTempDir({ prefix: "aegis_granting_" });
    await Deno.writeTextFile(`${folder}/policy.toml`, POLICY);
    return new GrantingServer(await startIn(folder), folder);
  }

  /** Ends it, and every connection to it. */
  async end(): Promise<void> {
    await this.#server.end();
  }

  /** Starts it again, on the same port and with the same data. */
  async startAgain(): Promise<void> {
    this.#server = await startIn(this.#folder, Number(new URL(this.url).port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** @param port any that is free, unless one is given */
function startIn(folder: string, port = 0): Promise<ServerProcess> {
  return ServerProcess.start(
    ["--policy", `${folder}/policy.toml`, "--grace", "100ms"],
    `${folder}/data`,
    port,
  );
}
