// Where the installation's own mails arrive.

import { once } from "node:events";
import { createServer } from "node:net";

/** A mail server that believes everything and keeps it (RFC 5321, as much as a client needs). */
export class MailServer {
  mails = [];
  #server = createServer((socket) => this.#talk(socket));

  static async start() {
    const mail = new MailServer();
    mail.#server.listen(0, "127.0.0.1");
    await once(mail.#server, "listening");
    return Object.assign(mail, { url: `smtp://127.0.0.1:${mail.#server.address().port}` });
  }

  #talk(socket) {
    let [heard, letter] = ["", null];
    const say = (line) => socket.write(`${line}\r\n`);
    socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", (text) => {
      heard += text;
      for (let end = heard.indexOf("\r\n"); end >= 0; end = heard.indexOf("\r\n")) {
        const line = heard.slice(0, end);
        heard = heard.slice(end + 2);
        if (letter && line === ".") {
          this.mails.push(letter.join("\n"));
          letter = null;
          say("250 kept");
        } else if (letter) letter.push(line);
        else if (/^data$/i.test(line)) {
          letter = [];
          say("354 go on");
        } else say(/^quit/i.test(line) ? "221 bye" : "250 fine");
      }
    });
    say("220 mail.example");
  }

  stop() {
    this.#server.close();
  }
}

/** A mail as it was written: joined where lines were cut, and encoded octets undone (RFC 2045 §6.7). */
export const written = (mail) => mail.replaceAll("=\n", "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
