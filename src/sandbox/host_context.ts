/** What a host function is told of the call. */
import { AegisError } from "../core/errors.ts";

/** The memory of the guest that calls. */
export interface GuestMemory {
  /**
   * A copy of bytes; addresses are what the guest passes as i32, unsigned.
   *
   * @throws {AegisError} `TypeMismatch` for what lies outside, `Closed` once the call has been answered
   */
  read(address: number, length: number): Uint8Array<ArrayBuffer>;
  /** Writes bytes. @throws as {@linkcode GuestMemory.read} */
  write(address: number, bytes: Uint8Array): void;
}

/** What a host function gets behind its arguments. */
export interface HostContext {
  /** Id of the sandbox whose guest calls. */
  readonly sandbox: string;
  /** Aborted when the guest is stopped: nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** The memory of the module that imports the function, while it waits for the result. */
  readonly memory: GuestMemory;
}

/** How a context reaches the guest. */
export interface ContextPorts {
  readonly sandbox: string;
  read(address: number, length: number): Uint8Array<ArrayBuffer>;
  write(address: number, bytes: Uint8Array): void;
}

/** The context of one call. What it needs is made when it is asked for: most functions never do. */
export class CallContext implements HostContext, GuestMemory {
  readonly #ports: ContextPorts;
  #controller: AbortController | undefined;
  #interrupted = false;
  #over = false;

  constructor(ports: ContextPorts) {
    this.#ports = ports;
  }

  get sandbox(): string {
    return this.#ports.sandbox;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#interrupted) this.#controller.abort();
    return this.#controller.signal;
  }

  get memory(): GuestMemory {
    return this;
  }

  read(address: number, length: number): Uint8Array<ArrayBuffer> {
    this.#check(address, length);
    return this.#ports.read(address, length);
  }

  write(address: number, bytes: Uint8Array): void {
    this.#check(address, bytes.length);
    this.#ports.write(address, bytes);
  }

  /** The guest was stopped. Nothing to a function that has returned: nobody had stopped waiting for it. */
  interrupt(): void {
    if (this.#over) return;
    this.#interrupted = this.#over = true;
    this.#controller?.abort();
  }

  /** The call was answered: the guest runs on. */
  end(): void {
    this.#over = true;
  }

  #check(address: number, length: number): void {
    if (this.#over) {
      throw new AegisError("Closed", "Cannot access memory: the call of the host function has ended");
    }
    const natural = (value: number) => Number.isSafeInteger(value) && value >= 0;
    if (natural(address) && natural(length)) return;
    throw new AegisError("TypeMismatch", `Cannot access memory: no ${length} bytes lie at ${address}`);
  }
}
