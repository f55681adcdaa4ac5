// Made by scripts/generate.mjs from the schema and src/operations.graphql; do not edit.

import type { DocumentTypeDecoration } from './document.js';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A network in CIDR notation; host bits must be zero. */
  Cidr: { input: string; output: string; }
  /** ISO 3166-1 alpha-2. */
  CountryCode: { input: string; output: string; }
  /** ISO 4217. */
  CurrencyCode: { input: string; output: string; }
  /** RFC 3339 date-time in UTC. */
  DateTime: { input: string; output: string; }
  /** An exact decimal number, as a string. */
  Decimal: { input: string; output: string; }
  /** An IPv4 or IPv6 address. IPv4-mapped IPv6 is normalised to IPv4. */
  IpAddress: { input: string; output: string; }
  /** Free-form JSON (`WebAuthn` options and credentials, details of the audit log). */
  JSON: { input: unknown; output: unknown; }
  /** A phone number in E.164. */
  PhoneNumber: { input: string; output: string; }
  /** A file, as in the GraphQL multipart request specification. */
  Upload: { input: Blob; output: Blob; }
};

/** What an administrator may do. */
export type AdminRole =
  /** Everything, billing and administrators included. */
  | 'OWNER'
  /** Policy, users, integrations; not billing or administrators. */
  | 'ADMIN'
  /** All users and their factors: temporary access, unlock, reset, links. */
  | 'SUPPORT'
  /** The same, for the users assigned to them and no others. */
  | 'ADVISOR'
  /** The bill. */
  | 'BILLING'
  /** Reads everything but secrets, changes nothing. */
  | 'AUDITOR';

/**
 * Moves policy dates, codes, logins, links, locks, graces, devices and history. Assertions, TOTP, keys, sessions, rate limits
 * and the ledger keep real time.
 */
export type AdvanceSandboxClockInput = {
  /** 1 to 31,536,000. */
  seconds: Scalars['Int']['input'];
};

