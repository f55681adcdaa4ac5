/** One request to the API, as the person who is signed in. */

import type { DocumentTypeDecoration } from "@graphql-typed-document-node/core";
import { Fault, Refusal, faultOf, type Complaint, type WireError } from "./faults";

export type Operation<Data, Variables> = DocumentTypeDecoration<Data, Variables> & { toString(): string };

type Answer<Data> = { data?: Data | null; errors?: WireError[] };

const headers = { "content-type": "application/json", "x-postern-csrf": "1" };

/** A request of this page; a server that cannot be reached is a fault like others. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Fault("NO_CONNECTION", "");
  }
}

/** Names the tenant or partner that a request is for. */
export const placeOf = (scope: string): Record<string, string> => ({ [scope.startsWith("partner_") ? "x-postern-partner" : "x-postern-tenant"]: scope });

/** Runs an operation for one tenant or partner. */
export async function ask<Data, Variables>(
  scope: string,
  operation: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const body = JSON.stringify({ query: operation.toString(), variables });
  const response = await send("/graphql", {
    method: "POST", body, headers: { ...headers, ...placeOf(scope) }, ...(signal ? { signal } : {}),
  });
  const answer = (await response.json().catch(() => ({}))) as Answer<Data>;
  if (answer.errors?.length || !answer.data) throw faultOf(answer.errors?.[0], response.headers.get("x-request-id"));
  return answer.data;
}

type Payload = { readonly userErrors: readonly Complaint[] };

/** The payload of a mutation that did what it was asked. */
export async function tell<Data extends Record<string, Payload>, Variables>(
  scope: string,
  operation: Operation<Data, Variables>,
  variables: Variables,
): Promise<Data[keyof Data]> {
  const data = await ask(scope, operation, variables);
  const [payload] = Object.values(data) as [Data[keyof Data]];
  if (payload.userErrors.length > 0) throw new Refusal(payload.userErrors);
  return payload;
}

/** One of the sign-in's routes; see docs/integrators.md. */
export async function auth<Data>(step: string, body?: unknown): Promise<Data> {
  const init = body === undefined ? { method: "GET" } : { method: "POST", body: JSON.stringify(body), headers };
  const response = await send(`/auth/${step}`, init);
  const answer = (await response.json().catch(() => ({}))) as Data & { errors?: WireError[] };
  if (!response.ok) throw faultOf(answer.errors?.[0], response.headers.get("x-request-id"));
  return answer;
}
