import type { Defence } from "../defence.ts";

export const WASI: readonly Defence[] = [];
