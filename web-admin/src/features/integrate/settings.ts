/** The settings as a form holds them: texts. */

import type { SettingsQuery } from "~/gql/generated/integrate";
import type { UpdateTenantInput } from "~/gql/generated/schema";

export type Settings = {
  name: string; timeZone: string; language: string; productName: string; logoUrl: string; color: string; supportContact: string; domain: string; returnUrls: string;
};

export const lines = (text: string) => text.split(/\s+/).filter(Boolean);

export function stateOf(tenant: SettingsQuery["tenant"]): Settings {
  const { branding } = tenant;
  return {
    name: tenant.name, timeZone: tenant.timeZone, language: tenant.language, productName: branding.productName, logoUrl: branding.logoUrl ?? "",
    color: branding.color ?? "", supportContact: branding.supportContact ?? "", domain: branding.domain ?? "", returnUrls: tenant.returnUrls.join("\n"),
  };
}

/** The looks go whole: what is empty is unset. */
export function inputOf(state: Settings): UpdateTenantInput {
  const given = (text: string) => text.trim() || null;
  return {
    name: state.name.trim(), timeZone: state.timeZone, language: state.language.trim(), returnUrls: lines(state.returnUrls),
    branding: { productName: given(state.productName), logoUrl: given(state.logoUrl), color: given(state.color), supportContact: given(state.supportContact), domain: given(state.domain) },
  };
}

/** Those that the browser knows, and the one that is set: browsers do not list UTC. */
export const timeZones = (set: string) => [...new Set(["UTC", set, ...Intl.supportedValuesOf("timeZone")])];
