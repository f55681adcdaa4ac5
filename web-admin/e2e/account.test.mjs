// One's own account in the browser: sessions, backup codes, the password, and the pages for whoever forgot it.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Console } from "./support/console.mjs";
import { look } from "./support/look.mjs";
import { world } from "./support/world.mjs";

let server;
let browser;
let sandbox;

before(async () => {
  ({ server, browser, sandbox } = await world());
});

/** In by password and a backup code, at the door. */
async function enterByCode(console, who, password, code) {
  await console.go("/sign-in");
  await console.givePassword({ email: who.email, password });
  await console.press("Backup code");
  await console.field("Code").fill(code);
  await console.press("Sign in");
  await console.page.waitForURL(/\/t\//);
}

test("one sees where one is signed in, ends it, changes the password, and is signed out by an owner", { timeout: 600_000 }, async () => {
  const here = await Console.open(browser, server);
  const who = await here.signIn("AUDITOR");
  await here.page.getByRole("link", { name: /Your account/ }).first().click();
  await here.reads("Where you are signed in");
  await here.settled();
  here.asked.length = 0;
  await here.page.reload();
  await here.settled();
  const asked = new Set(here.asked).size;
  assert.ok(asked <= 3, `the account asked ${asked} times`);
  await look(here, "account");

  await here.press("Make backup codes");
  await here.reads("Put these away");
  const codes = await here.page.getByRole("dialog").getByRole("listitem").allInnerTexts();
  assert.equal(codes.length, 10);
  await look(here, "account-codes");
  await here.press("I have put them away");
  await here.reads("10 are left");

  const there = await Console.open(browser, server);
  await enterByCode(there, who, who.password, codes[0]);
  await here.page.reload();
  await here.press(/End the session of/);
  await here.page.getByRole("dialog").getByRole("button", { name: "End" }).click();
  await here.page.getByRole("button", { name: /End the session of/ }).waitFor({ state: "detached" });
  await there.page.reload();
  await there.page.waitForURL(/\/sign-in/);

  const fresh = "nine purple parsnips";
  await here.page.getByRole("textbox", { name: "Present password" }).fill(who.password);
  await here.page.getByRole("textbox", { name: "New password" }).fill(who.email);
  await here.press("Change the password");
  await here.reads("little more than your name");
  await here.page.getByRole("textbox", { name: "New password" }).fill(fresh);
  await here.press("Change the password");
  await here.reads("The password is changed");
  await enterByCode(there, who, fresh, codes[1]);

  // An owner ends what that session may do in the tenant, and it can be had again by signing in alone.
  const owner = await Console.open(browser, server);
  await owner.signIn();
  await owner.go(`/t/${sandbox.slug}/team`);
  await owner.press("More about Audrey Kim");
  await owner.page.getByRole("menuitem", { name: "Sign out of this tenant" }).click();
  await owner.page.getByRole("dialog").waitFor();
  await look(owner, "team-sign-out");
  await owner.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await owner.page.getByRole("dialog").waitFor({ state: "detached" });
  await there.go("/");
  await there.page.waitForURL((url) => url.pathname.startsWith("/t/") && !url.pathname.includes(`/${sandbox.slug}/`));
  await owner.close();
  // Whoever comes after this test signs in as the person does now.
  who.password = fresh;
  server.sessions.delete(who.email);
  await here.close();
  await there.close();
});

test("whoever forgot the password asks for a link, and hears the same whoever they are", { timeout: 600_000 }, async () => {
  const console = await Console.open(browser, server);
  await console.go("/sign-in");
  await console.follow("Forgot your password?");
  await console.reads("A new password");
  await look(console, "forgotten");
  await console.field("Email").fill("nobody@firm.example");
  await console.press("Mail me a link");
  await console.reads("If there is an account of this address");
  await console.go(`/recover#recover_${"A".repeat(43)}`);
  await console.reads("Choose a new password");
  assert.equal(new URL(console.page.url()).hash, "", "the secret does not stay in the address");
  await look(console, "recover");
  await console.page.getByRole("textbox", { name: "New password" }).fill("nine purple parsnips");
  await console.press("Continue");
  await console.reads("This link is over, or was used");
  await console.close();
});
