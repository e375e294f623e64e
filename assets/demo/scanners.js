// The scanners, as they come and go.

import { $, h } from './dom.js';
import { text } from './texts.js';

const MARK = { ready: '✓', busy: '…', not_ready: '✕' };

export function showScanners(bridge) {
  const draw = () => {
    const devices = bridge.state === 'connected' ? bridge.devices : [];
    $('scanners').replaceChildren(...(devices.length ? devices.map(row) : [nothing(bridge)]));
    const chosen = $('device').value;
    $('device').replaceChildren(
      h('option', { value: '' }, text('any_scanner')),
      ...devices.map((device) => h('option', { value: device.id, selected: device.id === chosen }, name(device))),
    );
  };
  $('refresh').addEventListener('click', async () => {
    $('refresh').disabled = true;
    await bridge.listDevices({ refresh: true }).catch(() => {}); // the connection says it
    $('refresh').disabled = false;
  });
  bridge.addEventListener('devices', draw);
  bridge.addEventListener('state', () => {
    $('refresh').hidden = bridge.state !== 'connected';
    draw();
  });
  return draw;
}

function row(device) {
  const status = h('span', { class: 'badge', 'data-status': device.status },
    h('span', { 'aria-hidden': 'true' }, MARK[device.status] ?? '?'), ' ', text(`status.${device.status}`));
  return h('li', { 'data-device': device.id },
    h('div', {},
      h('strong', {}, name(device)),
      h('p', { class: 'small faint' }, [device.level, device.modality, device.serial, device.rds_ver].filter(Boolean).join(' · '))),
    status);
}

const nothing = (bridge) => h('li', { class: 'faint' }, text(bridge.state === 'connected' ? 'no_scanner' : 'not_known'));

const name = ({ vendor, model }) => (model.toLowerCase().startsWith(vendor.toLowerCase()) ? model : `${capital(vendor)} ${model}`);

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
