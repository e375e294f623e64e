// What becomes of a transaction: its steps, its result, its receipt.

import { BridgeError, isSettled } from './biobridge.js';
import { $, h, mark, say } from './dom.js';
import { ekycOTP, withdrawalOTP } from './otp.js';
import { receipt } from './receipt.js';
import { refused, scannerTest } from './scannertest.js';
import { currentLocale, rupees, text } from './texts.js';

const STEPS = ['looking', 'place_finger', 'captured', 'bank'];
const TONE = { succeeded: 'good', failed: 'bad', abandoned: 'bad', refunded: 'bad', pending: 'wait', refund_pending: 'wait', sending: 'wait' };

/** Makes the right side of the page. changed is told when a transaction ended. */
export function showOutcome(bridge, changed) {
  let running = null;
  let shown = null; // what draw draws again in another language

  const show = (next) => {
    shown = next;
    $('nothing').hidden = Boolean(next) || Boolean(running);
    const focused = $('result').contains(document.activeElement);
    $('result').replaceChildren(...(next ? next.draw() : []));
    if (focused) $('outcome').focus();
  };
  const showTransaction = (transaction, note) => {
    const mine = {
      ref: transaction.client_ref_id,
      draw: () => result(transaction, slip, note),
      async update(changedTo) {
        transaction = changedTo;
        slip = null;
        show(mine);
        try {
          const answer = await bridge.receipt(mine.ref);
          if (shown !== mine || transaction !== changedTo) return;
          slip = answer.receipt;
          show(mine);
        } catch {
          // the result stands, and the connection says why it has no receipt
        }
      },
    };
    let slip = null;
    mine.update(transaction);
  };
  // The scanner's own answers come to what is shown already.
  const showTest = async (draw, device) => {
    let inspection;
    const mine = { draw: () => draw(inspection) };
    show(mine);
    if (!device) return;
    try {
      inspection = await bridge.call('device.inspect', { device });
    } catch (error) {
      inspection = { error };
    }
    if (shown === mine) show(mine);
  };
  // What the bridge has said stays in the language in which it was said.
  const showError = (error, repeat, more, lang = currentLocale()) => show({
    draw: () => [...failure(error, lang, repeat), ...refused(error.data), ...(more ? [more()] : [])],
  });
  const showStep = (step, lang = currentLocale()) => show({ draw: () => ownStep(step, lang) });

  function result(transaction, slip, note) {
    const tone = TONE[transaction.state] ?? 'wait';
    return [
      note && h('p', { class: 'small' }, text(note)),
      tone === 'wait' ? notFinal(transaction) : h('div', { class: `verdict ${tone}` },
        h('h3', {}, mark(tone), ' ', text(`service.${transaction.service}`), ': ', text(`state.${transaction.state}`)),
        h('p', {}, transaction.message),
        transaction.state === 'succeeded' && transaction.service === 'cash_withdrawal'
          && h('p', { class: 'warning' }, text('pay_out', { amount: rupees(transaction.amount) })),
        transaction.remedy && h('p', {}, h('strong', {}, transaction.remedy))),
      slip && receipt(slip),
      slip && h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: () => window.print() }, text('print'))),
    ].filter(Boolean);
  }

  function notFinal(transaction) {
    const ask = async ({ target }) => {
      target.disabled = true;
      say(target, text('inquiring'));
      try {
        const { update } = shown;
        update(await bridge.inquire(transaction.client_ref_id));
      } catch (error) {
        target.after(h('p', { class: 'mistake' }, error.message));
      }
      target.disabled = false;
      say(target, text('inquire'));
      changed();
    };
    return h('div', { class: 'verdict wait' },
      h('h3', {}, mark('wait'), ' ', text('not_final')),
      h('p', { class: 'warning' }, text('do_not')),
      h('p', {}, transaction.message),
      h('p', {}, transaction.remedy || text('not_final_more')),
      h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: ask }, text('inquire'))));
  }

  function failure(error, lang, repeat) {
    const unknown = error.code === 'outcome_unknown';
    return [
      h('div', { class: `verdict ${unknown ? 'wait' : 'bad'}` },
        h('h3', {}, mark(unknown ? 'wait' : 'bad'), ' ', h('span', { lang }, error.message)),
        unknown && h('p', { class: 'warning' }, text('do_not')),
        error.remedy && h('p', { lang }, h('strong', {}, error.remedy)),
        h('p', { class: 'small' }, text('error_code', { code: error.code }),
          error.data.client_ref_id && h('br'), error.data.client_ref_id && text('reference', { ref: error.data.client_ref_id })),
        repeat && h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: repeat }, text('again')))),
    ];
  }

  async function run(service, params, busyChanged) {
    running = new AbortController();
    busyChanged();
    show(null);
    const progress = showSteps(service.test ? STEPS.slice(0, 3) : STEPS);
    const lost = () => bridge.state !== 'connected' && progress.saying(text(service.merchant ? 'merchant.do_not' : 'connection_lost'));
    $('cancel').onclick = () => running.abort();
    $('outcome').focus();
    try {
      if (bridge.state !== 'connected') await bridge.connect({ signal: running.signal });
      bridge.addEventListener('state', lost);
      const options = {
        signal: running.signal,
        onProgress: progress.at,
        onCancelRefused: (error) => progress.saying(error.message),
      };
      const answer = await (service.merchant ? bridge.merchant(service.step, params, options) : bridge[service.method](params, options));
      if (service.test) showTest((inspection) => scannerTest(answer, inspection), answer.capture.device.id);
      else if (service.merchant) showStep(answer.step);
      else showTransaction(answer);
    } catch (error) {
      if (error.name === 'AbortError') return show(null); // before anything was asked for
      if (!(error instanceof BridgeError)) throw error;
      const repeatable = error.data.confirm_repeat || error.data.reason === 'confirm_repeat';
      const repeat = (more) => run(service, { ...params, ...more }, busyChanged);
      const lang = currentLocale();
      if (service.test) showTest((inspection) => [...failure(error, lang), ...refused(error.data, inspection)], error.data.device?.id ?? params.device);
      else showError(error, repeatable && (() => repeat({ confirm_repeat: true })),
        error.code === 'otp_required' && service.name === 'cash_withdrawal' && withdrawalOTP(bridge, params, repeat));
    } finally {
      bridge.removeEventListener('state', lost);
      running = null;
      $('progress').hidden = true;
      busyChanged();
      $('outcome').focus();
      changed();
    }
  }

  bridge.addEventListener('transaction', ({ detail }) => {
    if (shown?.ref === detail.client_ref_id) shown.update(detail);
    if (isSettled(detail) || detail.state === 'pending') changed();
  });
  bridge.addEventListener('recovered', ({ detail: { transaction, error } }) => {
    if (transaction) showTransaction(transaction, 'recovered');
    else showError(error);
    changed();
  });

  return {
    busy: () => Boolean(running),
    run,
    /** Has the merchant's OTP sent and taken, before the finger that ends his eKYC. */
    ekyc(own, finish) {
      const form = ekycOTP(bridge, own, finish);
      show({ draw: () => [h('h3', {}, text('ekyc.title')), h('p', {}, text('ekyc.note')), form()] });
      $('send-otp').focus();
    },
    open: (transaction) => {
      if (running) return;
      showTransaction(transaction);
      $('outcome').focus();
    },
    draw: () => show(shown),
    /** Fetches what is shown again, in the bridge's new language. */
    reload: async () => {
      const { ref, update } = shown ?? {};
      if (ref && bridge.state === 'connected') await update(await bridge.getTransaction(ref));
    },
  };
}

