// People who administer: invited by mail, signed in by password and app, as anybody is.

import assert from "node:assert/strict";

import { totp } from "../../stories/support/people.mjs";
import { until } from "./house.mjs";

const PASSWORD = "three blue whales sing";

async function post(house, place, body) {
  const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${house.url}${place}`, options);
  const answer = await response.json();
  assert.equal(response.status, 200, `${place}: ${JSON.stringify(answer)}\n${house.log.slice(-2000)}`);
  return { answer, cookie: response.headers.get("set-cookie")?.split(";")[0] };
}

/** The token of the invitation that was mailed to this address. */
function invitation(house, email) {
  return until(`an invitation of ${email}`, () => {
    const mail = house.mail.heard.find((mail) => mail.includes(email) && mail.includes("#"));
    return mail && /invitation#([\w-]+)/.exec(mail.replace(/\s*\n/g, "\n"))?.[1];
  });
}

/** The cookie of whoever was invited to this address. */
export async function signIn(house, email, displayName) {
  const token = await invitation(house, email);
  const { answer } = await post(house, "/auth/accept-invitation", { token, password: PASSWORD, displayName });
  const { cookie } = await post(house, "/auth/second-factor", { methodId: answer.methodId, code: totp(answer.otpauthUri) });
  assert.match(cookie, /^__Host-postern=session_/);
  return cookie;
}
