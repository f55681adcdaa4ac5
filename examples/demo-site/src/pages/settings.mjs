/** The settings page and what belongs to it. */
import { html } from '../html.mjs';
import { ENROLLMENT, LEVELS, dateInWords, deviceInWords, factorDetail, factorName, momentInWords, spanInWords } from '../words.mjs';
import { emailForm } from './factors.mjs';
import { actionButton, badge } from './parts.mjs';

/** @typedef {import('../words.mjs').TenantTime} TenantTime */
/** @typedef {import('./layout.mjs').Flash} Flash */

const TONES = { ACTIVE: 'good', DISABLED: 'warn', PENDING: 'plain' };
const STATES = { ACTIVE: 'works', DISABLED: 'switched off after wrong codes', PENDING: 'not confirmed' };

/** @param {any} factor @param {TenantTime} time */
const factorRow = (factor, time) => html`<li>
  <span><b>${factorName(factor)}</b> <span class="nowrap">${factorDetail(factor)}</span>
    ${badge(STATES[/** @type {keyof typeof STATES} */ (factor.status)], /** @type {any} */ (TONES[/** @type {keyof typeof TONES} */ (factor.status)]))}
    <br><span class="small">${factor.lastUsedAt ? `Last used ${momentInWords(factor.lastUsedAt, time.timeZone)}` : 'Never used'}</span></span>
  ${actionButton('/settings/remove', 'Remove', { factorId: factor.id }, 'danger')}
</li>`;

/** @param {any} user @param {any} audience @param {TenantTime} time @param {Flash} flash */
function factorsCard(user, audience, time, flash) {
  const { allowedChannels } = audience;
  const has = (/** @type {string} */ role) => user.factors.some((/** @type {any} */ one) => one.role === role && one.status === 'ACTIVE');
  return html`<section class="card">
    <h2>How you confirm that it is you</h2>
    ${user.factors.length === 0 && html`<p>Nothing is set up yet.</p>`}
    <ul class="choices">${user.factors.map((/** @type {any} */ factor) => factorRow(factor, time))}</ul>
    <div class="actions">
      <a class="button secondary" href="/factors/phone?role=PRIMARY">${has('PRIMARY') ? 'Change my phone' : 'Add my phone'}</a>
      <a class="button secondary" href="/factors/phone?role=RECOVERY">${has('RECOVERY') ? 'Change my recovery phone' : 'Add a recovery phone'}</a>
      ${allowedChannels.includes('TOTP') && actionButton('/factors/app', 'Set up an authenticator app')}
      ${actionButton('/settings/backup-codes', 'Make new backup codes')}
    </div>
    ${allowedChannels.includes('EMAIL') && html`<h3>Codes by email</h3>${emailForm(flash)}`}
  </section>`;
}

/** @param {any} user @param {any} audience */
function levelCard(user, audience) {
  const other = user.securityLevel === 'HIGH' ? 'STANDARD' : 'HIGH';
  const chosen = user.chosenLevel === user.securityLevel ? 'You chose that.' : 'That follows from the firm’s rules.';
  return html`<section class="card">
    <h2>Security level</h2>
    <p><b>${LEVELS[/** @type {keyof typeof LEVELS} */ (user.securityLevel)]}.</b> ${user.advisorLevel === 'HIGH' ? 'Your advisor chose that.' : chosen}</p>
    ${
      audience.userMayChooseLevel
        ? actionButton('/settings/level', `Choose ${other === 'HIGH' ? 'High' : 'Standard'}`, { level: other })
        : html`<p class="small">The firm decides on the level.</p>`
    }
  </section>`;
}

/** @param {any} user @param {TenantTime} time */
const optCard = (user, time) => html`<section class="card">
  <h2>Two-step sign-in</h2>
  <p>It is <b>${ENROLLMENT[/** @type {keyof typeof ENROLLMENT} */ (user.enrollment)]}</b>.
    ${user.enrollmentRequiredFrom && html`Required from ${dateInWords(user.enrollmentRequiredFrom, time.timeZone)}.`}</p>
  ${
    user.enrollment === 'OPTED_OUT'
      ? actionButton('/settings/opt-in', 'Turn it on again')
      : html`${actionButton('/settings/opt-out', 'Turn it off', {}, 'danger')} <p class="small">Possible only while it is optional.</p>`
  }
</section>`;

/** @param {any} device @param {TenantTime} time */
const deviceRow = (device, time) => html`<li>
  <span><b>${deviceInWords(device.userAgent)}</b>
    <br><span class="small">Last used ${momentInWords(device.lastSeenAt, time.timeZone)}, trusted until ${dateInWords(device.expiresAt, time.timeZone)}</span></span>
  ${actionButton('/settings/forget-device', 'Forget', { deviceId: device.id }, 'danger')}
</li>`;

/** @param {number} seconds for which the policy trusts devices */
const noDevices = (seconds) =>
  seconds > 0
    ? `There are none. You can have this device trusted for ${spanInWords(seconds)} when you enter a code on it.`
    : 'There are none, and the firm’s rules let none of your devices be trusted.';

/** @param {any[]} devices @param {any} audience @param {TenantTime} time */
const devicesCard = (devices, audience, time) => html`<section class="card">
  <h2>Trusted devices</h2>
  ${
    devices.length === 0
      ? html`<p>${noDevices(audience.trustedDeviceSeconds)}</p>`
      : html`<p>At Standard these need no code, unless something else is unusual. Any change of how you confirm that it is you ends them all.</p>
        <ul class="choices">${devices.map((device) => deviceRow(device, time))}</ul>
        ${actionButton('/settings/forget-devices', 'Forget all')}`
  }
</section>`;

const hostedCard = html`<div class="resend">Postern’s hosted pages hold the same settings. ${actionButton('/settings/hosted', 'Open them there', {}, 'quiet')}</div>`;

/** @param {{user: any, audience: any, time: TenantTime, flash: Flash, fresh: boolean}} options */
export const settingsPage = ({ user, audience, time, flash, fresh }) => html`<h1>Sign-in settings</h1>
<div class="resend">${
  fresh
    ? html`You confirmed lately that it is you, so you can make changes. ${actionButton('/settings/prove', 'Confirm again', { then: '/settings' }, 'quiet')}`
    : html`Before a change we ask you to confirm that it is you. ${actionButton('/settings/prove', 'Confirm now', { then: '/settings' }, 'quiet')}`
}</div>
${hostedCard}
<div class="columns">
  <div>${factorsCard(user, audience, time, flash)}</div>
  <div>${levelCard(user, audience)}${devicesCard(user.trustedDevices, audience, time)}${optCard(user, time)}</div>
</div>`;

/** @param {string} then */
export const provePage = (then) => html`<section class="card">
  <h1>Confirm that it is you</h1>
  <p>You are about to change how you sign in. So that nobody else can do that in your name, please confirm with one of your present methods first.</p>
  <div class="actions">${actionButton('/settings/prove', 'Go on', { then }, 'primary')} <a href="/settings">Not now</a></div>
</section>`;

/** @param {string[]} codes @param {string} home */
export const backupCodesPage = (codes, home) => html`<section class="card">
  <h1>Your backup codes</h1>
  <p>Print them or write them down, and keep them where you keep papers. They are <b>shown only now</b>, and take the place of all earlier ones.</p>
  <ol class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
  <p class="actions"><a class="button" href="${home}">I have put them away</a></p>
</section>`;