// A merchant's own step moves no money, but is charged.
function ownStep({ step, state, message, remedy, cause, client_ref_id: ref }, lang) {
  const tone = TONE[state] ?? 'wait';
  return [h('div', { class: `verdict ${tone}` },
    h('h3', {}, mark(tone), ' ', text(`merchant.step.${step}`), ': ', text(`state.${state}`)),
    tone === 'wait' && h('p', { class: 'warning' }, text('merchant.do_not')),
    h('p', { lang }, message),
    remedy && h('p', { lang }, h('strong', {}, remedy)),
    cause && h('p', { class: 'small' }, cause),
    h('p', { class: 'small' }, text('reference', { ref })))];
}

// showSteps draws the steps of a capture and returns how to move on in them.
function showSteps(steps) {
  $('progress').hidden = false;
  $('cancel').hidden = false;
  let current = 'looking';
  const draw = (attempt) => {
    const at = steps.indexOf(current);
    $('steps').replaceChildren(...steps.map((step, i) => h('li', {
      class: i < at ? 'done' : i === at ? 'now' : 'later', 'aria-current': i === at ? 'step' : null,
    }, text(`step.${step}`), i === at && attempt > 1 && ` (${text('attempt', { n: attempt })})`)));
  };
  const saying = (words) => say($('progress-message'), words);
  saying('');
  draw();
  return {
    saying,
    at({ stage, attempt, message }) {
      current = stage === 'retry' ? 'place_finger' : stage === 'captured' ? steps.at(-1) : stage;
      draw(attempt);
      saying(current === 'bank' ? text('bank_is_asked') : message);
    },
  };
}
