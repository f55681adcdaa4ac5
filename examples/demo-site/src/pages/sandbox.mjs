/** The sandbox's inbox and clock. */
import { html, linkify } from '../html.mjs';
import { momentInWords } from '../words.mjs';
import { actionButton, badge, choice, field } from './parts.mjs';

const CHANNELS = { SMS: 'Text', VOICE: 'Call', EMAIL: 'Mail' };

const PURPOSES = {
  CODE: 'code',
  ONE_TIME_LINK: 'one-time link',
  ENROLLMENT_REMINDER: 'reminder',
  ADMIN_INVITATION: 'invitation',
  SECURITY_NOTICE: 'security notice',
  TEMPORARY_ACCESS_REQUEST: 'request for help',
};

/** @param {string} status */
const tone = (status) => (status === 'DELIVERED' || status === 'ACCEPTED' ? 'good' : status === 'FAILED' || status === 'CANCELED' ? 'warn' : 'plain');

/** A code stands out, a web address can be followed. @param {any} message */
function body({ sandboxBody, purpose }) {
  if (!sandboxBody) return html`<i>No text yet.</i>`;
  const code = purpose === 'CODE' && /\d(?:[ ,.]*\d){5,7}/.exec(sandboxBody);
  if (!code) return linkify(sandboxBody);
  const end = code.index + code[0].length;
  return html`${sandboxBody.slice(0, code.index)}<b class="pin">${code[0]}</b>${sandboxBody.slice(end)}`;
}

/** @param {any} message @param {string} timeZone */
const messageItem = (message, timeZone) => html`<li class="card message">
  <p class="meta"><b>${CHANNELS[/** @type {keyof typeof CHANNELS} */ (message.channel)] ?? message.channel}</b> to <b>${message.destination}</b>
    ${badge(PURPOSES[/** @type {keyof typeof PURPOSES} */ (message.purpose)] ?? message.purpose)} ${badge(message.status.toLowerCase(), tone(message.status))}
    <span class="small">${momentInWords(message.createdAt, timeZone)}</span></p>
  ${message.failure && html`<p class="field-problem">${message.failure}</p>`}
  <p class="body">${body(message)}</p>
</li>`;

/** @param {{messages: any[], time: import('../words.mjs').TenantTime, held: boolean}} options */
export const inboxPage = ({ messages, time, held }) => html`<h1>Sandbox inbox</h1>
<p>Every text, call and mail that Postern would have sent, the newest first.
  ${held ? html`<a href="/inbox">Reload by itself again</a>` : html`Reloads every few seconds. <a href="/inbox?hold=1">Stop reloading</a>`}</p>
${
  messages.length === 0
    ? html`<section class="card"><p>Nothing yet. Sign in somewhere, and ask for a code.</p></section>`
    : html`<ol class="plain" aria-label="Messages">${messages.map((one) => messageItem(one, time.timeZone))}</ol>`
}`;

/** @param {number} ms */
function ahead(ms) {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'the same as everybody’s';
  if (minutes < 120) return `${minutes} minutes ahead`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} hours ahead` : `${Math.round(minutes / 1_440)} days ahead`;
}

const UNITS = [
  { value: '1', label: 'seconds' },
  { value: '60', label: 'minutes' },
  { value: '3600', label: 'hours' },
  { value: '86400', label: 'days' },
];

/** @param {{tenant: any, flash: import('./layout.mjs').Flash, now: number}} options now: milliseconds */
export const clockPage = ({ tenant, flash, now }) => html`<section class="card">
  <h1>Sandbox clock</h1>
  <p class="big">${momentInWords(tenant.clock, tenant.timeZone)}</p>
  <p>That is ${ahead(Date.parse(tenant.clock) - now)}. Policy dates, codes, sign-ins, links, locks and devices follow this clock. It only moves forward.</p>
  <div class="actions">
    ${actionButton('/clock', '5 minutes on', { seconds: '300' })}
    ${actionButton('/clock', '1 day on', { seconds: '86400' })}
    ${actionButton('/clock', '30 days on', { seconds: '2592000' })}
  </div>
  <form method="post" action="/clock" class="row">
    ${field({ name: 'seconds', label: 'Or by', inputmode: 'numeric', value: flash.values?.seconds, maxlength: 9, required: true }, flash.problems)}
    ${choice({ name: 'unit', label: 'Unit', options: UNITS, selected: '60' })}
    <button class="secondary">Move the clock</button>
  </form>
  <p class="small">Authenticator apps and the signatures of assertions keep real time.</p>
</section>`;
