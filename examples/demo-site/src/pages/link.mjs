/** Where a one-time link ends. */
import { html } from '../html.mjs';

/** @param {any} login @param {string} state */
export const linkPage = (login, state) => html`<section class="card">
  <h1>Continue as ${login.user.displayName ?? login.user.externalId}?</h1>
  <p>Your link was good. One step is left: we ask for a second proof besides the link.</p>
  <p>If that is not your name, close this page; the link was meant for somebody else.</p>
  <form method="post" action="/link-return">
    <input type="hidden" name="login" value="${login.id}">
    <input type="hidden" name="state" value="${state}">
    <div class="actions"><button class="primary">Continue</button> <a href="/">No, leave</a></div>
  </form>
</section>`;
