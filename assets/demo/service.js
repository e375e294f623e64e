// The services, their form, and one transaction at a time.

import { $, h, say } from './dom.js';
import { showMerchant } from './merchant.js';
import { digits, maskable } from './numbers.js';
import { rupees, text } from './texts.js';

const SERVICES = [
  { name: 'cash_withdrawal', method: 'cashWithdrawal', money: true },
  { name: 'balance_enquiry', method: 'balanceEnquiry' },
  { name: 'mini_statement', method: 'miniStatement' },
  { name: 'aadhaar_pay', method: 'aadhaarPay', money: true },
  { name: 'scanner_test', method: 'capture', test: true },
  { name: 'merchant', merchant: true, step: 'authenticate' },
];
const EKYC = { name: 'ekyc', merchant: true, step: 'ekyc.biometric' };

/** Shows the form and tells outcome (see outcome.js) of every transaction. */
export function showServices(config, bridge, outcome) {
  const merchant = showMerchant(config, bridge);
  let chosen = SERVICES[0];
  const choose = (service) => {
    chosen = service;
    drawTabs();
    $('amount-field').hidden = !service.money;
    for (const id of ['aadhaar-field', 'bank-field', 'mobile-field']) $(id).hidden = Boolean(service.test || service.merchant);
    $('merchant').hidden = !service.merchant;
    merchant.draw();
    if (service.merchant) merchant.load();
    $('mistake').hidden = true;
    drawButton();
  };
  const drawTabs = () => {
    for (const tab of $('services').children) {
      const selected = tab.id === `tab-${chosen.name}`;
      tab.setAttribute('aria-selected', selected);
      tab.tabIndex = selected ? 0 : -1;
      if (selected) $('form').setAttribute('aria-labelledby', tab.id);
    }
  };
  const drawButton = () => {
    say($('consent-text'), text(chosen.test ? 'consent_test' : chosen.merchant ? 'consent_merchant' : 'consent'));
    say($('go'), text(`go.${chosen.name}`));
    $('go').disabled = outcome.busy();
  };
  const busyChanged = () => {
    drawButton();
    if (chosen.merchant && !outcome.busy()) merchant.load();
  };

  $('services').replaceChildren(...SERVICES.map((service) => h('button', {
    id: `tab-${service.name}`, type: 'button', role: 'tab', 'aria-controls': 'form', 'data-text': `service.${service.name}`,
    onclick: () => choose(service),
  })));
  $('services').addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (SERVICES.indexOf(chosen) + step + SERVICES.length) % SERVICES.length;
    choose(SERVICES[next]);
    $('services').children[next].focus();
    event.preventDefault();
  });

  const form = fillForm(config, merchant);
  // Consent is for one scan.
  const run = async (service, params) => {
    await outcome.run(service, params, busyChanged);
    $('consent').checked = false;
  };
  const complete = () => {
    const mistake = form.mistake(chosen);
    for (const field of $('form').elements) field.removeAttribute('aria-invalid');
    $('mistake').hidden = !mistake;
    if (!mistake) return true;
    say($('mistake'), text(`need.${mistake.name}`));
    mistake.setAttribute('aria-invalid', 'true');
    mistake.focus();
    return false;
  };
  $('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (complete()) run(chosen, form.params(chosen));
  });
  $('ekyc').addEventListener('click', () => {
    if (!complete() || outcome.busy()) return;
    const { bank_code: bank, device, ...own } = form.params(chosen);
    outcome.ekyc(own, (more) => run(EKYC, { bank_code: bank, ...(device && { device }), ...own, ...more }));
  });

  bridge.addEventListener('state', ({ detail }) => chosen.merchant && detail.state === 'connected' && merchant.load());

  choose(chosen);
  return () => {
    form.draw();
    merchant.draw();
    drawButton();
  };
}

function fillForm(config, merchant) {
  $('bank').replaceChildren(...config.banks.map(({ code, name }) => h('option', { value: code }, name)));
  $('mobile').value = config.customer_id ?? '';
  $('amount').value = config.amounts[0] ?? '';
  $('aadhaar').value = config.aadhaar[0]?.number ?? '';
  $('amounts').replaceChildren(...config.amounts.map((amount) => h('button', {
    type: 'button', class: 'quiet', title: config.amount_notes?.[amount], onclick: () => { $('amount').value = amount; drawNote(); },
  }, rupees(amount))));
  $('customer').addEventListener('change', () => { $('aadhaar').value = $('customer').value; });
  $('amount').addEventListener('input', drawNote);
  const drawMask = maskable($('aadhaar'), $('unmask'));

  function drawNote() {
    const note = config.amount_notes?.[$('amount').value];
    say($('amount-note'), note ? text('amount_note', { amount: $('amount').value, note }) : '');
  }

  return {
    draw() {
      drawMask();
      drawNote();
      const value = $('customer').value || $('aadhaar').value;
      $('customer').replaceChildren(
        ...config.aadhaar.map(({ number, label }) => h('option', { value: number, selected: number === value }, label)));
    },
    /** The first field that is not filled in. The bridge checks the rest. */
    mistake(service) {
      const consent = $('consent').checked ? null : $('consent');
      if (service.test) return consent;
      if (service.merchant) return merchant.mistake() ?? consent;
      if (digits('aadhaar').length !== 12) return $('aadhaar');
      if (!$('bank').value) return $('bank');
      if (service.money && !(digits('amount') > 0)) return $('amount');
      if (digits('mobile').length !== 10) return $('mobile');
      return consent;
    },
    params(service) {
      const device = $('device').value && { device: $('device').value };
      if (service.test) return { ...device, consent: true };
      const shop = {
        ...device,
        ...(config.latlong && { latlong: config.latlong }),
        ...(config.user_code && { user_code: config.user_code }),
        consent: true,
      };
      if (service.merchant) return { ...merchant.params(), ...shop };
      return {
        aadhaar: digits('aadhaar'),
        bank_code: $('bank').value,
        customer_id: digits('mobile'),
        ...(service.money && { amount: Number(digits('amount')) }),
        ...shop,
      };
    },
  };
}
