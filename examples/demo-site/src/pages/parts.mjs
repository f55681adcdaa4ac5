/** The few building blocks that all pages share. */
import { html } from '../html.mjs';

/** @typedef {import('../problems.mjs').Problems} Problems */
/** @typedef {import('../html.mjs').Markup} Markup */

/** Problems that belong to no field. @param {Problems | undefined} problems */
export function problemSummary(problems) {
  if (!problems) return '';
  if (problems.general.length === 0) return '';
  return html`<div class="box problem" role="alert">${problems.general.map((message) => html`<p>${message}</p>`)}</div>`;
}

/** @param {string | undefined | null} text */
export const notice = (text) => text && html`<div class="box notice" role="status"><p>${text}</p></div>`;

/**
 * A labelled input with its hint and its problem.
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.label
 * @param {string} [options.type]
 * @param {string} [options.value]
 * @param {string} [options.hint]
 * @param {string} [options.autocomplete]
 * @param {string} [options.inputmode]
 * @param {number} [options.maxlength]
 * @param {boolean} [options.required]
 * @param {boolean} [options.autofocus]
 * @param {string} [options.id] where a page has several fields of one name
 * @param {string} [options.className]
 * @param {Problems} [problems]
 */
export function field(options, problems) {
  const { name, label, type = 'text', value = '', hint, autocomplete = 'off', inputmode, maxlength = 200, id = name } = options;
  const problem = problems?.fields[name];
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    <input id="${id}" name="${name}" type="${type}" value="${value}" maxlength="${maxlength}" autocomplete="${autocomplete}"
      class="${options.className ?? ''}" ${inputmode && html`inputmode="${inputmode}"`} ${described && html`aria-describedby="${described}"`}
      ${problem && html`aria-invalid="true"`} ${options.required && html`required`} ${(options.autofocus || problem) && html`autofocus`}>
    ${problem && html`<p class="field-problem" id="${id}-problem" role="alert">${problem}</p>`}
  </div>`;
}

/**
 * @param {{name: string, label: string, options: {value: string, label: string}[], selected?: string, hint?: string, id?: string}} options
 * @param {Problems} [problems]
 */
export function choice({ name, label, options, selected, hint, id = name }, problems) {
  const problem = problems?.fields[name];
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    <select id="${id}" name="${name}" ${described && html`aria-describedby="${described}"`} ${problem && html`aria-invalid="true"`}>
      ${options.map((one) => html`<option value="${one.value}" ${one.value === selected && html`selected`}>${one.label}</option>`)}
    </select>
    ${problem && html`<p class="field-problem" id="${id}-problem" role="alert">${problem}</p>`}
  </div>`;
}

/** @param {{name: string, label: string, checked?: boolean, id?: string}} options */
export const checkbox = ({ name, label, checked = false, id = name }) =>
  html`<label class="check" for="${id}"><input id="${id}" type="checkbox" name="${name}" value="yes" ${checked && html`checked`}> <span>${label}</span></label>`;

/**
 * A button that posts a few hidden values.
 * @param {string} action
 * @param {string} label
 * @param {Record<string, string>} [values]
 * @param {'primary' | 'secondary' | 'quiet' | 'danger'} [look]
 */
export function actionButton(action, label, values = {}, look = 'secondary') {
  return html`<form method="post" action="${action}" class="inline">
    ${Object.entries(values).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
    <button class="${look}">${label}</button>
  </form>`;
}

/** @param {string} label @param {'good' | 'warn' | 'plain'} [tone] */
export const badge = (label, tone = 'plain') => html`<span class="badge ${tone}">${label}</span>`;

/** The way to the sandbox inbox, beside every field for a sent code. */
export const inboxHint = () =>
  html`<p class="aside">This is a demo: nothing reaches a real phone. <a href="/inbox" target="_blank" rel="noopener">Read the message in the sandbox inbox</a> (opens in a new tab).</p>`;
