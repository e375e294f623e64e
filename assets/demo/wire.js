// The frames between page and bridge, for developers to compare with their own.

import { $ } from './dom.js';

const KEPT = 200;

/** A WebSocket whose frames are shown at the foot of the page. */
export class WatchedSocket extends WebSocket {
  constructor(url) {
    super(url);
    show('∙', `new WebSocket("${url}")`);
    this.addEventListener('message', ({ data }) => show('←', shortened(data)));
    this.addEventListener('close', ({ code, reason }) => show('∙', `closed ${code} ${reason}`));
  }

  send(data) {
    show('→', shortened(data));
    super.send(data);
  }
}

const lines = [];

function show(direction, words) {
  lines.push(`${direction} ${words}`);
  if (lines.length > KEPT) lines.shift();
  const frames = $('frames');
  frames.textContent = lines.join('\n');
  frames.scrollTop = frames.scrollHeight;
}

// A screen is photographed: no Aadhaar number and no PID block stand on it.
function shortened(text) {
  return JSON.stringify(JSON.parse(text), (name, value) => {
    if (name === 'aadhaar') return `XXXXXXXX${String(value).slice(-4)}`;
    if (name === 'otp' || name === 'token') return '…';
    if (name === 'pid_data') return `${value.slice(0, 60)}… (${value.length} characters)`;
    return value;
  }, 1).replace(/\n */g, ' ');
}
