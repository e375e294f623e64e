// The top of the page: is the bridge there, and if not, why.

import { $, say } from './dom.js';
import { currentLocale, text } from './texts.js';

const CONNECTABLE = new Set(['idle', 'waiting', 'disconnected']);

export function showConnection(bridge) {
  const draw = () => {
    say($('status'), text(`connection.${bridge.state}`));
    $('status').dataset.state = bridge.state;
    $('connect').hidden = !CONNECTABLE.has(bridge.state);
    // Nobody is told of trouble before he has asked for anything.
    const error = bridge.error?.code === 'permission_undecided' && !asked ? null : bridge.error;
    const trouble = CONNECTABLE.has(bridge.state) && error;
    $('trouble').hidden = !trouble;
    if (!trouble) return;
    // What the bridge itself said knows more than the browser.
    const known = diagnosis?.error === error && !spoken(error);
    say($('trouble-message'), known ? diagnosis.message[currentLocale()] : error.message);
    say($('trouble-remedy'), known ? diagnosis.remedy[currentLocale()] : error.remedy);
  };

  let asked = false;
  let diagnosis = null;
  $('connect').addEventListener('click', () => {
    asked = true;
    $('diagnosis').hidden = true;
    bridge.connect().catch(() => {}); // the state says it
  });
  $('diagnose').addEventListener('click', async () => {
    asked = true;
    diagnosis = await bridge.diagnose();
    draw();
    $('diagnosis').hidden = diagnosis.ok;
    $('diagnosis').textContent = details(diagnosis);
  });
  bridge.addEventListener('state', draw);
  return draw;
}

const spoken = (error) => error?.data.message;

function details({ code, permission, framed, attempts, error }) {
  return [
    `code        ${code}`,
    `origin      ${location.origin}`,
    `permission  ${permission}`,
    `iframe      ${framed ? 'yes' : 'no'}`,
    ...attempts.map(({ port, outcome, ms }) => `port ${port}  ${outcome} after ${ms} ms`),
    ...(spoken(error) ? [`bridge      ${spoken(error)}`] : []),
  ].join('\n');
}
