// An account at Stripe, with a clock of its own: customers, meters, prices, subscriptions, invoices.

import { amount } from "./decimals.mjs";
import { Refusal, invalid, missing } from "./refusal.mjs";

const DAY = 86_400;
const HOUR = 3_600;
/** An invoice is a draft for so long, and takes usage of its period until then. */
const DRAFT = HOUR;

export class Account {
  constructor(now) {
    this.now = now;
    this.told = () => {};
    this.numbers = {};
    for (const kind of ["customers", "meters", "prices", "subscriptions", "invoices"]) this[kind] = new Map();
    this.events = [];
    this.sessions = [];
  }

  id(prefix) {
    this.numbers[prefix] = (this.numbers[prefix] ?? 0) + 1;
    return `${prefix}_${String(this.numbers[prefix]).padStart(14, "0")}`;
  }

  find(kind, id, name = kind.slice(0, -1)) {
    const found = this[kind].get(id);
    if (found === undefined) throw missing(name, id);
    return found;
  }

  keep(kind, made) {
    this[kind].set(made.id, made);
    return made;
  }

  // ---------------------------------------------------------------- who pays, and for what

  createCustomer({ name = null, email = null, metadata = {} }) {
    const customer = this.keep("customers", {
      id: this.id("cus"), object: "customer", name, email, metadata, created: this.now, livemode: false, currency: null,
      balance: 0, delinquent: false, invoice_settings: { default_payment_method: null },
    });
    this.told("customer.created", customer);
    return customer;
  }

