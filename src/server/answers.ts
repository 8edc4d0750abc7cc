/** Answers as the OpenAPI document has them. */
import type { z } from "@hono/zod-openapi";
import { ErrorSchema, SeedError } from "./schemas.ts";

type Content<Schema extends z.ZodType> = {
  readonly description: string;
  readonly content: { readonly "application/json": { readonly schema: Schema } };
};

/** An answer in JSON. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string): Content<Schema> {
  return { description, content: { "application/json": { schema } } };
}

/** A body in JSON. */
export function body<Schema extends z.ZodType>(schema: Schema): {
  readonly required: true;
  readonly content: { readonly "application/json": { readonly schema: Schema } };
} {
  return { required: true, content: { "application/json": { schema } } };
}

/** What else any route may answer. */
export const ERRORS = {
  400: json(ErrorSchema, "The request is not as it should be"),
  401: json(ErrorSchema, "There is no token, or a wrong one"),
  403: json(ErrorSchema, "The token may only look"),
  404: json(ErrorSchema, "There is no such thing"),
  408: json(ErrorSchema, "The request took too long to come"),
  409: json(ErrorSchema, "It is not in a state for that"),
  413: json(ErrorSchema, "The body is too large"),
  415: json(ErrorSchema, "The body is of another type"),
  421: json(ErrorSchema, "The server is not asked under that name"),
  422: json(ErrorSchema, "The module or its use is wrong"),
  429: json(ErrorSchema, "Too many requests"),
  500: json(ErrorSchema, "The server failed"),
  503: json(ErrorSchema, "The server is shutting down, or full of guests"),
  507: json(ErrorSchema, "There is no room for more"),
} as const;

/** The same for the endpoints with the envelope. */
export const SEED_ERRORS = Object.fromEntries(
  Object.entries(ERRORS).map(([status, { description }]) => [status, json(SeedError, description)]),
) as Readonly<Record<keyof typeof ERRORS, Content<typeof SeedError>>>;
