import type { Defence } from "../defence.ts";

export const CPU: readonly Defence[] = [];
