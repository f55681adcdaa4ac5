/** The pages for setting up a phone, an app, an email address. */
import { html } from '../html.mjs';
import { codeInstruction, dateInWords, factorName, untilInWords } from '../words.mjs';
import { actionButton, choice, field, inboxHint } from './parts.mjs';
import { codeField, resend, spentCard, triesAndTime, trustBox } from './verify.mjs';

/** @typedef {import('../words.mjs').TenantTime} TenantTime */
/** @typedef {import('./layout.mjs').Flash} Flash */

const REACH = [
  { value: 'sms', label: 'Mobile: text me the code' },
  { value: 'call', label: 'Mobile: call me and read the code' },
  { value: 'landline', label: 'Landline: call me and read the code' },
];

/** @param {{role: 'PRIMARY' | 'RECOVERY', flash: Flash, channels?: string[]}} options */
function phoneForm({ role, flash, channels = ['SMS', 'VOICE'] }) {
  const reach = REACH.filter((one) => channels.includes(one.value === 'sms' ? 'SMS' : 'VOICE'));
  return html`<form method="post" action="/factors/phone">
    <input type="hidden" name="role" value="${role}">
    ${field(
      { name: 'number', label: 'Phone number', type: 'tel', autocomplete: 'tel', value: flash.values?.number, required: true, maxlength: 40, hint: 'For example (415) 555-0123. Numbers of other countries begin with +.' },
      flash.problems,
    )}
    ${choice({ name: 'reach', label: 'How do we reach it?', options: reach, selected: flash.values?.reach }, flash.problems)}
    <div class="actions"><button class="primary">Send me a code</button></div>
  </form>`;
}

/** @param {any} prompt @param {TenantTime} time */
function deadline(prompt, time) {
  if (!prompt.skippable) return html`<p><b>This is now required</b> to use your account.</p>`;
  const skips = prompt.skipsRemaining === null ? '' : ` You can skip ${prompt.skipsRemaining} more ${prompt.skipsRemaining === 1 ? 'time' : 'times'}.`;
  const until = prompt.deadline
    ? html`You can skip it until <b>${dateInWords(prompt.deadline, time.timeZone)}</b> (${untilInWords(prompt.deadline, time.clock)}); from then on it is required.`
    : 'It is optional for now.';
  return html`<p>${until}${skips}</p>`;
}

/** Contacts that the firm has on file. @param {any[]} factors */
const suggested = (factors) =>
  factors.length > 0 &&
  html`<section class="card">
    <h2>Use a contact that we have on file</h2>
    <ul class="choices">${factors.map(suggestion)}</ul>
  </section>`;

/** @param {any} factor */
function suggestion(factor) {
  const mail = factor.__typename === 'EmailFactor';
  const text = !mail && factor.line !== 'LANDLINE';
  const where = factor.destination;
  return html`<li><span>${factorName(factor)}: <b class="nowrap">${where}</b></span>
    ${mail && actionButton('/factors/suggested', 'Email me a code', { factorId: factor.id })}
    ${text && actionButton('/factors/suggested', 'Text me a code', { factorId: factor.id, channel: 'SMS' }, 'primary')}
    ${!mail && actionButton('/factors/suggested', 'Call me', { factorId: factor.id, channel: 'VOICE' })}
  </li>`;
}

/** @param {string[]} channels @param {Flash} flash */
const otherWays = (channels, flash) =>
  (channels.includes('TOTP') || channels.includes('EMAIL')) &&
  html`<section class="card">
    <h2>Other ways</h2>
    ${channels.includes('TOTP') && html`<p>An app such as the one you may use at work shows a new code every 30 seconds, without any reception.</p>
      ${actionButton('/factors/app', 'Set up an authenticator app')}`}
    ${channels.includes('EMAIL') && emailForm(flash)}
  </section>`;

/** @param {Flash} flash */
export const emailForm = (flash) => html`<form method="post" action="/factors/email">
  ${field({ name: 'address', id: 'emailAddress', label: 'Email', type: 'email', autocomplete: 'email', value: flash.values?.address, hint: 'Leave it empty to use the address that we have on record.' }, emailProblems(flash))}
  <button class="secondary">Email me a code</button>
</form>`;

/** @param {Flash} flash the form's field is called otherwise than the page's key for it */
const emailProblems = ({ problems }) =>
  problems?.fields.emailAddress ? { fields: { address: problems.fields.emailAddress }, general: [] } : undefined;

