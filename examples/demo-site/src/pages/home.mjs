/** The front page, the account, and the page after a first enrollment. */
import { html } from '../html.mjs';
import { ACR } from '../words.mjs';
import { actionButton, badge } from './parts.mjs';
import { whyPanel } from './why.mjs';

export const frontPage = () => html`<section class="hero">
  <h1>Steady advice,<br>whatever the weather.</h1>
  <p>Harbor &amp; Lane looks after the savings of families and small firms, and has done so for forty imaginary years.</p>
  <p class="actions"><a class="button" href="/sign-in">Sign in to your account</a> <a href="/register">Become a client</a></p>
</section>
<section class="tiles">
  <div class="card"><h2>Plain words</h2><p>You will understand every page we send you, or we have not done our work.</p></div>
  <div class="card"><h2>One person</h2><p>Your advisor knows your name, and answers the phone when you lose yours.</p></div>
  <div class="card"><h2>Safe doors</h2><p>A password alone opens nothing here that matters. You choose how you confirm that it is you.</p></div>
</section>`;

const HOLDINGS = [
  ['Harbor Balanced Fund', '184,220.10', '+4.1 %'],
  ['Lane Municipal Bonds', '96,040.00', '+1.8 %'],
  ['Cash', '12,415.67', '+0.2 %'],
];

/** How Postern vouched for this session. @param {any} proof */
const proofCard = (proof) => html`<section class="card soft" aria-labelledby="how">
  <h2 id="how">How we know that it is you</h2>
  <dl>
    <dt>Strength</dt><dd>${ACR[/** @type {keyof typeof ACR} */ (proof.acr)] ?? proof.acr} <code>${proof.acr}</code></dd>
    <dt>Methods</dt><dd>${proof.amr.map((/** @type {string} */ one) => html`<code>${one}</code> `)}</dd>
    <dt>Completed</dt><dd>${proof.completedWith ?? 'without a second factor'}</dd>
    <dt>Vouched for at</dt><dd>${proof.issuedAt}</dd>
  </dl>
  <p class="small">Read from Postern’s signed assertion, whose signature this site checked by itself.</p>
</section>`;

/** @param {{displayName: string, kind: string}} user @param {any} proof @param {import('./why.mjs').Why} why */
export const accountPage = (user, proof, why) => html`<h1>Good day, ${user.displayName}</h1>
<div class="columns">
  <section class="card">
    <h2>${user.kind === 'INTERNAL' ? 'The firm’s own portfolio' : 'Your portfolio'}</h2>
    <table>
      <thead><tr><th scope="col">Holding</th><th scope="col" class="number">Value, USD</th><th scope="col" class="number">This year</th></tr></thead>
      <tbody>${HOLDINGS.map(([name, value, change]) => html`<tr><th scope="row">${name}</th><td class="number">${value}</td><td class="number">${change}</td></tr>`)}</tbody>
    </table>
    <p class="actions"><a class="button secondary" href="/settings">Sign-in settings</a></p>
  </section>
  <div>${whyPanel(why)}${proofCard(proof)}</div>
</div>`;

/** @param {any[]} factors */
export function welcomePage(factors) {
  const active = factors.filter((factor) => factor.status === 'ACTIVE');
  const recovery = active.some((factor) => factor.role === 'RECOVERY');
  const codes = active.some((factor) => factor.__typename === 'BackupCodesFactor');
  return html`<section class="card">
    <h1>You are in</h1>
    <p>Your account is protected now. Two minutes more, and a lost phone will not lock you out.</p>
    <ul class="choices">
      <li><span><b>Recovery phone</b><br>A second mobile, or your landline.</span>
        ${recovery ? badge('set up', 'good') : html`<a class="button" href="/factors/phone?role=RECOVERY">Add a recovery phone</a>`}</li>
      <li><span><b>Backup codes</b><br>Ten codes on paper, each good for once.</span>
        ${codes ? badge('made', 'good') : actionButton('/settings/backup-codes', 'Make backup codes')}</li>
    </ul>
    <p class="actions"><a class="button secondary" href="/account">Go to my account</a></p>
  </section>`;
}
