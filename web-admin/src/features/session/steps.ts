/** What the sign-in's routes answer, and ask next. */

import { auth } from "~/api/client";

export type Method = { id: string; channel: string; destination: string | null };

export type CodeAsked = { channel: string; destination: string | null; attemptsRemaining: number; resendAt: string | null };

type SecondFactorAnswer = { next: "code" } & CodeAsked | { next: "signed_in"; expiresAt: string };

export const givePassword = (email: string, password: string) =>
  auth<{ methods: Method[] }>("password", { email, password });

export const chooseMethod = (methodId: string) => auth<SecondFactorAnswer>("second-factor", { methodId });

export const giveCode = (methodId: string, code: string) => auth<SecondFactorAnswer>("second-factor", { methodId, code });

export type Accepted = { methodId: string; otpauthUri: string; secret: string; qrCodeSvg: string };

export const acceptInvitation = (token: string, password: string, displayName: string) =>
  auth<Accepted>("accept-invitation", { token, password, displayName: displayName || undefined });

/** Whether a code comes by itself, so that nothing need be sent. */
export const isHeld = (channel: string) => channel === "TOTP" || channel === "BACKUP_CODE" || channel === "TEMPORARY_ACCESS_CODE";
