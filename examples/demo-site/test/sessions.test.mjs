import assert from 'node:assert/strict';
import test from 'node:test';
import { SessionStore, formatCookie, parseCookies } from '../src/sessions.mjs';

const HOUR = 3_600_000;

test('cookies are read, and a second one of the same name does not win', () => {
  const cookies = parseCookies('a=1; hl_session=good ; hl_session=planted;broken; =x');
  assert.deepEqual([...cookies], [['a', '1'], ['hl_session', 'good']]);
  assert.equal(parseCookies(undefined).size, 0);
});

test('cookies are kept from scripts and from other sites', () => {
  assert.equal(formatCookie('a', 'b-_1', { secure: false }), 'a=b-_1; Path=/; HttpOnly; SameSite=Lax');
  assert.equal(formatCookie('a', 'b', { secure: true, maxAgeSeconds: 60 }), 'a=b; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure');
});

test('a cookie value cannot smuggle in attributes or headers', () => {
  for (const value of ['a; Domain=evil', 'a\r\nSet-Cookie: b=c', 'a,b', 'a b']) {
    assert.throws(() => formatCookie('a', value, { secure: true }), TypeError);
  }
});

test('an empty session is not kept, a used one is found by its name', () => {
  const store = new SessionStore();
  const session = store.open(undefined);
  assert.equal(store.save(session), null);
  assert.equal(store.size, 0);
  session.data.user = { externalId: 'ada' };
  const name = store.save(session);
  assert.match(String(name), /^[\w-]{43}$/);
  assert.equal(store.open(String(name)).data.user.externalId, 'ada');
  assert.equal(store.save(store.open(String(name))), null);
});

test('a name that the browser made up opens nothing and is not adopted', () => {
  const store = new SessionStore();
  const session = store.open('chosen-by-an-attacker');
  session.data.user = { externalId: 'ada' };
  assert.notEqual(store.save(session), 'chosen-by-an-attacker');
});

test('rotation keeps the data and kills the old name', () => {
  const store = new SessionStore();
  const first = store.open(undefined);
  first.data.address = '198.51.100.7';
  const before = String(store.save(first));
  const again = store.open(before);
  again.rotate();
  const after = String(store.save(again));
  assert.notEqual(after, before);
  assert.deepEqual(store.open(before).data, {});
  assert.equal(store.open(after).data.address, '198.51.100.7');
  assert.equal(store.size, 1);
});

test('sessions end when idle, and in the end even when busy', () => {
  let now = 0;
  const store = new SessionStore({ now: () => now });
  const start = () => {
    const session = store.open(undefined);
    session.data.user = { externalId: 'ada' };
    return String(store.save(session));
  };
  const idle = start();
  now += 2 * HOUR + 1;
  assert.deepEqual(store.open(idle).data, {});
  const busy = start();
  for (let hour = 0; hour < 12; hour += 1) {
    now += HOUR;
    assert.equal(store.open(busy).data.user.externalId, 'ada', `after ${hour + 1} h`);
  }
  now += 1;
  assert.deepEqual(store.open(busy).data, {});
});

test('rotation does not extend the longest life', () => {
  let now = 0;
  const store = new SessionStore({ now: () => now });
  const session = store.open(undefined);
  session.data.user = {};
  let name = String(store.save(session));
  for (let hour = 0; hour < 12; hour += 1) {
    now += HOUR;
    const open = store.open(name);
    open.rotate();
    name = String(store.save(open));
  }
  now += 1;
  assert.deepEqual(store.open(name).data, {});
});
