/**
 * What the program of one call is given, as the call begins and ends. Words go to the guest, which keeps them to the end of
 * its life: so the next call that has none of its own brings back those of the sandbox first.
 */
import type { FrameRequest, GuestSession, Reply } from "./guest_session.ts";
import { dropInput } from "./input_reader.ts";
import { type ProgramInput, readProgram, type ResolvedProgram } from "./program_input.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Outcome } from "../core/outcome.ts";
import { encodeData } from "../protocol/data.ts";
import { FRAMES } from "../protocol/layout.ts";
import type { ProgramWords } from "../wasi/host.ts";

export class GivenProgram {
  readonly #session: GuestSession;
  readonly #surroundings: Surroundings;

  constructor(session: GuestSession, surroundings: Surroundings) {
    this.#session = session;
    this.#surroundings = surroundings;
  }

  /** @throws {AegisError} `InvalidOption` */
  read(input: ProgramInput | undefined): ResolvedProgram | undefined {
    return input === undefined ? undefined : readProgram(input, this.#surroundings.ownWords);
  }

  /** A call begins. @returns how it has ended already, where the guest could not be told */
  async begin(program: ResolvedProgram | undefined): Promise<Outcome | undefined> {
    const words = this.#untold(program);
    const failed = words === undefined
      ? undefined
      : this.#told(program, await this.#session.request(this.#request(words)));
    if (failed === undefined && program !== undefined) this.#surroundings.io.give(program);
    return failed;
  }

  /** The same, blocking this thread. */
  beginSync(program: ResolvedProgram | undefined): Outcome | undefined {
    const words = this.#untold(program);
    const failed = words === undefined
      ? undefined
      : this.#told(program, this.#session.requestSync(this.#request(words)));
    if (failed === undefined && program !== undefined) this.#surroundings.io.give(program);
    return failed;
  }

  /** The call has ended. */
  end(program: ResolvedProgram | undefined): void {
    if (program !== undefined) this.#surroundings.io.giveBack();
  }

  /** The call never began: nobody will read its input. */
  drop(program: ResolvedProgram | undefined): void {
    dropInput(program?.stdin);
  }

  /** What the guest has to be told; undefined where it knows. */
  #untold(program: ResolvedProgram | undefined): ProgramWords | undefined {
    const { given, ownWords } = this.#surroundings;
    return program?.words ?? (given === undefined ? undefined : ownWords);
  }

  #told(program: ResolvedProgram | undefined, reply: Reply<void>): Outcome | undefined {
    if ("result" in reply) {
      this.#surroundings.given = program?.words;
      return undefined;
    }
    return this.#session.note(
      "outcome" in reply ? reply.outcome : { kind: "fault", message: reply.linkError },
    );
  }

  #request({ args, env }: ProgramWords): FrameRequest<void> {
    const encoded = encodeData({ args, env });
    return {
      kind: FRAMES.program,
      timeout: this.#session.limits.timeout,
      write: (writer) => writer.bytes(encoded),
      read: () => undefined,
    };
  }
}
