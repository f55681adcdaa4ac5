/**
 * From Postern's `userErrors` to messages beside form fields.
 */

/**
 * @typedef {{code: string, message: string, field?: string[] | null}} UserError
 * @typedef {{fields: Record<string, string>, general: string[]}} Problems
 */

/**
 * @param {UserError[]} userErrors
 * @param {Record<string, string>} [names] form field by the last part of Postern's path
 * @returns {Problems}
 */
export function problemsFrom(userErrors, names = {}) {
  /** @type {Problems} */
  const problems = { fields: {}, general: [] };
  for (const error of userErrors) {
    const last = error.field?.at(-1);
    const name = last === undefined ? undefined : names[last];
    if (name === undefined || name in problems.fields) problems.general.push(error.message);
    else problems.fields[name] = error.message;
  }
  return problems;
}

/** One message that belongs to no field. @param {string} message @returns {Problems} */
export const generalProblem = (message) => ({ fields: {}, general: [message] });

/** One message beside a field. @param {string} name @param {string} message @returns {Problems} */
export const fieldProblem = (name, message) => ({ fields: { [name]: message }, general: [] });

/** @param {UserError[]} userErrors @param {string} code */
export const hasCode = (userErrors, code) => userErrors.some((error) => error.code === code);