/** A network from which INTERNAL users need no second factor. */
export type AllowedNetworkInput = {
  /** The network. */
  cidr: Scalars['Cidr']['input'];
  /** What people call it. */
  label: Scalars['String']['input'];
  /** From then on it lets nobody in; left out: it stays. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
};

/** What an API key may be used for. */
export type ApiScope =
  /** The login path and, under a `loginId`, the user's own changes. */
  | 'LOGIN'
  /** Users, imports, reminders; first enrollments without a login. */
  | 'USERS'
  /** Help desk, one-time links, and changes to factors, levels and opt-outs without a login (the user is told). */
  | 'SUPPORT'
  /** Policies, simulation, settings, webhooks, the sandbox's clock. */
  | 'POLICY'
  /** Reads everything but secrets. */
  | 'READ'
  /** Partner keys only: creates tenants and, in a tenant of theirs named by header, keys and administrators. */
  | 'TENANTS';

/** Yes, with a code. */
export type ApproveTemporaryAccessRequestInput = {
  /** The request. */
  id: Scalars['ID']['input'];
  /** How the advisor made sure who is asking. */
  reason: Scalars['String']['input'];
  /** SUPPORT or above: the login counts as verified, so that the user can replace a lost phone. */
  mayChangeFactors?: Scalars['Boolean']['input'];
};

/** Rules for one audience. */
export type AudiencePolicyInput = {
  /** Channels in order of preference, at least one. */
  allowedChannels: Array<Channel>;
  /** Before it nobody is asked to enroll; left out: it is open. */
  enrollmentOpensAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Left out: at once. Explicit null: enrollment stays optional. */
  mandatoryFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** While optional: skipping more often than this is refused, 0 to 100; left out: no limit. */
  maxSkips?: InputMaybe<Scalars['Int']['input']>;
  /** A user who first logs in later than mandatoryFrom may still skip for this long, at most 90 days. */
  gracePeriodSeconds?: Scalars['Int']['input'];
  /** The level of a user who has not chosen. */
  defaultLevel?: SecurityLevel;
  /** The level below which nobody goes; not above the default. */
  minimumLevel?: SecurityLevel;
  /** Whether a user's own choice counts. */
  userMayChooseLevel?: Scalars['Boolean']['input'];
  /** Until then STANDARD behaves like HIGH; left out: adaptive from the start. */
  adaptiveFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /**
   * A device on which a factor was proved needs none for this long at STANDARD, at most 90 days; left out: 30 days for
   * INTERNAL, 0 for EXTERNAL.
   */
  trustedDeviceSeconds?: InputMaybe<Scalars['Int']['input']>;
};

/** Which entries are wanted; empty is all. */
export type AuditFilter = {
  /** Any of these actions. */
  action?: InputMaybe<Array<Scalars['String']['input']>>;
  /** By this actor, exactly as an entry shows it. */
  actor?: InputMaybe<Scalars['String']['input']>;
  /** Not before. */
  from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Before. */
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Why a user will be blocked. */
export type BlockedReason =
  /** No factor: one must be enrolled at the next login, and that cannot be put off. */
  | 'NOT_ENROLLED'
  /** Factors, but none on a channel that the policy allows, and no backup code: the login is denied. */
  | 'NO_USABLE_FACTOR';

/** A tenant's looks, whole: what is left out is unset. */
export type BrandingInput = {
  /** What users know the firm by; left out: the tenant's name. */
  productName?: InputMaybe<Scalars['String']['input']>;
  /** An https address. */
  logoUrl?: InputMaybe<Scalars['String']['input']>;
  /** #rrggbb. */
  color?: InputMaybe<Scalars['String']['input']>;
  /** How users reach a person. */
  supportContact?: InputMaybe<Scalars['String']['input']>;
  /** Texts end in the origin-bound form for this domain. */
  domain?: InputMaybe<Scalars['String']['input']>;
};

/** An import. */
export type CancelImportInput = {
  /** Which. */
  id: Scalars['ID']['input'];
};

/** A scheduled version. */
export type CancelScheduledPolicyInput = {
  /** Its number. */
  version: Scalars['Int']['input'];
};

/** A simulation. */
export type CancelSimulationInput = {
  /** Which. */
  id: Scalars['ID']['input'];
};

/** Where a challenge stands. */
export type ChallengeStatus =
  /** Waiting for its proof. */
  | 'PENDING'
  /** Proved. */
  | 'VERIFIED'
  /** Over. */
  | 'EXPIRED'
  /** Too many wrong codes. */
  | 'FAILED'
  /** The login was completed another way. */
  | 'SUPERSEDED';

/** Another role. */
export type ChangeAdminRoleInput = {
  /** The administrator. */
  id: Scalars['ID']['input'];
  /** What the person may do from now on. */
  role: AdminRole;
};

/** A plan to change to. */
export type ChangePlanInput = {
  /** One of `BillingAccount.offeredPlans`. */
  planCode: Scalars['String']['input'];
};

/** A way of proving a second factor that a policy can allow. */
export type Channel =
  /** A text message. */
  | 'SMS'
  /** A phone call. */
  | 'VOICE'
  /** A mail; weaker than the rest and off until an administrator accepts it on record. */
  | 'EMAIL'
  /** An authenticator app, RFC 6238. */
  | 'TOTP'
  /** `WebAuthn`. */
  | 'PASSKEY';

/** Choose a level. */
export type ChooseSecurityLevelInput = {
  /** Whose. */
  user: UserRef;
  /** The level. */
  level: SecurityLevel;
  /** Needed, verified, when a user who has factors lowers the level. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** Rules for codes that are sent. */
export type CodePolicyInput = {
  /** 6 to 8; left out: 6. */
  digits?: InputMaybe<Scalars['Int']['input']>;
  /** 60 to 600; left out: 300. */
  ttlSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** 3 to 5; left out: 5. */
  maxAttempts?: InputMaybe<Scalars['Int']['input']>;
  /** 15 to 300, or 0 in a SANDBOX; left out: 30. */
  resendAfterSeconds?: InputMaybe<Scalars['Int']['input']>;
};

/** How a login was completed. */
export type Completion =
  /** By a text message. */
  | 'SMS'
  /** By a phone call. */
  | 'VOICE'
  /** By a mail. */
  | 'EMAIL'
  /** By an authenticator app. */
  | 'TOTP'
  /** By a passkey. */
  | 'PASSKEY'
  /** By a backup code. */
  | 'BACKUP_CODE'
  /** By an advisor's code. */
  | 'TEMPORARY_ACCESS_CODE'
  /** By confirming a factor. */
  | 'ENROLLED'
  /** By skipping enrollment. */
  | 'SKIPPED';

/** Finish an enrollment. */
export type ConfirmFactorInput = {
  /** The factor. */
  factorId: Scalars['ID']['input'];
  /** The code that was sent, or that the app shows; spaces and hyphens do not matter. */
  code?: InputMaybe<Scalars['String']['input']>;
  /** A passkey's credential. */
  credential?: InputMaybe<Scalars['JSON']['input']>;
  /**
   * The login that asked for enrollment: completed by the confirmation if its outcome is ENROLL; an already verified login is
   * accepted and stays as it is.
   */
  loginId?: InputMaybe<Scalars['ID']['input']>;
  /** Ask for a deviceToken, where the policy trusts devices. */
  rememberDevice?: Scalars['Boolean']['input'];
};

/** A key to make. */
export type CreateApiKeyInput = {
  /** For people to recognise it by. */
  name: Scalars['String']['input'];
  /** At least one, none that the caller lacks, never TENANTS. */
  scopes: Array<ApiScope>;
  /** At most a year away; left out: a year. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Where the pages lead back to. */
export type CreateBillingPortalSessionInput = {
  /** On this installation's origin, or on one that the tenant's `returnUrls` name. */
  returnUrl: Scalars['String']['input'];
};

/** Where a browser is to be sent, and where it comes back to. */
export type CreatePromptSessionInput = {
  /** The login. */
  loginId: Scalars['ID']['input'];
  /** What for. */
  purpose?: PromptPurpose;
  /** Must match one of the tenant's registered return URLs. */
  returnUrl: Scalars['String']['input'];
  /** Comes back unchanged, at most 512 characters; tie it to the browser's session. */
  state?: InputMaybe<Scalars['String']['input']>;
};

/** A tenant to make. */
export type CreateTenantInput = {
  /** 3 to 63 lower-case letters, digits and hyphens; unique within the platform. */
  slug: Scalars['String']['input'];
  /** For people to read. */
  name: Scalars['String']['input'];
  /** Whether it is real. */
  environment?: Environment;
  /** Who is invited as its first administrator. */
  ownerEmail: Scalars['String']['input'];
  /**
   * Left out: the partner's template or, without one, the policy of a new tenant. EMAIL cannot be in it unless it is in the
   * template: that takes an acknowledgement.
   */
  policy?: InputMaybe<PolicyInput>;
};

/** A new endpoint. */
export type CreateWebhookEndpointInput = {
  /** Where events are posted: https, on the public internet, port 443 or 1024 and above. */
  url: Scalars['String']['input'];
  /** Empty: all. */
  events?: Array<WebhookEvent>;
};

/** Why. */
export type DecisionReason =
  /** From a network that the policy allows. */
  | 'ALLOWED_NETWORK'
  /** On a device on which a factor was proved. */
  | 'TRUSTED_DEVICE'
  /** Nothing unusual. */
  | 'LOW_RISK'
  /** The level is HIGH. */
  | 'HIGH_LEVEL'
  /** The login is unusual. */
  | 'RISK_DETECTED'
  /** STANDARD does not adapt yet, or the risk is unknown. */
  | 'ADAPTIVE_NOT_STARTED'
  /** The first factor was a mailed link. */
  | 'ONE_TIME_LINK'
  /** A fresh proof was asked for. */
  | 'STEP_UP'
  /** The user had opted out, and it is mandatory now. */
  | 'OPT_OUT_ENDED'
  /** Enrollment has not opened. */
  | 'ENROLLMENT_NOT_OPEN'
  /** Enrollment may be skipped. */
  | 'ENROLLMENT_OPTIONAL'
  /** Enrollment may not be skipped. */
  | 'ENROLLMENT_REQUIRED'
  /** The user opted out. */
  | 'OPTED_OUT'
  /** The user is locked. */
  | 'USER_LOCKED'
  /** The user is disabled. */
  | 'USER_DISABLED'
  /** The login is too unusual. */
  | 'RISK_TOO_HIGH'
  /** Every factor is on a channel that the policy no longer allows, or is disabled. */
  | 'NO_USABLE_FACTOR'
  /** The tenant is suspended. */
  | 'TENANT_SUSPENDED';

/** No. */
export type DeclineTemporaryAccessRequestInput = {
  /** The request. */
  id: Scalars['ID']['input'];
  /** Why. */
  reason: Scalars['String']['input'];
};

/** A user to erase. */
export type DeleteUserInput = {
  /** Who. */
  user: UserRef;
};

/** An endpoint. */
export type DeleteWebhookEndpointInput = {
  /** Which. */
  id: Scalars['ID']['input'];
};

/** The end of sessions. */
export type EndAdminSessionsInput = {
  /** The administrator. */
  id: Scalars['ID']['input'];
};

/** Enroll a mailbox, where the policy allows EMAIL. */
export type EnrollEmailInput = {
  /** Whose. */
  user: UserRef;
  /** Left out: the user's address on record. Any other needs a verified login or SUPPORT, even for a first factor. */
  address?: InputMaybe<Scalars['String']['input']>;
  /** The login on whose ground it is asked. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** Enroll a passkey on one of the firm's own pages; the hosted prompt enrolls its own. */
export type EnrollPasskeyInput = {
  /** Whose. */
  user: UserRef;
  /** What its owner calls it, up to 100 characters. */
  name: Scalars['String']['input'];
  /** One of the tenant's registered origins. */
  origin: Scalars['String']['input'];
  /** The login on whose ground it is asked. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/**
 * Changes to the factors of a user who has any need a *verified* login: one of that user, completed in the last 15 minutes by
 * proving or confirming a factor (`completedWith` neither null nor SKIPPED, nor TEMPORARY_ACCESS_CODE unless that code allows it;
 * one completed by EMAIL may add, not replace or remove). Otherwise VERIFICATION_REQUIRED. SUPPORT is exempt only without
 * `loginId`; then no login is completed and the user is told on every channel. The rule is checked again at confirmFactor. A
 * second factor of the same role replaces the PENDING one at once, and the ACTIVE one when it is confirmed.
 */
export type EnrollPhoneInput = {
  /** Whose. */
  user: UserRef;
  /** The number; only of the countries that the policy names. */
  number: Scalars['PhoneNumber']['input'];
  /** Which of the user's phones. */
  role?: PhoneRole;
  /** What kind of line. */
  line?: PhoneLine;
  /** For the confirming code; a landline always gets VOICE. */
  channel?: InputMaybe<PhoneChannel>;
  /** The login on whose ground it is asked. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** Enroll an authenticator app. */
export type EnrollTotpInput = {
  /** Whose. */
  user: UserRef;
  /** The login on whose ground it is asked. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** How far a user has come. */
export type EnrollmentState =
  /** No factor. */
  | 'NOT_ENROLLED'
  /** No factor, and skipped enrollment. */
  | 'SKIPPED'
  /** Has a factor. */
  | 'ENROLLED'
  /** Turned two-factor authentication off. */
  | 'OPTED_OUT';

/** LIVE reaches real phones and is billed. SANDBOX never leaves the platform: codes are read from `messages`. */
export type Environment =
  /** Reaches real phones. */
  | 'LIVE'
  /** Never leaves the platform. */
  | 'SANDBOX';

/** The first factor was accepted: what now? */
export type EvaluateLoginInput = {
  /** Who. */
  user: UserRef;
  /** What for. */
  purpose?: LoginPurpose;
  /** What was accepted. */
  firstFactor: FirstFactor;
  /** The end user's address as the integrator's own server saw it. */
  ipAddress: Scalars['IpAddress']['input'];
  /** The browser's `User-Agent`, as the integrator's own server saw it. */
  userAgent?: InputMaybe<Scalars['String']['input']>;
  /** From an earlier verifyChallenge with rememberDevice. */
  deviceToken?: InputMaybe<Scalars['String']['input']>;
  /**
   * For retries: bound to the API key and to this very input, at most 128 characters, 10 minutes. A repeat returns the same
   * login while it is not complete, or was allowed outright within the last minute; with any other input, or once it was
   * completed by a proof, enrollment or skip: CONFLICT.
   */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** Where a factor stands. */
export type FactorStatus =
  /** Enrolled but not yet confirmed; proves nothing. */
  | 'PENDING'
  /** Can be proved. */
  | 'ACTIVE'
  /** Too many wrong codes: proves nothing, still counts as enrolled, until SUPPORT or a verified login replaces it. */
  | 'DISABLED';

/** What the integrator accepted before it asked. */
export type FirstFactor =
  /** A password. */
  | 'PASSWORD'
  /** Single sign-on. */
  | 'SSO'
  /** A mailed link; a second factor always follows. */
  | 'ONE_TIME_LINK';

/** Forget trusted devices. */
export type ForgetDevicesInput = {
  /** Whose. */
  user: UserRef;
  /** Left out: all. */
  deviceIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** Make new backup codes. */
export type GenerateBackupCodesInput = {
  /** Whose. */
  user: UserRef;
  /** The login on whose ground it is asked. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** What a file holds. */
export type ImportKind =
  /** Users of a tenant. */
  | 'USERS'
  /** Tenants of a partner. */
  | 'TENANTS';

/** How far an import has come. */
export type ImportStatus =
  /** Waiting for a worker. */
  | 'QUEUED'
  /** At work. */
  | 'RUNNING'
  /** Every row is in. */
  | 'COMPLETED'
  /** Some rows were refused; the others are in. */
  | 'COMPLETED_WITH_ERRORS'
  /** The file could not be read; nothing was changed. */
  | 'FAILED'
  /** Somebody ended it; what was in by then stays. */
  | 'CANCELED';

/** CSV with a header row: `slug,name,owner_email[,environment]`. Re-importing a slug updates it. */
export type ImportTenantsInput = {
  /** UTF-8, with or without a byte order mark. */
  file: Scalars['Upload']['input'];
  /** Do everything but the changes. */
  dryRun?: Scalars['Boolean']['input'];
  /** A SANDBOX tenant beside each LIVE one, its slug ending in `-sandbox`. */
  sandboxTwins?: Scalars['Boolean']['input'];
};

/**
 * CSV with a header row: `external_id,kind[,display_name,email,phone,recovery_phone,advisor_email,language]`, the columns in
 * any order. Re-importing an `external_id`, in any spelling, updates it; what a row leaves empty stays as it is.
 */
export type ImportUsersInput = {
  /** UTF-8, with or without a byte order mark. */
  file: Scalars['Upload']['input'];
  /** Do everything but the changes. */
  dryRun?: Scalars['Boolean']['input'];
  /**
   * The tenant vouches for the phones: they are ACTIVE, for users who have no factor yet. Otherwise they are suggested at
   * the first login.
   */
  trustContacts?: Scalars['Boolean']['input'];
};

/** Who is to help. */
export type InviteAdminInput = {
  /** Where the invitation goes, and the name to sign in with. */
  email: Scalars['String']['input'];
  /** What the person may do. */
  role: AdminRole;
};

/** How far an invoice is. */
export type InvoiceStatus =
  /** It is being written. */
  | 'DRAFT'
  /** It is to be paid. */
  | 'OPEN'
  /** It is paid. */
  | 'PAID'
  /** It does not hold. */
  | 'VOID'
  /** It will not be paid. */
  | 'UNCOLLECTIBLE';

/** A code for a user who calls. */
export type IssueTemporaryAccessCodeInput = {
  /** Whom it lets in. */
  user: UserRef;
  /** 600 to what the policy allows. */
  validForSeconds?: Scalars['Int']['input'];
  /** Why, and how identity was checked: 1 to 500 characters, on record. */
  reason: Scalars['String']['input'];
  /** SUPPORT or above: the login it completes counts as verified, so that the user can replace a lost phone. */
  mayChangeFactors?: Scalars['Boolean']['input'];
};

/** How far a job has come. */
export type JobStatus =
  /** Waiting for a worker. */
  | 'QUEUED'
  /** At work. */
  | 'RUNNING'
  /** Done. */
  | 'COMPLETED'
  /** It broke off. */
  | 'FAILED'
  /** Somebody ended it. */
  | 'CANCELED';

/** A user to be locked until somebody unlocks. */
export type LockUserInput = {
  /** Who. */
  user: UserRef;
  /** Why: 1 to 500 characters, on record. */
  reason: Scalars['String']['input'];
};

/** Which logins are wanted; empty is all. */
export type LoginFilter = {
  /** Any of these outcomes. */
  outcome?: InputMaybe<Array<LoginOutcome>>;
  /** Not before. */
  from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Before. */
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** What the policy decided. */
export type LoginOutcome =
  /** In, without a second factor. */
  | 'ALLOW'
  /** A factor must be proved. */
  | 'CHALLENGE'
  /** A factor must be enrolled, or may be. */
  | 'ENROLL'
  /** Out. */
  | 'DENY';

/** What a login is for. */
export type LoginPurpose =
  /** Getting in. */
  | 'SIGN_IN'
  /** An open session asks for a fresh proof, before a change of settings, say: never ALLOW while the user has a factor. */
  | 'STEP_UP';

/** How a message travels. */
export type MessageChannel =
  /** A text message. */
  | 'SMS'
  /** A phone call. */
  | 'VOICE'
  /** A mail. */
  | 'EMAIL';

/** Which messages are wanted; what is left out does not restrict. */
export type MessageFilter = {
  /** Any of these channels. */
  channel?: InputMaybe<Array<MessageChannel>>;
  /** Any of these. */
  status?: InputMaybe<Array<MessageStatus>>;
  /** To this user. */
  user?: InputMaybe<UserRef>;
};

/** What a message is for. */
export type MessagePurpose =
  /** A code. */
  | 'CODE'
  /** A link that stands in for the password. */
  | 'ONE_TIME_LINK'
  /** The announcement of the rollout. */
  | 'ENROLLMENT_REMINDER'
  /** An invitation to the console. */
  | 'ADMIN_INVITATION'
  /** A change to a user's factors, told to the others. */
  | 'SECURITY_NOTICE'
  /** A user asks the advisor. */
  | 'TEMPORARY_ACCESS_REQUEST'
  /** The spending cap is near, or reached: told to those who answer for the bill. */
  | 'BILLING_NOTICE';

/** Where a message stands. */
export type MessageStatus =
  /** Waiting for a worker. */
  | 'QUEUED'
  /** On its way to a provider. */
  | 'SENDING'
  /** Taken by the provider: from here on it is billed. */
  | 'ACCEPTED'
  /** Arrived. */
  | 'DELIVERED'
  /** Did not arrive. */
  | 'FAILED'
  /** Never handed to a provider: cap reached, destination blocked, or expired while queued. */
  | 'CANCELED';

/** A way to complete a login by a proof. */
export type MethodChannel =
  /** A text message. */
  | 'SMS'
  /** A phone call. */
  | 'VOICE'
  /** A mail. */
  | 'EMAIL'
  /** An authenticator app. */
  | 'TOTP'
  /** A passkey. */
  | 'PASSKEY'
  /** A code that the user wrote down. */
  | 'BACKUP_CODE'
  /** A code that an advisor issued. */
  | 'TEMPORARY_ACCESS_CODE';

/** Turn it on again. */
export type OptInInput = {
  /** Whose. */
  user: UserRef;
};

/** Refused while the policy's minimum or the advisor's level is HIGH. */
export type OptOutInput = {
  /** Whose. */
  user: UserRef;
  /** Needed, verified, when the user has factors; SUPPORT is exempt as for factors. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** Whether a tenant pays. */
export type PaymentStatus =
  /** Nothing is collected. */
  | 'NONE'
  /** Payments arrive. */
  | 'ACTIVE'
  /** A payment failed. */
  | 'PAST_DUE'
  /** The subscription has ended. */
  | 'CANCELED';

/** How a code reaches a phone. */
export type PhoneChannel =
  /** By a text message. */
  | 'SMS'
  /** By a call. */
  | 'VOICE';

/** What kind of line a phone is on. */
export type PhoneLine =
  /** Takes texts and calls. */
  | 'MOBILE'
  /** Reached by voice call only. */
  | 'LANDLINE';

/** Which of a user's phones. */
export type PhoneRole =
  /** The usual one. */
  | 'PRIMARY'
  /** A fallback. Either may be a landline. */
  | 'RECOVERY';

/** Published whole: what is left out takes the value of a new tenant's policy, never that of the previous version. */
export type PolicyInput = {
  /** The organisation's own people. */
  internal: AudiencePolicyInput;
  /** Clients and counterparties. */
  external: AudiencePolicyInput;
  /** Networks from which INTERNAL users need no second factor; at most 200, none private, none wider than /8 (IPv4) or /32 (IPv6). */
  allowedNetworks?: Array<AllowedNetworkInput>;
  /** Countries whose phone numbers may be enrolled and sent to. */
  phoneCountries?: Array<Scalars['CountryCode']['input']>;
  /** Rules for codes that are sent. */
  codes?: InputMaybe<CodePolicyInput>;
  /** What to make of a risk score. */
  risk?: InputMaybe<RiskPolicyInput>;
  /** How long a temporary access code may be valid at most, 600 to 86,400; left out: 28,800. */
  temporaryAccessMaxSeconds?: InputMaybe<Scalars['Int']['input']>;
};

/** Where a version of a policy stands. */
export type PolicyStatus =
  /** Takes effect later. */
  | 'SCHEDULED'
  /** In force. */
  | 'ACTIVE'
  /** Was in force. */
  | 'SUPERSEDED'
  /** Was scheduled and withdrawn. */
  | 'CANCELED';

/** What a hosted prompt is for. */
export type PromptPurpose =
  /** Enroll or prove a factor, and be let in. */
  | 'LOGIN'
  /** Manage factors, devices and the level; needs a completed login. */
  | 'SETTINGS';

/** A version to publish. */
export type PublishPolicyInput = {
  /** The rules, whole. */
  policy: PolicyInput;
  /** By the tenant's clock; left out: now. */
  effectiveAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** The version that this one was edited from; CONFLICT if another was published since. */
  expectedVersion: Scalars['Int']['input'];
  /** A note for colleagues, at most 1,000 characters. */
  comment?: InputMaybe<Scalars['String']['input']>;
  /** Needed the first time a policy allows EMAIL; recorded in the audit log with the administrator's name. */
  acknowledgeWeakerChannels?: Array<Channel>;
};

/** A template to publish. */
export type PublishTemplatePolicyInput = {
  /** The rules, whole. *At once* is when this is published. */
  policy: PolicyInput;
  /** What tenants cannot change. */
  lockedFields?: Array<Scalars['String']['input']>;
  /** Publish a new version to existing tenants whose locked fields differ: to all, or to a first wave of these. */
  applyToTenants?: Scalars['Boolean']['input'];
  /** The wave; left out: all. */
  tenantIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Needed the first time a template allows EMAIL; recorded in the audit log of every tenant that it reaches. */
  acknowledgeWeakerChannels?: Array<Channel>;
  /** The version that this one was edited from, 0 for the first; CONFLICT if another was published since. Left out: whichever. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
};

/** Tenants to bring to the template. */
export type RealignTenantsInput = {
  /** Left out: all that differ from it. */
  tenantIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** What a hosted prompt came back with. */
export type RedeemPromptResultInput = {
  /** The parameter `result`. */
  result: Scalars['String']['input'];
};

/** A delivery. */
export type RedeliverWebhookInput = {
  /** Which; it must have arrived, or been given up. */
  deliveryId: Scalars['ID']['input'];
};

/** A prefix to release. */
export type ReleasePrefixInput = {
  /** As `Tenant.blockedPrefixes` shows it. */
  prefix: Scalars['String']['input'];
};

/** How a run of reminders ended. */
export type ReminderRunEnding =
  /** Everybody was gone through. */
  | 'COMPLETED'
  /** There was no room under the spending cap for the rest. */
  | 'SPENDING_CAP'
  /** The tenant was suspended. */
  | 'SUSPENDED';

/** The end of a role. */
export type RemoveAdminInput = {
  /** The administrator. */
  id: Scalars['ID']['input'];
};

/** Remove a factor. */
export type RemoveFactorInput = {
  /** The factor. */
  factorId: Scalars['ID']['input'];
  /** The login on whose ground it is asked. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** The end of a provider. */
export type RemoveIdentityProviderInput = {
  /** The issuer, so that no other is meant. */
  issuer: Scalars['String']['input'];
};

/** Asking the advisor to let one login through. */
export type RequestTemporaryAccessInput = {
  /** The login, still open. */
  loginId: Scalars['ID']['input'];
  /** For the advisor to read, at most 500 characters. */
  note?: InputMaybe<Scalars['String']['input']>;
};

/** A second factor to be set up anew. */
export type ResetAdminInput = {
  /** The administrator. */
  id: Scalars['ID']['input'];
};

/** A user who is to begin anew. */
export type ResetUserInput = {
  /** Who. */
  user: UserRef;
  /** Why: 1 to 500 characters, on record. */
  reason: Scalars['String']['input'];
};

/** A key to end. */
export type RevokeApiKeyInput = {
  /** The key. */
  id: Scalars['ID']['input'];
};

/** A code to be taken back. */
export type RevokeTemporaryAccessCodeInput = {
  /** The code's identifier. */
  id: Scalars['ID']['input'];
};

/** What to make of a risk score. */
export type RiskPolicyInput = {
  /** 1 to 100; left out: 50. */
  challengeThreshold?: InputMaybe<Scalars['Int']['input']>;
  /** Above challengeThreshold, at most 100; left out: never. */
  denyThreshold?: InputMaybe<Scalars['Int']['input']>;
  /** 300 to 2,000; left out: 900. */
  maxTravelSpeedKmh?: InputMaybe<Scalars['Int']['input']>;
};

/** What was found unusual. */
export type RiskSignalKind =
  /** Too far since the last login. */
  | 'IMPOSSIBLE_TRAVEL'
  /** A device not seen lately. */
  | 'NEW_DEVICE'
  /** A country not seen lately. */
  | 'NEW_COUNTRY'
  /** A network not seen lately. */
  | 'NEW_NETWORK'
  /** Tor, a proxy or a hosting network. */
  | 'ANONYMIZER'
  /** Wrong codes in the last hour. */
  | 'FAILED_ATTEMPTS'
  /** No login for a long time. */
  | 'DORMANT_USER'
  /** No completed login yet. */
  | 'FIRST_LOGIN'
  /** A factor changed lately from elsewhere. */
  | 'FACTOR_RECENTLY_CHANGED'
  /** An hour of day that is not the user's. */
  | 'UNUSUAL_TIME';

/** An endpoint. */
export type RotateWebhookSecretInput = {
  /** Which. */
  id: Scalars['ID']['input'];
};

/** Whose second factor counts where administrators sign in by their company's identity provider. */
export type SecondFactorRule =
  /** Ours, at every sign-in. */
  | 'POSTERN'
  /** The provider's, where it says that one was proved; else ours. */
  | 'IDENTITY_PROVIDER';

/** How often a second factor is asked for. */
export type SecurityLevel =
  /** Adaptive: a second factor only when the login is unusual. */
  | 'STANDARD'
  /** A second factor at every login. */
  | 'HIGH';

/** Reminders to send. */
export type SendEnrollmentRemindersInput = {
  /** Subject and body with {{display_name}}, {{deadline}}, {{tenant_name}}; a default text where left out. */
  subject?: InputMaybe<Scalars['String']['input']>;
  /** Paragraphs are divided by empty lines; at most 5,000 characters. */
  body?: InputMaybe<Scalars['String']['input']>;
  /** Only to those who read this language, `en` or `es`, and the preview in it; left out: to all, each in their own. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Count and show, and send nothing. */
  dryRun?: Scalars['Boolean']['input'];
};

/** Have the code of a PENDING factor sent, or sent again. */
export type SendFactorCodeInput = {
  /** The factor. */
  factorId: Scalars['ID']['input'];
  /** By text or call, for a mobile. */
  channel?: InputMaybe<PhoneChannel>;
  /** The login on whose ground it is asked. */
  loginId?: InputMaybe<Scalars['ID']['input']>;
};

/** A link that stands in for the password. */
export type SendOneTimeLinkInput = {
  /** An external party with an address on record. */
  user: UserRef;
  /** Must match one of the tenant's registered return URLs. */
  returnUrl: Scalars['String']['input'];
  /** 60 to 604800. */
  validForSeconds?: Scalars['Int']['input'];
  /** Comes back with the user, to the letter; at most 512 characters. */
  state?: InputMaybe<Scalars['String']['input']>;
  /**
   * Whether the second factor is asked on our own pages, which then return to `returnUrl?result=…` as a prompt session does. Otherwise
   * the browser goes on to `returnUrl?postern_login=…`, and yours ask.
   */
  hostedPrompt?: Scalars['Boolean']['input'];
};

/** The provider as it is to be. */
export type SetIdentityProviderInput = {
  /** As it calls itself, to the letter: an https URL, under which it publishes `/.well-known/openid-configuration`. */
  issuer: Scalars['String']['input'];
  /** As it knows us. */
  clientId: Scalars['String']['input'];
  /** The client's secret. Left out, the one that is there stays; another issuer or client wants its own. */
  clientSecret?: InputMaybe<Scalars['String']['input']>;
  /** The mail domains whose addresses it may vouch for, 1–50. */
  domains: Array<Scalars['String']['input']>;
  /** Whose second factor counts. */
  secondFactor?: SecondFactorRule;
  /** Values of `acr` by which it says that a second factor was proved, besides `mfa` in `amr`; at most 10. */
  acrValues?: Array<Scalars['String']['input']>;
  /** Whether administrators may still sign in by a password. OWNERs always may. False wants a test first. */
  passwordAllowed?: Scalars['Boolean']['input'];
};

/** A spending cap. */
export type SetSpendingCapInput = {
  /** A period, in the account's currency, at list price; null removes the cap. */
  cap?: InputMaybe<Scalars['Decimal']['input']>;
};

/** A policy to rehearse. */
export type SimulatePolicyInput = {
  /** The rules, whole. Mandatory at once (`mandatoryFrom` left out) counts as mandatory since ever. */
  policy: PolicyInput;
  /** The logins of how many days, 1 to 90; of more than a million the latest million. */
  days?: Scalars['Int']['input'];
};

/** Not now. */
export type SkipEnrollmentInput = {
  /** A login whose outcome is ENROLL. */
  loginId: Scalars['ID']['input'];
};

/** Start proving a factor, or have its code sent again. */
export type StartChallengeInput = {
  /** The login. */
  loginId: Scalars['ID']['input'];
  /** One of its `methods`. */
  methodId: Scalars['ID']['input'];
};

/** What became of a tenant to which a template was applied. */
export type TemplateOutcome =
  /** It has a new version, two where one is scheduled. */
  | 'CHANGED'
  /** Its locked fields were as the template has them. */
  | 'UNCHANGED'
  /** Nothing of it was changed; `message` says why. */
  | 'FAILED';

/** Where a plea stands. */
export type TemporaryAccessRequestStatus =
  /** Waiting for the advisor. */
  | 'OPEN'
  /** Answered with a code. */
  | 'APPROVED'
  /** Answered with no. */
  | 'DECLINED'
  /** The login ended first. */
  | 'EXPIRED';

/** Whether a tenant is served. */
export type TenantStatus =
  /** Served. */
  | 'ACTIVE'
  /** Billing or the operator stopped it: logins are denied with TENANT_SUSPENDED, data stays readable. */
  | 'SUSPENDED';

/** An endpoint. */
export type TestWebhookEndpointInput = {
  /** Which. */
  id: Scalars['ID']['input'];
};

/** A user whose lock is to end. */
export type UnlockUserInput = {
  /** Who. */
  user: UserRef;
  /** Why: 1 to 500 characters, on record. */
  reason: Scalars['String']['input'];
};

/** Settings to change: what is left out or null stays as it is. */
export type UpdateTenantInput = {
  /** For people to read. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** BCP 47. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** IANA name. */
  timeZone?: InputMaybe<Scalars['String']['input']>;
  /** The relying party, whole. */
  webauthn?: InputMaybe<WebauthnSettingsInput>;
  /** The looks, whole. */
  branding?: InputMaybe<BrandingInput>;
  /** All of them: exact origins and path prefixes, https, or http on localhost. */
  returnUrls?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** A user as the tenant knows it. What is left out or null stays as it is. */
export type UpsertUserInput = {
  /** The tenant's own key: 1 to 255 characters, found in any spelling, kept as first given. */
  externalId: Scalars['String']['input'];
  /** Whose people. */
  kind: UserKind;
  /** A name for persons to read. */
  displayName?: InputMaybe<Scalars['String']['input']>;
  /** The address on record; one user's alone. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Email of the administrator who looks after this user. */
  advisorEmail?: InputMaybe<Scalars['String']['input']>;
  /** BCP 47. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** true ends at once what is open: logins, codes, links, enrollments. */
  disabled?: InputMaybe<Scalars['Boolean']['input']>;
};

/** How usage is added up; in UTC. */
export type UsageBucket =
  /** By hours. */
  | 'HOUR'
  /** By days. */
  | 'DAY'
  /** By calendar months. */
  | 'MONTH';

/** What kind of no. */
export type UserErrorCode =
  /** A value that cannot be read or is out of range; `field` says which. */
  | 'INVALID'
  /** No such thing for this caller: malformed, of another type, another tenant's, or absent. */
  | 'NOT_FOUND'
  /** Something else has this unique value. */
  | 'ALREADY_EXISTS'
  /** Somebody else changed it first, or a retry does not match its first call. */
  | 'CONFLICT'
  /** The tenant's policy does not allow it. */
  | 'NOT_ALLOWED_BY_POLICY'
  /** The number's country is not among the policy's. */
  | 'COUNTRY_NOT_SUPPORTED'
  /** The code is wrong; the payload's `challenge.attemptsRemaining` tells how many tries are left. */
  | 'WRONG_CODE'
  /** The code, link or login is over. */
  | 'EXPIRED'
  /** The login's tries are used up. */
  | 'TOO_MANY_ATTEMPTS'
  /** The code went out a moment ago; the payload's `challenge.resendAt` tells when it may go again. */
  | 'TOO_SOON'
  /** This login is already complete. */
  | 'ALREADY_COMPLETED'
  /** A login completed by a proof in the last 15 minutes is needed. */
  | 'VERIFICATION_REQUIRED'
  /** The user is locked. */
  | 'USER_LOCKED'
  /** The tenant's spending cap is reached. */
  | 'SPENDING_CAP_REACHED'
  /** Messages to this number's prefix are stopped. */
  | 'DESTINATION_BLOCKED'
  /** The policy turns on a weaker channel; name it in `acknowledgeWeakerChannels` to accept the risk on record. */
  | 'ACKNOWLEDGEMENT_REQUIRED'
  /** The partner's template locks this field. */
  | 'LOCKED_BY_PARTNER';

/** Which users are wanted; empty is all. */
export type UserFilter = {
  /** Whose people. */
  kind?: InputMaybe<UserKind>;
  /** Any of these. */
  enrollment?: InputMaybe<Array<EnrollmentState>>;
  /** Whether they can log in. */
  status?: InputMaybe<UserStatus>;
};

/** Whose people. */
export type UserKind =
  /** The organisation's own people. */
  | 'INTERNAL'
  /** Clients and counterparties. */
  | 'EXTERNAL';

/** Exactly one of the two. */
export type UserRef =
  /** Our identifier. */
  { id: Scalars['ID']['input']; externalId?: never; }
  |  /** The tenant's own, in any spelling. */
  { id?: never; externalId: Scalars['String']['input']; };

/** Whether a user can log in. */
export type UserStatus =
  /** Yes. */
  | 'ACTIVE'
  /** Not until the lock runs out or is lifted. */
  | 'LOCKED'
  /** Not until the tenant enables the user. */
  | 'DISABLED';

/** The proof. */
export type VerifyChallengeInput = {
  /** The challenge. */
  challengeId: Scalars['ID']['input'];
  /** The code, as the user typed it: spaces and hyphens do not matter. */
  code?: InputMaybe<Scalars['String']['input']>;
  /** A passkey's credential. */
  credential?: InputMaybe<Scalars['JSON']['input']>;
  /** Ask for a deviceToken, where the policy trusts devices. */
  rememberDevice?: Scalars['Boolean']['input'];
};

/** The relying party of passkeys made on the firm's own pages, whole. */
export type WebauthnSettingsInput = {
  /** A domain. */
  rpId: Scalars['String']['input'];
  /** https origins at or below it. */
  origins: Array<Scalars['String']['input']>;
};

/** How far a webhook's delivery is. */
export type WebhookDeliveryStatus =
  /** Waiting for its first or next attempt. */
  | 'QUEUED'
  /** On its way. */
  | 'SENDING'
  /** It arrived: the answer was a 2xx. */
  | 'DELIVERED'
  /** Given up after about three days; `redeliverWebhook` sends it again. */
  | 'FAILED'
  /** Not sent: its endpoint was disabled. */
  | 'CANCELED';

/** What an endpoint is told of. On the wire in the form `login.completed`. */
export type WebhookEvent =
  /** A login was completed, or allowed. */
  | 'LOGIN_COMPLETED'
  /** A login was denied. */
  | 'LOGIN_DENIED'
  /** A login's tries were used up. */
  | 'CHALLENGE_FAILED'
  /** A factor became active. */
  | 'FACTOR_ADDED'
  /** A factor was removed. */
  | 'FACTOR_REMOVED'
  /** A user was locked. */
  | 'USER_LOCKED'
  /** A user asked the advisor for help. */
  | 'TEMPORARY_ACCESS_REQUESTED'
  /** An advisor issued a code. */
  | 'TEMPORARY_ACCESS_ISSUED'
  /** A message could not be delivered. */
  | 'MESSAGE_FAILED'
  /** Messages to a prefix of numbers were stopped. */
  | 'PREFIX_BLOCKED'
  /** A policy version was published. */
  | 'POLICY_PUBLISHED'
  /** An import came to its end. */
  | 'IMPORT_FINISHED'
  /** The month's spending comes near its cap. */
  | 'SPENDING_CAP_NEAR'
  /** The month's spending has reached its cap. */
  | 'SPENDING_CAP_REACHED';

export type ErrorsFragment = { code: UserErrorCode, message: string, field: Array<string> | null };

export type LoginFragment = { id: string, outcome: LoginOutcome, reasons: Array<DecisionReason>, level: SecurityLevel, createdAt: string, expiresAt: string, completedAt: string | null, completedWith: Completion | null, assertion: string | null, user: { id: string, externalId: string, kind: UserKind }, methods: Array<{ id: string, channel: MethodChannel, destination: string | null, phoneRole: PhoneRole | null, preferred: boolean }>, enrollmentPrompt: { skippable: boolean, skipsRemaining: number | null, deadline: string | null, channels: Array<Channel>, suggestedFactors: Array<{ id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus }> } | null };

export type ChallengeFragment = { id: string, channel: MethodChannel, destination: string | null, status: ChallengeStatus, attemptsRemaining: number, expiresAt: string, resendAt: string | null };

export type EvaluateLoginMutationVariables = Exact<{
  input: EvaluateLoginInput;
}>;


export type EvaluateLoginMutation = { evaluateLogin: { login: { id: string, outcome: LoginOutcome, reasons: Array<DecisionReason>, level: SecurityLevel, createdAt: string, expiresAt: string, completedAt: string | null, completedWith: Completion | null, assertion: string | null, user: { id: string, externalId: string, kind: UserKind }, methods: Array<{ id: string, channel: MethodChannel, destination: string | null, phoneRole: PhoneRole | null, preferred: boolean }>, enrollmentPrompt: { skippable: boolean, skipsRemaining: number | null, deadline: string | null, channels: Array<Channel>, suggestedFactors: Array<{ id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus }> } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type StartChallengeMutationVariables = Exact<{
  input: StartChallengeInput;
}>;


export type StartChallengeMutation = { startChallenge: { challenge: { id: string, channel: MethodChannel, destination: string | null, status: ChallengeStatus, attemptsRemaining: number, expiresAt: string, resendAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type VerifyChallengeMutationVariables = Exact<{
  input: VerifyChallengeInput;
}>;


export type VerifyChallengeMutation = { verifyChallenge: { deviceToken: string | null, login: { id: string, outcome: LoginOutcome, reasons: Array<DecisionReason>, level: SecurityLevel, createdAt: string, expiresAt: string, completedAt: string | null, completedWith: Completion | null, assertion: string | null, user: { id: string, externalId: string, kind: UserKind }, methods: Array<{ id: string, channel: MethodChannel, destination: string | null, phoneRole: PhoneRole | null, preferred: boolean }>, enrollmentPrompt: { skippable: boolean, skipsRemaining: number | null, deadline: string | null, channels: Array<Channel>, suggestedFactors: Array<{ id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus }> } | null } | null, challenge: { id: string, channel: MethodChannel, destination: string | null, status: ChallengeStatus, attemptsRemaining: number, expiresAt: string, resendAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type SkipEnrollmentMutationVariables = Exact<{
  input: SkipEnrollmentInput;
}>;


export type SkipEnrollmentMutation = { skipEnrollment: { login: { id: string, outcome: LoginOutcome, reasons: Array<DecisionReason>, level: SecurityLevel, createdAt: string, expiresAt: string, completedAt: string | null, completedWith: Completion | null, assertion: string | null, user: { id: string, externalId: string, kind: UserKind }, methods: Array<{ id: string, channel: MethodChannel, destination: string | null, phoneRole: PhoneRole | null, preferred: boolean }>, enrollmentPrompt: { skippable: boolean, skipsRemaining: number | null, deadline: string | null, channels: Array<Channel>, suggestedFactors: Array<{ id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus }> } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type GetLoginQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type GetLoginQuery = { login: { id: string, outcome: LoginOutcome, reasons: Array<DecisionReason>, level: SecurityLevel, createdAt: string, expiresAt: string, completedAt: string | null, completedWith: Completion | null, assertion: string | null, user: { id: string, externalId: string, kind: UserKind }, methods: Array<{ id: string, channel: MethodChannel, destination: string | null, phoneRole: PhoneRole | null, preferred: boolean }>, enrollmentPrompt: { skippable: boolean, skipsRemaining: number | null, deadline: string | null, channels: Array<Channel>, suggestedFactors: Array<{ id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus }> } | null } | null };

export type UpsertUserMutationVariables = Exact<{
  input: UpsertUserInput;
}>;


export type UpsertUserMutation = { upsertUser: { created: boolean | null, user: { id: string, externalId: string } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type EnrollPhoneMutationVariables = Exact<{
  input: EnrollPhoneInput;
}>;


export type EnrollPhoneMutation = { enrollPhone: { factor: { id: string, status: FactorStatus, destination: string } | null, challenge: { id: string, channel: MethodChannel, destination: string | null, status: ChallengeStatus, attemptsRemaining: number, expiresAt: string, resendAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type EnrollTotpMutationVariables = Exact<{
  input: EnrollTotpInput;
}>;


export type EnrollTotpMutation = { enrollTotp: { otpauthUri: string | null, qrCodeSvg: string | null, factor: { id: string, status: FactorStatus } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type ConfirmFactorMutationVariables = Exact<{
  input: ConfirmFactorInput;
}>;


export type ConfirmFactorMutation = { confirmFactor: { deviceToken: string | null, factor: { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | null, login: { id: string, outcome: LoginOutcome, reasons: Array<DecisionReason>, level: SecurityLevel, createdAt: string, expiresAt: string, completedAt: string | null, completedWith: Completion | null, assertion: string | null, user: { id: string, externalId: string, kind: UserKind }, methods: Array<{ id: string, channel: MethodChannel, destination: string | null, phoneRole: PhoneRole | null, preferred: boolean }>, enrollmentPrompt: { skippable: boolean, skipsRemaining: number | null, deadline: string | null, channels: Array<Channel>, suggestedFactors: Array<{ id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus } | { id: string, status: FactorStatus }> } | null } | null, challenge: { id: string, channel: MethodChannel, destination: string | null, status: ChallengeStatus, attemptsRemaining: number, expiresAt: string, resendAt: string | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type RequestTemporaryAccessMutationVariables = Exact<{
  input: RequestTemporaryAccessInput;
}>;


export type RequestTemporaryAccessMutation = { requestTemporaryAccess: { request: { id: string, status: TemporaryAccessRequestStatus, createdAt: string, expiresAt: string } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null }> } };

export type ImportProgressSubscriptionVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type ImportProgressSubscription = { importProgress: { id: string, status: ImportStatus, totalRows: number | null, processedRows: number, createdRows: number, updatedRows: number, unchangedRows: number, failedRows: number } };

export type ChallengeUpdatedSubscriptionVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type ChallengeUpdatedSubscription = { challengeUpdated: { id: string, channel: MethodChannel, destination: string | null, status: ChallengeStatus, attemptsRemaining: number, expiresAt: string, resendAt: string | null } };

export type TemporaryAccessRequestUpdatedSubscriptionVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type TemporaryAccessRequestUpdatedSubscription = { temporaryAccessRequestUpdated: { id: string, status: TemporaryAccessRequestStatus, answeredAt: string | null, answeredBy: string | null } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ErrorsFragmentDoc = new TypedDocumentString(`
    fragment Errors on UserError {
  code
  message
  field
}
    `, {"fragmentName":"Errors"}) as unknown as TypedDocumentString<ErrorsFragment, unknown>;
export const LoginFragmentDoc = new TypedDocumentString(`
    fragment Login on Login {
  id
  user {
    id
    externalId
    kind
  }
  outcome
  reasons
  level
  createdAt
  expiresAt
  completedAt
  completedWith
  assertion
  methods {
    id
    channel
    destination
    phoneRole
    preferred
  }
  enrollmentPrompt {
    skippable
    skipsRemaining
    deadline
    channels
    suggestedFactors {
      id
      status
    }
  }
}
    `, {"fragmentName":"Login"}) as unknown as TypedDocumentString<LoginFragment, unknown>;
export const ChallengeFragmentDoc = new TypedDocumentString(`
    fragment Challenge on Challenge {
  id
  channel
  destination
  status
  attemptsRemaining
  expiresAt
  resendAt
}
    `, {"fragmentName":"Challenge"}) as unknown as TypedDocumentString<ChallengeFragment, unknown>;
export const EvaluateLoginDocument = new TypedDocumentString(`
    mutation EvaluateLogin($input: EvaluateLoginInput!) {
  evaluateLogin(input: $input) {
    login {
      ...Login
    }
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}
fragment Login on Login {
  id
  user {
    id
    externalId
    kind
  }
  outcome
  reasons
  level
  createdAt
  expiresAt
  completedAt
  completedWith
  assertion
  methods {
    id
    channel
    destination
    phoneRole
    preferred
  }
  enrollmentPrompt {
    skippable
    skipsRemaining
    deadline
    channels
    suggestedFactors {
      id
      status
    }
  }
}`) as unknown as TypedDocumentString<EvaluateLoginMutation, EvaluateLoginMutationVariables>;
export const StartChallengeDocument = new TypedDocumentString(`
    mutation StartChallenge($input: StartChallengeInput!) {
  startChallenge(input: $input) {
    challenge {
      ...Challenge
    }
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}
fragment Challenge on Challenge {
  id
  channel
  destination
  status
  attemptsRemaining
  expiresAt
  resendAt
}`) as unknown as TypedDocumentString<StartChallengeMutation, StartChallengeMutationVariables>;
export const VerifyChallengeDocument = new TypedDocumentString(`
    mutation VerifyChallenge($input: VerifyChallengeInput!) {
  verifyChallenge(input: $input) {
    login {
      ...Login
    }
    challenge {
      ...Challenge
    }
    deviceToken
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}
fragment Login on Login {
  id
  user {
    id
    externalId
    kind
  }
  outcome
  reasons
  level
  createdAt
  expiresAt
  completedAt
  completedWith
  assertion
  methods {
    id
    channel
    destination
    phoneRole
    preferred
  }
  enrollmentPrompt {
    skippable
    skipsRemaining
    deadline
    channels
    suggestedFactors {
      id
      status
    }
  }
}
fragment Challenge on Challenge {
  id
  channel
  destination
  status
  attemptsRemaining
  expiresAt
  resendAt
}`) as unknown as TypedDocumentString<VerifyChallengeMutation, VerifyChallengeMutationVariables>;
export const SkipEnrollmentDocument = new TypedDocumentString(`
    mutation SkipEnrollment($input: SkipEnrollmentInput!) {
  skipEnrollment(input: $input) {
    login {
      ...Login
    }
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}
fragment Login on Login {
  id
  user {
    id
    externalId
    kind
  }
  outcome
  reasons
  level
  createdAt
  expiresAt
  completedAt
  completedWith
  assertion
  methods {
    id
    channel
    destination
    phoneRole
    preferred
  }
  enrollmentPrompt {
    skippable
    skipsRemaining
    deadline
    channels
    suggestedFactors {
      id
      status
    }
  }
}`) as unknown as TypedDocumentString<SkipEnrollmentMutation, SkipEnrollmentMutationVariables>;
export const GetLoginDocument = new TypedDocumentString(`
    query GetLogin($id: ID!) {
  login(id: $id) {
    ...Login
  }
}
    fragment Login on Login {
  id
  user {
    id
    externalId
    kind
  }
  outcome
  reasons
  level
  createdAt
  expiresAt
  completedAt
  completedWith
  assertion
  methods {
    id
    channel
    destination
    phoneRole
    preferred
  }
  enrollmentPrompt {
    skippable
    skipsRemaining
    deadline
    channels
    suggestedFactors {
      id
      status
    }
  }
}`) as unknown as TypedDocumentString<GetLoginQuery, GetLoginQueryVariables>;
export const UpsertUserDocument = new TypedDocumentString(`
    mutation UpsertUser($input: UpsertUserInput!) {
  upsertUser(input: $input) {
    user {
      id
      externalId
    }
    created
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}`) as unknown as TypedDocumentString<UpsertUserMutation, UpsertUserMutationVariables>;
export const EnrollPhoneDocument = new TypedDocumentString(`
    mutation EnrollPhone($input: EnrollPhoneInput!) {
  enrollPhone(input: $input) {
    factor {
      id
      status
      destination
    }
    challenge {
      ...Challenge
    }
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}
fragment Challenge on Challenge {
  id
  channel
  destination
  status
  attemptsRemaining
  expiresAt
  resendAt
}`) as unknown as TypedDocumentString<EnrollPhoneMutation, EnrollPhoneMutationVariables>;
export const EnrollTotpDocument = new TypedDocumentString(`
    mutation EnrollTotp($input: EnrollTotpInput!) {
  enrollTotp(input: $input) {
    factor {
      id
      status
    }
    otpauthUri
    qrCodeSvg
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}`) as unknown as TypedDocumentString<EnrollTotpMutation, EnrollTotpMutationVariables>;
export const ConfirmFactorDocument = new TypedDocumentString(`
    mutation ConfirmFactor($input: ConfirmFactorInput!) {
  confirmFactor(input: $input) {
    factor {
      id
      status
    }
    login {
      ...Login
    }
    challenge {
      ...Challenge
    }
    deviceToken
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}
fragment Login on Login {
  id
  user {
    id
    externalId
    kind
  }
  outcome
  reasons
  level
  createdAt
  expiresAt
  completedAt
  completedWith
  assertion
  methods {
    id
    channel
    destination
    phoneRole
    preferred
  }
  enrollmentPrompt {
    skippable
    skipsRemaining
    deadline
    channels
    suggestedFactors {
      id
      status
    }
  }
}
fragment Challenge on Challenge {
  id
  channel
  destination
  status
  attemptsRemaining
  expiresAt
  resendAt
}`) as unknown as TypedDocumentString<ConfirmFactorMutation, ConfirmFactorMutationVariables>;
export const RequestTemporaryAccessDocument = new TypedDocumentString(`
    mutation RequestTemporaryAccess($input: RequestTemporaryAccessInput!) {
  requestTemporaryAccess(input: $input) {
    request {
      id
      status
      createdAt
      expiresAt
    }
    userErrors {
      ...Errors
    }
  }
}
    fragment Errors on UserError {
  code
  message
  field
}`) as unknown as TypedDocumentString<RequestTemporaryAccessMutation, RequestTemporaryAccessMutationVariables>;
export const ImportProgressDocument = new TypedDocumentString(`
    subscription ImportProgress($id: ID!) {
  importProgress(id: $id) {
    id
    status
    totalRows
    processedRows
    createdRows
    updatedRows
    unchangedRows
    failedRows
  }
}
    `) as unknown as TypedDocumentString<ImportProgressSubscription, ImportProgressSubscriptionVariables>;
export const ChallengeUpdatedDocument = new TypedDocumentString(`
    subscription ChallengeUpdated($id: ID!) {
  challengeUpdated(id: $id) {
    ...Challenge
  }
}
    fragment Challenge on Challenge {
  id
  channel
  destination
  status
  attemptsRemaining
  expiresAt
  resendAt
}`) as unknown as TypedDocumentString<ChallengeUpdatedSubscription, ChallengeUpdatedSubscriptionVariables>;
export const TemporaryAccessRequestUpdatedDocument = new TypedDocumentString(`
    subscription TemporaryAccessRequestUpdated($id: ID!) {
  temporaryAccessRequestUpdated(id: $id) {
    id
    status
    answeredAt
    answeredBy
  }
}
    `) as unknown as TypedDocumentString<TemporaryAccessRequestUpdatedSubscription, TemporaryAccessRequestUpdatedSubscriptionVariables>;