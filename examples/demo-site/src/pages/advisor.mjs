/** The advisor's desk and the page of one client. */
import { html } from '../html.mjs';
import { ENROLLMENT, LEVELS, actorInWords, dateInWords, factorDetail, factorName, locationInWords, momentInWords, reasonInWords } from '../words.mjs';
import { actionButton, badge, checkbox, choice, field } from './parts.mjs';
import { loginsCard } from './why.mjs';

/** @typedef {import('../words.mjs').TenantTime} TenantTime */
/** @typedef {import('./layout.mjs').Flash} Flash */

/** @param {{title: string, code: string, text: string} | undefined} reveal */
const revealBox = (reveal) =>
  reveal &&
  html`<section class="card reveal" role="status"><h2>${reveal.title}</h2><p class="big"><code>${reveal.code}</code></p><p>${reveal.text}</p></section>`;

/** @param {any} request @param {TenantTime} time */
const requestCard = (request, time) => html`<li class="card">
  <h3>${request.user.displayName ?? request.user.externalId} asks to be let in</h3>
  <p>${momentInWords(request.createdAt, time.timeZone)}, from ${locationInWords(request.login.location)} (<code>${request.login.ipAddress}</code>).
    ${request.login.reasons.map(reasonInWords).join(' ')}</p>
  ${request.note && html`<blockquote>${request.note}</blockquote>`}
  <form method="post">
    <input type="hidden" name="id" value="${request.id}">
    ${field({ name: 'reason', id: `reason-${request.id}`, label: 'How did you make sure who is asking?', required: true, maxlength: 500, hint: 'For example: I called the number on file, and we spoke about our last meeting.' })}
    ${checkbox({ name: 'mayChangeFactors', id: `change-${request.id}`, label: 'The client may replace the lost phone with this sign-in' })}
    <div class="actions">
      <button class="primary" formaction="/advisor/approve">Approve and show the code</button>
      <button class="danger" formaction="/advisor/decline">Decline</button>
    </div>
  </form>
</li>`;

/** @param {any} user */
const userRow = (user) => html`<tr>
  <th scope="row"><a href="/advisor/client?id=${encodeURIComponent(user.externalId)}">${user.displayName ?? user.externalId}</a><br><code class="small">${user.externalId}</code></th>
  <td>${user.kind === 'INTERNAL' ? 'staff' : 'client'}</td>
  <td>${ENROLLMENT[/** @type {keyof typeof ENROLLMENT} */ (user.enrollment)]}</td>
  <td>${user.status === 'ACTIVE' ? badge('open', 'good') : badge(user.status.toLowerCase(), 'warn')}</td>
</tr>`;

/** @param {any[]} users @param {string | null} search */
const userTable = (users, search) => html`<section class="card">
  <h2>Clients and staff</h2>
  <form method="get" action="/advisor" class="row" role="search">
    ${field({ name: 'search', label: 'Search by name', value: search ?? '' })} <button class="secondary">Search</button>
  </form>
  ${
    users.length === 0
      ? html`<p>Nobody found.</p>`
      : html`<div class="scroll"><table>
        <thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Two-step sign-in</th><th scope="col">Account</th></tr></thead>
        <tbody>${users.map(userRow)}</tbody></table></div>`
  }
</section>`;

/** @param {{tenant: any, search: string | null, reveal: any, flash: Flash, advisor: string}} options */
export function deskPage({ tenant, search, reveal, advisor }) {
  const requests = tenant.temporaryAccessRequests.edges.map((/** @type {any} */ edge) => edge.node);
  return html`<h1>Advisor’s desk</h1>
  <p>You act as <b>${advisor}</b>. A real firm asks its staff to sign in here; the demo leaves the door open.</p>
  ${revealBox(reveal)}
  <section aria-labelledby="requests">
    <h2 id="requests">Open requests</h2>
    ${
      requests.length === 0
        ? html`<p>Nobody is waiting. This page looks for news every ten seconds. <a href="/advisor?hold=1">Stop reloading</a></p>`
        : html`<ul class="plain">${requests.map((/** @type {any} */ one) => requestCard(one, tenant))}</ul>`
    }
  </section>
  ${userTable(tenant.users.edges.map((/** @type {any} */ edge) => edge.node), search)}`;
}

