// A loopback interface in memory: ports on which a bridge, a stranger, a mute
// program or nobody listens, behind a browser's permission or not.

export const HELLO = {
  bridge: '1.0.0',
  protocol: 1,
  environment: 'simulated',
  scopes: ['device', 'capture', 'transact', 'history'],
  devices: [{ id: 'd1', vendor: 'Mantra', model: 'MFS110', modality: 'finger', status: 'ready', info: '' }],
  pending: [],
};

/** Lets everything run that waits on promises only. */
export async function settle() {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock of node:test in small steps, as a real one would. */
export async function pass(t, ms) {
  await settle();
  for (let left = ms; left > 0; left -= 100) {
    t.mock.timers.tick(Math.min(100, left));
    await settle();
  }
}

export class Network {
  constructor({ permission } = {}) {
    this.ports = new Map();
    this.opened = []; // every address that was tried
    this.open = 0; // sockets that exist now
    this.most = 0; // and at most
    this.stores = [new Map(), new Map()].map((map) => ({
      getItem: (key) => map.get(key) ?? null,
      setItem: (key, value) => map.set(key, value),
    }));
    if (permission) {
      this.permission = Object.assign(new EventTarget(), { state: permission });
      this.permissions = { query: async ({ name }) => {
        if (name !== 'loopback-network') throw new TypeError(name);
        return this.permission;
      } };
    } else {
      this.permissions = { query: async () => { throw new TypeError('no such permission'); } };
    }
    const network = this;
    this.WebSocket = class extends FakeSocket { constructor(url) { super(network, url); } };
  }

  /** The options that put a BioBridge on this network. */
  options(more = {}) {
    return { WebSocket: this.WebSocket, storage: this.stores[0], session: this.stores[1], permissions: this.permissions, ...more };
  }

  /** Somebody listens: a Bridge, 'mute', 'slow' (Windows refusing) or 'forbid' (the constructor throws). */
  listen(port, listener) {
    this.ports.set(port, listener);
    return listener;
  }

  /** The user answers the browser's question. */
  answer(state) {
    this.permission.state = state;
    this.permission.dispatchEvent(new Event('change'));
  }
}

class FakeSocket {
  constructor(network, url) {
    const { port, pathname } = new URL(url);
    this.network = network;
    this.listener = network.ports.get(Number(port));
    network.opened.push({ port: Number(port), path: pathname });
    if (this.listener === 'forbid') throw new DOMException('no', 'SecurityError');
    network.most = Math.max(network.most, ++network.open);
    this.readyState = 0;
    queueMicrotask(() => this.#dial());
  }

  #dial() {
    if (this.readyState !== 0) return;
    if (this.listener === 'slow') return setTimeout(() => this.fail(), 2000);
    if (!this.listener) return this.fail();
    const { permission } = this.network;
    if (permission?.state === 'denied') return this.fail();
    if (permission?.state === 'prompt' && !this.network.ungated) {
      this.network.asking = this; // parked until the user answers
      permission.addEventListener('change', () => (permission.state === 'granted' ? this.network.parks || this.#accept() : this.fail()), { once: true });
      return;
    }
    this.#accept();
  }

  #accept() {
    if (this.readyState !== 0 || this.listener === 'mute') return;
    this.readyState = 1;
    this.onopen?.({ type: 'open' });
    setImmediate(() => this.listener.accept(this));
  }

  /** The socket breaks. As in browsers, error comes first and close may never come. */
  fail() {
    if (this.readyState === 3) return;
    this.#gone();
    this.onerror?.({ type: 'error' });
  }

  /** The server closes. */
  end(code, reason = '') {
    if (this.readyState === 3) return;
    this.#gone();
    this.onclose?.({ type: 'close', code, reason });
  }

  close() {
    if (this.readyState === 3) return;
    this.#gone();
    this.listener?.left?.(this);
  }

  #gone() {
    this.readyState = 3;
    this.network.open--;
  }

  send(text) {
    if (this.readyState === 0) throw new DOMException('not open', 'InvalidStateError');
    if (this.readyState !== 1) return; // as browsers do
    setImmediate(() => this.listener.receive(this, JSON.parse(text)));
  }

  deliver(message) {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  }
}

/** A bridge: answers by a table of methods, remembers what it was asked. */
export class Bridge {
  constructor(methods = {}) {
    this.methods = { 'bridge.hello': () => HELLO, ...methods };
    this.requests = [];
    this.sockets = new Set();
  }

  accept(socket) {
    this.sockets.add(socket);
    this.greet?.(socket);
  }

  left(socket) { this.sockets.delete(socket); }

  async receive(socket, message) {
    this.requests.push(message);
    const method = this.methods[message.method];
    if (!method) return this.refuse(socket, message.id, { code: 'invalid_params', message: 'no such method' });
    try {
      const result = await method(message.params, message, socket);
      if (result !== undefined) socket.deliver({ id: message.id, result });
    } catch (error) {
      this.refuse(socket, message.id, error);
    }
  }

  refuse(socket, id, data) {
    socket.deliver({ id, error: { code: -32000, message: data.message, data } });
  }

  notify(method, params) {
    for (const socket of this.sockets) socket.deliver({ method, params });
  }

  /** The process dies. */
  crash() {
    for (const socket of [...this.sockets]) socket.fail();
    this.sockets.clear();
  }

  asked(method) { return this.requests.filter((request) => request.method === method); }
}
