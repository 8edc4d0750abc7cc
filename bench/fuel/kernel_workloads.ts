import { exported, type Workload } from "./subject.ts";
import { type Kernel, kernelBytes, kernels } from "../kernels/kernels.ts";

/**
 * The argument for a share of a kernel's work. An index of Fibonacci's numbers is no amount of work: each takes 1.6
 * times as long as the one before.
 */
export function kernelArgument(kernel: Kernel, share: number): number {
  if (kernel.name.startsWith("fib")) return kernel.n + Math.round(Math.log(share) / Math.log(1.618));
  return Math.max(1, Math.round(kernel.n * share));
}

/** The kernels as workloads. */
export const kernelWorkloads: readonly Workload[] = kernels.map((kernel) => ({
  name: kernel.name,
  group: kernel.group,
  bytes: () => kernelBytes(kernel),
  setUp(exports, share) {
    const run = exported(exports, "run"), n = kernelArgument(kernel, share);
    return () => run(n);
  },
}));
