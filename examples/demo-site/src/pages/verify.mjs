/** The pages of the second step. */
import { html } from '../html.mjs';
import { DENIALS, codeInstruction, isSent, methodAction, reasonInWords, secondsUntil, spanInWords, timeInWords } from '../words.mjs';
import { actionButton, badge, checkbox, field, inboxHint } from './parts.mjs';

/** @typedef {import('../words.mjs').Method} Method */
/** @typedef {import('./layout.mjs').Flash} Flash */

/** @param {string} action */
const cancelButton = (action = 'Cancel') => actionButton('/verify/cancel', action, {}, 'quiet');

/** Which of two phones; the masked number alone may not tell. @param {Method} method */
const role = (method) => method.phoneRole === 'RECOVERY' && badge('recovery');

/** @param {{login: any, methods: Method[], flow: any}} options */
export function choosePage({ login, methods, flow }) {
  const [preferred] = methods;
  const stepUp = flow.purpose === 'STEP_UP';
  return html`<section class="card">
    <h1>${stepUp ? 'Confirm that it is you' : 'One more step'}</h1>
    <p>Hello ${flow.displayName}. ${login.reasons.map(reasonInWords).join(' ')}</p>
    ${
      preferred
        ? html`<p>${isSent(preferred.channel) ? 'We will send you a code.' : 'Have it at hand, and go on.'} ${role(preferred)}</p>
          <div class="actions">${actionButton('/verify/start', methodAction(preferred), { methodId: preferred.id }, 'primary')}</div>`
        : html`<p>There is no method left that works on this page. Your advisor can help.</p>`
    }
    <div class="actions"><a href="/verify/options">More options</a> ${cancelButton()}</div>
  </section>`;
}

/** @param {{methods: Method[], flash: Flash, enrolling: boolean}} options */
export function optionsPage({ methods, flash, enrolling }) {
  return html`<section class="card">
    <h1>More options</h1>
    ${methods.length > 0 && html`<p>Choose how you want to confirm that it is you.</p>`}
    <ul class="choices">
      ${methods.map((method) => html`<li>${actionButton('/verify/start', methodAction(method), { methodId: method.id })} ${role(method)}</li>`)}
    </ul>
  </section>
  <section class="card">
    <h2>None of these work for you?</h2>
    <p>Ask your advisor. They will make sure that it is you, and read you a code for this one sign-in.</p>
    <form method="post" action="/verify/ask-advisor">
      ${field({ name: 'note', label: 'A note for your advisor (optional)', value: flash.values?.note, maxlength: 500, hint: 'For example: I lost my phone, please call my office number.' }, flash.problems)}
      <div class="actions"><button class="secondary">Ask my advisor</button> <a href="${enrolling ? '/enroll' : '/verify'}">Back</a></div>
    </form>
  </section>`;
}

/** A way to hear the code instead of reading it, on the same phone. @param {any} challenge @param {Method[]} methods */
const otherWay = (challenge, methods) =>
  methods.find((one) => one.destination && one.destination === challenge.destination && one.channel !== challenge.channel && one.id !== challenge.methodId);

/** Send again, with a countdown. @param {any} challenge @param {string} clock @param {string} action @param {Record<string, string>} values */
export function resend(challenge, clock, action, values) {
  const wait = secondsUntil(challenge.resendAt, clock);
  const label = challenge.channel === 'VOICE' ? 'Call me again' : 'Send the code again';
  return html`<div class="resend">
    ${actionButton(action, label, values, 'quiet')}
    ${wait > 0 && html`<span class="small" data-countdown="${wait}">possible in <span data-seconds>${wait}</span> seconds</span>`}
  </div>`;
}

/** Trust in this device, where the policy gives any; Postern gives no token otherwise. @param {number} seconds */
export const trustBox = (seconds) =>
  seconds > 0
    ? html`${checkbox({ name: 'remember', label: `Trust this device for ${spanInWords(seconds)}` })}
      <p class="small">At Standard a trusted device needs no code, unless something else is unusual.</p>`
    : html`<p class="small">This device cannot be remembered: the firm’s rules let none of yours be trusted.</p>`;

