/** The element with that id. */
export const $ = (id) => document.getElementById(id);

/** Makes an element: h('p', { class: 'small' }, 'text', child…). */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** Writes only what is new, so that a screen reader does not say it twice. */
export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

const MARK = { good: '✓', bad: '✕', wait: '!' };

/** A sign that says without colour whether it went well, badly or is open. */
export const mark = (tone) => h('span', { class: `mark ${tone}`, 'aria-hidden': 'true' }, MARK[tone]);
