// HTTP without ceremony: a request, its answer, and an end to waiting. Connections are kept; one that was cut is told
// as an error, and never tried again in silence, since the request may have arrived.

import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/**
 * Sends a request; the answer's status and text. Who gives up after `patience` ms hangs up.
 * @returns {Promise<{status: number, text: string}>}
 */
export function send(url, { method = "POST", headers = {}, body = "", patience = 10_000 } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => finish(() => resolve({ status: response.statusCode, text })));
      response.on("error", (error) => finish(() => reject(error)));
    });
    const timer = setTimeout(() => sent.destroy(Object.assign(new Error("gave up"), { code: "GAVE_UP" })), patience);
    const finish = (end) => {
      clearTimeout(timer);
      end();
    };
    sent.on("error", (error) => finish(() => reject(error)));
    sent.end(body);
  });
}
