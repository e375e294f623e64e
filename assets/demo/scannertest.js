// What a scanner gave when nothing was sent anywhere: for comparing with one's
// own integration.

import { h, mark } from './dom.js';
import { moment, text } from './texts.js';

/** Draws an answer to capture and, once it is known, one to device.inspect. */
export function scannerTest({ capture, pid_data: block, pid_options: options, problems }, inspection) {
  const { device, q_score: quality, nm_points: points, ftype, fcount, taken_at: taken } = capture;
  const facts = [
    ['device', [device.vendor, device.model, device.rds_id, device.rds_ver].filter(Boolean).join(' · ')],
    ['quality', quality],
    ['points', points],
    ['options', `${ftype} / ${fcount}`],
    ['taken', moment(taken, 'medium')],
    ['size', text('test.bytes', { n: new TextEncoder().encode(block).length })],
  ].filter(([, value]) => value != null);
  const tone = problems.length ? 'wait' : 'good';
  return [
    h('div', { class: `verdict ${tone}` },
      h('h3', {}, mark(tone), ' ', text('test_passed')),
      h('p', {}, text('test_note'))),
    h('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [
      h('dt', {}, text(`test.${name}`)),
      h('dd', { 'data-fact': name }, String(value)),
    ])),
    ...remarks(problems),
    raw('pid_options', options),
    ...rawAnswers(inspection),
    raw('document', block),
  ];
}

/** Draws what an error's data say of a capture: why it was refused, and what the scanner was asked. */
export function refused({ problems = [], pid_options: options }, inspection) {
  return [
    ...(problems.length ? remarks(problems) : []),
    ...(options ? [raw('pid_options', options)] : []),
    ...rawAnswers(inspection),
  ];
}

const remarks = (problems) => [
  h('h3', {}, text('test.problems')),
  problems.length ? h('ul', { class: 'problems' }, ...problems.map(problem)) : h('p', { class: 'problems faint' }, text('test.no_problems')),
];

// An answer to device.inspect, or why there is none.
function rawAnswers({ error, rd_service: service, device_info: info } = {}) {
  if (error) return [h('p', { class: 'small' }, text('test.no_answers'), ' ', error.message)];
  return service ? [raw('rd_service', service), raw('device_info', info || text('test.no_info'))] : [];
}

const problem = ({ code, element, severity, message, remedy }) => h('li', { 'data-problem': code },
  h('p', {}, h('strong', {}, text(`severity.${severity}`)), ' ', message, ' ', remedy),
  h('p', { class: 'small faint' }, [code, element].filter(Boolean).join(' · ')));

const raw = (name, words) => h('details', {},
  h('summary', {}, text(`test.${name}`)),
  h('pre', { class: 'document', 'data-raw': name, tabindex: '0', 'aria-label': text(`test.${name}`) }, words));
