// Stripe's refusals.

export class Refusal extends Error {
  constructor(status, message, more = {}) {
    super(message);
    this.status = status;
    this.body = { error: { type: "invalid_request_error", message, ...more } };
  }
}

export const missing = (kind, id) =>
  new Refusal(404, `No such ${kind}: '${id}'`, { code: "resource_missing", param: "id" });
export const invalid = (param, message) => new Refusal(400, message, { param, code: "parameter_invalid" });
