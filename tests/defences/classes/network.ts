import type { Defence } from "../defence.ts";

export const NETWORK: readonly Defence[] = [];
