import type { FileQuotas } from "./messages.ts";
import type { MountState } from "./mount.ts";
import { type Decision, Refused } from "./refusals.ts";
import { TokenBucket } from "./token_bucket.ts";
import { OperationError } from "../protocol/operations.ts";

/** A sandbox moves bytes faster than it may. The broker does not wait for it: the guest asks again. */
export class RateExceeded extends OperationError {
  /** @param retryAfter milliseconds after which the same operation goes through */
  constructor(override readonly retryAfter: number) {
    super("again");
  }
}

/** A write, or a growth, that is asked for. */
export interface Growth {
  readonly mount: MountState;
  /** Bytes of the file now. */
  readonly size: number;
  /** Where the write begins, or the old end of a file that grows without being written. */
  readonly offset: number;
  readonly length: number;
  readonly decision: Decision;
}

/**
 * What one sandbox has read and written, and may, over all lives of its guest. A hole counts as written: it can be filled by
 * others later.
 */
export class Quotas {
  readonly #quotas: FileQuotas;
  readonly #readRate: TokenBucket;
  readonly #writeRate: TokenBucket;
  #read = 0;
  #written = 0;
  #created = 0;
  /** Bytes written through each mount, by its index. */
  #through: number[] = [];

  /** @param now milliseconds, never going back */
  constructor(quotas: FileQuotas, now: () => number) {
    this.#quotas = quotas;
    this.#readRate = new TokenBucket(quotas.readRate, now);
    this.#writeRate = new TokenBucket(quotas.writeRate, now);
  }

  /** Somebody else is served from now on: nothing was read, written or made for them yet. */
  renew(): void {
    this.#read = this.#written = this.#created = 0;
    this.#through = [];
  }

  get openFiles(): number {
    return this.#quotas.openFiles;
  }

  /**
   * How many of `length` bytes may be read now; at least one.
   *
   * @throws {Refused} `read` @throws {RateExceeded}
   */
  allowRead(length: number, decision: Decision): number {
    const left = this.#quotas.readBytes - this.#read;
    if (left <= 0) throw new Refused("read", decision);
    return Math.min(length, left, passing(this.#readRate));
  }

  countRead(bytes: number): void {
    this.#read += bytes;
    this.#readRate.spend(bytes);
  }

  /**
   * How many bytes may be written now; at least one.
   *
   * @throws {Refused} `fileSize`, `written` @throws {RateExceeded}
   */
  allowWrite({ mount, size, offset, length, decision }: Growth): number {
    const fits = this.#fileSize(mount) - offset;
    if (fits <= 0) throw new Refused("fileSize", decision);
    const left = this.#left(mount) - Math.max(0, offset - size);
    if (left <= 0) throw new Refused("written", decision);
    return Math.min(length, fits, left, passing(this.#writeRate));
  }

  /** Counts bytes that were written, and the hole before them. */
  countWrite({ mount, size, offset }: Growth, written: number): void {
    this.#count(mount, written + Math.max(0, offset - size));
    this.#writeRate.spend(written);
  }

  /**
   * Sees to it that a file may be as long as `offset + length`, of which `length` bytes are new.
   *
   * @throws {Refused} `fileSize`, `written`
   */
  allowGrowth({ mount, offset, length, decision }: Growth): void {
    if (offset + length > this.#fileSize(mount)) throw new Refused("fileSize", decision);
    if (length > this.#left(mount)) throw new Refused("written", decision);
  }

  countGrowth({ mount, length }: Growth): void {
    this.#count(mount, length);
  }

  /**
   * Sees to it that a file, a directory or a link may be made: they fill a disk, too, however empty they are.
   *
   * @throws {Refused} `created`
   */
  allowName(decision: Decision): void {
    if (this.#created >= this.#quotas.createdFiles) throw new Refused("created", decision);
  }

  countName(): void {
    this.#created++;
  }

  #fileSize(mount: MountState): number {
    return Math.min(this.#quotas.fileSize, mount.grant.maxFileSize);
  }

  #left(mount: MountState): number {
    return Math.min(
      this.#quotas.writeBytes - this.#written,
      mount.grant.totalBytes - this.#writtenThrough(mount),
    );
  }

  #writtenThrough({ index }: MountState): number {
    return this.#through[index] ?? 0;
  }

  #count(mount: MountState, bytes: number): void {
    this.#written += bytes;
    this.#through[mount.index] = this.#writtenThrough(mount) + bytes;
  }
}

function passing(bucket: TokenBucket): number {
  const { delay } = bucket;
  if (delay > 0) throw new RateExceeded(delay);
  return bucket.most;
}
