import type { WasiAbi } from "./functions.ts";
import type { MemoryView } from "./memory_view.ts";
import { FILE_TYPES, type ReplyOf } from "../protocol/operations.ts";

/** What an operation says about a file. */
export type Stat = ReplyOf<"stat">;

/** What is said about a directory or stream that no broker knows. */
export function bareStat(type: (typeof FILE_TYPES)[keyof typeof FILE_TYPES]): Stat {
  return { device: 0n, inode: 0n, type, links: 1, size: 0, accessed: 0n, modified: 0n, changed: 0n };
}

const MOST_LINKS = 2 ** 32 - 1;

/**
 * Writes a `filestat`; the range is checked.
 *
 *     wasi_snapshot_preview1:  0 device | 8 inode | 16 type | 24 links u64 | 32 size | 40 accessed | 48 modified | 56 changed
 *     wasi_unstable:           0 device | 8 inode | 16 type | 20 links u32 | 24 size | 32 accessed | 40 modified | 48 changed
 */
export function writeFilestat(
  memory: MemoryView,
  at: number,
  { stat, abi }: { stat: Stat; abi: WasiAbi },
): void {
  const { links, wideLinks, fileSize, size } = abi.filestat;
  memory.fill(at, size);
  memory.setU64(at, stat.device);
  memory.setU64(at + 8, stat.inode);
  memory.setU8(at + 16, stat.type);
  if (wideLinks) memory.setU64(at + links, BigInt(stat.links));
  else memory.setU32(at + links, Math.min(stat.links, MOST_LINKS));
  memory.setU64(at + fileSize, BigInt(stat.size));
  memory.setU64(at + fileSize + 8, stat.accessed);
  memory.setU64(at + fileSize + 16, stat.modified);
  memory.setU64(at + fileSize + 24, stat.changed);
}

/** Bits of `fstflags`; they are those of `TIME_FLAGS`. */
const ACCESSED = 3, MODIFIED = 12;

/** Whether a time is to be set both to a value and to now, or a bit means nothing, or a time is past 2262. */
export function badTimes(flags: number, accessed: bigint, modified: bigint): boolean {
  if (flags > 15 || (flags & ACCESSED) === ACCESSED || (flags & MODIFIED) === MODIFIED) return true;
  return accessed > LAST_TIME || modified > LAST_TIME;
}

const LAST_TIME = 2n ** 63n - 1n;
