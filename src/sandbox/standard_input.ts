import { InputReader, type InputSource } from "./input_reader.ts";

export type { InputSource };

/** Standard input of one sandbox: its own, or while a call has another one, that. */
export class StandardInput {
  readonly #own: InputReader;
  #given: InputReader | undefined;

  /** @throws {AegisError} `InvalidOption` */
  constructor(source?: InputSource) {
    this.#own = new InputReader(source);
  }

  get #current(): InputReader {
    return this.#given ?? this.#own;
  }

  /** From now on this is read, until {@linkcode giveBack}. @throws {AegisError} `InvalidOption` */
  give(source: InputSource): void {
    this.giveBack();
    this.#given = new InputReader(source);
  }

  /** What was given is read no more, and closed; the sandbox's own goes on where it was. */
  giveBack(): void {
    this.#given?.close();
    this.#given = undefined;
  }

  /** A new life begins: bytes are read from the start again; a stream goes on. */
  restart(): void {
    this.#current.restart();
  }

  /** As {@linkcode InputReader.read}. */
  read(most: number): Promise<Uint8Array> {
    return this.#current.read(most);
  }

  /** As {@linkcode InputReader.abandon}. */
  abandon(): void {
    this.#current.abandon();
  }

  /** As {@linkcode InputReader.ready}. */
  ready(timeout: number): Promise<boolean> {
    return this.#current.ready(timeout);
  }

  /** Ends streams, too: nobody will read them any more. */
  close(): void {
    this.giveBack();
    this.#own.close();
  }
}
