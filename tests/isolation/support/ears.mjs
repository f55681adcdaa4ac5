// Everybody who hears something from the installation: the gateway for texts and calls, the mail server,
// and the receivers of webhooks. What each heard is kept by whom it was for.

import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";

/** Someone who listens on a port of their own and keeps what was said. */
class Ear {
  heard = [];

  constructor(server) {
    this.server = server;
  }

  async open() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
    return this;
  }

  close() {
    this.server.closeAllConnections?.();
    this.server.close();
  }
}

/** Takes every POST, and keeps its body and its headers. */
export function receiver() {
  const ear = new Ear(
    createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      ear.heard.push({ path: request.url, headers: request.headers, body });
      response.writeHead(200).end();
    }),
  );
  return ear.open();
}

/** A mail server that takes everything; no more of SMTP than a client needs to get rid of a mail. */
export function mailServer() {
  const ear = new Ear(createTcpServer((socket) => converse(socket, ear.heard)));
  ear.sockets = new Set();
  ear.server.on("connection", (socket) => ear.sockets.add(socket));
  ear.server.closeAllConnections = () => ear.sockets.forEach((socket) => socket.destroy());
  return ear.open();
}

function converse(socket, heard) {
  let [pending, mail] = ["", null];
  socket.on("error", () => socket.destroy());
  socket.write("220 mail.example\r\n");
  socket.setEncoding("utf8").on("data", (data) => {
    pending += data;
    for (let end; (end = pending.indexOf("\r\n")) >= 0; pending = pending.slice(end + 2)) {
      const line = pending.slice(0, end);
      if (mail === null) {
        if (/^DATA/i.test(line)) mail = [];
        socket.write(mail ? "354 go on\r\n" : /^QUIT/i.test(line) ? "221 bye\r\n" : "250 ok\r\n");
      } else if (line === ".") {
        heard.push(readable(mail.join("\n")));
        mail = null;
        socket.write("250 taken\r\n");
      } else {
        mail.push(line);
      }
    }
  });
}

/** The mail with its encodings undone, so that words are found in it. */
function readable(mail) {
  const unfolded = mail.replace(/=\n/g, "");
  const quoted = unfolded.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const blocks = mail.match(/(?:^[A-Za-z0-9+/]{60,}={0,2}\n?)+[A-Za-z0-9+/=]*/gm) ?? [];
  return [quoted, ...blocks.map((block) => Buffer.from(block, "base64").toString("utf8"))].join("\n");
}
