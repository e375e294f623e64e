// The receipt, as it stands on the page and comes out of an 80 mm printer. Its
// words and lines are the bridge's: it knows what the law wants on it.

import { h } from './dom.js';
import { text } from './texts.js';

export function receipt({ title, notice, simulated, lines, columns, statement, thanks }) {
  return h('section', { class: 'receipt', 'aria-label': text('receipt') },
    h('h3', {}, title),
    notice && h('p', { class: 'stamp' }, notice),
    simulated && h('p', { class: 'stamp' }, simulated),
    h('dl', {}, ...lines.flatMap(({ key, label, value }) => [h('dt', {}, label), h('dd', { 'data-row': key }, value)])),
    statement?.length && table(columns, statement),
    thanks && h('p', { class: 'thanks' }, thanks));
}

function table(columns, statement) {
  return h('table', {},
    h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', { scope: 'col' }, column)))),
    h('tbody', {}, ...statement.map(({ date, txn_type, amount, narration }) => h('tr', {},
      ...[date, txn_type, amount, narration].map((cell) => h('td', {}, cell.trim()))))));
}
