import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BioBridge, BridgeError, PORTS, newClientRefID } from '../src/biobridge.js';
import { Bridge, HELLO, Network, pass, settle } from './network.js';

// story gives a test a mocked clock and a network.
function story(name, setting, run) {
  test(name, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 });
    const network = new Network(setting);
    const states = [];
    const bridge = new BioBridge(network.options(setting.options));
    bridge.addEventListener('state', ({ detail }) => states.push(detail.state));
    t.after(() => bridge.close());
    await run({ t, network, bridge, states });
  });
}

// outcome turns a promise into something that can be looked at while it is open.
function outcome(promise) {
  const seen = {};
  promise.then((value) => { seen.value = value; }, (error) => { seen.error = error; });
  return seen;
}

story('says hello once, on the first port, under a path of its own', {}, async ({ network, bridge, states }) => {
  const agent = network.listen(PORTS[0], new Bridge());
  const hello = await bridge.connect();
  assert.equal(hello.bridge, HELLO.bridge);
  assert.equal(hello.port, PORTS[0]);
  assert.deepEqual(bridge.devices, HELLO.devices);
  assert.deepEqual(states, ['connecting', 'connected']);
  assert.deepEqual(agent.requests.map((request) => request.method), ['bridge.hello']);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url)));
  assert.deepEqual(agent.requests[0].params, { client: { name: 'biobridge-js', version }, locale: 'en' });
  assert.match(network.opened[0].path, /^\/v1\/[0-9A-Z]{20}$/);
  assert.equal(await bridge.connect(), hello, 'a second call joins the first');
  assert.equal(network.opened.length, 1);
});

story('tries one port after the other and remembers the good one', {}, async ({ network, bridge }) => {
  network.listen(PORTS[2], new Bridge());
  await bridge.connect();
  assert.deepEqual(network.opened.map(({ port }) => port), PORTS.slice(0, 3));
  assert.equal(network.most, 1, 'one socket at a time');
  assert.equal(new Set(network.opened.map(({ path }) => path)).size, 3, 'every attempt has a path of its own');
  bridge.close();
  await bridge.connect();
  assert.equal(network.opened[3].port, PORTS[2]);
});

story('gives up on a mute port after 1.5 s and goes on', {}, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], 'mute');
  network.listen(PORTS[1], new Bridge());
  const connected = outcome(bridge.connect());
  await pass(t, 1400);
  assert.equal(network.opened.length, 1);
  await pass(t, 200);
  assert.equal(connected.value?.port, PORTS[1]);
  assert.equal(network.open, 1, 'the mute socket was closed');
});

story('goes on from a program that is no bridge', {}, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge({ 'bridge.hello': () => undefined }));
  const rude = network.listen(PORTS[1], new Bridge());
  rude.greet = (socket) => socket.end(1008);
  network.listen(PORTS[2], new Bridge());
  const connected = outcome(bridge.connect());
  await pass(t, 5100);
  assert.equal(connected.value?.port, PORTS[2]);
});

story('never seen here: says so, and looks again modestly', {}, async ({ t, network, bridge, states }) => {
  const failed = outcome(bridge.connect());
  await pass(t, 10);
  assert.ok(failed.error instanceof BridgeError);
  assert.equal(failed.error.code, 'not_installed');
  assert.ok(failed.error.remedy);
  assert.equal(bridge.state, 'waiting');
  assert.equal(network.opened.length, 5);
  await pass(t, 60_000);
  assert.ok(network.opened.length <= 5 + 2 * 5, `${network.opened.length} sockets in a minute`);
  network.listen(PORTS[0], new Bridge());
  await pass(t, 30_000);
  assert.equal(bridge.state, 'connected');
  assert.ok(!states.includes('asking'));
});

story('comes back after 1, 2, 5, 15 and 30 s', {}, async ({ t, network, bridge }) => {
  const agent = network.listen(PORTS[0], new Bridge());
  await bridge.connect();
  network.ports.delete(PORTS[0]);
  const delays = [];
  bridge.addEventListener('state', ({ detail }) => detail.state === 'waiting' && delays.push(detail.retry_in_ms));
  agent.crash();
  await pass(t, 90_000);
  assert.deepEqual(delays, [1000, 2000, 5000, 15_000, 30_000, 30_000, 30_000]);
  assert.equal(bridge.error.code, 'not_running', 'it was here once');
  network.listen(PORTS[0], agent);
  await pass(t, 30_000);
  assert.equal(bridge.state, 'connected');
  assert.equal(agent.asked('bridge.hello').length, 2);
  agent.crash();
  await settle();
  assert.equal(delays.at(-1), 1000, 'and begins anew');
});

