import type { Defence } from "../defence.ts";

export const ISOLATION: readonly Defence[] = [];
