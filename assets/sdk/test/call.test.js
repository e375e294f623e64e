import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BioBridge, BridgeError, PORTS, isSettled } from '../src/biobridge.js';
import { Bridge, HELLO, Network, pass, settle } from './network.js';

const WITHDRAWAL = { aadhaar: '999941057058', bank_code: 'HDFC', amount: 500, customer_id: '9876543210', consent: true };

function transaction(ref, state) {
  return { transaction: { client_ref_id: ref, service: 'cash_withdrawal', state, amount: 500 } };
}

// story gives a test a connected page with a mocked clock.
function story(name, methods, run) {
  test(name, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 });
    const network = new Network();
    const agent = network.listen(PORTS[0], new Bridge(methods));
    const bridge = new BioBridge(network.options());
    t.after(() => bridge.close());
    await bridge.connect();
    await run({ t, network, agent, bridge });
  });
}

function outcome(promise) {
  const seen = {};
  promise.then((value) => { seen.value = value; }, (error) => { seen.error = error; });
  return seen;
}

function heard(bridge, type) {
  const events = [];
  bridge.addEventListener(type, ({ detail }) => events.push(detail));
  return events;
}

story('answers and errors find their call', {
  'device.list': ({ refresh }) => ({ devices: refresh ? [] : HELLO.devices }),
  capture: () => { throw { code: 'no_device', message: 'No scanner.', remedy: 'Plug one in.', vendor: 'x' }; },
}, async ({ bridge }) => {
  const [some, none, failed] = await Promise.allSettled([
    bridge.listDevices(), bridge.listDevices({ refresh: true }), bridge.capture({ consent: true }),
  ]);
  assert.equal(some.value.length, 1);
  assert.equal(none.value.length, 0);
  assert.ok(failed.reason instanceof BridgeError);
  const { code, message, remedy, data } = failed.reason;
  assert.deepEqual([code, message, remedy, data.vendor], ['no_device', 'No scanner.', 'Plug one in.', 'x']);
});

story('an error of JSON-RPC alone keeps its number', {}, async ({ agent, bridge }) => {
  agent.refuse = (socket, id) => socket.deliver({ id, error: { code: -32601, message: 'method not found' } });
  await assert.rejects(bridge.call('no.such'), { code: 'jsonrpc_-32601', message: 'method not found' });
});

story('a call without a connection fails at once', {}, async ({ agent, bridge }) => {
  bridge.close();
  await assert.rejects(bridge.listDevices(), { code: 'not_connected' });
  await assert.rejects(bridge.cashWithdrawal(WITHDRAWAL), { code: 'not_connected' });
  assert.equal(agent.asked('aeps.cash_withdrawal').length, 0);
});

story('events reach the page, progress its own call', {
  'aeps.cash_withdrawal': async ({ client_ref_id }, { id }, socket) => {
    for (const stage of ['looking', 'place_finger', 'captured']) {
      socket.deliver({ method: 'capture.progress', params: { id, client_ref_id, stage, message: stage } });
    }
    return transaction(client_ref_id, 'pending');
  },
}, async ({ agent, bridge }) => {
  const [devices, progress, transactions] = ['devices', 'progress', 'transaction'].map((type) => heard(bridge, type));
  const stages = [];
  const result = await bridge.cashWithdrawal(WITHDRAWAL, { onProgress: ({ stage }) => stages.push(stage) });
  assert.equal(result.state, 'pending');
  assert.equal(isSettled(result), false);
  assert.deepEqual(stages, ['looking', 'place_finger', 'captured']);
  assert.deepEqual(progress.map(({ stage }) => stage), stages);
  agent.notify('device.changed', { change: 'removed', device: HELLO.devices[0], devices: [] });
  agent.notify('transaction.updated', transaction(result.client_ref_id, 'succeeded'));
  await settle();
  assert.equal(devices[0].change, 'removed');
  assert.deepEqual(bridge.devices, []);
  assert.equal(transactions[0].state, 'succeeded');
  assert.ok(isSettled(transactions[0]));
});

story('a silent bridge does not hold a call for ever', { 'device.list': () => undefined }, async ({ t, bridge }) => {
  const silent = outcome(bridge.listDevices());
  const short = outcome(bridge.listDevices({ timeout: 1000 }));
  await pass(t, 1100);
  assert.equal(short.error?.code, 'timeout');
  assert.equal(silent.error, undefined);
  await pass(t, 29_000);
  assert.equal(silent.error?.code, 'timeout');
});

