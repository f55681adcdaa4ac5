// A browser with JavaScript off: it follows redirects, keeps cookies, and sends forms.

import assert from "node:assert/strict";

const unescape = (text) =>
  text.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&#39;", "'").replaceAll("&#x2f;", "/").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export class PlainBrowser {
  constructor(headers = {}) {
    this.headers = headers;
    this.cookies = new Map();
  }

  /** Opens an address; where it leads out of `within`, that address is kept in `away` and not followed. */
  async open(address, within, options = {}) {
    const url = new URL(address, this.url);
    if (!url.href.startsWith(within)) {
      this.away = url;
      return this;
    }
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", ...options, headers: { ...this.headers, ...(cookie && { cookie }), ...options.headers } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
      this.lastCookie = line;
    }
    const location = response.headers.get("location");
    this.status = response.status;
    this.policy = response.headers.get("content-security-policy");
    this.url = url.href;
    this.within = within;
    this.text = await response.text();
    return location ? this.open(location, within) : this;
  }

  /** What a person reads. */
  get words() {
    return unescape(this.text.replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, "").replace(/<[^>]+>/g, " ")).replace(/\s+/g, " ");
  }

  /** The forms of the page. */
  get forms() {
    return [...this.text.matchAll(/<form method="post" action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(([, action, body]) => ({
      action: unescape(action),
      button: unescape(/<button[^>]*>([\s\S]*?)<\/button>/.exec(body)[1]).trim(),
      hidden: Object.fromEntries([...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, unescape(value)])),
      names: [...body.matchAll(/name="([^"]*)"/g)].map(([, name]) => name),
    }));
  }

  /** Presses a button, with the fields filled in. */
  press(button, fields = {}) {
    const form = this.forms.find((form) => (button instanceof RegExp ? button.test(form.button) : form.button === button));
    assert.ok(form, `no button ${button} in: ${this.words}`);
    for (const name of Object.keys(fields)) assert.ok(form.names.includes(name), `no field ${name}`);
    const body = new URLSearchParams({ ...form.hidden, ...fields });
    return this.open(form.action, this.within, { method: "POST", body, headers: { origin: new URL(this.url).origin } });
  }

  /** Follows a link by its words. */
  follow(words) {
    const link = [...this.text.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)].find(([, , text]) => unescape(text).trim() === words);
    assert.ok(link, `no link ${words} in: ${this.words}`);
    return this.open(unescape(link[1]), this.within);
  }
}
