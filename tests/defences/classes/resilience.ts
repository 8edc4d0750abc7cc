import type { Defence } from "../defence.ts";

export const RESILIENCE: readonly Defence[] = [];
