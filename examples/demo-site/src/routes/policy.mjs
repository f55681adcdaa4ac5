/**
 * A stand-in for the administrator, so that the stories can be played without the console: publishes a
 * handful of policies. Policies are published whole, so each of these describes all that matters here.
 */
import { PosternError } from '@postern/client';
import { policyPage } from '../pages/policy.mjs';
import { generalProblem, problemsFrom } from '../problems.mjs';
import { GET_POLICY, PUBLISH_POLICY } from '../queries.mjs';

/** @typedef {import('../context.mjs').Context} Context */
/** @typedef {{phase: string, level: string, email: boolean, trust: boolean, office: boolean, abroad: boolean}} Choices */

const THIRTY_DAYS = 30 * 86_400_000;

/** @param {string} phase @param {string} clock the tenant's now */
function phaseDates(phase, clock) {
  const later = new Date(Date.parse(clock) + THIRTY_DAYS).toISOString();
  if (phase === 'optional') return { mandatoryFrom: later };
  if (phase === 'voluntary') return { mandatoryFrom: null };
  if (phase === 'closed') return { enrollmentOpensAt: later, mandatoryFrom: null };
  return {};
}

/** @param {Choices} choices @param {string} clock */
export function policyInput({ phase, level, email, trust, office, abroad }, clock) {
  const audience = {
    allowedChannels: ['SMS', 'VOICE', 'TOTP', 'PASSKEY', ...(email ? ['EMAIL'] : [])],
    ...phaseDates(phase, clock),
    ...(level === 'high' ? { defaultLevel: 'HIGH', minimumLevel: 'HIGH' } : {}),
  };
  return {
    internal: audience,
    external: { ...audience, trustedDeviceSeconds: trust ? THIRTY_DAYS / 1_000 : 0 },
    allowedNetworks: office ? [{ cidr: '192.0.2.0/24', label: 'The office in Minneapolis' }] : [],
    phoneCountries: abroad ? ['US', 'GB'] : ['US'],
  };
}

/** What the policy in force amounts to, in the form's terms. @param {any} policy @param {string} clock @returns {Choices} */
export function choicesOf({ external, allowedNetworks, phoneCountries }, clock) {
  const ahead = (/** @type {string | null} */ date) => date !== null && Date.parse(date) > Date.parse(clock);
  const optional = ahead(external.mandatoryFrom) ? 'optional' : external.mandatoryFrom === null ? 'voluntary' : 'mandatory';
  return {
    phase: ahead(external.enrollmentOpensAt) ? 'closed' : optional,
    level: external.minimumLevel === 'HIGH' ? 'high' : 'standard',
    email: external.allowedChannels.includes('EMAIL'),
    trust: external.trustedDeviceSeconds > 0,
    office: allowedNetworks.length > 0,
    abroad: phoneCountries.some((/** @type {string} */ country) => country !== 'US'),
  };
}

/** @param {Context} context */
async function show(context) {
  const { tenant } = await context.services.support.request(GET_POLICY);
  return context.page({
    title: 'Policy',
    width: 'wide',
    stories: ['S2', 'S3', 'S5', 'S6', 'S10', 'S11', 'S13'],
    body: (/** @type {any} */ flash) => policyPage({ tenant, choices: flash.values?.phase ? typed(flash.values) : choicesOf(tenant.policy, tenant.clock) }),
  });
}

/** The form as it was sent, for showing it again. @param {Record<string, string>} values @returns {Choices} */
const typed = ({ phase, level, email, trust, office, abroad }) => ({
  phase,
  level,
  email: email === 'yes',
  trust: trust === 'yes',
  office: office === 'yes',
  abroad: abroad === 'yes',
});

/** @param {Context} context */
async function publish(context) {
  const { tenant } = await context.services.support.request(GET_POLICY);
  const values = Object.fromEntries(['phase', 'level', 'email', 'trust', 'office', 'abroad'].map((name) => [name, context.form(name)]));
  const input = {
    policy: policyInput(typed(values), tenant.clock),
    expectedVersion: Number.parseInt(context.form('version'), 10) || tenant.policy.version,
    comment: context.form('comment') || 'From the demo’s policy page',
    acknowledgeWeakerChannels: context.checked('acknowledge') ? ['EMAIL'] : [],
  };
  try {
    const { policy, userErrors } = await context.services.support.mutate(PUBLISH_POLICY, input);
    if (userErrors.length > 0) return context.go('/policy', { problems: problemsFrom(userErrors), values });
    return context.go('/policy', { notice: `Version ${policy.version} is in force.` });
  } catch (error) {
    if (!(error instanceof PosternError && error.code === 'FORBIDDEN')) throw error;
    return context.go('/policy', { problems: generalProblem(error.message), values });
  }
}

export const policyRoutes = { 'GET /policy': show, 'POST /policy': publish };