/** @param {any} challenge @param {import('../words.mjs').TenantTime} time */
export const triesAndTime = (challenge, time) => html`<p class="small">
  ${challenge.attemptsRemaining === 1 ? '1 try' : `${challenge.attemptsRemaining} tries`} left.
  ${isSent(challenge.channel) && `The code works until ${timeInWords(challenge.expiresAt, time.timeZone)}.`}
</p>`;

/** @param {{name?: string, digits: boolean, label?: string}} options @param {Flash} flash */
export const codeField = ({ digits, label = 'Code' }, flash) =>
  field(
    { name: 'code', label, autocomplete: 'one-time-code', inputmode: digits ? 'numeric' : undefined, maxlength: 64, required: true, autofocus: true, className: 'code' },
    flash.problems,
  );

/** Once no try is left no code helps any more, the right one included. @param {string} action @param {string} label */
export const spentCard = (action, label) => html`<section class="card">
  <h1>Too many wrong codes</h1>
  <p>No code works here any more, not even the right one. Start again, and we will send you a new one.</p>
  <div class="actions">${actionButton(action, label, {}, 'primary')}</div>
</section>`;

/** @param {{challenge: any, methods: Method[], time: import('../words.mjs').TenantTime, flash: Flash, trustSeconds: number}} options */
export function codePage({ challenge, methods, time, flash, trustSeconds }) {
  if (challenge.attemptsRemaining === 0) return spentCard('/verify/cancel', 'Start again');
  const other = otherWay(challenge, methods);
  const digits = isSent(challenge.channel) || challenge.channel === 'TOTP';
  return html`<section class="card">
    <h1>Enter the code</h1>
    <p>${codeInstruction(challenge.channel, challenge.destination)}</p>
    <form method="post" action="/verify/code">
      ${codeField({ digits }, flash)}
      ${triesAndTime(challenge, time)}
      ${trustBox(trustSeconds)}
      <div class="actions"><button class="primary">Continue</button> <a href="/verify/options">More options</a></div>
    </form>
    ${isSent(challenge.channel) && resend(challenge, time.clock, '/verify/start', { methodId: challenge.methodId })}
    ${other && html`<div class="resend">${actionButton('/verify/start', methodAction(other), { methodId: other.id }, 'quiet')}</div>`}
    ${cancelButton()}
    ${isSent(challenge.channel) && inboxHint()}
  </section>`;
}

/** @param {{method: Method | undefined, status: string}} options */
export function waitingPage({ method, status }) {
  if (method) {
    return html`<section class="card">
      <h1>Your advisor has answered</h1>
      <p>They will read a code to you. Enter it on the next page.</p>
      <div class="actions">${actionButton('/verify/start', 'Enter the code', { methodId: method.id }, 'primary')}</div>
    </section>`;
  }
  if (status !== 'OPEN') {
    return html`<section class="card">
      <h1>Your advisor did not approve this sign-in</h1>
      <p>If you did not expect that, please call them.</p>
      <div class="actions"><a class="button" href="/verify/options">Try another way</a> ${cancelButton()}</div>
    </section>`;
  }
  return html`<section class="card" aria-live="polite">
    <h1>Waiting for your advisor</h1>
    <p>We told your advisor that you need help. They will call you on a number they know. This page looks for news by itself every few seconds.</p>
    <p class="actions"><a class="button secondary" href="/verify/waiting?hold=1">Look now, and stop reloading</a> <a href="/verify/options">Try another way</a></p>
    <p class="aside">This is a demo: <a href="/advisor" target="_blank" rel="noopener">answer at the advisor’s desk</a> (opens in a new tab).</p>
  </section>`;
}

/** @param {any} login */
export function deniedPage(login) {
  const denials = /** @type {Record<string, {title: string, text: string}>} */ (DENIALS);
  const told = login.reasons.map((/** @type {string} */ reason) => denials[reason]).filter(Boolean);
  const [first] = told.length > 0 ? told : [{ title: 'You are not signed in', text: 'Please call your advisor.' }];
  return html`<section class="card">
    <h1>${first.title}</h1>
    <p>${first.text}</p>
    <p class="small">Reason on record: ${login.reasons.map((/** @type {string} */ reason) => html`<code>${reason}</code> `)}</p>
    <p class="actions"><a class="button" href="/sign-in">Back to sign-in</a></p>
  </section>`;
}
