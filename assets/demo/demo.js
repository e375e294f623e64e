// The demo page: a partner's page as it could be, on nothing but the SDK.

import { BioBridge } from './biobridge.js';
import { showConnection } from './connection.js';
import { $ } from './dom.js';
import { showHistory } from './history.js';
import { showOutcome } from './outcome.js';
import { showScanners } from './scanners.js';
import { showServices } from './service.js';
import { languages, text, translate } from './texts.js';
import { WatchedSocket } from './wire.js';

async function start() {
  const config = await (await fetch('demo.json')).json();
  $('simulated').hidden = config.environment !== 'simulated';
  const bridge = new BioBridge({
    ports: config.ports,
    locale: rememberedLanguage(),
    client: { name: 'biobridge demo page', version: '1' },
    WebSocket: WatchedSocket,
  });
  const outcome = showOutcome(bridge, () => history.load());
  const history = showHistory(bridge, outcome.open);
  const parts = [
    showConnection(bridge),
    showScanners(bridge),
    showServices(config, bridge, outcome),
    outcome.draw,
    history.draw,
  ];
  const speak = (language) => {
    translate(language);
    for (const draw of parts) draw();
  };
  for (const input of document.getElementsByName('language')) {
    input.checked = input.value === rememberedLanguage();
    input.addEventListener('change', async () => {
      remember(input.value);
      speak(input.value);
      try {
        await bridge.setLocale(input.value);
        await Promise.all([outcome.reload(), history.load()]);
      } catch {
        // the connection says it
      }
    });
  }
  speak(rememberedLanguage());
  await bridge.autoConnect().catch(() => {}); // the connection says it
}

function rememberedLanguage() {
  try {
    const language = localStorage.getItem('demo.language');
    if (languages.includes(language)) return language;
  } catch {
    // storage is forbidden
  }
  return navigator.language.startsWith('hi') ? 'hi' : 'en';
}

function remember(language) {
  try {
    localStorage.setItem('demo.language', language);
  } catch {
    // then not
  }
}

start().catch((error) => {
  $('trouble').hidden = false;
  $('trouble-message').textContent = text('no_config');
  $('trouble-remedy').textContent = String(error);
});
