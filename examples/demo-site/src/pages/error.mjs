/** What a visitor sees when something failed that no form can put right. */
import { AssertionError, PosternError } from '@postern/client';
import { html } from '../html.mjs';
import { HttpError } from '../http.mjs';

const BUSY = { status: 503, title: 'We cannot check sign-ins right now', text: 'Our sign-in service is not answering. Nobody is let in unchecked, so please try again in a minute.' };

/** @type {Record<string, {status: number, title: string, text: string}>} */
const POSTERN = {
  UNREACHABLE: BUSY,
  UNAVAILABLE: BUSY,
  MALFORMED: BUSY,
  RATE_LIMITED: { status: 429, title: 'That was a little too fast', text: 'Please wait a moment before you try again.' },
  FORBIDDEN: { status: 403, title: 'That is not allowed here', text: 'The role in whose name this site asked may not do that.' },
  UNAUTHENTICATED: { status: 502, title: 'This site is not set up correctly', text: 'Postern does not accept this site’s API key.' },
};

const OURS = { status: 500, title: 'Something went wrong', text: 'That is our fault. Please try again; if it happens again, tell us what you were doing.' };

/** @param {unknown} error */
function describe(error) {
  if (error instanceof HttpError) return { status: error.status, title: 'That did not work', text: error.message };
  if (error instanceof AssertionError) {
    return { status: 502, title: 'We could not confirm your sign-in', text: 'The proof that we received did not pass our check, so you were not signed in. Please start again.' };
  }
  return (error instanceof PosternError && POSTERN[error.code]) || OURS;
}

/** @param {unknown} error @returns {{status: number, title: string, body: import('../html.mjs').Markup}} */
export function errorPage(error) {
  const { status, title, text } = describe(error);
  const postern = error instanceof PosternError ? error : null;
  return {
    status,
    title,
    body: html`<section class="card">
      <h1>${title}</h1>
      <p>${text}</p>
      ${postern?.retryAfterSeconds && html`<p>It will work again in about ${postern.retryAfterSeconds} seconds.</p>`}
      ${postern && html`<p class="small">For whoever runs this site: ${postern.message} <code>${postern.code}</code></p>`}
      ${postern?.requestId && html`<p class="small">If you ask for help, mention request <code>${postern.requestId}</code>.</p>`}
      <p class="actions"><a class="button" href="/sign-in">Back to sign-in</a></p>
    </section>`,
  };
}
