// @ts-nocheck AssemblyScript: its types are not those of TypeScript.

/** What a program imports of WASI: functions of `wasi_snapshot_preview1`. Each gives an error number. */
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(file: u32, parts: usize, count: u32, written: usize): u32;
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, size: usize): u32;
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(words: usize, texts: usize): u32;

/** The words that the program was started with; the first is its name. */
function readArguments(): string[] {
  const sizes = memory.data(8);
  if (args_sizes_get(sizes, sizes + 4) != 0) return [];
  const count = load<u32>(sizes), size = load<u32>(sizes, 4);
  const words = heap.alloc(count * 4), texts = heap.alloc(size);
  const found: string[] = [];
  if (args_get(words, texts) == 0) {
    for (let at: u32 = 0; at < count; at++) {
      found.push(String.UTF8.decodeUnsafe(load<u32>(words + at * 4), size, true));
    }
  }
  heap.free(words);
  heap.free(texts);
  return found;
}

function print(text: string): void {
  const encoded = String.UTF8.encode(text), part = memory.data(12);
  store<u32>(part, changetype<usize>(encoded));
  store<u32>(part, encoded.byteLength, 4);
  fd_write(1, part, 1, part + 8);
}

export function _start(): void {
  const words = readArguments();
  print("Hello, " + (words.length > 1 ? words[1] : "World") + "!\n");
}