story('is woken by the page becoming visible, the network and a click', {}, async ({ t, network, bridge }) => {
  const page = new EventTarget();
  globalThis.document = { visibilityState: 'visible' };
  for (const name of ['addEventListener', 'removeEventListener']) globalThis[name] = page[name].bind(page);
  t.after(() => {
    for (const name of ['addEventListener', 'removeEventListener', 'document']) delete globalThis[name];
  });
  const agent = network.listen(PORTS[0], new Bridge());
  await bridge.connect();
  for (const type of ['visibilitychange', 'online', 'click', 'pageshow']) {
    agent.crash();
    await settle();
    assert.equal(bridge.state, 'waiting');
    page.dispatchEvent(new Event(type));
    await settle();
    assert.equal(bridge.state, 'connected', type);
  }
  agent.crash();
  globalThis.document.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(bridge.state, 'waiting', 'a page that is hidden has no hurry');
  bridge.close();
  page.dispatchEvent(new Event('click'));
  await settle();
  assert.equal(bridge.state, 'idle');
});

story('asks the browser\'s user from a click only', { permission: 'prompt' }, async ({ t, network, bridge, states }) => {
  network.listen(PORTS[0], new Bridge());
  assert.equal(await bridge.autoConnect(), null);
  assert.equal(network.opened.length, 0);
  assert.equal(bridge.error.code, 'permission_undecided');
  const connected = outcome(bridge.connect());
  await pass(t, 60_000);
  assert.equal(bridge.state, 'asking');
  assert.equal(network.opened.length, 1, 'nothing else is tried while the browser asks');
  network.answer('granted');
  await settle();
  assert.equal(connected.value?.port, PORTS[0]);
  assert.deepEqual(states.slice(1), ['connecting', 'asking', 'connected']);
});

story('opens a new socket where the waiting one does not go on', { permission: 'prompt' }, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  network.parks = true;
  const connected = outcome(bridge.connect());
  await pass(t, 700);
  network.answer('granted');
  await pass(t, 1600);
  assert.equal(connected.value?.port, PORTS[0]);
  assert.deepEqual(network.opened.map(({ port }) => port), [PORTS[0], PORTS[0]]);
});

story('opens a new socket where the waiting one ends at the answer', { permission: 'prompt' }, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  network.parks = true;
  const connected = outcome(bridge.connect());
  await pass(t, 5000);
  network.answer('granted');
  network.asking.fail();
  await pass(t, 100);
  assert.equal(connected.value?.port, PORTS[0]);
});

story('outlives Firefox\'s limit of 20 s while the question stands', { permission: 'prompt' }, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  const connected = outcome(bridge.connect());
  await pass(t, 20_000);
  network.asking.fail();
  await pass(t, 6000);
  assert.equal(network.opened.length, 2);
  network.answer('granted');
  await settle();
  assert.equal(connected.value?.port, PORTS[0]);
});

story('does not ask a second time when the question is dismissed', { permission: 'prompt' }, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  network.listen(PORTS[1], new Bridge());
  const failed = outcome(bridge.connect());
  await pass(t, 8000);
  network.asking.fail();
  await pass(t, 100);
  assert.equal(failed.error?.code, 'permission_undecided');
  await pass(t, 120_000);
  assert.equal(network.opened.length, 1);
  assert.equal(bridge.state, 'disconnected');
});

story('a denial is final until the browser says otherwise', { permission: 'denied' }, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  const failed = outcome(bridge.connect());
  await pass(t, 100);
  assert.equal(failed.error?.code, 'permission_denied');
  const tried = network.opened.length;
  await pass(t, 120_000);
  assert.equal(network.opened.length, tried);
  network.answer('granted');
  await settle();
  assert.equal(bridge.state, 'connected');
});

story('connects by itself where the permission was given', { permission: 'granted' }, async ({ network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  assert.equal((await bridge.autoConnect()).port, PORTS[0]);
});

story('learns that a browser does not gate this page, and that it does after all', { permission: 'prompt' }, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  network.ungated = true;
  await bridge.connect();
  bridge.close();
  const again = new BioBridge(network.options());
  assert.equal((await again.autoConnect()).port, PORTS[0]);
  again.close();

  network.ungated = false; // the browser was updated
  const failed = outcome(again.autoConnect());
  await pass(t, 15_000);
  assert.equal(failed.error?.code, 'permission_undecided');
  assert.equal(again.state, 'disconnected');
  assert.equal(await again.autoConnect(), null, 'and asks nobody without a click again');
  again.close();
});

story('a bridge that is not running is not taken for a question on Windows', { permission: 'prompt' }, async ({ t, network, bridge, states }) => {
  network.listen(PORTS[0], new Bridge());
  network.ungated = true;
  await bridge.connect();
  for (const port of PORTS) network.listen(port, 'slow'); // refuses after 2 s
  bridge.close();
  const failed = outcome(bridge.autoConnect());
  await pass(t, 11_000);
  assert.equal(failed.error?.code, 'not_running');
  network.listen(PORTS[0], new Bridge());
  await pass(t, 5000);
  assert.equal(bridge.state, 'connected', 'it comes back by itself');
  assert.ok(!states.includes('asking'));
});