story('aborting a call asks the bridge to give up', {
  'device.list': () => undefined,
  '$/cancelRequest': () => ({}),
}, async ({ agent, bridge }) => {
  const stop = new AbortController();
  const call = outcome(bridge.listDevices({ signal: stop.signal }));
  await settle();
  stop.abort();
  await settle();
  assert.equal(call.error?.name, 'AbortError');
  assert.deepEqual(agent.asked('$/cancelRequest')[0].params, { id: agent.asked('device.list')[0].id });
  await assert.rejects(bridge.listDevices({ signal: stop.signal }), { name: 'AbortError' });
  assert.equal(agent.asked('device.list').length, 1, 'an aborted call is not sent');
});

story('a cancelled withdrawal ends with the bridge\'s word', {}, async ({ agent, bridge }) => {
  agent.methods['aeps.cash_withdrawal'] = (params, message) => { agent.withdrawal = message; };
  agent.methods['$/cancelRequest'] = (params, message, socket) => {
    agent.refuse(socket, agent.withdrawal.id, { code: 'capture_cancelled', message: 'Cancelled.' });
    return {};
  };
  const stop = new AbortController();
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL, { signal: stop.signal }));
  await settle();
  stop.abort();
  await settle();
  assert.equal(call.error?.code, 'capture_cancelled');
  assert.equal(call.error.data.client_ref_id, agent.withdrawal.params.client_ref_id);
});

story('too late to cancel: the withdrawal goes on', {
  '$/cancelRequest': () => { throw { code: 'too_late_to_cancel', message: 'Too late.' }; },
}, async ({ agent, bridge }) => {
  agent.methods['aeps.cash_withdrawal'] = ({ client_ref_id }) => new Promise((resolve) => {
    agent.finish = () => resolve(transaction(client_ref_id, 'succeeded'));
  });
  const stop = new AbortController();
  const refused = [];
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL, { signal: stop.signal, onCancelRefused: (error) => refused.push(error.code) }));
  await settle();
  stop.abort();
  await settle();
  assert.deepEqual(refused, ['too_late_to_cancel']);
  assert.equal(call.error, undefined, 'the promise waits for the money');
  agent.finish();
  await settle();
  assert.equal(call.value?.state, 'succeeded');
});

story('a lost connection: asks what became of it and submits nothing again', {
  'aeps.cash_withdrawal': () => undefined,
}, async ({ t, agent, bridge }) => {
  let state = 'sending';
  agent.methods['transaction.get'] = ({ client_ref_id }) => transaction(client_ref_id, state);
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL));
  await settle();
  agent.crash();
  await pass(t, 5000);
  assert.equal(bridge.state, 'connected');
  assert.equal(call.value, undefined, 'still running at the bridge');
  state = 'succeeded';
  await pass(t, 2100);
  assert.equal(call.value?.state, 'succeeded');
  assert.equal(agent.asked('aeps.cash_withdrawal').length, 1);
  const ref = agent.asked('aeps.cash_withdrawal')[0].params.client_ref_id;
  assert.match(ref, /^[0-9A-Z]{20}$/);
  assert.equal(call.value.client_ref_id, ref);
});

story('a word from the bridge is quicker than asking', { 'aeps.cash_withdrawal': () => undefined }, async ({ t, agent, bridge }) => {
  let state = 'sending';
  agent.methods['transaction.get'] = ({ client_ref_id }) => transaction(client_ref_id, state);
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL));
  await settle();
  agent.crash();
  await pass(t, 1100);
  state = 'failed';
  agent.notify('transaction.updated', transaction(agent.asked('transaction.get')[0].params.client_ref_id, 'failed'));
  await settle();
  assert.equal(call.value?.state, 'failed');
});

story('never reached the bridge: says so after asking twice', { 'aeps.cash_withdrawal': () => undefined }, async ({ t, agent, network, bridge }) => {
  agent.methods['transaction.get'] = () => { throw { code: 'not_found', message: 'Unknown.' }; };
  const call = outcome(bridge.cashWithdrawal({ ...WITHDRAWAL, client_ref_id: 'MINE' }));
  await settle();
  agent.crash();
  await pass(t, 1100);
  assert.equal(call.error, undefined);
  await pass(t, 2100);
  assert.equal(call.error?.code, 'not_submitted');
  assert.equal(call.error.data.client_ref_id, 'MINE');
  assert.equal(agent.asked('transaction.get').length, 2);
  assert.equal(network.stores[1].getItem('biobridge.refs'), '');
});