/** @param {{login: any, time: TenantTime, flow: any, flash: Flash}} options */
export function enrollPage({ login, time, flow, flash }) {
  const prompt = login.enrollmentPrompt;
  const temporary = login.methods.find((/** @type {any} */ method) => method.channel === 'TEMPORARY_ACCESS_CODE');
  const phones = prompt.channels.includes('SMS') || prompt.channels.includes('VOICE');
  return html`<section class="card">
    <h1>Protect your account</h1>
    <p>Hello ${flow.displayName}. From now on we can ask for a code besides your password, so that nobody gets in with the password alone.</p>
    ${deadline(prompt, time)}
    ${prompt.skippable && html`<div class="actions">${actionButton('/enroll/skip', 'Skip for now')}</div>`}
  </section>
  ${temporary && html`<section class="card">
    <h2>Your advisor gave you a code?</h2>
    ${actionButton('/verify/start', 'Enter the code my advisor gave me', { methodId: temporary.id }, 'primary')}
  </section>`}
  ${suggested(prompt.suggestedFactors)}
  ${phones && html`<section class="card"><h2>Add your phone</h2>${phoneForm({ role: 'PRIMARY', flash, channels: prompt.channels })}</section>`}
  ${otherWays(prompt.channels, flash)}
  <div class="actions"><a href="/verify/options">I need help from my advisor</a> ${actionButton('/verify/cancel', 'Cancel', {}, 'quiet')}</div>`;
}

/** @param {{role: 'PRIMARY' | 'RECOVERY', home: string, flash: Flash}} options */
export const phonePage = ({ role, home, flash }) => html`<section class="card">
  <h1>${role === 'RECOVERY' ? 'Add a recovery phone' : 'Set your phone'}</h1>
  <p>${
    role === 'RECOVERY'
      ? 'If you lose your phone, the code can go to this one: a second mobile, or the landline of your home.'
      : 'The number that codes go to first. A new number takes the place of the old one once you have confirmed it.'
  }</p>
  ${phoneForm({ role, flash })}
  <p><a href="${home}">Back</a></p>
</section>`;

/** @param {{pending: any, time: TenantTime, flash: Flash, trustSeconds: number}} options */
export function confirmPage({ pending, time, flash, trustSeconds }) {
  if (pending.challenge.attemptsRemaining === 0) return spentCard(pending.home === '/enroll' ? '/verify/cancel' : '/factors/cancel', 'Start again');
  const { challenge, factor } = pending;
  const phone = factor.__typename === 'PhoneFactor';
  const other = challenge.channel === 'SMS' ? 'VOICE' : 'SMS';
  const mayChange = phone && factor.line !== 'LANDLINE';
  return html`<section class="card">
    <h1>Confirm with the code</h1>
    <p>${codeInstruction(challenge.channel, challenge.destination ?? factor.destination)}</p>
    <form method="post" action="/factors/code">
      ${codeField({ digits: true }, flash)}
      ${triesAndTime(challenge, time)}
      ${trustBox(trustSeconds)}
      <div class="actions"><button class="primary">Confirm</button></div>
    </form>
    ${resend(challenge, time.clock, '/factors/resend', phone ? { channel: challenge.channel } : {})}
    ${mayChange && html`<div class="resend">${actionButton('/factors/resend', other === 'VOICE' ? 'Call me instead' : 'Text me instead', { channel: other }, 'quiet')}</div>`}
    ${actionButton('/factors/cancel', 'Back', {}, 'quiet')}
    ${inboxHint()}
  </section>`;
}

/** The secret of an otpauth address, in groups that can be typed. @param {string} uri */
export const secretOf = (uri) => (URL.canParse(uri) ? (new URL(uri).searchParams.get('secret') ?? '') : '').replace(/(.{4})(?=.)/g, '$1 ');

/** @param {{pending: any, flash: Flash, trustSeconds: number}} options */
export function appPage({ pending, flash, trustSeconds }) {
  const image = `data:image/svg+xml;base64,${Buffer.from(pending.qrCodeSvg ?? '').toString('base64')}`;
  return html`<section class="card">
    <h1>Set up your authenticator app</h1>
    <ol class="steps">
      <li>Open the app and scan this picture.
        ${pending.qrCodeSvg && html`<p><img class="qr" src="${image}" alt="QR code for the authenticator app" width="208" height="208"></p>`}
        <p class="small">Or type this key: <code class="wrap">${secretOf(pending.otpauthUri)}</code></p></li>
      <li>Enter the six digits that it shows.
        <form method="post" action="/factors/code">
          ${codeField({ digits: true }, flash)}
          ${trustBox(trustSeconds)}
          <div class="actions"><button class="primary">Confirm</button></div>
        </form></li>
    </ol>
    ${actionButton('/factors/cancel', 'Back', {}, 'quiet')}
  </section>`;
}
