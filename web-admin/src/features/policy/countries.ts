/** The world's countries by name, as the browser knows them: no list of our own that grows old. */

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Regions of ISO 3166 that are no countries with numbers of their own. */
const NO_COUNTRIES = new Set(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AQ", "BV", "HM", "TF", "GS", "UM", "CP", "DG", "EA", "IC", "CQ"]);
/** Codes that were given up, which some browsers still name. */
const FORMER = new Set(["AN", "BU", "CS", "DD", "FX", "NH", "NT", "RH", "SU", "TP", "UK", "VD", "YD", "YU", "ZR", "HV", "DY", "CT", "FQ", "JT", "MI", "NQ", "PC", "PU", "PZ", "WK"]);

export function countries(language: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(language, { type: "region", fallback: "none" });
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second)).filter((code) => !NO_COUNTRIES.has(code) && !FORMER.has(code));
  return codes
    .flatMap((code) => { const name = names.of(code); return name ? [{ value: code, label: name }] : []; })
    .sort((a, b) => a.label.localeCompare(b.label, language));
}
