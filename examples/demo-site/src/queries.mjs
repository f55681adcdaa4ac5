/**
 * Every GraphQL document that this site sends, in one place: the tests check each of them against the
 * published schema, so that a change of the API that would break this site shows there first.
 *
 * Mutations take a single `$input`; the client relies on it.
 */

const USER_ERRORS = 'userErrors { code message field }';

const CHALLENGE = 'challenge { id channel destination status attemptsRemaining expiresAt resendAt }';

const ANY_FACTOR = '__typename id status createdAt lastUsedAt';

const FACTOR = `
  ${ANY_FACTOR}
  ... on PhoneFactor { role line destination }
  ... on EmailFactor { destination }
  ... on BackupCodesFactor { remaining }`;

/** Why a login was decided as it was. */
const WHY = `
  outcome reasons level riskScore riskSignals { kind score detail }
  ipAddress location { country city }`;

const LOGIN = `
  ${WHY}
  id purpose policyVersion firstFactor createdAt expiresAt completedAt completedWith assertion
  user { id externalId displayName kind enrollment enrollmentRequiredFrom }
  methods { id channel destination phoneRole preferred }
  enrollmentPrompt { skippable skipsRemaining deadline channels suggestedFactors { ${FACTOR} } }`;

const AUDIENCE = `
  allowedChannels enrollmentOpensAt mandatoryFrom defaultLevel minimumLevel userMayChooseLevel trustedDeviceSeconds`;

/** The clock, and for how long each audience's devices are trusted. */
const TIME_AND_TRUST = 'tenant { clock timeZone policy { internal { trustedDeviceSeconds } external { trustedDeviceSeconds } } }';

/** @param {string} name @param {string} payload @param {string} [field] */
const mutation = (name, payload, field = name.charAt(0).toLowerCase() + name.slice(1)) =>
  `mutation ${name}($input: ${name}Input!) { ${field}(input: $input) { ${payload} ${USER_ERRORS} } }`;

// ---- the login path

export const EVALUATE_LOGIN = mutation('EvaluateLogin', `login { ${LOGIN} }`);
export const START_CHALLENGE = mutation('StartChallenge', CHALLENGE);
export const VERIFY_CHALLENGE = mutation('VerifyChallenge', `login { ${LOGIN} } ${CHALLENGE} deviceToken`);
export const SKIP_ENROLLMENT = mutation('SkipEnrollment', `login { ${LOGIN} }`);
export const REQUEST_TEMPORARY_ACCESS = mutation('RequestTemporaryAccess', 'request { id status createdAt }');

export const GET_LOGIN = `query GetLogin($id: ID!) {
  login(id: $id) { ${LOGIN} }
  ${TIME_AND_TRUST}
}`;

// ---- the hosted prompt

export const CREATE_PROMPT_SESSION = mutation('CreatePromptSession', 'url');
export const REDEEM_PROMPT_RESULT = mutation('RedeemPromptResult', `login { ${LOGIN} } state`);

export const GET_REQUEST = `query GetRequest($id: ID!) {
  node(id: $id) { ... on TemporaryAccessRequest { id status answeredAt answeredBy } }
}`;

// ---- users and their factors

export const UPSERT_USER = mutation('UpsertUser', 'user { id externalId } created');
export const ENROLL_PHONE = mutation('EnrollPhone', `factor { ${ANY_FACTOR} role line destination } ${CHALLENGE}`);
export const ENROLL_EMAIL = mutation('EnrollEmail', `factor { ${ANY_FACTOR} destination } ${CHALLENGE}`);
export const ENROLL_TOTP = mutation('EnrollTotp', `factor { ${ANY_FACTOR} } otpauthUri qrCodeSvg`);
export const SEND_FACTOR_CODE = mutation('SendFactorCode', `factor { ${FACTOR} } ${CHALLENGE}`);
export const CONFIRM_FACTOR = mutation('ConfirmFactor', `factor { ${FACTOR} } login { ${LOGIN} } ${CHALLENGE} deviceToken`);
export const REMOVE_FACTOR = mutation('RemoveFactor', 'user { id }');
export const GENERATE_BACKUP_CODES = mutation('GenerateBackupCodes', 'codes');
export const CHOOSE_SECURITY_LEVEL = mutation('ChooseSecurityLevel', 'user { id securityLevel }');
export const OPT_OUT = mutation('OptOut', 'user { id enrollment }');
export const OPT_IN = mutation('OptIn', 'user { id enrollment }');
export const FORGET_DEVICES = mutation('ForgetDevices', 'user { id }');

