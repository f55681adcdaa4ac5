// A user and the server of an integrator that acts for them: what they like to do, one thing after another, until the
// load is over. Whatever is not answered is tried again with the same idempotency key, or left.

import { setTimeout as sleep } from "node:timers/promises";

import { codeIn } from "./provider.mjs";
import { STORIES } from "./stories.mjs";

/** How long a user waits for a text. */
const TEXT_WITHIN = 2_000;
/** How often somebody who is to be there when the load begins tries to enroll. */
const TURNS = 4;
const SENT = "query($id: ID!) { node(id: $id) { ... on Challenge { message { id sandboxBody } } } }";

export class User {
  #logins = 0;
  /** Its own secrets: backup codes that were not used, the app's address. */
  backup = [];

  constructor(world, tenant, drawn, random) {
    Object.assign(this, { world, tenant, random, ...drawn, client: tenant.client });
    this.number = world.nextNumber();
    this.ref = { externalId: this.externalId };
    this.key = `${tenant.id}/${this.externalId}`;
  }

  get over() {
    return performance.now() >= this.world.until;
  }

  call(name, input, about = {}) {
    return this.client.call(name, input, { user: this.key, ...about }, this.random);
  }

  /** Again where nobody knows, and nothing else: at most three times. */
  async surely(name, input, about) {
    let call;
    for (let turn = 0; turn < 4 && call?.outcome !== "done"; turn += 1) {
      if (turn > 0) await this.pause(150);
      call = await this.call(name, input, about);
      if (call.outcome === "refused" || this.over) break;
    }
    return call;
  }

  pause(most = this.world.schedule.clients.thinkMs) {
    return sleep(this.random.between(0, most));
  }

  /** Before the load: made, and (most of them) enrolled. */
  async moveIn() {
    await this.surely("upsertUser", { externalId: this.externalId, kind: this.habit === "hesitant" ? "INTERNAL" : "EXTERNAL" });
    for (let turn = 0; turn < TURNS && !this.late && this.enrolls; turn += 1) await this.enroll();
  }

  /** Whether there is a phone to be enrolled still. */
  get enrolls() {
    return this.habit !== "hesitant" && !this.phone;
  }

  async live() {
    while (!this.over && this.enrolls) {
      await this.enroll();
      await this.pause();
    }
    while (!this.over) {
      await STORIES[this.random.weighted(this.likes)](this);
      await this.pause();
    }
  }

  /** A login, asked for with a key of its own, and again with the same one where that got lost. */
  async evaluate(more = {}) {
    this.#logins += 1;
    const idempotencyKey = `${this.externalId}-${this.#logins}`;
    const input = { user: this.ref, firstFactor: "PASSWORD", ipAddress: "198.51.100.7", idempotencyKey };
    const about = { idempotencyKey, ...more };
    const call = await this.surely("evaluateLogin", input, about);
    // The answer is as good as lost: the client that asked was restarted.
    if (call.outcome === "done" && this.random.chance(0.3)) await this.surely("evaluateLogin", input, about);
    return call.outcome === "done" ? call.payload.login : undefined;
  }

  async begin(channel) {
    const login = await this.evaluate();
    const method = login?.methods.find((one) => one.channel === channel);
    if (login?.outcome !== "CHALLENGE" || !method) return undefined;
    const challenge = await this.start(login, method);
    return challenge && { login, method, challenge };
  }

  async start(login, method) {
    const about = { login: login.id, channel: method.channel };
    const call = await this.call("startChallenge", { loginId: login.id, methodId: method.id }, about);
    if (call.outcome === "unknown") return (await this.surely("startChallenge", { loginId: login.id, methodId: method.id }, about)).payload?.challenge;
    return call.payload?.challenge;
  }

  /** The code of a challenge, from the texts that came; in a sandbox from the list of messages. */
  async codeOf(challenge) {
    const until = Math.min(performance.now() + TEXT_WITHIN, this.world.until + 500);
    const messages = challenge.messages.map(({ id }) => id);
    if (this.tenant.environment === "LIVE") return this.world.provider.code(messages, until);
    while (performance.now() < until) {
      const { data } = await this.client.ask(SENT, { id: challenge.id });
      const code = codeIn(data.node?.message?.sandboxBody);
      if (code) {
        this.world.sandboxTexts.push({ tenant: this.tenant.id, challenge: challenge.id, message: data.node.message.id, code });
        return code;
      }
      await sleep(120);
    }
    return undefined;
  }

  verify(begun, code, about) {
    const { login, challenge } = begun;
    return this.call("verifyChallenge", { challengeId: challenge.id, code }, { login: login.id, challenge: challenge.id, ...about });
  }

  /** Another code than this one. */
  other(code, turn = 0) {
    return String((Number(code ?? "123456") + 1 + turn * 7 + this.random.between(0, 5)) % 1_000_000).padStart(6, "0");
  }

  right(begun, code) {
    return this.verify(begun, code, { kind: "CODE", guess: "right" });
  }

  async enroll() {
    const login = await this.evaluate();
    if (login?.outcome !== "ENROLL") return (this.phone ||= login?.outcome === "CHALLENGE");
    const enrolling = await this.call("enrollPhone", { user: this.ref, number: this.number, loginId: login.id }, { login: login.id, channel: "SMS" });
    if (enrolling.outcome !== "done") {
      if (enrolling.codes[0] === "TOO_SOON") this.number = this.world.nextNumber();
      return false;
    }
    const { factor, challenge } = enrolling.payload;
    const code = await this.codeOf(challenge);
    if (!code) return false;
    if (this.random.chance(0.3)) await this.confirm(login, factor, this.other(code), "wrong", challenge);
    const answers = await Promise.all(Array.from({ length: this.random.between(1, 2) }, () => this.confirm(login, factor, code, "right", challenge)));
    this.verified = answers.some(({ outcome }) => outcome === "done") ? login : undefined;
    return (this.phone = Boolean(this.verified));
  }

  confirm(login, factor, code, guess, challenge) {
    return this.call("confirmFactor", { factorId: factor.id, code, loginId: login.id },
      { login: login.id, factor: factor.id, challenge: challenge?.id, kind: "CODE", guess });
  }
}
