/** What every route has: the tasks, who asks, and who is told what was done. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ServerError } from "./server_error.ts";
import type { Token, Tokens } from "./tokens.ts";
import type { Aegis } from "../sandbox/aegis.ts";
import type { TaskManager } from "../tasks/task_manager.ts";

/** What is known of a request. */
export interface ServerEnv {
  readonly Variables: {
    /** Who asks. */
    token: Token;
  };
}

/** A part of the server. */
export type ServerApp = OpenAPIHono<ServerEnv>;

/** What routes need. */
export interface RoutePorts {
  readonly tasks: TaskManager;
  readonly tokens: Tokens;
  /** What bounds every task. */
  readonly runtime: Pick<Aegis, "engine" | "limits" | "policy">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A part that refuses what does not look as it should. */
export function newApp(): ServerApp {
  return new OpenAPIHono<ServerEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues, field = issue?.path.join(".") ?? "";
      throw new ServerError(
        "InvalidRequest",
        `Cannot use the request: ${result.target}${field === "" ? "" : `, field "${field}"`}: ${
          issue?.message ?? ""
        }`,
      );
    },
  });
}

/** Notes who did what. */
export function audit(
  context: Context<ServerEnv>,
  { tasks, now }: RoutePorts,
  entry: { readonly action: string; readonly target?: string; readonly detail?: string },
): void {
  tasks.audit.add({ at: now(), actor: context.get("token").name, ...entry });
}
