/** What the routes of one's own account answer. */

import { queryOptions } from "@tanstack/react-query";
import { auth } from "~/api/client";
import type { CreationOptions } from "~/features/session/webauthn";

export type OwnSession = {
  id: string; createdAt: string; lastSeenAt: string; expiresAt: string; ipAddress: string | null; country: string | null;
  city: string | null; userAgent: string | null; isCurrent: boolean;
};

/** A company with an identity provider, and whether it may sign the person in. */
export type OwnCompany = { tenant: string; name: string; accepted: boolean };

export type Account = { sessions: OwnSession[]; app: { createdAt: string; lastUsedAt: string | null } | null; backupCodes: number; companies?: OwnCompany[] };

export const accountQuery = queryOptions({ queryKey: ["account"], queryFn: () => auth<Account>("account"), staleTime: 5_000 });

/** Ends one, or all but this one. */
export const endSessions = (which: { id: string } | { others: true }) => auth<{ ended: number }>("sessions/end", which);

export const changePassword = (currentPassword: string, newPassword: string) =>
  auth<{ changed: true }>("change-password", { currentPassword, newPassword });

export type OwnPasskey = { id: string; name: string; createdAt: string; lastUsedAt: string | null; isDisabled: boolean };

export const passkeysQuery = queryOptions({
  queryKey: ["account", "passkeys"],
  queryFn: async () => (await auth<{ passkeys: OwnPasskey[] }>("passkeys")).passkeys,
  staleTime: 5_000,
});

/** What the browser is to make, for five minutes. */
export const beginPasskey = (name: string) => auth<{ id: string; creationOptions: CreationOptions }>("passkeys", { name });

export const finishPasskey = (id: string, credential: object) => auth<{ added: true }>("passkeys/confirm", { id, credential });

export const removePasskey = (id: string) => auth<{ removed: true }>("passkeys/remove", { id });

export const newBackupCodes = () => auth<{ codes: string[] }>("backup-codes", {});

export type NewApp = { methodId: string; otpauthUri: string; secret: string; qrCodeSvg: string };

export const beginApp = () => auth<NewApp>("app", {});

export const confirmApp = (methodId: string, code: string) => auth<{ replaced: true }>("app/confirm", { methodId, code });
