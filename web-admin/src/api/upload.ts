/** A mutation with a file beside it, by the GraphQL multipart request specification. */

import { placeOf, send, type Operation } from "./client";
import { faultOf, Refusal, type Complaint, type WireError } from "./faults";

type Payload = { readonly userErrors: readonly Complaint[] };
type Answer<Data> = { data?: Data | null; errors?: WireError[] };

/** The payload of a mutation whose `input.file` is this file. */
export async function tellWithFile<Data extends Record<string, Payload>, Input extends object>(
  scope: string,
  operation: Operation<Data, { input: Input & { file: Blob } }>,
  input: Input,
  file: File,
): Promise<Data[keyof Data]> {
  const form = new FormData();
  form.set("operations", JSON.stringify({ query: operation.toString(), variables: { input: { ...input, file: null } } }));
  form.set("map", JSON.stringify({ 0: ["variables.input.file"] }));
  form.set("0", file, file.name);
  const response = await send("/graphql", { method: "POST", body: form, headers: { "x-postern-csrf": "1", ...placeOf(scope) } });
  const answer = (await response.json().catch(() => ({}))) as Answer<Data>;
  if (answer.errors?.length || !answer.data) throw faultOf(answer.errors?.[0], response.headers.get("x-request-id"));
  const [payload] = Object.values(answer.data) as [Data[keyof Data]];
  if (payload.userErrors.length > 0) throw new Refusal(payload.userErrors);
  return payload;
}