export const GET_TRUST = `query GetTrust { ${TIME_AND_TRUST} }`;

export const GET_SETTINGS = `query GetSettings($externalId: String!) {
  user(ref: { externalId: $externalId }) {
    id externalId displayName kind email enrollment enrollmentRequiredFrom securityLevel chosenLevel advisorLevel
    factors { ${FACTOR} }
    trustedDevices { id userAgent createdAt lastSeenAt expiresAt }
  }
  tenant { clock timeZone policy { internal { ${AUDIENCE} } external { ${AUDIENCE} } phoneCountries } }
}`;

// ---- the advisor's desk

export const GET_DESK = `query GetDesk($search: String) {
  tenant {
    clock timeZone
    temporaryAccessRequests(first: 20, open: true) {
      edges { node {
        id note status createdAt
        user { externalId displayName }
        login { id ipAddress location { country city } outcome reasons createdAt }
      } }
    }
    users(first: 50, search: $search) {
      edges { node { id externalId displayName kind status enrollment securityLevel } }
    }
  }
}`;

export const GET_CLIENT = `query GetClient($externalId: String!) {
  user(ref: { externalId: $externalId }) {
    id externalId displayName kind email status lockedUntil enrollment enrollmentRequiredFrom securityLevel chosenLevel advisorLevel
    factors { ${FACTOR} }
    temporaryAccessCodes { id issuedBy reason createdAt expiresAt usedAt revokedAt }
    logins(first: 10) { edges { node { id purpose createdAt completedAt completedWith ${WHY} } } }
  }
  tenant { clock timeZone policy { risk { challengeThreshold } } }
}`;

export const APPROVE_REQUEST = mutation(
  'ApproveTemporaryAccessRequest',
  'code request { id status user { externalId displayName } }',
);
export const DECLINE_REQUEST = mutation('DeclineTemporaryAccessRequest', 'request { id status }');
export const ISSUE_CODE = mutation('IssueTemporaryAccessCode', 'code temporaryAccessCode { id expiresAt }');
export const REVOKE_CODE = mutation('RevokeTemporaryAccessCode', 'temporaryAccessCode { id revokedAt }');
export const LOCK_USER = mutation('LockUser', 'user { id status lockedUntil }');
export const UNLOCK_USER = mutation('UnlockUser', 'user { id status lockedUntil }');
export const RESET_USER = mutation('ResetUser', 'user { id enrollment } code');
export const SEND_ONE_TIME_LINK = mutation('SendOneTimeLink', 'expiresAt');

// ---- behind the scenes: sandbox and policy

export const GET_INBOX = `query GetInbox {
  tenant {
    clock timeZone
    messages(first: 50) { edges { node { id channel purpose destination status failure sandboxBody createdAt } } }
  }
}`;

export const GET_CLOCK = 'query GetClock { tenant { clock timeZone environment } }';
export const ADVANCE_CLOCK = mutation('AdvanceSandboxClock', 'clock');

export const GET_POLICY = `query GetPolicy {
  tenant {
    clock timeZone
    policy {
      version effectiveAt publishedBy comment phoneCountries
      internal { ${AUDIENCE} }
      external { ${AUDIENCE} }
      allowedNetworks { cidr label }
    }
  }
}`;
export const PUBLISH_POLICY = mutation('PublishPolicy', 'policy { version effectiveAt }');
