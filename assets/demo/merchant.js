// The merchant's own day: what is due, and the form for his own finger.

import { $, h, say } from './dom.js';
import { digits, maskable } from './numbers.js';
import { moment, text } from './texts.js';

/** Fills the merchant's part of the form. */
export function showMerchant(config, bridge) {
  const own = config.merchant ?? {};
  let merchant = null;
  let trouble = null;
  let asked = 0; // only the newest answer is shown

  const draw = () => {
    drawMask();
    say($('merchant-note'), trouble ? trouble.message : merchant ? '' : text('not_known'));
    $('merchant-facts').hidden = !merchant;
    if (merchant) $('merchant-facts').replaceChildren(...facts(merchant));
    $('ekyc').hidden = $('merchant').hidden || !merchant?.due.includes('ekyc');
  };
  const load = async () => {
    const mine = ++asked;
    let answer = null;
    let error = null;
    if (bridge.state === 'connected') {
      try {
        answer = await bridge.merchant('status', config.user_code ? { user_code: config.user_code } : {});
      } catch (failed) {
        error = failed;
      }
    }
    if (mine !== asked) return;
    merchant = answer?.merchant ?? null;
    trouble = error;
    draw();
  };

  $('own-bank').replaceChildren(...config.banks.map(({ code, name }) => h('option', { value: code, selected: code === own.bank_code }, name)));
  $('own-aadhaar').value = own.aadhaar ?? '';
  $('own-mobile').value = own.mobile ?? '';
  const drawMask = maskable($('own-aadhaar'), $('own-unmask'));
  $('merchant-refresh').addEventListener('click', load);

  return {
    draw,
    load,
    mistake() {
      if (digits('own-aadhaar').length !== 12) return $('own-aadhaar');
      if (digits('own-mobile').length !== 10) return $('own-mobile');
      if (!$('own-bank').value) return $('own-bank');
      return null;
    },
    params: () => ({
      aadhaar: digits('own-aadhaar'),
      customer_id: digits('own-mobile'),
      bank_code: $('own-bank').value,
    }),
  };
}

function facts({ service, ekyc_done: ekyc, authenticated_today: today, authenticated_at: at, unclear, due }) {
  const lines = [
    ['service', `${service.code}: ${text(`merchant.service.${service.state}`)}`],
    ['ekyc', text(ekyc ? 'merchant.ekyc.yes' : 'merchant.ekyc.no')],
    ['today', today ? [text('yes'), at && moment(at)].filter(Boolean).join(' · ') : text('no')],
    ['due', due.length ? due.map((what) => text(`merchant.due.${what}`)).join(', ') : text('merchant.due.nothing')],
    unclear && ['unclear', text('yes')],
  ].filter(Boolean);
  return lines.flatMap(([name, value]) => [
    h('dt', {}, text(`merchant.${name}`)),
    h('dd', { 'data-merchant': name }, value),
  ]);
}
