/** Why somebody was asked for a code, or was not: for the person, and for the advisor. */
import { html } from '../html.mjs';
import { LEVELS, OUTCOMES, locationInWords, momentInWords, reasonInWords } from '../words.mjs';
import { badge } from './parts.mjs';

/** @typedef {{kind: string, score: number, detail: string}} RiskSignal */
/**
 * @typedef {object} Why what Postern says of a login's decision
 * @property {string} outcome
 * @property {string[]} reasons
 * @property {string} level
 * @property {number} riskScore
 * @property {RiskSignal[]} riskSignals
 * @property {string} ipAddress
 * @property {import('../words.mjs').Location | null} location
 */

/** @param {string} outcome */
const outcomeOf = (outcome) => OUTCOMES[/** @type {keyof typeof OUTCOMES} */ (outcome)] ?? { title: 'What was decided', badge: outcome, tone: 'plain' };

/** @param {string[]} reasons */
const reasonsOf = (reasons) => html`${reasons.map(reasonInWords).join(' ')} ${reasons.map((one) => html`<code>${one}</code> `)}`;

/** @param {Why} why */
const placeOf = ({ ipAddress, location }) => html`${locationInWords(location)} <code>${ipAddress}</code>`;

/** @param {RiskSignal[]} signals */
const signalList = (signals) =>
  signals.length === 0
    ? html`<p>Nothing was unusual.</p>`
    : html`<ul class="signals">${signals.map(({ kind, score, detail }) => html`<li><b class="number">+${score}</b> <span>${detail} <code>${kind}</code></span></li>`)}</ul>`;

/** After a sign-in, for whoever signed in. @param {Why} why */
export const whyPanel = (why) => html`<section class="card" aria-labelledby="why">
  <h2 id="why">${outcomeOf(why.outcome).title}</h2>
  <dl>
    <dt>Reason</dt><dd>${reasonsOf(why.reasons)}</dd>
    <dt>Level</dt><dd>${LEVELS[/** @type {keyof typeof LEVELS} */ (why.level)]}</dd>
    <dt>Place</dt><dd>${placeOf(why)}</dd>
    <dt>Score</dt><dd>${why.riskScore} of 100</dd>
  </dl>
  ${signalList(why.riskSignals)}
  <p class="small">A real site would keep this to its advisors: it tells a thief what to do better.</p>
</section>`;

/** How it ended. @param {{outcome: string, completedAt: string | null}} login */
function end({ outcome, completedAt }) {
  if (completedAt || outcome === 'DENY') return null;
  return badge('not completed', 'warn');
}

/** One of the logins of a client, for the advisor. @param {Why & {purpose: string, createdAt: string, completedAt: string | null}} login @param {string} timeZone */
const loginItem = (login, timeZone) => html`<li>
  <p class="meta"><b>${momentInWords(login.createdAt, timeZone)}</b> ${badge(outcomeOf(login.outcome).badge, outcomeOf(login.outcome).tone)}
    ${login.purpose === 'STEP_UP' && badge('in the settings')} ${end(login)}</p>
  <p>${placeOf(login)}</p>
  <p>${reasonsOf(login.reasons)}</p>
  <details><summary>Score: ${login.riskScore} of 100</summary>${signalList(login.riskSignals)}</details>
</li>`;

/**
 * What happened lately, and why.
 * @param {any[]} logins newest first @param {string} timeZone @param {number} threshold from which score on a code is asked for
 */
export const loginsCard = (logins, timeZone, threshold) => html`<section class="card">
  <h2>Recent sign-ins</h2>
  <p>At Standard a code is asked for from a score of ${threshold} on; at High always.</p>
  ${
    logins.length === 0
      ? html`<p>There are none yet.</p>`
      : html`<ol class="plain logins">${logins.map((login) => loginItem(login, timeZone))}</ol>`
  }
</section>`;
