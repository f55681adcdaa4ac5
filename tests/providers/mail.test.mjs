// Mail over TLS, to a real server: from the first byte (smtps) and by STARTTLS, with a password; and none
// without it where it is required.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { tmpdir } from "node:os";
import path from "node:path";
import selfsigned from "selfsigned";
import { SMTPServer } from "smtp-server";

import { Postern, eventually } from "./support/postern.mjs";

const USER = "postern@mail.example";
const PASSWORD = "p@ss/w+rd%";

function certificate() {
  const altNames = [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }];
  // A server's own certificate that is trusted by name; one that may sign others is not taken for a server's.
  const extensions = [{ name: "basicConstraints", cA: false }, { name: "subjectAltName", altNames }];
  return selfsigned.generate([{ name: "commonName", value: "localhost" }], { keySize: 2048, algorithm: "sha256", extensions });
}

/** A mail server that keeps what it is sent. */
async function mailServer({ private: key, cert }, options) {
  const mails = [];
  const server = new SMTPServer({
    key,
    cert,
    logger: false,
    onAuth: ({ username, password }, session, done) =>
      username === USER && password === PASSWORD ? done(null, { user: username }) : done(new Error("wrong password")),
    onData: (stream, session, done) => {
      let text = "";
      stream.on("data", (chunk) => (text += chunk));
      stream.on("end", () => {
        mails.push({ text, secure: session.secure, user: session.user });
        done(null, "kept");
      });
    },
    ...options,
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return { mails, port: server.server.address().port, stop: () => new Promise((done) => server.close(done)) };
}

async function postern(scheme, port, ca, query = "") {
  const folder = await mkdtemp(path.join(tmpdir(), "postern-ca-"));
  const file = path.join(folder, "ca.pem");
  await writeFile(file, ca);
  const credentials = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;
  return Postern.start({
    SSL_CERT_FILE: file,
    POSTERN_SMTP__URL: `${scheme}://${credentials}@localhost:${port}${query}`,
    POSTERN_SMTP__FROM: "no-reply@postern.example",
  });
}

for (const [name, scheme, secure, query] of [
  ["smtps", "smtps", true, ""],
  ["STARTTLS", "smtp", false, "?tls=required"],
]) {
  test(`${name}: a mail goes out encrypted, after signing in`, async (t) => {
    const made = certificate();
    const server = await mailServer(made, { secure });
    const own = await postern(scheme, server.port, made.cert, query);
    t.after(() => own.stop().then(server.stop));
    const message = await own.mailLink("mail-user", "mail-user@client.example");
    await own.becomes(message.id, "ACCEPTED");
    // The demo's administrators are written to as well.
    const mail = server.mails.find(({ text }) => text.includes("mail-user@client.example"));
    assert.match(mail.text, /^Subject: Your link to/m);
    assert.ok(server.mails.every(({ secure, user }) => secure && user === USER));
  });
}

for (const [name, query, options, trusted] of [
  ["a certificate that nobody vouches for", "?tls=required", {}, certificate().cert],
  ["a server that offers no encryption", "?tls=required", { hideSTARTTLS: true, disabledCommands: ["STARTTLS"], allowInsecureAuth: true }, null],
]) {
  test(`${name} is not given the password or the mail`, async (t) => {
    const made = certificate();
    const attempts = [];
    const onAuth = ({ username }, session, done) => done(null, { user: attempts.push(username) && username });
    const server = await mailServer(made, { ...options, onAuth });
    const own = await postern("smtp", server.port, trusted ?? made.cert, query);
    t.after(() => own.stop().then(server.stop));
    const { id } = await own.mailLink("mail-user", "mail-user@client.example");
    const waiting = await eventually(async () => {
      const message = await own.message(id);
      return message.timeline.some((step) => step.detail) && message;
    });
    assert.equal(waiting.status, "SENDING");
    assert.deepEqual([server.mails.length, attempts.length], [0, 0], JSON.stringify(waiting));
  });
}
