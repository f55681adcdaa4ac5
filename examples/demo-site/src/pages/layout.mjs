/** The frame around every page. */
import { html } from '../html.mjs';
import { STORIES } from '../stories.mjs';
import { notice, problemSummary } from './parts.mjs';

/** @typedef {import('../problems.mjs').Problems} Problems */

/**
 * @typedef {object} Flash what the last action left for the page that follows it, shown once
 * @property {string} [notice]
 * @property {Problems} [problems]
 * @property {Record<string, string>} [values] what was typed, to be put back into the form
 */

/**
 * @typedef {object} PageOptions
 * @property {string} title
 * @property {import('../html.mjs').Markup} body
 * @property {import('../stories.mjs').Story[]} [stories]
 * @property {number} [refresh] seconds
 * @property {'narrow' | 'wide'} [width]
 */

const TOOLS = [
  ['/inbox', 'Sandbox inbox'],
  ['/clock', 'Sandbox clock'],
  ['/policy', 'Policy'],
  ['/advisor', 'Advisor’s desk'],
];

/** @param {{displayName: string} | undefined} user */
const accountLinks = (user) =>
  user
    ? html`<a href="/account">Account</a> <a href="/settings">Sign-in settings</a>
        <form method="post" action="/sign-out" class="inline"><button class="quiet">Sign out</button></form>`
    : html`<a href="/register">Become a client</a> <a class="button" href="/sign-in">Sign in</a>`;

/** @param {import('../stories.mjs').Story[]} stories */
const storyHint = (stories) =>
  stories.length > 0 &&
  html`<ul class="stories">${stories.map((story) => html`<li><b>${story}</b> ${STORIES[story]}</li>`)}</ul>`;

/** @param {import('../stories.mjs').Story[]} stories @param {string} path */
const footer = (stories, path) => html`<footer>
  <div class="frame">
    <h2>Behind the scenes of this demo</h2>
    <nav aria-label="Demo tools"><ul class="tools">
      ${TOOLS.map(([href, label]) => html`<li><a href="${href}" ${path === href && html`aria-current="page"`}>${label}</a></li>`)}
    </ul></nav>
    ${storyHint(stories)}
    <p class="small">Harbor &amp; Lane Advisory is imagined. Its sign-in is protected by Postern.</p>
  </div>
</footer>`;

/**
 * @param {PageOptions} options
 * @param {{user?: {displayName: string}, flash?: Flash, path: string}} around
 */
export function layout({ title, body, stories = [], refresh, width = 'narrow' }, { user, flash = {}, path }) {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  ${refresh && html`<meta http-equiv="refresh" content="${refresh}">`}
  <title>${title} · Harbor & Lane Advisory</title>
  <link rel="icon" href="/static/mark.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/site.css">
  <script src="/static/site.js" defer></script>
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header><div class="frame">
    <a class="brand" href="/"><img src="/static/mark.svg" alt="" width="28" height="28"> <span>Harbor &amp; Lane</span></a>
    <nav aria-label="Account">${accountLinks(user)}</nav>
  </div></header>
  <main id="main" class="frame ${width}">
    ${notice(flash.notice)}
    ${problemSummary(flash.problems)}
    ${body}
  </main>
  ${footer(stories, path)}
</body>
</html>`;
}