/** A form for one deed with a reason. @param {any} user @param {{path: string, title: string, text: string, button: string, look?: string, more?: any}} deed */
const deedCard = (user, { path, title, text, button, look = 'secondary', more }) => html`<section class="card">
  <h2>${title}</h2>
  <p>${text}</p>
  <form method="post" action="/advisor/${path}">
    <input type="hidden" name="externalId" value="${user.externalId}">
    ${field({ name: 'reason', id: `reason-${path}`, label: 'Reason, for the record', required: true, maxlength: 500 })}
    ${more}
    <div class="actions"><button class="${look}">${button}</button></div>
  </form>
</section>`;

const VALIDITY = [
  { value: '900', label: '15 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '28800', label: '8 hours' },
];

/** @param {any} user @param {TenantTime} time */
function stateCard(user, time) {
  const other = user.advisorLevel === 'HIGH' ? 'STANDARD' : 'HIGH';
  return html`<section class="card">
    <h2>As it stands</h2>
    <dl>
      <dt>Account</dt><dd>${user.status.toLowerCase()}${user.lockedUntil && ` until ${momentInWords(user.lockedUntil, time.timeZone)}`}</dd>
      <dt>Email</dt><dd>${user.email ?? 'none'}</dd>
      <dt>Two-step sign-in</dt><dd>${ENROLLMENT[/** @type {keyof typeof ENROLLMENT} */ (user.enrollment)]}${user.enrollmentRequiredFrom && `, required from ${dateInWords(user.enrollmentRequiredFrom, time.timeZone)}`}</dd>
      <dt>Level</dt><dd>${LEVELS[/** @type {keyof typeof LEVELS} */ (user.securityLevel)]}</dd>
      <dt>Methods</dt><dd>${user.factors.length === 0 ? 'none' : html`<ul class="plain">${user.factors.map((/** @type {any} */ one) => html`<li>${factorName(one)} <span class="nowrap">${factorDetail(one)}</span> ${badge(one.status.toLowerCase())}</li>`)}</ul>`}</dd>
    </dl>
    <div class="actions">
      ${actionButton('/advisor/level', `Set the advisor’s level to ${other === 'HIGH' ? 'High' : 'Standard'}`, { externalId: user.externalId, level: other })}
      ${user.kind === 'EXTERNAL' && actionButton('/advisor/link', 'Mail a one-time link', { externalId: user.externalId })}
    </div>
  </section>`;
}

/** @param {any} user @param {TenantTime} time */
function codesCard(user, time) {
  const open = user.temporaryAccessCodes.filter((/** @type {any} */ one) => !one.usedAt && !one.revokedAt && Date.parse(one.expiresAt) > Date.parse(time.clock));
  if (open.length === 0) return '';
  return html`<section class="card"><h2>Outstanding codes</h2><ul class="choices">
    ${open.map((/** @type {any} */ one) => html`<li><span>${one.reason}<br><span class="small">by ${actorInWords(one.issuedBy)}, until ${momentInWords(one.expiresAt, time.timeZone)}</span></span>
      ${actionButton('/advisor/revoke', 'Revoke', { id: one.id, externalId: user.externalId }, 'danger')}</li>`)}
  </ul></section>`;
}

/** @param {any} user */
const lockDeed = (user) =>
  user.status === 'LOCKED'
    ? { path: 'unlock', title: 'Unlock', text: 'Let the client try again.', button: 'Unlock the account' }
    : { path: 'lock', title: 'Lock', text: 'Nobody can sign in to this account until it is unlocked.', button: 'Lock the account', look: 'danger' };

/** @param {{user: any, tenant: any, reveal: any, flash: Flash}} options */
export function clientPage({ user, tenant, reveal }) {
  const logins = user.logins.edges.map((/** @type {any} */ edge) => edge.node);
  const more = html`${choice({ name: 'validForSeconds', label: 'Works for', options: VALIDITY })}
    ${checkbox({ name: 'mayChangeFactors', label: 'The client may replace a lost phone with it' })}`;
  return html`<p><a href="/advisor">Advisor’s desk</a></p>
  <h1>${user.displayName ?? user.externalId}</h1>
  ${revealBox(reveal)}
  <div class="columns">
    <div>${stateCard(user, tenant)}${codesCard(user, tenant)}${loginsCard(logins, tenant.timeZone, tenant.policy.risk.challengeThreshold)}</div>
    <div>
      ${deedCard(user, { path: 'issue', title: 'Temporary access code', text: 'For a client who has lost every way to sign in. Make sure who it is first.', button: 'Issue a code', look: 'primary', more })}
      ${deedCard(user, lockDeed(user))}
      ${deedCard(user, { path: 'reset', title: 'Reset', text: 'Removes every method, device and link. The client sets up again with the code that you get here.', button: 'Reset the client', look: 'danger' })}
    </div>
  </div>`;
}
