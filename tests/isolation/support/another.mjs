// Of the same kind, and nobody's.

import { randomInt } from "node:crypto";

const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const some = (alphabet, length) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
/** The text with all but its beginning and its last letter replaced: the last may hold bits that must be nought. */
const within = (text, from, alphabet) => text.slice(0, from) + some(alphabet, text.length - from - 1) + text.at(-1);

/** An identifier, token, name or cursor like `value` that names nothing; `word` stands in the names of whoever it belongs to. */
export function another(value, word) {
  return plain(value, word) ?? cursor(value, word);
}

function plain(value, word) {
  if (/^\+1415\d{7}$/.test(value)) return `+1415${2 + randomInt(7)}${some("23456789", 6)}`;
  // The first letters say where it stands among names.
  if (value.includes(word)) return value.replaceAll(word, word.slice(0, 2) + some("abcdefghijklmnopqrstuvwxyz", word.length - 2));
  if (/^[a-z]+_[0-9a-hjkmnp-tv-z]{26,}$/.test(value)) return within(value, value.indexOf("_") + 12, BASE32);
  if (/^[0-9a-hjkmnp-tv-z]{40,}$/.test(value)) return within(value, 30, BASE32);
  const token = /(prompt|link|device|result)_[\w-]{43}$/.exec(value);
  return token && within(value, value.length - 43, BASE64);
}

/** A position beside this one in the order of a list, at which there is no row of anybody's. */
function cursor(value, word) {
  const key = Buffer.from(value, "base64url").toString("utf8");
  const beside = plain(key, word);
  if (!beside) throw new Error(`${value} (${key}) is like nothing that is known: say in support/another.mjs how another is made`);
  return Buffer.from(beside).toString("base64url");
}
