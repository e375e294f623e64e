// What a scanner gave when nothing was sent anywhere: for comparing with one's
// own integration.

import { h, mark } from './dom.js';
import { moment, text } from './texts.js';

export function scannerTest({ capture, pid_data: document }) {
  const { device, q_score: quality, nm_points: points, ftype, fcount, taken_at: taken, warnings = [] } = capture;
  const facts = [
    ['device', [device.vendor, device.model, device.rds_id, device.rds_ver].filter(Boolean).join(' · ')],
    ['quality', quality],
    ['points', points],
    ['options', `${ftype} / ${fcount}`],
    ['taken', moment(taken, 'medium')],
    ['size', text('test.bytes', { n: new TextEncoder().encode(document).length })],
  ].filter(([, value]) => value != null);
  return [
    h('div', { class: `verdict ${warnings.length ? 'wait' : 'good'}` },
      h('h3', {}, mark(warnings.length ? 'wait' : 'good'), ' ', text('test_passed')),
      ...warnings.map(({ message, remedy }) => h('p', {}, message, ' ', remedy && h('strong', {}, remedy))),
      h('p', {}, text('test_note'))),
    h('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [
      h('dt', {}, text(`test.${name}`)),
      h('dd', { 'data-fact': name }, String(value)),
    ])),
    h('details', {}, h('summary', {}, text('test.document')), h('pre', { class: 'document', tabindex: '0' }, document)),
  ];
}
