/** Postern for servers in TypeScript and JavaScript. */
export { AssertionVerifier, LEEWAY_SECONDS, MAX_AGE_SECONDS } from './assertion.js';
export type { Claims, Expected, Spend, VerifierOptions } from './assertion.js';
export { PosternClient } from './client.js';
export type { CallOptions, ClientOptions, Payload } from './client.js';
export type { Document, DocumentTypeDecoration } from './document.js';
export { AssertionError, PosternError, PosternRefusal, WebhookError } from './errors.js';
export type { ErrorCode, ErrorDetail, UserError } from './errors.js';
export * from './generated.js';
export type { Logins, VerifiedLogin } from './logins.js';
export { TOLERANCE_SECONDS, verifyWebhook } from './webhook.js';
export type { WebhookEvent, WebhookHeaders, WebhookOptions } from './webhook.js';
