import type { Defence } from "../defence.ts";

export const COMPILING: readonly Defence[] = [];
