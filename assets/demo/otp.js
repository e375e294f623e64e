// An OTP that somebody gets on his telephone, and gives back.

import { h } from './dom.js';
import { text } from './texts.js';

/**
 * Makes a form that sends an OTP and takes it. send resolves with what goes along
 * with the OTP, take is given the OTP and that. words are the keys of its
 * sentences. Returns how to draw the form, again in another language too.
 */
export function otpForm({ send, take, words }) {
  let along = null;
  let busy = false;
  let otp = '';
  let trouble = null; // makes its words
  let place = null;

  const redraw = (focus) => {
    if (!place?.isConnected) return;
    place.replaceChildren(...parts());
    if (focus) place.querySelector(focus).focus();
  };
  // Does one thing at a time and says what went wrong with it.
  const attempt = async (action) => {
    busy = true;
    trouble = null;
    redraw();
    try {
      await action();
    } catch (error) {
      trouble = () => [error.message, error.remedy].filter(Boolean).join(' ');
    }
    busy = false;
    redraw(along ? '#otp' : '#send-otp');
  };
  const ask = () => attempt(async () => {
    along = await send();
    otp = '';
  });
  const submit = (event) => {
    event.preventDefault();
    if (/^\d+$/.test(otp)) return attempt(() => take(otp, along));
    trouble = () => text('need.otp');
    redraw('#otp');
  };
  const parts = () => [
    h('p', { class: 'buttons' }, h('button', { id: 'send-otp', type: 'button', disabled: busy, onclick: ask },
      text(along ? 'otp_send_again' : 'otp_send'))),
    along && h('p', { role: 'status' }, text(words.sent)),
    along && h('div', { class: 'field' },
      h('label', { for: 'otp' }, text(words.otp)),
      h('input', {
        id: 'otp', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '10', value: otp,
        'aria-invalid': trouble ? 'true' : null, 'aria-describedby': trouble ? 'otp-trouble' : null,
        oninput: ({ target }) => { otp = target.value.trim(); },
      })),
    trouble && h('p', { id: 'otp-trouble', class: 'mistake', role: 'alert' }, trouble()),
    along && h('button', { id: 'otp-go', type: 'submit', class: 'primary big', disabled: busy }, text(words.go)),
  ].filter(Boolean);

  return () => {
    place = h('form', { id: 'otp-form', novalidate: true, onsubmit: submit }, ...parts());
    return place;
  };
}

/** The customer's OTP for a withdrawal; repeat is given what the withdrawal takes besides its own parameters. */
export const withdrawalOTP = (bridge, params, repeat) => otpForm({
  words: { sent: 'otp_sent', otp: 'otp', go: 'go.otp' },
  send: () => bridge.requestOTP(params),
  take: (otp, { otp_request_id }) => repeat({ otp, otp_request_id }),
});

/** The merchant's OTP for his eKYC; finish is given what the last step takes besides its own parameters. */
export function ekycOTP(bridge, own, finish) {
  // What the next step takes of a step's result; a step that did not succeed is told as it says.
  const step = async (name, more) => {
    const { step: result } = await bridge.merchant(name, { ...own, ...more });
    if (result.state !== 'succeeded') throw result;
    return { otp_ref_id: result.otp_ref_id ?? more?.otp_ref_id, reference_tid: result.reference_tid ?? more?.reference_tid };
  };
  return otpForm({
    words: { sent: 'ekyc.sent', otp: 'ekyc.otp', go: 'go.ekyc' },
    send: () => step('ekyc.request_otp'),
    take: async (otp, along) => finish(await step('ekyc.verify_otp', { ...along, otp })),
  });
}
