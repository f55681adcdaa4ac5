/** The sign-in page and the form for new clients. */
import { html } from '../html.mjs';
import { BROWSERS, PLACES, REAL, WAYS } from '../places.mjs';
import { badge, choice, field } from './parts.mjs';

/** @typedef {import('../config.mjs').DemoUser} DemoUser */
/** @typedef {import('./layout.mjs').Flash} Flash */

/** @param {DemoUser[]} users */
const demoUsers = (users) => html`<section class="card soft" aria-labelledby="who">
  <h2 id="who">Who do you want to be?</h2>
  <p>These people belong to the demo, and their passwords are no secret.</p>
  <ul class="people">
    ${users.map(
      (user) => html`<li>
        <div><b>${user.displayName}</b> ${badge(user.kind === 'INTERNAL' ? 'staff' : 'client', user.kind === 'INTERNAL' ? 'good' : 'plain')}
          <br><span class="small"><code>${user.externalId}</code> · <code>${user.password}</code></span></div>
        <a class="button secondary" href="/sign-in?as=${encodeURIComponent(user.externalId)}" aria-label="Fill in the form for ${user.displayName}">Fill in</a>
      </li>`,
    )}
  </ul>
  <p>Nobody fresh left? <a href="/register">Open an account for a new client.</a></p>
</section>`;

/**
 * Only a demo lets its visitors choose where they are.
 * @param {Flash} flash @param {{address: string, browser: string, way: string} | undefined} played @param {string} seen the request's address
 */
const playing = (flash, played, seen) => html`<fieldset class="demo">
  <legend>Only in this demo</legend>
  ${choice(
    {
      name: 'address',
      label: 'Where are you?',
      hint: 'A real site reports the address that it sees.',
      options: [
        ...PLACES.map((place) => ({ value: place.address, label: `${place.label} (${place.address})` })),
        { value: REAL, label: `Where you really are (${seen})` },
      ],
      selected: played?.address,
    },
    flash.problems,
  )}
  ${field({ name: 'customAddress', label: 'Or another address', value: flash.values?.customAddress, maxlength: 60 }, flash.problems)}
  ${choice({ name: 'browser', label: 'On what?', options: BROWSERS, selected: played?.browser })}
  ${choice({
    name: 'way',
    label: 'Who asks for the second factor?',
    hint: 'Both ways are open to an integrator: send the browser to Postern, or draw every page yourself.',
    options: WAYS,
    selected: played?.way,
  })}
</fieldset>`;

/**
 * @param {object} options
 * @param {DemoUser[]} options.users
 * @param {DemoUser | null} options.chosen
 * @param {Flash} options.flash
 * @param {{address: string, browser: string, way: string}} [options.played] what was chosen last
 * @param {string} options.seen where the request really comes from
 */
export function signInPage({ users, chosen, flash, played, seen }) {
  const values = flash.values ?? {};
  return html`<div class="columns">
    <section class="card">
      <h1>Sign in</h1>
      <form method="post" action="/sign-in">
        ${field({ name: 'username', label: 'Username', value: values.username ?? chosen?.externalId, autocomplete: 'username', required: true }, flash.problems)}
        ${field({ name: 'password', label: 'Password', type: 'password', value: chosen?.password, autocomplete: 'current-password' }, flash.problems)}
        ${playing(flash, played, seen)}
        <div class="actions">
          <button class="primary">Sign in</button>
          <button class="secondary" name="mode" value="sso">Staff single sign-on</button>
        </div>
        <p class="small">Single sign-on is simulated: it trusts the username, as an identity provider’s answer would be trusted.</p>
      </form>
    </section>
    ${demoUsers(users)}
  </div>`;
}

/** @param {Flash} flash */
export function registerPage({ problems, values = {} }) {
  return html`<section class="card">
    <h1>Become a client</h1>
    <p>A new client has nothing set up yet, and so sees the first sign-in as every client will.</p>
    <form method="post" action="/register">
      ${field({ name: 'displayName', label: 'Your name', value: values.displayName, autocomplete: 'name', required: true }, problems)}
      ${field({ name: 'username', label: 'Username', value: values.username, autocomplete: 'username', required: true, maxlength: 100 }, problems)}
      ${field({ name: 'email', label: 'Email (optional)', type: 'email', value: values.email, autocomplete: 'email', hint: 'Needed for one-time links and emailed codes. Mail stays in the sandbox.' }, problems)}
      ${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', required: true, hint: 'At least 8 characters. It is shown on the sign-in page, so invent one.' }, problems)}
      <div class="actions"><button class="primary">Open the account</button> <a href="/sign-in">Back to sign-in</a></div>
    </form>
  </section>`;
}
