// biobridge.d.ts says what each export is for. Three rules are kept here:
// - One WebSocket at a time, the last good port first, each with a new path:
//   browsers slow down a page that probes, and Firefox a path that failed.
// - Only a click raises the browser's question: three dismissals deny it for ever.
// - A money call is sent once. After a lost connection the bridge is asked what
//   became of it, and only its answer decides.

export const PORTS = Object.freeze([21101, 21102, 21103, 21104, 21105]);

const PROTOCOL = 1;
const SILENT_MS = 1500;
const ASKING_MS = 2500; // Windows needs 2 s to refuse a closed port
const ASKED_MS = 300_000;
const HELLO_MS = 5000;
const CALL_MS = 30_000;
const FINGER_MS = 300_000;
const OUTCOME_MS = 600_000;
const POLL_MS = 2000;
const BACK_OFF_MS = [1000, 2000, 5000, 15_000, 30_000];

const RUNNING = new Set(['started', 'captured', 'sending']);
const SETTLED = new Set(['succeeded', 'failed', 'refunded', 'abandoned']);
const PASSING = new Set(['disconnected', 'timeout', 'not_running', 'not_installed', 'unavailable', 'limit_exceeded', 'internal']);
const [PORT, UNGATED, REFS] = ['biobridge.port', 'biobridge.ungated', 'biobridge.refs'];
const WAKERS = ['visibilitychange', 'online', 'pageshow', 'resume', 'click'];

// message and remedy in English, then in Hindi
const TEXTS = {
  ok: ['Connected to biobridge.', '', 'biobridge से जुड़ गया।', ''],
  not_installed: [
    'biobridge was not found on this computer.', 'Install or start biobridge and try again.',
    'इस कंप्यूटर पर biobridge नहीं मिला।', 'biobridge इंस्टॉल या चालू करें और फिर कोशिश करें।',
  ],
  not_running: [
    'biobridge is not running on this computer.', 'Start biobridge or restart the computer and try again.',
    'इस कंप्यूटर पर biobridge चालू नहीं है।', 'biobridge या कंप्यूटर दोबारा चालू करें और फिर कोशिश करें।',
  ],
  permission_denied: [
    'The browser does not let this page reach biobridge.', 'Click the icon left of the address, allow other apps on this device and reload the page.',
    'ब्राउज़र इस पेज को biobridge तक पहुँचने नहीं देता।', 'पते के बाईं ओर का आइकन दबाएँ, इस डिवाइस के दूसरे ऐप की अनुमति दें और पेज दोबारा लोड करें।',
  ],
  permission_undecided: [
    'The browser must ask you before it lets this page reach biobridge.', 'Press Connect and choose Allow in the browser’s box.',
    'इस पेज को biobridge तक पहुँचने देने के लिए ब्राउज़र को आपकी अनुमति चाहिए।', '“कनेक्ट करें” दबाएँ और ब्राउज़र के बॉक्स में “अनुमति दें” चुनें।',
  ],
  frame_blocked: [
    'The page around this page does not let it reach biobridge.', 'Tell the website’s support: the iframe needs allow="loopback-network".',
    'बाहर वाला पेज इस पेज को biobridge तक पहुँचने नहीं देता।', 'वेबसाइट की सहायता टीम को बताएँ: iframe में allow="loopback-network" चाहिए।',
  ],
  insecure_page: [
    'The browser does not let a page without https reach biobridge.', 'Open the page with https:// in its address.',
    'ब्राउज़र बिना https वाले पेज को biobridge तक पहुँचने नहीं देता।', 'पेज को https:// वाले पते से खोलें।',
  ],
  blocked_by_page: [
    'This page’s own rules do not let it reach biobridge.', 'Tell the website’s support: the Content-Security-Policy needs ws://127.0.0.1:21101 to :21105.',
    'इस पेज के अपने नियम इसे biobridge तक पहुँचने नहीं देते।', 'वेबसाइट की सहायता टीम को बताएँ: Content-Security-Policy में ws://127.0.0.1:21101 से :21105 चाहिए।',
  ],
  origin_denied: [
    'This website may not use biobridge on this computer.', 'Allow it in biobridge’s menu.',
    'इस वेबसाइट को इस कंप्यूटर पर biobridge की अनुमति नहीं है।', 'biobridge के मेनू में अनुमति दें।',
  ],
  wrong_version: [
    'This page needs another version of biobridge.', 'Update biobridge.',
    'इस पेज को biobridge का दूसरा वर्शन चाहिए।', 'biobridge अपडेट करें।',
  ],
  not_connected: ['This page is not connected to biobridge.', 'Press Connect.', 'यह पेज biobridge से जुड़ा नहीं है।', '“कनेक्ट करें” दबाएँ।'],
  disconnected: ['The connection to biobridge was lost.', 'Wait a moment and try again.', 'biobridge से संपर्क टूट गया।', 'थोड़ा रुकें और फिर कोशिश करें।'],
  timeout: [
    'biobridge did not answer in time.', 'Restart the computer and try again.',
    'biobridge ने समय पर जवाब नहीं दिया।', 'कंप्यूटर दोबारा चालू करें और फिर कोशिश करें।',
  ],
  not_submitted: [
    'The request did not reach biobridge. Nothing was sent to the bank.', 'Try again.',
    'अनुरोध biobridge तक नहीं पहुँचा। बैंक को कुछ नहीं भेजा गया।', 'फिर कोशिश करें।',
  ],
  outcome_unknown: [
    'It is not known yet what became of the transaction.', 'Do not pay out and do not repeat it. Look it up in the history first.',
    'अभी पता नहीं है कि इस लेन-देन का क्या हुआ।', 'पैसे न दें और इसे दोबारा न करें। पहले इतिहास में देखें।',
  ],
};

