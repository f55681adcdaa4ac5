/** What the sign-in's routes answer, and ask next. */

import { auth } from "~/api/client";
import type { RequestOptions } from "./webauthn";

export type Method = { id: string; channel: string; destination: string | null };

export type CodeAsked = { channel: string; destination: string | null; attemptsRemaining: number; resendAt: string | null; requestOptions?: RequestOptions };

type SecondFactorAnswer = { next: "code" } & CodeAsked | { next: "signed_in"; expiresAt: string };

export const givePassword = (email: string, password: string) =>
  auth<{ methods: Method[] }>("password", { email, password });

export const chooseMethod = (methodId: string) => auth<SecondFactorAnswer>("second-factor", { methodId });

export const giveCode = (methodId: string, code: string) => auth<SecondFactorAnswer>("second-factor", { methodId, code });

export const giveCredential = (methodId: string, credential: object) => auth<SecondFactorAnswer>("second-factor", { methodId, credential });

export type Accepted = { methodId: string; otpauthUri: string; secret: string; qrCodeSvg: string };

export const acceptInvitation = (token: string, password: string, displayName: string) =>
  auth<Accepted>("accept-invitation", { token, password, displayName: displayName || undefined });

/** Answered alike for every address. */
export const askForLink = (email: string) => auth<{ next: "mail" }>("forgotten", { email });

export const recover = (token: string, password: string) => auth<{ methods: Method[] }>("recover", { token, password });

/** Whether the person has it at hand already, so that nothing need be sent. */
export const isHeld = (channel: string) => channel === "TOTP" || channel === "PASSKEY" || channel === "BACKUP_CODE" || channel === "TEMPORARY_ACCESS_CODE";
