/** The same kernels in another runtime that counts fuel, where it is installed: `pip install wasmtime`. */
import { fromFileUrl } from "@std/path/posix";
import { kernelArgument } from "./kernel_workloads.ts";
import { type Kernel, kernelUrl } from "../kernels/kernels.ts";

/** Milliseconds with and without fuel. */
export interface PeerTime {
  readonly plain: number;
  readonly fuel: number;
}

const PEER = new URL("wasmtime_peer.py", import.meta.url);

async function python(args: readonly string[], input: string): Promise<string | undefined> {
  try {
    const child = new Deno.Command("python3", {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input)).catch(() => {});
    await writer.close().catch(() => {});
    const { success, stdout } = await child.output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Times by kernel; none where Python or its package is not installed. */
export async function measurePeers(
  kernels: readonly Kernel[],
  share: number,
): Promise<ReadonlyMap<string, PeerTime>> {
  if (await python(["-c", "import wasmtime"], "") === undefined) return new Map();
  const input = kernels.map((kernel) => {
    return { name: kernel.name, path: fromFileUrl(kernelUrl(kernel)), n: kernelArgument(kernel, share) };
  });
  const output = await python([fromFileUrl(PEER)], JSON.stringify(input));
  if (output === undefined) throw new Error("Wasmtime is installed, but a kernel failed in it");
  return new Map(Object.entries(JSON.parse(output) as Record<string, PeerTime>)); // `as`: the script is ours
}