export class BridgeError extends Error {
  constructor(code, message, remedy = '', data = {}) {
    super(message);
    Object.assign(this, { name: 'BridgeError', code, remedy, data });
  }
}

export const isSettled = ({ state }) => SETTLED.has(state);

// 20 characters, by time and then by chance.
export function newClientRefID() {
  const chance = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => (byte % 36).toString(36));
  return (Date.now().toString(36) + chance.join('')).toUpperCase();
}

export class BioBridge extends EventTarget {
  #options;
  #local;
  #session;
  #permission;
  #socket;
  #stop;
  #joint; // the attempt that is going on
  #modest = false;
  #timer;
  #round = 0;
  #refusal;
  #violated = false;
  #wanted = false;
  #calls = new Map();
  #lastID = 0;
  #tracked = new Set(); // references whose outcome somebody waits for
  #state = 'idle';
  #error = null;
  #hello = null;
  #devices = [];
  #attempts = [];

  constructor(options = {}) {
    super();
    this.#options = { host: '127.0.0.1', ports: PORTS, locale: 'en', client: { name: 'biobridge-js', version: '0.1.0' }, ...options };
    this.#local = () => options.storage ?? localStorage;
    this.#session = () => options.session ?? sessionStorage;
  }

  get state() { return this.#state; }
  get error() { return this.#error; }
  get hello() { return this.#hello; }
  get devices() { return this.#devices; }

  async connect({ signal } = {}) {
    signal?.throwIfAborted();
    this.#want(true);
    const giveUp = () => this.close(signal.reason);
    signal?.addEventListener('abort', giveUp);
    try {
      if (this.#modest) await this.#joint?.catch(() => {});
      return await this.#connect(this.#lastGoodFirst());
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async autoConnect() {
    this.#want(true);
    if (!(await this.#wouldAsk()) || this.#joint || this.#state === 'connected') return this.#connect(this.#lastGoodFirst());
    this.#enter('disconnected', this.#failure('permission_undecided'));
    return null;
  }

  close(reason = this.#failure('not_connected')) {
    this.#want(false);
    clearTimeout(this.#timer);
    this.#joint = undefined;
    this.#stop?.abort(reason);
    this.#drop(reason);
    this.#enter('idle');
  }

  async setLocale(locale) {
    this.#options.locale = locale;
    if (this.#state === 'connected') await this.#sayHello(this.#hello.port);
  }

  async diagnose({ ask = true } = {}) {
    if (this.#state !== 'connected') await (ask ? this.connect() : this.autoConnect()).catch(() => {});
    const error = this.#state === 'connected' ? null : this.#error ?? this.#failure('not_connected');
    const code = error ? error.code : 'ok';
    const [message, remedy, hindi, hindiRemedy] = TEXTS[code] ?? [error.message, error.remedy, error.message, error.remedy];
    return {
      ok: !error,
      code,
      message: { en: message, hi: hindi },
      remedy: { en: remedy, hi: hindiRemedy },
      error,
      permission: this.#permission?.state ?? 'unknown',
      framed: framed(),
      attempts: this.#attempts,
      hello: this.#hello,
    };
  }

  async listDevices({ refresh, ...options } = {}) {
    const { devices } = await this.call('device.list', refresh ? { refresh } : {}, options);
    this.#setDevices({ devices });
    return devices;
  }
  capture(params, options) { return this.#wait('capture', params, options); }
  cashWithdrawal(params, options) { return this.#transact('aeps.cash_withdrawal', params, options); }
  balanceEnquiry(params, options) { return this.#transact('aeps.balance_enquiry', params, options); }
  miniStatement(params, options) { return this.#transact('aeps.mini_statement', params, options); }
  aadhaarPay(params, options) { return this.#transact('aeps.aadhaar_pay', params, options); }
  requestOTP(params, options) { return this.#wait('aeps.request_otp', params, options); }
  merchant(step, params, options) { return this.#wait(`merchant.${step}`, params, options); }
  async getTransaction(ref, options) {
    return (await this.call('transaction.get', { client_ref_id: ref }, options)).transaction;
  }
  async inquire(ref, options) {
    return (await this.call('transaction.inquire', { client_ref_id: ref }, { timeout: FINGER_MS, ...options })).transaction;
  }
  listTransactions(filter, options) { return this.call('transaction.list', filter, options); }
  receipt(ref, { format, locale, ...options } = {}) {
    return this.call('transaction.receipt', { client_ref_id: ref, format, locale }, options);
  }

  #wait(method, params, options) { return this.call(method, params, { timeout: FINGER_MS, ...options, patient: true }); }

  // Aborting asks the bridge to give up; #wait takes its word.
  async call(method, params = {}, { signal, timeout = CALL_MS, ...options } = {}) {
    signal?.throwIfAborted();
    if (this.#state !== 'connected') throw this.#failure('not_connected');
    return this.#request(method, params, { signal, timeout, ...options });
  }

  // Money.

  async #transact(method, params, options = {}) {
    const ref = params.client_ref_id ?? newClientRefID();
    options.signal?.throwIfAborted();
    if (this.#state !== 'connected') throw this.#failure('not_connected', { client_ref_id: ref });
    this.#note(ref, true);
    return this.#track(ref, () => this.#wait(method, { ...params, client_ref_id: ref }, options).catch((error) => {
      // The bridge's word, unless it does not know itself.
      if (error.answered && error.code !== 'internal' && error.code !== 'unavailable') throw error;
      return this.#outcome(ref, error);
    }));
  }

  async #track(ref, ask) {
    this.#tracked.add(ref);
    try {
      const { transaction } = await ask();
      this.#note(ref, false);
      return transaction;
    } catch (error) {
      if (error.data) error.data.client_ref_id ??= ref;
      if (error.code !== 'outcome_unknown') this.#note(ref, false);
      throw error;
    } finally {
      this.#tracked.delete(ref);
    }
  }

  // Asks the bridge until it knows. It submits nothing.
  async #outcome(ref, first = {}) {
    const deadline = Date.now() + OUTCOME_MS;
    let missed = first.answered;
    let cause;
    while (!cause) {
      if (this.#state === 'connected') {
        const { transaction, error } = await this.call('transaction.get', { client_ref_id: ref }).catch((error) => ({ error }));
        if (transaction?.state === 'abandoned' && first.answered) throw first;
        if (transaction && !RUNNING.has(transaction.state)) return { transaction };
        if (error?.code === 'not_found') {
          if (missed) throw first.answered ? first : this.#failure('not_submitted');
          missed = true; // the lost connection's last words may be on their way still
        } else if (error?.answered) cause = error;
      } else if (this.#state === 'idle' || this.#state === 'disconnected') cause = this.#error ?? this.#failure('not_connected');
      if (Date.now() > deadline) cause = this.#failure('timeout');
      cause ?? await this.#news(ref);
    }
    throw Object.assign(this.#failure('outcome_unknown'), { cause });
  }

  // Waits for a word on it, another state or a little while.
  #news(ref) {
    return new Promise((resolve) => {
      const stop = new AbortController();
      const done = ({ detail } = {}) => {
        if (detail?.client_ref_id && detail.client_ref_id !== ref) return;
        clearTimeout(timer);
        stop.abort();
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      this.addEventListener('transaction', done, stop);
      this.addEventListener('state', done, stop);
    });
  }

  // Unanswered references, for the page after a reload.
  #noted() { return (stored(this.#session, REFS) ?? '').split(' ').filter(Boolean); }
  #note(ref, open) {
    const others = this.#noted().filter((other) => other !== ref);
    stored(this.#session, REFS, [...others, ...(open ? [ref] : [])].join(' '));
  }

  #recover() {
    for (const ref of this.#noted()) {
      if (this.#tracked.has(ref)) continue;
      this.#track(ref, () => this.#outcome(ref)).then(
        (transaction) => this.#tell('recovered', { client_ref_id: ref, transaction, error: null }),
        (error) => this.#tell('recovered', { client_ref_id: ref, transaction: null, error }),
      );
    }
  }

  // The connection.

  #want(wanted) {
    if (this.#wanted === wanted) return;
    this.#wanted = wanted;
    const listen = wanted ? 'addEventListener' : 'removeEventListener';
    for (const type of WAKERS) globalThis[listen]?.(type, this.#wake);
    globalThis[listen]?.('securitypolicyviolation', this.#violation);
    this.#permission?.[listen]?.('change', this.#wake);
  }

  #wake = ({ type }) => {
    if (type === 'visibilitychange' && document.visibilityState !== 'visible') return;
    const allowed = type === 'change' && this.#permission.state === 'granted';
    if (allowed ? this.#state === 'disconnected' : this.#state === 'waiting') this.#again();
  };

  #violation = ({ blockedURI }) => { this.#violated ||= blockedURI.startsWith('ws:'); };

  #connect(ports, modest = false) {
    if (this.#state === 'connected') return Promise.resolve(this.#hello);
    clearTimeout(this.#timer);
    if (!this.#joint) {
      this.#modest = modest;
      const joint = this.#reach(ports).finally(() => { if (this.#joint === joint) this.#joint = undefined; });
      this.#joint = joint;
    }
    return this.#joint;
  }

  // A repeated attempt is modest: the likeliest port and one other.
  #again() {
    const [first, ...others] = this.#lastGoodFirst();
    const other = others[this.#round % others.length];
    this.#connect(other ? [first, other] : [first], true).catch(() => {});
  }

  #lastGoodFirst() {
    const last = Number(stored(this.#local, PORT));
    return [...this.#options.ports].sort((a, b) => (b === last) - (a === last));
  }

  async #reach(ports) {
    const stop = (this.#stop = new AbortController());
    this.#refusal = undefined;
    this.#violated = false;
    this.#attempts = [];
    this.#enter('connecting');
    try {
      await this.#queryPermission();
      for (const port of ports) {
        const socket = await this.#open(port, stop.signal);
        if (socket && (await this.#greet(socket, port))) return this.#welcome(port);
        if (this.#attempts.at(-1).outcome === 'dismissed') break;
      }
      await new Promise((resolve) => setTimeout(resolve)); // a violation is told after the error
      throw this.#failure(this.#cause());
    } catch (error) {
      if (this.#stop === stop && this.#wanted) {
        this.#drop(error);
        this.#rest(error);
      }
      throw error;
    }
  }

  #welcome(port) {
    stored(this.#local, PORT, port);
    // Open although nobody was asked: this browser does not gate this page.
    stored(this.#local, UNGATED, this.#permission?.state === 'prompt' ? 1 : '');
    this.#round = 0;
    this.#setDevices(this.#hello);
    this.#enter('connected');
    for (const transaction of this.#hello.pending ?? []) this.#tell('transaction', transaction);
    this.#recover();
    return this.#hello;
  }

  // Opens a socket on one port, and again there while the browser still asks.
  async #open(port, signal) {
    const until = Date.now() + ASKED_MS;
    for (;;) {
      signal.throwIfAborted();
      const { socket, ...attempt } = await this.#attempt(port, signal, until);
      this.#attempts.push(attempt);
      signal.throwIfAborted();
      if (attempt.outcome !== 'again') return socket;
    }
  }

  #attempt(port, signal, until) {
    return new Promise((resolve) => {
      const began = Date.now();
      const permission = this.#permission;
      const asks = this.#gated();
      const timers = [];
      let socket;
      const end = (outcome) => {
        timers.forEach(clearTimeout);
        permission?.removeEventListener?.('change', changed);
        signal.removeEventListener('abort', aborted);
        if (socket) socket.onopen = socket.onerror = socket.onclose = null;
        if (outcome !== 'open') socket = void socket?.close();
        resolve({ port, outcome, ms: Date.now() - began, socket });
      };
      const aborted = () => end('aborted');
      // After Allow Chromium lets the waiting socket go on; Firefox may want a new one.
      const changed = () => permission.state === 'granted' && timers.push(setTimeout(end, SILENT_MS, 'again'));
      const failed = () => {
        const ms = Date.now() - began;
        if (asks && permission.state === 'granted') return end('again');
        if (!asks || ms < ASKING_MS || permission.state === 'denied') return end('refused');
        // Firefox gives up after 20 s, Chromium after 240 s: the question still stands.
        end((ms > 19_000 && ms < 22_000) || ms > 239_000 ? 'again' : 'dismissed');
      };
      try {
        socket = new (this.#options.WebSocket ?? WebSocket)(`ws://${this.#options.host}:${port}/v1/${newClientRefID()}`);
      } catch {
        return end('blocked');
      }
      socket.onopen = () => end('open');
      socket.onerror = socket.onclose = failed;
      permission?.addEventListener?.('change', changed);
      signal.addEventListener('abort', aborted);
      if (!asks) return timers.push(setTimeout(end, permission?.state === 'prompt' ? ASKING_MS : SILENT_MS, 'silent'));
      timers.push(setTimeout(() => this.#enter('asking'), ASKING_MS), setTimeout(end, until - began, 'dismissed'));
    });
  }

  // False: whoever listens there is no bridge.
  async #greet(socket, port) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onerror = () => this.#drop(this.#failure('disconnected'));
    socket.onclose = ({ code }) => this.#drop(this.#failure(code === 4401 || code === 4403 ? 'origin_denied' : 'disconnected'));
    try {
      await this.#sayHello(port);
      return true;
    } catch (error) {
      if (error.code !== 'disconnected' && error.code !== 'timeout') throw error;
      this.#drop(error);
      this.#attempts.at(-1).outcome = 'stranger';
      return false;
    }
  }

  async #sayHello(port) {
    const { client, locale, token } = this.#options;
    const hello = await this.#request('bridge.hello', { client, locale, token }, { timeout: HELLO_MS });
    if (hello.protocol !== PROTOCOL) throw this.#failure('wrong_version');
    this.#hello = { ...hello, port };
  }

  // Lets the socket go and fails what waited on it.
  #drop(error) {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onmessage = socket.onerror = socket.onclose = null;
    socket.close();
    for (const call of this.#calls.values()) call.fail(this.#refusal ?? error);
    if (this.#state === 'connected') this.#rest(this.#refusal ?? error);
  }

  // Decides what follows a failure.
  async #rest(error) {
    if (!this.#wanted) return;
    if (!PASSING.has(error.code) || this.#options.reconnect === false) return this.#enter('disconnected', error);
    const delay = BACK_OFF_MS[Math.min(this.#round++, BACK_OFF_MS.length - 1)];
    this.#timer = setTimeout(() => this.#again(), delay);
    this.#enter('waiting', error, delay);
    if (!(await this.#wouldAsk()) || this.#state !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#enter('disconnected', error);
  }

  #cause() {
    const met = (outcome) => this.#attempts.some((attempt) => attempt.outcome === outcome);
    const denied = this.#permission?.state === 'denied';
    if (this.#violated) return 'blocked_by_page';
    if ((denied || met('blocked')) && globalThis.isSecureContext === false) return 'insecure_page';
    if (met('blocked')) return 'blocked_by_page';
    if (denied) return framed() && document.featurePolicy?.allowsFeature('loopback-network') === false ? 'frame_blocked' : 'permission_denied';
    const gatedNow = met('silent') && this.#permission?.state === 'prompt';
    if (gatedNow) stored(this.#local, UNGATED, '');
    if (gatedNow || met('dismissed')) return 'permission_undecided';
    return stored(this.#local, PORT) ? 'not_running' : 'not_installed';
  }

  async #queryPermission() {
    if (this.#permission) return;
    try {
      const permissions = this.#options.permissions ?? navigator.permissions;
      this.#permission = await permissions.query({ name: 'loopback-network' });
      if (this.#wanted) this.#permission.addEventListener?.('change', this.#wake);
    } catch {
      // the browser has no such gate, or does not tell
    }
  }

  #gated() { return this.#permission?.state === 'prompt' && !stored(this.#local, UNGATED); }

  async #wouldAsk() {
    await this.#queryPermission();
    return this.#gated();
  }

  // Messages.

  #request(method, params, { signal, timeout, onProgress, onCancelRefused, patient }) {
    return new Promise((resolve, reject) => {
      const id = this.#send(method, params);
      const cancel = () => {
        const refused = ({ error }) => error && onCancelRefused?.(asError(error));
        this.#calls.set(this.#send('$/cancelRequest', { id }), { fail() {}, answer: refused });
        if (!patient) finish(reject, signal.reason);
      };
      const finish = (settle, value) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.#calls.delete(id);
        settle(value);
      };
      const fail = (error) => finish(reject, error);
      const timer = setTimeout(() => fail(this.#failure('timeout')), timeout);
      signal?.addEventListener('abort', cancel);
      this.#calls.set(id, {
        onProgress,
        fail,
        answer: ({ result, error }) => (error ? fail(asError(error)) : finish(resolve, result)),
      });
    });
  }

  #send(method, params) {
    const id = ++this.#lastID;
    this.#socket?.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return id;
  }

  #receive(text) {
    const { id, method, params = {}, ...answer } = JSON.parse(text);
    if (!method) {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      call?.answer(answer);
    } else if (method === 'bridge.refused') {
      this.#refusal = new BridgeError(params.code ?? 'origin_denied', params.message, params.remedy, params);
      this.#drop(this.#refusal);
    } else if (method === 'device.changed') {
      this.#setDevices(params);
    } else if (method === 'capture.progress') {
      this.#calls.get(params.id)?.onProgress?.(params);
      this.#tell('progress', params);
    } else if (method === 'transaction.updated') {
      this.#tell('transaction', params.transaction ?? params);
    }
  }

  #setDevices({ devices = [], change, device }) {
    this.#devices = devices;
    this.#tell('devices', { devices, change, device });
  }

  #enter(state, error = null, retry = null) {
    this.#state = state;
    this.#error = error;
    this.#tell('state', { state, error, retry_in_ms: retry });
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  #failure(code, data) {
    const at = this.#options.locale === 'hi' ? 2 : 0;
    return new BridgeError(code, TEXTS[code][at], TEXTS[code][at + 1], { ...data });
  }
}

// answered: the bridge's word.
function asError({ code, message, data = {} }) {
  const error = new BridgeError(data.code ?? `jsonrpc_${code}`, data.message ?? message, data.remedy, data);
  return Object.assign(error, { answered: true });
}

// The browser may forbid storage and a worker has none: then the page forgets.
function stored(store, key, value) {
  try {
    return value === undefined ? store().getItem(key) : store().setItem(key, value);
  } catch {
    return null;
  }
}

const framed = () => globalThis.window?.top !== globalThis.window;
