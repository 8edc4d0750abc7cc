import type { Defence } from "../defence.ts";

export const MEMORY: readonly Defence[] = [];
