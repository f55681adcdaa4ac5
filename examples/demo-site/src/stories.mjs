/** What each story of the product lets somebody do; pages name the ones that can be played on them. */
export const STORIES = {
  S1: 'A client enrolls a mobile, sets a recovery phone, and is let in.',
  S2: 'A client skips while enrollment is optional, and sees the deadline.',
  S3: 'After the date nobody can skip or opt out.',
  S4: 'The code comes by text, by call, on the recovery phone, on a landline.',
  S5: 'At home nobody is asked; minutes later, from across the country, one is; next morning at home one is not.',
  S6: 'Staff in an allowed network pass with password or single sign-on alone; clients never do.',
  S7: 'Lost phone: the advisor issues a code.',
  S8: 'Lost phone: the client asks, the advisor answers.',
  S9: 'A counterparty gets a one-time link, and then still needs a second factor.',
  S10: 'Standard or High security, chosen by the firm, the advisor, or the client.',
  S11: 'Email is off until an administrator accepts the weaker channel on record.',
  S12: 'A client changes her phones in settings, after a fresh proof.',
  S13: 'Foreign numbers are refused.',
  S15: 'An integrator tests dates and expiries by moving the sandbox clock.',
};

/** @typedef {keyof typeof STORIES} Story */
