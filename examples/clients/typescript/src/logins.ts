/** The login path in three calls: evaluate, start, verify. Refusals are thrown. */
import type { CallOptions, PosternClient } from './client.js';
import { PosternError } from './errors.js';
import {
  ConfirmFactorDocument,
  type ConfirmFactorInput,
  type ConfirmFactorMutation,
  EnrollPhoneDocument,
  type EnrollPhoneInput,
  type EnrollPhoneMutation,
  EnrollTotpDocument,
  type EnrollTotpInput,
  type EnrollTotpMutation,
  EvaluateLoginDocument,
  type EvaluateLoginInput,
  GetLoginDocument,
  type LoginFragment,
  type RequestTemporaryAccessInput,
  RequestTemporaryAccessDocument,
  type RequestTemporaryAccessMutation,
  SkipEnrollmentDocument,
  StartChallengeDocument,
  type StartChallengeInput,
  type ChallengeFragment,
  UpsertUserDocument,
  type UpsertUserInput,
  type UpsertUserMutation,
  VerifyChallengeDocument,
  type VerifyChallengeInput,
} from './generated.js';

/** A proof that was right. */
export interface VerifiedLogin {
  login: LoginFragment;
  challenge: ChallengeFragment | null;
  /** With `rememberDevice`, where the policy trusts devices: for a cookie. */
  deviceToken: string | null;
}

export class Logins {
  readonly #client: PosternClient;

  constructor(client: PosternClient) {
    this.#client = client;
  }

  /**
   * Once the first factor was accepted: what now? Without an `idempotencyKey` the call gets one, so that
   * it can be repeated where its answer is lost.
   */
  async evaluate(input: EvaluateLoginInput, options?: CallOptions): Promise<LoginFragment> {
    const keyed = { idempotencyKey: crypto.randomUUID(), ...input };
    return required((await this.#client.must(EvaluateLoginDocument, keyed, options)).login);
  }

  /** Sends the code, or sends it again. A refusal TOO_SOON carries the challenge in its payload. */
  async start(input: StartChallengeInput, options?: CallOptions): Promise<ChallengeFragment> {
    return required((await this.#client.must(StartChallengeDocument, input, options)).challenge);
  }

  /** Compares the code. It is never repeated by itself: a guess counts. */
  async verify(input: VerifyChallengeInput, options?: CallOptions): Promise<VerifiedLogin> {
    const { login, challenge, deviceToken } = await this.#client.must(VerifyChallengeDocument, input, options);
    return { login: required(login), challenge, deviceToken };
  }

  /** While enrolling is optional. */
  async skip(loginId: string, options?: CallOptions): Promise<LoginFragment> {
    return required((await this.#client.must(SkipEnrollmentDocument, { loginId }, options)).login);
  }

  /** The login as it is, for five minutes after its completion with the assertion; null where there is none. */
  async get(id: string, options?: CallOptions): Promise<LoginFragment | null> {
    return (await this.#client.request(GetLoginDocument, { id }, options)).login;
  }

  /** Tells of a user; by the external identifier there is one of each, however often it is told. */
  upsertUser(input: UpsertUserInput, options?: CallOptions): Promise<UpsertUserMutation['upsertUser']> {
    return this.#client.must(UpsertUserDocument, input, { repeatable: true, ...options });
  }

  enrollPhone(input: EnrollPhoneInput, options?: CallOptions): Promise<EnrollPhoneMutation['enrollPhone']> {
    return this.#client.must(EnrollPhoneDocument, input, options);
  }

  enrollTotp(input: EnrollTotpInput, options?: CallOptions): Promise<EnrollTotpMutation['enrollTotp']> {
    return this.#client.must(EnrollTotpDocument, input, options);
  }

  /** Finishes an enrollment; with the `loginId` of a login that asked for it, the login too. */
  confirm(input: ConfirmFactorInput, options?: CallOptions): Promise<ConfirmFactorMutation['confirmFactor']> {
    return this.#client.must(ConfirmFactorDocument, input, options);
  }

  /** Asks the user's advisor. */
  askAdvisor(
    input: RequestTemporaryAccessInput,
    options?: CallOptions,
  ): Promise<RequestTemporaryAccessMutation['requestTemporaryAccess']> {
    return this.#client.must(RequestTemporaryAccessDocument, input, options);
  }
}

/** Only beside user errors may it be missing. */
function required<T>(value: T | null): T {
  if (value === null) throw new PosternError('Postern answered neither with it nor with a reason', { code: 'MALFORMED' });
  return value;
}