story('a page that may not ask says that it does not know', { 'aeps.cash_withdrawal': () => undefined }, async ({ t, agent, network, bridge }) => {
  agent.methods['transaction.get'] = () => { throw { code: 'unauthorized', message: 'No scope.' }; };
  const call = outcome(bridge.cashWithdrawal({ ...WITHDRAWAL, client_ref_id: 'MINE' }));
  await settle();
  agent.crash();
  await pass(t, 1100);
  assert.equal(call.error?.code, 'outcome_unknown');
  assert.equal(call.error.cause.code, 'unauthorized');
  assert.equal(network.stores[1].getItem('biobridge.refs'), 'MINE', 'and remembers to ask');
});

story('a bridge that does not know itself is asked for its journal', {
  'aeps.cash_withdrawal': () => { throw { code: 'internal', message: 'Incident 1.' }; },
}, async ({ agent, bridge }) => {
  agent.methods['transaction.get'] = ({ client_ref_id }) => transaction(client_ref_id, 'pending');
  assert.equal((await bridge.cashWithdrawal(WITHDRAWAL)).state, 'pending');
  agent.methods['transaction.get'] = ({ client_ref_id }) => transaction(client_ref_id, 'abandoned');
  await assert.rejects(bridge.cashWithdrawal(WITHDRAWAL), { code: 'internal', message: 'Incident 1.' });
  agent.methods['transaction.get'] = () => { throw { code: 'not_found', message: 'Unknown.' }; };
  await assert.rejects(bridge.cashWithdrawal(WITHDRAWAL), { code: 'internal', message: 'Incident 1.' });
  assert.equal(agent.asked('aeps.cash_withdrawal').length, 3);
});

story('closing in the middle says that it does not know', { 'aeps.cash_withdrawal': () => undefined }, async ({ agent, bridge }) => {
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL));
  await settle();
  bridge.close();
  await settle();
  assert.equal(call.error?.code, 'outcome_unknown');
  assert.equal(agent.asked('aeps.cash_withdrawal').length, 1);
});

story('a refusal in the middle says that it does not know', { 'aeps.cash_withdrawal': () => undefined }, async ({ t, agent, bridge }) => {
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL));
  await settle();
  agent.notify('bridge.refused', { code: 'origin_denied', message: 'Withdrawn.', remedy: '' });
  await pass(t, 100);
  assert.equal(call.error?.code, 'outcome_unknown');
  assert.equal(bridge.state, 'disconnected');
  assert.equal(bridge.error.code, 'origin_denied');
});

story('a bridge that stays away: ends after ten minutes with an honest answer', { 'aeps.cash_withdrawal': () => undefined }, async ({ t, network, agent, bridge }) => {
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL));
  await settle();
  network.ports.clear();
  agent.crash();
  await pass(t, 595_000);
  assert.equal(call.error, undefined);
  await pass(t, 10_000);
  assert.equal(call.error?.code, 'outcome_unknown');
});

story('a bridge that hangs is asked what became of it', { 'aeps.cash_withdrawal': () => undefined }, async ({ t, agent, bridge }) => {
  agent.methods['transaction.get'] = ({ client_ref_id }) => transaction(client_ref_id, 'pending');
  const call = outcome(bridge.cashWithdrawal(WITHDRAWAL));
  await pass(t, 299_000);
  assert.equal(call.value, undefined);
  await pass(t, 2000);
  assert.equal(call.value?.state, 'pending');
});

story('a reloaded page learns what became of its transaction', { 'aeps.cash_withdrawal': () => undefined }, async ({ t, network, agent, bridge }) => {
  agent.methods['transaction.get'] = ({ client_ref_id }) => transaction(client_ref_id, 'succeeded');
  outcome(bridge.cashWithdrawal({ ...WITHDRAWAL, client_ref_id: 'MINE' }));
  await settle();
  // The old page is gone with all it knew but its session.
  const reloaded = new BioBridge(network.options());
  t.after(() => reloaded.close());
  const recovered = heard(reloaded, 'recovered');
  await reloaded.connect();
  await settle();
  assert.deepEqual(recovered, [{ client_ref_id: 'MINE', transaction: transaction('MINE', 'succeeded').transaction, error: null }]);
  assert.equal(network.stores[1].getItem('biobridge.refs'), '');
  assert.equal(agent.asked('aeps.cash_withdrawal').length, 1);
});