story('connecting by itself leaves a connection alone', { permission: 'prompt' }, async ({ network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  network.ungated = true;
  network.stores[0].setItem = () => { throw new Error('private window'); };
  const hello = await bridge.connect();
  assert.equal(await bridge.autoConnect(), hello);
  assert.equal(bridge.state, 'connected');
});

story('a refusal is told and not argued with', {}, async ({ t, network, bridge }) => {
  const agent = network.listen(PORTS[0], new Bridge({ 'bridge.hello': () => undefined }));
  agent.greet = (socket) => {
    socket.deliver({ method: 'bridge.refused', params: { code: 'origin_denied', message: 'No.', remedy: 'Ask.' } });
    socket.end(4403, 'origin');
  };
  const failed = outcome(bridge.connect());
  await pass(t, 100);
  assert.equal(failed.error?.code, 'origin_denied');
  assert.equal(failed.error.message, 'No.');
  assert.equal(failed.error.remedy, 'Ask.');
  await pass(t, 120_000);
  assert.equal(network.opened.length, 1);
  assert.equal(bridge.state, 'disconnected');
});

story('a close code without a word is a refusal too', {}, async ({ t, network, bridge }) => {
  const agent = network.listen(PORTS[0], new Bridge({ 'bridge.hello': () => undefined }));
  agent.greet = (socket) => socket.end(4403, 'origin');
  const failed = outcome(bridge.connect());
  await pass(t, 100);
  assert.equal(failed.error?.code, 'origin_denied');
});

story('another protocol is a wrong version', {}, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge({ 'bridge.hello': () => ({ ...HELLO, protocol: 2 }) }));
  const failed = outcome(bridge.connect());
  await pass(t, 100);
  assert.equal(failed.error?.code, 'wrong_version');
  assert.equal(bridge.state, 'disconnected');
});

story('a click in the middle of a modest attempt still tries every port', {}, async ({ t, network, bridge }) => {
  for (const port of PORTS) network.listen(port, 'mute');
  outcome(bridge.connect());
  await pass(t, 8000);
  assert.equal(bridge.state, 'waiting');
  await pass(t, 1000);
  assert.equal(bridge.state, 'connecting', 'a modest attempt is under way');
  network.listen(PORTS[4], new Bridge());
  const clicked = outcome(bridge.connect());
  await pass(t, 10_000);
  assert.equal(clicked.value?.port, PORTS[4]);
});

story('abort and close end an attempt', {}, async ({ t, network, bridge, states }) => {
  network.listen(PORTS[0], 'mute');
  const stop = new AbortController();
  const aborted = outcome(bridge.connect({ signal: stop.signal }));
  await pass(t, 500);
  stop.abort();
  await settle();
  assert.equal(aborted.error?.name, 'AbortError');
  assert.equal(network.open, 0);
  assert.equal(bridge.state, 'idle');

  const closed = outcome(bridge.connect());
  await pass(t, 500);
  bridge.close();
  network.listen(PORTS[0], new Bridge());
  const again = outcome(bridge.connect());
  await pass(t, 100);
  assert.equal(closed.error?.code, 'not_connected');
  assert.equal(again.value?.port, PORTS[0], 'and leaves the next one alone');
  assert.ok(!states.includes('disconnected'), states.join());
});

story('diagnose says in two languages what is wrong', { permission: 'denied' }, async ({ t, network, bridge }) => {
  network.listen(PORTS[0], new Bridge());
  const denied = outcome(bridge.diagnose());
  await pass(t, 100);
  assert.equal(denied.value.ok, false);
  assert.equal(denied.value.code, 'permission_denied');
  assert.match(denied.value.message.en, /browser/);
  assert.match(denied.value.message.hi, /ब्राउज़र/);
  assert.equal(denied.value.permission, 'denied');
  network.answer('granted');
  await settle();
  const fine = await bridge.diagnose();
  assert.deepEqual([fine.ok, fine.code, fine.hello.bridge], [true, 'ok', HELLO.bridge]);
});

story('diagnose can keep from asking the user', { permission: 'prompt' }, async ({ network, bridge }) => {
  const diagnosis = await bridge.diagnose({ ask: false });
  assert.equal(diagnosis.code, 'permission_undecided');
  assert.equal(network.opened.length, 0);
});

story('a page whose rules forbid it is told so', {}, async ({ t, network, bridge }) => {
  for (const port of PORTS) network.listen(port, 'forbid');
  const failed = outcome(bridge.connect());
  await pass(t, 100);
  assert.equal(failed.error?.code, 'blocked_by_page');
});

story('speaks Hindi, and changes its language', { options: { locale: 'hi' } }, async ({ t, network, bridge }) => {
  const failed = outcome(bridge.connect());
  await pass(t, 100);
  assert.match(failed.error.message, /इस कंप्यूटर/);
  const agent = network.listen(PORTS[0], new Bridge());
  await bridge.connect();
  await bridge.setLocale('en');
  assert.deepEqual(agent.asked('bridge.hello').map(({ params }) => params.locale), ['hi', 'en']);
  assert.equal(agent.sockets.size, 1, 'on the same connection: leaving would cancel what runs');
});

test('references are short, different and in the order of time', () => {
  const made = Array.from({ length: 1000 }, newClientRefID);
  assert.ok(made.every((ref) => /^[0-9A-Z]{20}$/.test(ref)));
  assert.equal(new Set(made).size, made.length);
});
