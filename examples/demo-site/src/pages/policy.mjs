/** The policy page of the demo. */
import { html } from '../html.mjs';
import { LEVELS, actorInWords, momentInWords, spanInWords } from '../words.mjs';
import { actionButton, badge, checkbox, choice } from './parts.mjs';

const PHASES = [
  { value: 'closed', label: 'Not open yet (opens in 30 days)' },
  { value: 'voluntary', label: 'Optional, without a date' },
  { value: 'optional', label: 'Optional for 30 days, then required' },
  { value: 'mandatory', label: 'Required now' },
];

const LEVEL_OPTIONS = [
  { value: 'standard', label: LEVELS.STANDARD },
  { value: 'high', label: LEVELS.HIGH },
];

/** @type {{title: string, story: string, values: Record<string, string>}[]} */
const SHORTCUTS = [
  { title: 'Optional for 30 days', story: 'S2', values: { phase: 'optional', level: 'standard' } },
  { title: 'Required now', story: 'S3', values: { phase: 'mandatory', level: 'standard' } },
  { title: 'Devices of clients are trusted', story: 'S5', values: { phase: 'mandatory', level: 'standard', trust: 'yes' } },
  { title: 'The office network passes', story: 'S6', values: { phase: 'mandatory', level: 'standard', office: 'yes' } },
  { title: 'High for everybody', story: 'S10', values: { phase: 'mandatory', level: 'high' } },
  { title: 'Email, risk not accepted', story: 'S11', values: { phase: 'mandatory', level: 'standard', email: 'yes' } },
  { title: 'Email, risk accepted', story: 'S11', values: { phase: 'mandatory', level: 'standard', email: 'yes', acknowledge: 'yes' } },
  { title: 'British numbers too', story: 'S13', values: { phase: 'mandatory', level: 'standard', abroad: 'yes' } },
];

/** @param {{trustedDeviceSeconds: number}} audience */
const trusted = ({ trustedDeviceSeconds }) => (trustedDeviceSeconds > 0 ? `trusted for ${spanInWords(trustedDeviceSeconds)}` : 'not trusted');

/** @param {any} policy @param {import('../words.mjs').TenantTime} time */
const inForce = (policy, { timeZone }) => html`<section class="card">
  <h2>In force: version ${policy.version}</h2>
  <dl>
    <dt>Since</dt><dd>${momentInWords(policy.effectiveAt, timeZone)}${policy.publishedBy && `, by ${actorInWords(policy.publishedBy)}`}</dd>
    <dt>Clients may use</dt><dd>${policy.external.allowedChannels.map((/** @type {string} */ one) => html`${badge(one)} `)}</dd>
    <dt>Required from</dt><dd>${policy.external.mandatoryFrom ? momentInWords(policy.external.mandatoryFrom, timeZone) : 'no date'}</dd>
    <dt>At least</dt><dd>${LEVELS[/** @type {keyof typeof LEVELS} */ (policy.external.minimumLevel)]}</dd>
    <dt>Devices</dt><dd>of staff ${trusted(policy.internal)}, of clients ${trusted(policy.external)}</dd>
    <dt>Networks</dt><dd>${policy.allowedNetworks.length === 0 ? 'none' : policy.allowedNetworks.map((/** @type {any} */ one) => html`<code>${one.cidr}</code> ${one.label}`)}</dd>
    <dt>Numbers of</dt><dd>${policy.phoneCountries.join(', ')}</dd>
    ${policy.comment && html`<dt>Comment</dt><dd>${policy.comment}</dd>`}
  </dl>
</section>`;

/** @param {any} policy */
const shortcuts = (policy) => html`<section class="card">
  <h2>In one click</h2>
  <ul class="choices">
    ${SHORTCUTS.map(
      ({ title, story, values }) =>
        html`<li><span>${title} ${badge(story)}</span>${actionButton('/policy', 'Publish', { ...values, version: String(policy.version), comment: title })}</li>`,
    )}
  </ul>
</section>`;

/** @param {{tenant: any, choices: import('../routes/policy.mjs').Choices}} options */
export const policyPage = ({ tenant, choices }) => html`<h1>Policy</h1>
<p>What an administrator does in Postern’s console, cut down to what the demo’s stories need. A new version holds at once.</p>
<div class="columns">
  <div>${inForce(tenant.policy, tenant)}
    <section class="card">
      <h2>Publish another</h2>
      <form method="post" action="/policy">
        <input type="hidden" name="version" value="${tenant.policy.version}">
        ${choice({ name: 'phase', label: 'Two-step sign-in is', options: PHASES, selected: choices.phase })}
        ${choice({ name: 'level', label: 'Lowest level', options: LEVEL_OPTIONS, selected: choices.level })}
        ${checkbox({ name: 'email', label: 'Codes may go by email', checked: choices.email })}
        ${checkbox({ name: 'acknowledge', label: 'I accept on record that email is the weaker channel' })}
        ${checkbox({ name: 'trust', label: 'Devices of clients may be trusted for 30 days, as those of staff', checked: choices.trust })}
        ${checkbox({ name: 'office', label: 'Staff in the office network (192.0.2.0/24) need no code', checked: choices.office })}
        ${checkbox({ name: 'abroad', label: 'British phone numbers may be used besides those of the US', checked: choices.abroad })}
        <div class="actions"><button class="primary">Publish</button></div>
      </form>
    </section>
  </div>
  <div>${shortcuts(tenant.policy)}</div>
</div>`;
