// Fields that hold numbers, and hide them.

import { $, say } from './dom.js';
import { text } from './texts.js';

/** A field's digits without the spaces between them; '' where it holds anything else. */
export const digits = (id) => {
  const value = $(id).value.replace(/[\s-]/g, '');
  return /^\d+$/.test(value) ? value : '';
};

/** Lets a button show and hide what a field holds. Returns how to draw the button. */
export function maskable(input, button) {
  const mask = (hide) => {
    button.setAttribute('aria-pressed', !hide);
    input.classList.toggle('masked', hide);
    say(button, text(hide ? 'show' : 'hide'));
  };
  button.addEventListener('click', () => mask(button.getAttribute('aria-pressed') === 'true'));
  return () => mask(input.classList.contains('masked'));
}
