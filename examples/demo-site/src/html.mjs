/**
 * HTML that escapes by default. Every value put into a template is text unless it came out of
 * `html` or `raw`, so forgetting something shows as odd punctuation and not as a hole.
 */

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/** Markup that is safe to send as it is. */
export class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @param {unknown} value @returns {string} */
export function escape(value) {
  return String(value).replace(/[&<>"'`]/g, (char) => ENTITIES[/** @type {keyof typeof ENTITIES} */ (char)]);
}

/** Vouch for markup that was made elsewhere. @param {string} text */
export const raw = (text) => new Markup(text);

/** @param {unknown} value @returns {string} */
function render(value) {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return escape(value);
}

/**
 * A template tag: html`<p>${anything}</p>`.
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values
 */
export function html(strings, ...values) {
  return new Markup(strings.reduce((out, part, index) => out + render(values[index - 1]) + part));
}

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/g;

/**
 * Plain text with its web addresses made clickable. Only http and https become links.
 * @param {string} text
 */
export function linkify(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(text.slice(from, match.index), html`<a href="${match[0]}" rel="noreferrer">${match[0]}</a>`);
    from = match.index + match[0].length;
  }
  return html`${parts}${text.slice(from)}`;
}
