import type { CurrentUse, NamedPoolModule, PoolOptions } from "./pool_options.ts";
import type { Sandbox } from "./sandbox.ts";

/** What every guest of a pool starts with. */
export interface PoolGuestPlan {
  /** In the order in which they are loaded. */
  readonly modules: readonly NamedPoolModule[];
  readonly setup: PoolOptions["setup"];
  /** Starts an empty sandbox. */
  readonly build: () => Promise<Sandbox>;
}

/** Starts a guest of a pool with its modules loaded. When something fails, nothing of it is left. */
export async function startPoolGuest(plan: PoolGuestPlan, use: CurrentUse): Promise<Sandbox> {
  const sandbox = await plan.build();
  try {
    await plan.setup?.(sandbox, use);
    for (const { module, name } of plan.modules) {
      await sandbox.loadModule(module, name === undefined ? {} : { name });
    }
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
