// The transactions of this page, newest first.

import { $, h, mark } from './dom.js';
import { moment, rupees, text } from './texts.js';

const TONE = { succeeded: 'good', failed: 'bad', abandoned: 'bad', refunded: 'bad' };

export function showHistory(bridge, open) {
  let transactions = [];
  const draw = () => {
    $('no-history').hidden = transactions.length > 0;
    $('history').replaceChildren(...transactions.map((transaction) => row(transaction, open)));
  };
  const load = async () => {
    if (bridge.state !== 'connected') return;
    try {
      ({ transactions } = await bridge.listTransactions({ limit: 20 }));
    } catch {
      return; // the origin has no scope for it, or the connection has just gone
    }
    draw();
  };
  bridge.addEventListener('state', ({ detail }) => detail.state === 'connected' && load());
  return { draw, load };
}

function row(transaction, open) {
  const tone = TONE[transaction.state] ?? 'wait';
  return h('li', {}, h('button', { type: 'button', class: 'entry', onclick: () => open(transaction) },
    mark(tone),
    h('span', { class: 'what' },
      h('strong', {}, text(`service.${transaction.service}`), transaction.amount > 0 && ` ${rupees(transaction.amount)}`),
      h('span', { class: 'small faint' }, `${moment(transaction.created_at)} · XXXX ${transaction.aadhaar_last4}`)),
    h('span', { class: `word ${tone}` }, text(`state.${transaction.state}`))));
}
