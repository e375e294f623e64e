// The receipt, as it stands on the page and comes out of an 80 mm printer.

import { h } from './dom.js';
import { moment, rupees, text } from './texts.js';

export function receipt(transaction, config) {
  const rows = [
    ['date', moment(transaction.created_at)],
    ['service', text(`service.${transaction.service}`)],
    ['state', text(`state.${transaction.state}`)],
    ['amount', transaction.amount > 0 && rupees(transaction.amount)],
    ['aadhaar', `XXXX XXXX ${transaction.aadhaar_last4}`],
    ['bank', bankName(transaction.bank_code, config)],
    ['mobile', maskedMobile(transaction.customer_id)],
    ['balance', balance(transaction.customer_balance)],
    ['rrn', transaction.bank_ref_num],
    ['tid', transaction.tid],
    ['reference', transaction.client_ref_id],
  ].filter(([, value]) => value);
  const final = ['succeeded', 'failed', 'refunded', 'abandoned'].includes(transaction.state);
  return h('section', { class: 'receipt', 'aria-label': text('receipt') },
    h('h3', {}, text('receipt')),
    !final && h('p', { class: 'stamp' }, text('receipt.not_final')),
    transaction.simulated && h('p', { class: 'stamp' }, text('receipt.simulated')),
    h('dl', {}, ...rows.flatMap(([name, value]) => [
      h('dt', {}, text(`receipt.${name}`)),
      h('dd', { 'data-row': name }, value),
    ])),
    statement(transaction.mini_statement));
}

function statement(lines) {
  if (!lines?.length) return null;
  const head = ['date', 'what', 'amount'].map((name) => h('th', { scope: 'col' }, text(`receipt.statement.${name}`)));
  return h('table', {},
    h('caption', {}, text('receipt.statement')),
    h('thead', {}, h('tr', {}, ...head)),
    h('tbody', {}, ...lines.map(({ date, txn_type, narration, amount }) => h('tr', {},
      h('td', {}, date.trim()), h('td', {}, narration.trim()), h('td', {}, `${amount.trim()} ${txn_type.trim()}`)))));
}

const bankName = (code, { banks }) => banks.find((bank) => bank.code === code)?.name ?? code;

// The bank's own text; what is no plain number is shown as it came.
const balance = (words) => (/^-?\d+(\.\d+)?$/.test(words) ? rupees(words) : words);

// A receipt lies about; the customer knows his own number.
const maskedMobile = (number) => number && `XXXXXX${number.slice(-4)}`;