  searchCustomers({ query }) {
    const wanted = /^metadata\['([^']+)'\]:'([^']+)'$/.exec(query);
    if (!wanted) throw invalid("query", `We were unable to parse your search query: ${query}`);
    const found = [...this.customers.values()].filter((customer) => customer.metadata[wanted[1]] === wanted[2]);
    return { object: "search_result", url: "/v1/customers/search", has_more: false, data: found };
  }

  createMeter({ display_name, event_name, default_aggregation, event_time_window = null }) {
    if ([...this.meters.values()].some((meter) => meter.event_name === event_name)) {
      throw invalid("event_name", `An active meter with event_name ${event_name} already exists.`);
    }
    return this.keep("meters", {
      id: this.id("mtr_test"), object: "billing.meter", display_name, event_name, default_aggregation, event_time_window,
      customer_mapping: { event_payload_key: "stripe_customer_id", type: "by_id" }, value_settings: { event_payload_key: "value" },
      status: "active", status_transitions: { deactivated_at: null }, created: this.now, updated: this.now, livemode: false,
    });
  }

  createPrice({ currency, lookup_key = null, product_data, unit_amount_decimal, recurring }) {
    const { interval, meter = null, usage_type = "licensed" } = recurring;
    if (meter !== null) this.find("meters", meter);
    if ((usage_type === "metered") !== (meter !== null)) throw invalid("recurring[usage_type]", "A metered price needs a meter, and no other has one.");
    if (lookup_key !== null && [...this.prices.values()].some((price) => price.lookup_key === lookup_key)) {
      throw invalid("lookup_key", `A price (\`${lookup_key}\`) already uses that lookup key.`);
    }
    const isWhole = !unit_amount_decimal.includes(".");
    return this.keep("prices", {
      id: this.id("price"), object: "price", active: true, billing_scheme: "per_unit", created: this.now, currency, livemode: false,
      lookup_key, metadata: {}, nickname: null, product: this.id("prod"), type: "recurring", unit_amount_decimal,
      unit_amount: isWhole ? Number(unit_amount_decimal) : null, tiers_mode: null, transform_quantity: null,
      recurring: { interval, interval_count: 1, meter, usage_type, trial_period_days: null }, product_name: product_data.name,
    });
  }

  // ---------------------------------------------------------------- usage

  tellUsage({ event_name, identifier = this.id("evt"), timestamp = this.now, payload }) {
    const meter = [...this.meters.values()].find((meter) => meter.event_name === event_name);
    if (!meter) throw invalid("event_name", `No active meter found for event name ${event_name}`);
    if (timestamp <= this.now - 35 * DAY) throw invalid("timestamp", "The timestamp must be within the past 35 calendar days.");
    if (timestamp > this.now + 300) throw invalid("timestamp", "The timestamp must not be more than 5 minutes in the future.");
    if (!/^-?\d{1,15}$/.test(payload.value)) throw invalid("payload[value]", "The value must be a whole number.");
    const customer = this.find("customers", payload.stripe_customer_id).id;
    if (this.events.some((event) => event.identifier === identifier && event.created > this.now - DAY)) {
      throw new Refusal(400, `An event already exists with identifier ${identifier}.`, {});
    }
    const event = { meter: meter.id, customer, identifier, timestamp, units: BigInt(payload.value), created: this.now };
    this.events.push(event);
    return { object: "billing.meter_event", event_name, identifier, timestamp, payload, created: this.now, livemode: false };
  }

  /** What counts of a meter: within its window the last event alone, or every one. */
  counted(meter, customer, from, to) {
    const { default_aggregation, event_time_window } = this.find("meters", meter);
    const window = { day: DAY, hour: HOUR }[event_time_window];
    const kept = new Map();
    for (const [index, event] of this.events.entries()) {
      if (event.meter !== meter || event.customer !== customer || event.timestamp < from || event.timestamp >= to) continue;
      kept.set(window ? Math.floor(event.timestamp / window) : index, event);
    }
    const events = [...kept.values()];
    if (default_aggregation.formula === "count") return BigInt(events.length);
    if (default_aggregation.formula === "last") return events.at(-1)?.units ?? 0n;
    return events.reduce((sum, event) => sum + event.units, 0n);
  }

  summaries(meter, { customer, start_time, end_time, value_grouping_window, limit = 10, starting_after }) {
    this.find("meters", meter);
    const step = { day: DAY, hour: HOUR }[value_grouping_window] ?? end_time - start_time;
    if (value_grouping_window && (start_time % step || end_time % step)) throw invalid("start_time", "Times must align with the window.");
    if (end_time <= start_time) throw invalid("end_time", "The end must be after the start.");
    const data = [];
    // The newest first, as Stripe lists everything.
    for (let from = end_time - step; from >= start_time; from -= step) {
      const units = this.counted(meter, customer, from, from + step);
      const isEmpty = !this.events.some((event) => event.meter === meter && event.customer === customer && event.timestamp >= from && event.timestamp < from + step);
      if (isEmpty) continue;
      data.push({ id: `mtrusg_${meter}_${from}`, object: "billing.meter_event_summary", aggregated_value: Number(units), start_time: from, end_time: from + step, meter, livemode: false });
    }
    return listed(data, `/v1/billing/meters/${meter}/event_summaries`, limit, starting_after);
  }

  // ---------------------------------------------------------------- subscriptions

  createSubscription(given) {
    const { customer, items, backdate_start_date, billing_cycle_anchor, proration_behavior = "create_prorations", billing_mode, metadata = {} } = given;
    this.find("customers", customer);
    const start = backdate_start_date ?? this.now;
    const end = billing_cycle_anchor ?? nextMonth(start);
    if (start > this.now) throw invalid("backdate_start_date", "The start must be in the past.");
    if (end <= this.now) throw invalid("billing_cycle_anchor", "The anchor must be in the future.");
    if (end > nextMonth(start)) throw invalid("billing_cycle_anchor", "The anchor must not be later than the next natural billing date.");
    if (proration_behavior !== "none") throw invalid("proration_behavior", "This stand-in does not prorate.");
    const prices = items.map((item) => this.find("prices", item.price));
    if (new Set(prices.map((price) => price.id)).size < prices.length) throw invalid("items", "A price is there twice.");
    if (new Set(prices.map((price) => price.currency)).size > 1) throw invalid("items", "All prices must have one currency.");
    if (prices.some((price) => price.recurring.meter === null)) throw invalid("items", "This stand-in bills metered prices alone.");
    const id = this.id("sub");
    const subscription = this.keep("subscriptions", {
      id, object: "subscription", customer, status: "active", metadata, created: this.now, start_date: start, billing_cycle_anchor: end,
      billing_mode: { type: billing_mode?.type ?? "flexible" }, collection_method: "charge_automatically", currency: prices[0].currency,
      cancel_at_period_end: false, canceled_at: null, ended_at: null, latest_invoice: null, livemode: false,
      items: listed(prices.map((price) => ({
        id: this.id("si"), object: "subscription_item", subscription: id, price, created: this.now, current_period_start: start, current_period_end: end, metadata: {},
      })), `/v1/subscription_items?subscription=${id}`, 20),
    });
    this.told("customer.subscription.created", subscription);
    return subscription;
  }

  subscriptionsOf({ customer, limit = 10, starting_after }) {
    const data = [...this.subscriptions.values()].filter((it) => it.status !== "canceled" && (!customer || it.customer === customer));
    return listed(data.reverse(), "/v1/subscriptions", limit, starting_after);
  }

  cancelSubscription(id, { invoice_now = false, prorate = false }) {
    const subscription = this.find("subscriptions", id);
    if (subscription.status === "canceled") throw missing("subscription", id);
    if (invoice_now || prorate) throw invalid("invoice_now", "This stand-in ends subscriptions without a last invoice.");
    Object.assign(subscription, { status: "canceled", canceled_at: this.now, ended_at: this.now });
    // Nobody collects any more what it has left open.
    for (const invoice of this.invoices.values()) {
      if (invoice.parent.subscription_details.subscription === id && ["draft", "open"].includes(invoice.status)) invoice.auto_advance = false;
    }
    this.told("customer.subscription.deleted", subscription);
    return subscription;
  }

  // ---------------------------------------------------------------- invoices

  lines(subscription, from, to) {
    return subscription.items.data.map((item) => {
      const units = this.counted(item.price.recurring.meter, subscription.customer, from, to);
      const quantity = units < 0n ? 0n : units;
      return {
        id: this.id("il"), object: "line_item", amount: amount(quantity, item.price.unit_amount_decimal), currency: subscription.currency,
        description: `${quantity} × ${item.price.product_name}`, quantity: Number(quantity), period: { start: from, end: to }, livemode: false,
        pricing: { type: "price_details", price_details: { price: item.price.id, product: item.price.product }, unit_amount_decimal: item.price.unit_amount_decimal },
        parent: { type: "subscription_item_details", subscription_item_details: { subscription: subscription.id, subscription_item: item.id, proration: false } },
      };
    });
  }

  invoice(subscription, from, to, more) {
    const lines = this.lines(subscription, from, to);
    const total = lines.reduce((sum, line) => sum + line.amount, 0);
    return {
      object: "invoice", customer: subscription.customer, currency: subscription.currency, billing_reason: "subscription_cycle", attempted: false, attempt_count: 0,
      period_start: from, period_end: to, subtotal: total, total, amount_due: total, amount_paid: 0, amount_remaining: total, number: null, livemode: false,
      auto_advance: true, collection_method: "charge_automatically", hosted_invoice_url: null, status: "draft", created: this.now, metadata: {},
      parent: { type: "subscription_details", subscription_details: { subscription: subscription.id, metadata: subscription.metadata } },
      lines: listed(lines, "/v1/invoices/upcoming/lines", 100), ...more,
    };
  }

  preview({ subscription: id }) {
    const subscription = this.find("subscriptions", id);
    if (subscription.status === "canceled") throw invalid("subscription", "No upcoming invoices for a canceled subscription.");
    const { current_period_start, current_period_end } = subscription.items.data[0];
    return this.invoice(subscription, current_period_start, current_period_end, { id: this.id("upcoming_in") });
  }

  invoicesOf({ customer, limit = 10, starting_after }) {
    const data = [...this.invoices.values()].filter((invoice) => !customer || invoice.customer === customer);
    return listed(data.reverse(), "/v1/invoices", limit, starting_after);
  }

  /** Moves the clock, and does on the way what Stripe does by itself. */
  advance(to) {
    if (to < this.now) throw invalid("now", "Time does not go back.");
    for (;;) {
      const due = [...this.renewals(), ...this.finalizations()].filter(({ at }) => at <= to).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.now = Math.max(this.now, due.at);
      due.act();
    }
    this.now = to;
  }

  renewals() {
    const running = [...this.subscriptions.values()].filter((subscription) => subscription.status !== "canceled");
    return running.map((subscription) => ({ at: subscription.items.data[0].current_period_end, act: () => this.renew(subscription) }));
  }

  finalizations() {
    const drafts = [...this.invoices.values()].filter((invoice) => invoice.status === "draft" && invoice.auto_advance);
    return drafts.map((invoice) => ({ at: invoice.created + DRAFT, act: () => this.finalize(invoice) }));
  }

  renew(subscription) {
    const { current_period_start: from, current_period_end: to } = subscription.items.data[0];
    for (const item of subscription.items.data) Object.assign(item, { current_period_start: to, current_period_end: nextMonth(to) });
    const invoice = this.keep("invoices", this.invoice(subscription, from, to, { id: this.id("in") }));
    subscription.latest_invoice = invoice.id;
    this.told("customer.subscription.updated", subscription);
    this.told("invoice.created", invoice);
  }

  finalize(invoice) {
    const subscription = this.find("subscriptions", invoice.parent.subscription_details.subscription);
    const { id, created, period_start, period_end } = invoice;
    const number = `POSTERN-${String(this.invoices.size).padStart(4, "0")}`;
    // Usage that came since the draft counts.
    Object.assign(invoice, this.invoice(subscription, period_start, period_end, { id, created, number, status: "open", hosted_invoice_url: `https://invoice.example/${id}` }));
    this.told("invoice.finalized", invoice);
    this.collect(invoice);
  }

  collect(invoice) {
    const customer = this.find("customers", invoice.customer);
    if (invoice.total === 0 || customer.invoice_settings.default_payment_method !== null) return this.pay(invoice.id);
    Object.assign(invoice, { attempted: true, attempt_count: invoice.attempt_count + 1 });
    this.status(invoice, "past_due");
    this.told("invoice.payment_failed", invoice);
    return invoice;
  }

  pay(id) {
    const invoice = this.find("invoices", id);
    Object.assign(invoice, { status: "paid", attempted: true, amount_paid: invoice.total, amount_remaining: 0 });
    const open = [...this.invoices.values()].some((other) => other.status === "open" && other.customer === invoice.customer);
    if (!open) this.status(invoice, "active");
    this.told("invoice.paid", invoice);
    return invoice;
  }

  status(invoice, status) {
    const subscription = this.find("subscriptions", invoice.parent.subscription_details.subscription);
    if (subscription.status === "canceled" || subscription.status === status) return;
    subscription.status = status;
    this.told("customer.subscription.updated", subscription);
  }

  /** Means of payment that work from now on, or none. */
  setPaymentMethod(customer, works) {
    this.find("customers", customer).invoice_settings.default_payment_method = works ? "pm_card_visa" : null;
  }

  // ---------------------------------------------------------------- pages

  portal({ customer, return_url = null }) {
    this.find("customers", customer);
    const id = this.id("bps");
    const session = { id, object: "billing_portal.session", customer, return_url, created: this.now, livemode: false, locale: null, configuration: "bpc_1", url: `https://billing.example/p/session/${id}` };
    this.sessions.push(session);
    return session;
  }

  checkout({ customer, mode, currency, success_url, cancel_url = null }) {
    this.find("customers", customer);
    const id = this.id("cs_test");
    const session = { id, object: "checkout.session", customer, mode, currency, success_url, cancel_url, status: "open", payment_status: "no_payment_required", created: this.now, livemode: false, url: `https://checkout.example/c/pay/${id}` };
    this.sessions.push(session);
    return session;
  }
}

export function listed(data, url, limit = 10, after = undefined) {
  const from = after === undefined ? 0 : data.findIndex((entry) => entry.id === after) + 1;
  if (after !== undefined && from === 0) throw missing("object", after);
  return { object: "list", url, has_more: data.length > from + limit, data: data.slice(from, from + limit) };
}

function nextMonth(time) {
  const date = new Date(time * 1000);
  date.setUTCMonth(date.getUTCMonth() + 1);
  return date.getTime() / 1000;
}
