/** Asking this browser for a passkey. What goes over the wire is JSON, as WebAuthn Level 3 writes it (§5.1). */

type Described = { id: string; type: "public-key"; transports?: AuthenticatorTransport[] };

/** `PublicKeyCredentialRequestOptions`. */
export type RequestOptions = { challenge: string; rpId: string; allowCredentials: Described[]; userVerification: UserVerificationRequirement; timeout?: number };

/** `PublicKeyCredentialCreationOptions`. */
export type CreationOptions = {
  challenge: string; rp: PublicKeyCredentialRpEntity; user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[]; excludeCredentials?: Described[];
  authenticatorSelection?: AuthenticatorSelectionCriteria; attestation?: AttestationConveyancePreference; timeout?: number;
};

export const hasPasskeys = () => typeof PublicKeyCredential !== "undefined";

/** Base64url, without padding. */
export const toText = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export const toBytes = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const described = (list: Described[] | undefined) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

const outside = (credential: PublicKeyCredential, response: Record<string, unknown>) =>
  ({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, clientExtensionResults: {}, response });

/** Makes one; null where the person gave up, or the authenticator has it already. */
export async function makePasskey(options: CreationOptions): Promise<object | null> {
  const publicKey = { ...options, challenge: toBytes(options.challenge), user: { ...options.user, id: toBytes(options.user.id) }, excludeCredentials: described(options.excludeCredentials) };
  const made = await navigator.credentials.create({ publicKey }).catch(() => null) as PublicKeyCredential | null;
  if (!made) return null;
  const answer = made.response as AuthenticatorAttestationResponse;
  return outside(made, { clientDataJSON: toText(answer.clientDataJSON), attestationObject: toText(answer.attestationObject), transports: answer.getTransports() });
}

/** Has one answer; null where the person gave up. */
export async function provePasskey(options: RequestOptions): Promise<object | null> {
  const publicKey = { ...options, challenge: toBytes(options.challenge), allowCredentials: described(options.allowCredentials) };
  const given = await navigator.credentials.get({ publicKey }).catch(() => null) as PublicKeyCredential | null;
  if (!given) return null;
  const answer = given.response as AuthenticatorAssertionResponse;
  return outside(given, {
    clientDataJSON: toText(answer.clientDataJSON), authenticatorData: toText(answer.authenticatorData), signature: toText(answer.signature),
    userHandle: answer.userHandle ? toText(answer.userHandle) : null,
  });
}
