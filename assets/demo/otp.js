// The customer's OTP, where an amount needs one.

import { h } from './dom.js';
import { text } from './texts.js';

/**
 * Makes the offer to send the customer an OTP. repeat is given what the
 * withdrawal takes besides its own parameters. Returns how to draw the offer,
 * again in another language too.
 */
export function otpOffer(bridge, params, repeat) {
  let requestID = '';
  let sending = false;
  let otp = '';
  let trouble = null; // makes its words
  let place = null;

  const redraw = (focus) => {
    if (!place?.isConnected) return;
    place.replaceChildren(...parts());
    if (focus) place.querySelector(focus).focus();
  };
  const send = async () => {
    sending = true;
    trouble = null;
    redraw();
    try {
      ({ otp_request_id: requestID } = await bridge.requestOTP(params));
      otp = '';
    } catch (error) {
      trouble = () => [error.message, error.remedy].filter(Boolean).join(' ');
    }
    sending = false;
    redraw(requestID && !trouble ? '#otp' : '#send-otp');
  };
  const submit = (event) => {
    event.preventDefault();
    if (/^\d+$/.test(otp)) return repeat({ otp, otp_request_id: requestID });
    trouble = () => text('need.otp');
    redraw('#otp');
  };
  const parts = () => [
    h('p', { class: 'buttons' }, h('button', { id: 'send-otp', type: 'button', disabled: sending, onclick: send },
      text(sending ? 'otp_sending' : requestID ? 'otp_send_again' : 'otp_send'))),
    requestID && h('p', { role: 'status' }, text('otp_sent')),
    requestID && h('div', { class: 'field' },
      h('label', { for: 'otp' }, text('otp')),
      h('input', {
        id: 'otp', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '10', value: otp,
        oninput: ({ target }) => { otp = target.value.trim(); },
      })),
    trouble && h('p', { class: 'mistake', role: 'alert' }, trouble()),
    requestID && h('button', { id: 'otp-go', type: 'submit', class: 'primary big' }, text('go.otp')),
  ].filter(Boolean);

  return () => {
    place = h('form', { id: 'otp-form', novalidate: true, onsubmit: submit }, ...parts());
    return place;
  };
}