story('pending transactions of the greeting are told', {}, async ({ agent, bridge }) => {
  bridge.close();
  agent.methods['bridge.hello'] = () => ({ ...HELLO, pending: [transaction('OLD', 'pending').transaction] });
  const transactions = heard(bridge, 'transaction');
  await bridge.connect();
  assert.deepEqual(transactions.map(({ client_ref_id }) => client_ref_id), ['OLD']);
});

story('nothing personal is kept', { 'aeps.cash_withdrawal': () => undefined }, async ({ network, bridge }) => {
  const kept = [];
  for (const store of network.stores) {
    const setItem = store.setItem;
    store.setItem = (key, value) => { kept.push(`${key}=${value}`); setItem(key, value); };
  }
  outcome(bridge.cashWithdrawal({ ...WITHDRAWAL, client_ref_id: 'MINE' }));
  await settle();
  bridge.close();
  assert.deepEqual(kept, ['biobridge.refs=MINE']);
});

story('every answer is taken once, and others are left alone', { 'device.list': (params, { id }, socket) => {
  socket.deliver({ id: 999, result: {} });
  socket.deliver({ method: 'some.future.event', params: {} });
  socket.deliver({ id, result: { devices: [] } });
  socket.deliver({ id, result: { devices: HELLO.devices } });
} }, async ({ bridge }) => {
  assert.deepEqual(await bridge.listDevices(), []);
});

const OWN = { aadhaar: '999900000063', customer_id: '9999900001', consent: true };

story('the merchant finds his steps, with progress and without repeats', {
  'merchant.status': (params) => ({ merchant: { user_code: '1', due: ['authenticate'], params } }),
  'merchant.authenticate': (params, { id }, socket) => {
    socket.deliver({ method: 'capture.progress', params: { id, stage: 'place_finger', message: 'Place the finger.' } });
    return { step: { step: 'daily', state: 'pending', params } };
  },
  'merchant.register': () => ({ step: { step: 'register' } }),
  'merchant.ekyc.request_otp': () => ({ step: { step: 'ekyc_request_otp', otp_ref_id: '7' } }),
  'merchant.ekyc.verify_otp': (params) => ({ step: { step: 'ekyc_verify_otp', params } }),
  'merchant.ekyc.biometric': () => ({ step: { step: 'ekyc_biometric' } }),
  'aeps.request_otp': ({ amount }) => ({ otp_request_id: `FP${amount}` }),
}, async ({ agent, bridge }) => {
  assert.deepEqual((await bridge.merchant('status')).merchant.due, ['authenticate']);
  const stages = [];
  const { step } = await bridge.merchant('authenticate', { ...OWN, bank_code: 'SBIN' }, { onProgress: ({ stage }) => stages.push(stage) });
  assert.equal(step.state, 'pending');
  assert.deepEqual(step.params, { ...OWN, bank_code: 'SBIN' });
  assert.deepEqual(stages, ['place_finger']);
  assert.equal(agent.asked('merchant.authenticate').length, 1);
  for (const name of ['register', 'ekyc.request_otp', 'ekyc.verify_otp', 'ekyc.biometric']) {
    assert.ok((await bridge.merchant(name, OWN)).step, name);
    assert.equal(agent.asked(`merchant.${name}`).length, 1);
  }
  assert.equal((await bridge.requestOTP({ ...WITHDRAWAL, amount: 6000 })).otp_request_id, 'FP6000');
});

story('a merchant\'s step whose connection is lost is never sent again', { 'merchant.authenticate': () => undefined }, async ({ t, agent, bridge }) => {
  const call = outcome(bridge.merchant('authenticate', { ...OWN, bank_code: 'SBIN' }));
  await settle();
  agent.crash();
  await pass(t, 5000);
  assert.equal(call.error.code, 'disconnected');
  assert.equal(bridge.state, 'connected');
  assert.equal(agent.asked('merchant.authenticate').length, 1);
});
