// What users like to do, one thing after another. To add a story: a function of the user here, a line in STORIES, and
// its weight with those who like it (schedule.mjs).

import { stepNow, totp } from "./totp.mjs";

/** How many wrong codes a login takes. */
const TRIES = 5;

/** By text, with the right code, perhaps after a wrong one. */
async function login(user) {
  const begun = await user.begin("SMS");
  const code = begun && (await user.codeOf(begun.challenge));
  if (!code) return;
  if (user.random.chance(0.2)) await user.verify(begun, user.other(code), { kind: "CODE", guess: "wrong" });
  const call = await user.right(begun, code);
  if (call.outcome === "done") user.verified = begun.login;
  if (call.outcome === "unknown" && !user.over) await user.right(begun, code);
  if (user.random.chance(0.2)) await user.right(begun, code);
}

/** The right code, several times at once. */
async function twice(user) {
  const begun = await user.begin("SMS");
  const code = begun && (await user.codeOf(begun.challenge));
  if (!code) return;
  const calls = await Promise.all(Array.from({ length: user.random.between(2, 4) }, () => user.right(begun, code)));
  if (calls.some(({ outcome }) => outcome === "done")) user.verified = begun.login;
}

/** A text, and then a call that reads the same code. */
async function byVoice(user) {
  const begun = await user.begin("SMS");
  const voice = begun?.login.methods.find(({ channel }) => channel === "VOICE");
  if (!voice) return;
  const again = await user.start(begun.login, voice);
  const code = again && (await user.codeOf(again));
  if (code) await user.right({ ...begun, challenge: again }, code);
}

/**
 * The code once more by the same way: in a sandbox it goes out again, elsewhere it is too soon. Where its clock moved
 * so far that a minute was not left, another challenge began, with a code of its own.
 */
async function resend(user) {
  const begun = await user.begin("SMS");
  if (!begun) return;
  const challenge = (await user.start(begun.login, begun.method)) ?? begun.challenge;
  const code = await user.codeOf(challenge);
  if (code) await user.right({ ...begun, challenge }, code);
}

/** Wrong codes first, and then the right one. */
async function clumsily(user) {
  const begun = await user.begin("SMS");
  const code = begun && (await user.codeOf(begun.challenge));
  if (!code) return;
  for (let turn = 0; turn < user.random.between(1, 4); turn += 1) await user.verify(begun, user.other(code, turn), { kind: "CODE", guess: "wrong" });
  await user.right(begun, code);
}

/** More guesses at once than there are tries, the right one last. */
async function guesses(user) {
  const begun = await user.begin("SMS");
  const code = begun && (await user.codeOf(begun.challenge));
  if (!code) return;
  const many = TRIES + user.random.between(1, user.world.schedule.clients.parallel);
  await Promise.all(Array.from({ length: many }, (_, turn) => user.verify(begun, user.other(code, turn), { kind: "CODE", guess: "wrong" })));
  await user.right(begun, code);
}

/** A login to prove oneself in before factors change. */
async function proved(user) {
  if (!user.verified) await login(user);
  return user.verified;
}

/** The app: enrolled once, and then one step of it at two logins at once. */
async function app(user) {
  if (!user.app) return enrollApp(user);
  const step = stepNow() + user.random.between(-1, 1);
  const begun = (await Promise.all([user.begin("TOTP"), user.begin("TOTP")])).filter(Boolean);
  const about = { kind: "TOTP", guess: "right", proof: `totp:${user.app.factor}:${step}`, step, factor: user.app.factor };
  await Promise.all(begun.map((one) => user.verify(one, totp(user.app.uri, step), about)));
}

/** An app that is told its secret, and proves with a step that it has it. */
async function enrollApp(user) {
  const login = await proved(user);
  if (!login) return;
  const { outcome, payload } = await user.call("enrollTotp", { user: user.ref, loginId: login.id }, { login: login.id });
  if (outcome !== "done") return;
  const [uri, step, factor] = [payload.otpauthUri, stepNow() - 1, payload.factor.id];
  const call = await user.call("confirmFactor", { factorId: factor, code: totp(uri, step), loginId: login.id },
    { login: login.id, factor, kind: "TOTP", guess: "right", proof: `totp:${factor}:${step}`, step });
  if (call.outcome === "done") user.app = { uri, factor };
}

/** One backup code, at two logins at once. */
async function backupCode(user) {
  if (user.backup.length === 0) {
    const login = await proved(user);
    if (!login) return;
    const call = await user.call("generateBackupCodes", { user: user.ref, loginId: login.id }, { login: login.id });
    user.backup = call.payload?.codes ?? [];
    return;
  }
  await spend(user, "BACKUP_CODE", user.backup.shift());
}

/** An advisor's code, at two logins at once. */
async function temporaryCode(user) {
  const reason = user.world.marker("temporary");
  const call = await user.call("issueTemporaryAccessCode", { user: user.ref, reason }, { marker: reason });
  if (call.outcome === "done") await spend(user, "TEMPORARY_ACCESS_CODE", call.payload.code);
}

/** What works once, given at two logins at once, and perhaps once more. */
async function spend(user, kind, code) {
  const begun = (await Promise.all([user.begin(kind), user.begin(kind)])).filter(Boolean);
  const about = { kind, guess: "right", proof: `${kind}:${user.key}:${code}` };
  const calls = await Promise.all(begun.map((one) => user.verify(one, code, about)));
  if (calls.length && user.random.chance(0.3)) await user.verify(begun[0], code, about);
}

/** Locked by the help desk, tried, and unlocked. */
async function locked(user) {
  const reason = user.world.marker("lock");
  const lock = await user.call("lockUser", { user: user.ref, reason }, { marker: reason });
  if (lock.outcome !== "done") return;
  await Promise.all([user.evaluate(), user.evaluate()]);
  await user.pause(200);
  const marker = user.world.marker("unlock");
  await user.surely("unlockUser", { user: user.ref, reason: marker }, { marker });
}

/** Not now: perhaps several times at once. */
async function skip(user) {
  const login = await user.evaluate();
  if (login?.outcome !== "ENROLL" || !login.enrollmentPrompt?.skippable) return;
  const about = { login: login.id, kind: "SKIP" };
  await Promise.all(Array.from({ length: user.random.between(1, 3) }, () => user.call("skipEnrollment", { loginId: login.id }, about)));
}

/** Asks, and leaves it there. */
async function look(user) {
  await user.evaluate();
}

export const STORIES = { login, twice, byVoice, resend, clumsily, guesses, app, backupCode, temporaryCode, locked, skip, look };
