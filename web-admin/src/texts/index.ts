/** The console's sentences. Another language is another folder beside `en`, with the same keys. */

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    keySeparator: false;
    nsSeparator: false;
  }
}

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en } },
  lng: "en", fallbackLng: "en", keySeparator: false, nsSeparator: false,
  showSupportNotice: false,
  // React escapes.
  interpolation: { escapeValue: false },
});

export { i18next };
