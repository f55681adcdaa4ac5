// What each operation takes. Whatever is not listed is refused, and so is every value that Stripe would
// not take: a client that sends a wrong field must fail here and not in production.

import { Refusal, invalid } from "./refusal.mjs";

const text = (most = 5000) => (value, at) => {
  if (typeof value !== "string" || value === "" || value.length > most) throw invalid(at, `Invalid string: ${at}`);
  return value;
};
const whole = (least, most) => (value, at) => {
  if (typeof value !== "string" || !/^-?\d{1,15}$/.test(value)) throw invalid(at, `Invalid integer: ${value}`);
  const number = Number(value);
  if (number < least || number > most) throw invalid(at, `${at} must be between ${least} and ${most}`);
  return number;
};
const time = whole(1_000_000_000, 9_999_999_999);
const truth = (value, at) => {
  if (value !== "true" && value !== "false") throw invalid(at, `Invalid boolean: ${value}`);
  return value === "true";
};
const one = (...words) => (value, at) => {
  if (!words.includes(value)) throw invalid(at, `Invalid ${at}: must be one of ${words.join(", ")}`);
  return value;
};
const decimal = (value, at) => {
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(value)) throw invalid(at, `Invalid decimal: ${value}`);
  return value;
};
const email = (value, at) => {
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value)) throw invalid(at, `Invalid email address: ${value}`);
  return value;
};
const address = (value, at) => {
  if (!/^https?:\/\/[^\s]+$/.test(value)) throw invalid(at, `Invalid URL: ${value}`);
  return value;
};
const metadata = (value, at) => {
  const entries = typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : null;
  const fine = ([key, entry]) => key.length <= 40 && typeof entry === "string" && entry.length <= 500;
  if (entries === null || entries.length > 50 || !entries.every(fine)) throw invalid(at, `Invalid metadata: ${at}`);
  return value;
};
const object = (fields) => (value, at) => {
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(at, `Invalid object: ${at}`);
  return checked(fields, value, `${at}`);
};
const list = (item, most) => (value, at) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > most) throw invalid(at, `Invalid array: ${at}`);
  return value.map((entry, index) => item(entry, `${at}[${index}]`));
};
const needed = (check) => Object.assign((value, at) => check(value, at), { needed: true });

const page = { limit: whole(1, 100), starting_after: text(255) };

export const PARAMETERS = {
  "POST customers": { name: text(256), email, metadata },
  "GET customers/search": { query: needed(text(500)), limit: whole(1, 100) },
  "POST billing/meters": {
    display_name: needed(text(250)),
    event_name: needed(text(100)),
    default_aggregation: needed(object({ formula: needed(one("sum", "count", "last")) })),
    event_time_window: one("day", "hour"),
  },
  "GET billing/meters": { ...page, status: one("active", "inactive") },
  "GET billing/meters/event_summaries": {
    ...page,
    customer: needed(text(255)),
    start_time: needed(time),
    end_time: needed(time),
    value_grouping_window: one("day", "hour"),
  },
  "POST billing/meter_events": {
    event_name: needed(text(100)),
    identifier: text(100),
    timestamp: time,
    payload: needed(object({ stripe_customer_id: needed(text(255)), value: needed(text(20)) })),
  },
  "POST prices": {
    currency: needed(one("usd", "eur", "gbp", "jpy")),
    lookup_key: text(200),
    product_data: needed(object({ name: needed(text(250)) })),
    unit_amount_decimal: needed(decimal),
    recurring: needed(
      object({
        interval: needed(one("day", "week", "month", "year")),
        meter: text(255),
        usage_type: one("metered", "licensed"),
      }),
    ),
  },
  "GET prices": { ...page, active: truth, lookup_keys: list(text(200), 10) },
  "POST subscriptions": {
    customer: needed(text(255)),
    items: needed(list(object({ price: needed(text(255)) }), 20)),
    backdate_start_date: time,
    billing_cycle_anchor: time,
    proration_behavior: one("none", "create_prorations", "always_invoice"),
    billing_mode: object({ type: needed(one("classic", "flexible")) }),
    off_session: truth,
    metadata,
  },
  "GET subscriptions": { ...page, customer: text(255) },
  "GET subscription": {},
  "DELETE subscription": { invoice_now: truth, prorate: truth },
  "GET invoices": { ...page, customer: text(255) },
  "POST invoices/create_preview": { subscription: needed(text(255)) },
  "POST billing_portal/sessions": { customer: needed(text(255)), return_url: address },
  "POST checkout/sessions": {
    customer: needed(text(255)),
    mode: needed(one("setup")),
    currency: needed(one("usd", "eur", "gbp", "jpy")),
    success_url: needed(address),
    cancel_url: address,
  },
};

/** The values as they are meant; refuses what is unknown, missing or wrong. */
export function checked(fields, given, within = "") {
  const at = (name) => (within ? `${within}[${name}]` : name);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name)) {
      const message = `Received unknown parameter: ${at(name)}`;
      throw new Refusal(400, message, { code: "parameter_unknown", param: at(name) });
    }
  }
  for (const [name, check] of Object.entries(fields)) {
    if (check.needed && given[name] === undefined) {
      throw new Refusal(400, `Missing required param: ${at(name)}.`, { code: "parameter_missing", param: at(name) });
    }
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, fields[name](value, at(name))]));
}
