import type { Completion } from "~/gql/generated/schema";

/** Told apart by lightness as well as by hue. */
export const WAY_COLORS: Record<Completion, string> = {
  SMS: "var(--mantine-color-patina-7)", VOICE: "var(--mantine-color-patina-4)", EMAIL: "var(--mantine-color-brass-3)",
  TOTP: "var(--mantine-color-river-6)", PASSKEY: "var(--mantine-color-river-3)", BACKUP_CODE: "var(--mantine-color-gray-5)",
  TEMPORARY_ACCESS_CODE: "var(--mantine-color-brick-4)", ENROLLED: "var(--mantine-color-brass-5)", SKIPPED: "var(--mantine-color-gray-4)",
};
