/**
 * A GraphQL document that knows the types of its answer and of its variables, as
 * `@graphql-codegen/typed-document-node` makes them with `documentMode: "string"`; yours fit as well.
 */
export interface DocumentTypeDecoration<TData, TVariables> {
  /** Never there: it only carries the types. */
  __apiType?: (variables: TVariables) => TData;
}

/** A document of that kind, or plain text, of which nothing is known. */
export type Document<TData, TVariables> = (DocumentTypeDecoration<TData, TVariables> & { toString(): string }) | string;

/** Whether running it a second time can do no harm. */
export const isQuery = (text: string): boolean => /^\s*(query\b|\{|fragment\b[^]*?\bquery\b)/.test(text) && !/\bmutation\b/.test(text);
