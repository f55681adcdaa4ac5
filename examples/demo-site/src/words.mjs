/**
 * The site's own words for what Postern reports. Kept together so that they read alike and can be
 * reviewed like code.
 */

/** @typedef {{clock: string, timeZone: string}} TenantTime what Postern says the time is */

/** @param {string} iso @param {string} timeZone */
export const dateInWords = (iso, timeZone) =>
  new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }).format(new Date(iso));

/** @param {string} iso @param {string} timeZone */
export const momentInWords = (iso, timeZone) =>
  new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));

/** @param {string} iso @param {string} timeZone */
export const timeInWords = (iso, timeZone) => new Intl.DateTimeFormat('en-US', { timeZone, timeStyle: 'short' }).format(new Date(iso));

/** Whole seconds from the tenant's now until a moment; 0 when it has passed. @param {string | null | undefined} iso @param {string} clock */
export const secondsUntil = (iso, clock) => (iso ? Math.max(0, Math.ceil((Date.parse(iso) - Date.parse(clock)) / 1000)) : 0);

/** @param {string} iso @param {string} clock e.g. "in 29 days" */
export function untilInWords(iso, clock) {
  const seconds = secondsUntil(iso, clock);
  const units = /** @type {const} */ ([['day', 86_400], ['hour', 3_600], ['minute', 60]]);
  for (const [unit, length] of units) {
    const count = Math.round(seconds / length);
    if (seconds >= length) return `in ${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'in less than a minute';
}

/** A span of time that policies give in seconds. @param {number} seconds e.g. "30 days" */
export function spanInWords(seconds) {
  const [count, unit] = seconds >= 86_400 ? [Math.round(seconds / 86_400), 'day'] : [Math.max(1, Math.round(seconds / 3_600)), 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** @typedef {{country?: string | null, city?: string | null}} Location where an address is, as far as it is known */

const COUNTRIES = new Intl.DisplayNames(['en-US'], { type: 'region' });

/** @param {Location | null | undefined} location */
export function locationInWords(location) {
  const parts = [location?.city, location?.country && COUNTRIES.of(location.country)].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : 'An unknown place';
}

/** The first that a user agent mentions; most claim to be several. */
const BROWSER_NAMES = [['Edg', 'Edge'], ['OPR', 'Opera'], ['Firefox', 'Firefox'], ['FxiOS', 'Firefox'], ['CriOS', 'Chrome'], ['Chrome', 'Chrome'], ['Safari', 'Safari']];
const SYSTEM_NAMES = [['iPhone', 'an iPhone'], ['iPad', 'an iPad'], ['Android', 'Android'], ['Windows', 'Windows'], ['Macintosh', 'a Mac'], ['CrOS', 'ChromeOS'], ['Linux', 'Linux']];

/** What a device calls itself, for its owner. @param {string | null | undefined} userAgent */
export function deviceInWords(userAgent) {
  const named = (/** @type {string[][]} */ names) => names.find(([mark]) => userAgent?.includes(mark))?.[1];
  return [named(BROWSER_NAMES) ?? 'A browser', named(SYSTEM_NAMES)].filter(Boolean).join(' on ');
}

/** @typedef {{id: string, channel: string, destination?: string | null, phoneRole?: string | null, preferred?: boolean}} Method */

/** @param {Method} method what its button says */
export function methodAction(method) {
  const where = method.destination ?? '';
  const labels = {
    SMS: `Text a code to ${where}`,
    VOICE: `Call ${where} and read me a code`,
    EMAIL: `Email a code to ${where}`,
    TOTP: 'Use my authenticator app',
    BACKUP_CODE: 'Use a backup code',
    TEMPORARY_ACCESS_CODE: 'Enter the code my advisor gave me',
  };
  return labels[/** @type {keyof typeof labels} */ (method.channel)] ?? method.channel;
}

/** @param {string} channel @param {string | null | undefined} destination what the code page says */
export function codeInstruction(channel, destination) {
  const where = destination ?? 'you';
  const texts = {
    SMS: `We sent a text message with a code to ${where}.`,
    VOICE: `We are calling ${where}. Press a key when asked, and a voice will read the code twice.`,
    EMAIL: `We sent an email with a code to ${where}.`,
    TOTP: 'Open your authenticator app and enter the six digits it shows for Harbor & Lane.',
    BACKUP_CODE: 'Enter one of the backup codes you put away. Each of them works once.',
    TEMPORARY_ACCESS_CODE: 'Enter the code that your advisor reads to you. It works once.',
  };
  return texts[/** @type {keyof typeof texts} */ (channel)] ?? 'Enter the code.';
}

/**
 * Who did it, as Postern writes it down ("admin:a@b.example via key:help desk"), for a reader.
 * @param {string} actor
 */
export const actorInWords = (actor) => actor.replace(/\bkey:(.+)$/, 'the API key “$1”').replace(/^admin:/, '');

/** Channels whose code is sent, and so can be sent again. @param {string} channel */
export const isSent = (channel) => ['SMS', 'VOICE', 'EMAIL'].includes(channel);

const FACTOR_NAMES = { EmailFactor: 'Email', TotpFactor: 'Authenticator app', PasskeyFactor: 'Passkey', BackupCodesFactor: 'Backup codes' };

/** @param {any} factor */
export function factorName(factor) {
  if (factor.__typename !== 'PhoneFactor') return FACTOR_NAMES[/** @type {keyof typeof FACTOR_NAMES} */ (factor.__typename)] ?? 'Factor';
  const line = factor.line === 'LANDLINE' ? 'landline' : 'mobile';
  return factor.role === 'RECOVERY' ? `Recovery phone (${line})` : `Primary phone (${line})`;
}

/** @param {any} factor */
export function factorDetail(factor) {
  if (factor.__typename === 'BackupCodesFactor') return `${factor.remaining} left`;
  return factor.destination ?? '';
}

export const REASONS = {
  ALLOWED_NETWORK: 'You are in the office network.',
  TRUSTED_DEVICE: 'You proved yourself on this device before, and it is trusted.',
  LOW_RISK: 'Nothing about this sign-in is unusual enough to ask for a code.',
  HIGH_LEVEL: 'Your account asks for a code at every sign-in.',
  RISK_DETECTED: 'Something about this sign-in is unusual.',
  ADAPTIVE_NOT_STARTED: 'We cannot tell yet whether this sign-in is unusual, so we ask for a code.',
  ONE_TIME_LINK: 'You came by a one-time link.',
  STEP_UP: 'You asked to change something important.',
  OPT_OUT_ENDED: 'Two-step sign-in is now required, so your opt-out has ended.',
  ENROLLMENT_NOT_OPEN: 'Two-step sign-in has not begun yet.',
  ENROLLMENT_OPTIONAL: 'Two-step sign-in is optional for now.',
  ENROLLMENT_REQUIRED: 'Two-step sign-in is required.',
  OPTED_OUT: 'You turned two-step sign-in off.',
  USER_LOCKED: 'This account is locked.',
  USER_DISABLED: 'This account is closed.',
  RISK_TOO_HIGH: 'This sign-in looks too unusual.',
  NO_USABLE_FACTOR: 'None of your sign-in methods can be used.',
  TENANT_SUSPENDED: 'Online access is paused.',
};

/** @param {string} reason */
export const reasonInWords = (reason) => REASONS[/** @type {keyof typeof REASONS} */ (reason)] ?? reason;

/** What was decided: to whoever signed in, and in a word. @type {Record<string, {title: string, badge: string, tone: 'good' | 'plain' | 'warn'}>} */
export const OUTCOMES = {
  ALLOW: { title: 'Why you were not asked for a code', badge: 'not asked', tone: 'good' },
  CHALLENGE: { title: 'Why you were asked for a code', badge: 'asked', tone: 'plain' },
  ENROLL: { title: 'Why you were asked to protect your account', badge: 'to set up', tone: 'plain' },
  DENY: { title: 'Why you were turned away', badge: 'turned away', tone: 'warn' },
};

/** What somebody who was turned away is told, and can do. */
export const DENIALS = {
  USER_LOCKED: {
    title: 'Your account is locked for now',
    text: 'There were too many wrong codes, or your advisor locked the account. A lock after wrong codes ends by itself; your advisor can end it sooner.',
  },
  USER_DISABLED: { title: 'This account is closed', text: 'Please call your advisor if you think that is a mistake.' },
  RISK_TOO_HIGH: {
    title: 'We stopped this sign-in to protect you',
    text: 'It looks very unlike you. Please try from a place and a device that you have used before, or call your advisor.',
  },
  NO_USABLE_FACTOR: {
    title: 'None of your sign-in methods can be used any more',
    text: 'The ways that you set up are no longer accepted here, or were switched off after too many wrong codes. Your advisor can give you a code and help you set up a new one.',
  },
  TENANT_SUSPENDED: { title: 'Online access is paused', text: 'Nobody can sign in at the moment. Your advisor can be reached by phone as always.' },
};

export const LEVELS = { STANDARD: 'Standard: a code when a sign-in looks unusual', HIGH: 'High: a code at every sign-in' };

export const ENROLLMENT = {
  NOT_ENROLLED: 'not set up',
  SKIPPED: 'skipped for now',
  ENROLLED: 'set up',
  OPTED_OUT: 'turned off by the client',
};

/** What the classes of an assertion mean to a reader. */
export const ACR = {
  'postern:1fa': 'first factor alone',
  'postern:assisted': 'first factor and an advisor’s code',
  'postern:2fa-email': 'first factor and an emailed code',
  'postern:2fa': 'two factors',
  'postern:2fa-phr': 'two factors, phishing-resistant',
};
