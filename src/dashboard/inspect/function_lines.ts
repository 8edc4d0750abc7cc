import type { CodePosition, FunctionLine } from "../../inspection/function_code.ts";
import type { ModuleInspector } from "../inspector/inspector_client.ts";
import type { ListEntry } from "../inspector/inspector_protocol.ts";

/** The lines of one function, read part by part. */
export class FunctionLines {
  readonly index: number;
  /** Whether it begins in the midst of the function, where nobody knows how deep it stands. */
  readonly isCut: boolean;
  readonly #inspector: Pick<ModuleInspector, "disassemble">;
  readonly #lines: FunctionLine[] = [];
  #next: CodePosition | undefined;
  #started = false;
  #about: { readonly entry: ListEntry; readonly locals: string } | undefined;

  /** @param offset of an instruction to begin with; undefined for the first */
  constructor(inspector: Pick<ModuleInspector, "disassemble">, index: number, offset?: number) {
    this.#inspector = inspector;
    this.index = index;
    this.isCut = offset !== undefined;
    this.#next = offset === undefined ? undefined : { offset, depth: 0 };
  }

  get lines(): readonly FunctionLine[] {
    return this.#lines;
  }

  /** The function; undefined before the first part. */
  get about(): { readonly entry: ListEntry; readonly locals: string } | undefined {
    return this.#about;
  }

  get isComplete(): boolean {
    return this.#started && this.#next === undefined;
  }

  /** Reads another part. @throws {WorkerError} */
  async more(): Promise<void> {
    if (this.isComplete) return;
    const { lines, next, locals, function: entry } = await this.#inspector.disassemble(
      this.index,
      this.#next,
    );
    this.#started = true;
    this.#next = next;
    this.#about = { entry, locals };
    this.#lines.push(...lines);
  }

  /** The place of the line that an offset lies in; undefined where it was not read yet. */
  placeOf(offset: number): number | undefined {
    const lines = this.#lines, last = lines.at(-1);
    if (last === undefined || offset > last.offset && !this.isComplete) return undefined;
    let low = 0, high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lines[middle]?.offset ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
