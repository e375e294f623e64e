// Types of the biobridge client. The shapes are those of the bridge's own
// protocol, in its own names.

export type Locale = 'en' | 'hi';
export type Scope = 'device' | 'capture' | 'transact' | 'history' | 'merchant';
export type Environment = 'simulated' | 'uat' | 'production';
export type Service = 'cash_withdrawal' | 'balance_enquiry' | 'mini_statement' | 'aadhaar_pay';

/** The life of a transaction. Only a settled one is final; see isSettled. */
export type TransactionState =
  | 'started' | 'captured' | 'sending'
  | 'succeeded' | 'failed' | 'pending' | 'refund_pending' | 'refunded' | 'abandoned';

export type Stage = 'looking' | 'place_finger' | 'retry' | 'captured';

/** What the bridge answers with. */
export type BridgeCode =
  | 'invalid_params' | 'unauthorized' | 'origin_denied' | 'no_device' | 'device_busy' | 'device_not_ready'
  | 'capture_timeout' | 'capture_cancelled' | 'capture_failed' | 'capture_rejected' | 'request_conflict'
  | 'limit_exceeded' | 'merchant_auth_required' | 'otp_required' | 'refused_by_hook' | 'not_found'
  | 'too_late_to_cancel' | 'unavailable' | 'internal';

/** Why there is no connection. */
export type ConnectCode =
  | 'not_installed' | 'not_running' | 'permission_denied' | 'permission_undecided' | 'frame_blocked'
  | 'insecure_page' | 'blocked_by_page' | 'origin_denied' | 'unauthorized' | 'wrong_version';

/** What this side concludes about a call. */
export type CallCode = 'not_connected' | 'disconnected' | 'timeout' | 'not_submitted' | 'outcome_unknown';

export type ErrorCode = BridgeCode | ConnectCode | CallCode | `jsonrpc_${number}`;

/** Every failure but an abort, which rejects with the signal's reason. */
export class BridgeError extends Error {
  constructor(code: ErrorCode, message: string, remedy?: string, data?: Record<string, unknown>);
  readonly name: 'BridgeError';
  readonly code: ErrorCode;
  /** What the shopkeeper can do, in the language of the connection; may be empty. */
  readonly remedy: string;
  /** The rest of what the bridge said. A failed money call has its client_ref_id here. */
  readonly data: { client_ref_id?: string; [key: string]: unknown };
  /** Present and true where the bridge itself answered. */
  readonly answered?: true;
}

export interface DeviceSummary {
  id?: string;
  vendor: string;
  model: string;
  serial?: string;
  rds_id?: string;
  rds_ver?: string;
}

export interface Device {
  id: string;
  vendor: string;
  model: string;
  serial?: string;
  level?: string;
  modality: string;
  status: 'ready' | 'busy' | 'not_ready';
  /** The RD service's own words. */
  info: string;
  rds_id?: string;
  rds_ver?: string;
  dp_id?: string;
}

export interface StatementLine {
  date: string;
  amount: string;
  txn_type: string;
  narration: string;
}

/** The four codes of Eko's answer; null where it had none. */
export interface EkoCodes {
  status: number | null;
  response_status_id: number | null;
  response_type_id: number | null;
  tx_status: number | null;
}

export interface LocalisedPoint {
  code: string;
  message: string;
  remedy?: string;
}

export interface Transaction {
  client_ref_id: string;
  service: Service;
  state: TransactionState;
  /** Whole rupees; 0 for an enquiry. */
  amount: number;
  bank_code: string;
  aadhaar_last4: string;
  customer_id: string;
  user_code?: string;
  /** Eko's number of the transaction. */
  tid: string;
  /** The bank's number of the transaction (RRN). */
  bank_ref_num: string;
  /** Rupees as text, never to be computed with; may be empty. */
  customer_balance: string;
  mini_statement: StatementLine[] | null;
  message: string;
  remedy?: string;
  reason?: string;
  eko: EkoCodes;
  device: DeviceSummary | null;
  simulated?: boolean;
  created_at: string;
  updated_at: string;
  warnings?: LocalisedPoint[];
}

export interface ReceiptLine {
  /** Stable, for programs. */
  key: string;
  label: string;
  value: string;
}

export interface Receipt {
  lang: Locale;
  title: string;
  /** false: the result may still change, which notice says in words. */
  final: boolean;
  notice?: string;
  simulated?: string;
  lines: ReceiptLine[];
  columns?: string[];
  statement?: StatementLine[];
  thanks?: string;
  client_ref_id: string;
  state: TransactionState;
}

export interface CaptureProgress {
  id: number;
  client_ref_id?: string;
  stage: Stage;
  device?: DeviceSummary;
  attempt?: number;
  message: string;
}

export interface CaptureSummary {
  device: DeviceSummary;
  ftype: number;
  fcount: number;
  q_score: number | null;
  nm_points: number | null;
  /** By the scanner's clock. */
  taken_at: string;
  warnings?: LocalisedPoint[];
}

export interface CaptureResult {
  capture: CaptureSummary;
  /** The RD service's document, byte for byte. */
  pid_data: string;
  /** What the scanner was sent; an OTP in it is replaced by [otp]. */
  pid_options: string;
  /** What was found in the block and did not stop it. */
  problems: CaptureProblem[];
}

export interface CaptureProblem {
  code: string;
  /** Of the document: Data, DeviceInfo@mc. */
  element: string;
  severity: 'error' | 'warning';
  message: string;
  remedy?: string;
}

/** A scanner's own answers: bridge.call<Inspection>('device.inspect', { device: id }). */
export interface Inspection {
  rd_service: string;
  /** Empty where the service gave none that can be understood. */
  device_info: string;
}

export interface Hello {
  /** Its version. */
  bridge: string;
  protocol: number;
  environment: Environment;
  scopes: Scope[];
  devices: Device[];
  /** Transactions of this page that are not settled. */
  pending: Transaction[];
  /** Where the bridge was found. */
  port: number;
}

export interface CallOptions {
  /** Asks the bridge to give up. A capture or a money call then ends with the bridge's word. */
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
}

export interface FingerOptions extends CallOptions {
  onProgress?: (progress: CaptureProgress) => void;
  /** It was too late to cancel; the call goes on. */
  onCancelRefused?: (error: BridgeError) => void;
}

export interface CaptureParams {
  /** The scanner's id; the bridge chooses where there is none. */
  device?: string;
  bank_code?: string;
  purpose?: string;
  wadh?: string;
  otp?: string;
  timeout_ms?: number;
  /** The Aadhaar holder agreed to this scan. */
  consent: true;
}

export interface EnquiryParams {
  /** At most 20 characters; made here where there is none. The same one never moves money twice. */
  client_ref_id?: string;
  aadhaar: string;
  bank_code: string;
  /** The customer's mobile number. */
  customer_id: string;
  latlong?: string;
  user_code?: string;
  device?: string;
  notify_customer?: boolean;
  confirm_repeat?: boolean;
  otp?: string;
  otp_request_id?: string;
  /** The Aadhaar holder agreed to this scan. */
  consent: true;
}

export interface MoneyParams extends EnquiryParams {
  /** Whole rupees. */
  amount: number;
}

/** A merchant's AePS service with Eko: 43 Fingpay, 52 Fino. */
export interface MerchantService {
  code: '43' | '52';
  /** unknown: Eko could not be asked. */
  state: 'activated' | 'deactivated' | 'pending' | 'not_requested' | 'unknown';
}

/** A merchant's day in India. */
export interface Merchant {
  user_code: string;
  service: MerchantService;
  /** true where a step done through this computer proved it; Eko can't be asked. */
  ekyc_done: boolean;
  /** Until midnight in India, or until Eko wants the finger once more. */
  authenticated_today: boolean;
  authenticated_at?: string;
  /** A withdrawal needs the step authenticate just before it. */
  token_needed: boolean;
  /** A step was sent today, last of its kind, and nobody knows what became of it. */
  unclear: boolean;
  /** In the order in which it has to be done. */
  due: ('service' | 'ekyc' | 'register' | 'authenticate' | 'withdrawal_token')[];
  day: string;
}

/** What came of one of the merchant's own steps. */
export interface MerchantResult {
  step: 'daily' | 'withdrawal' | 'register' | 'ekyc_request_otp' | 'ekyc_verify_otp' | 'ekyc_biometric';
  client_ref_id: string;
  /** pending: sent, and nobody knows what became of it. Look at the status before any other. */
  state: 'succeeded' | 'failed' | 'pending';
  reason: string;
  message: string;
  remedy?: string;
  /** Eko's own text. */
  cause?: string;
  tid?: string;
  eko: EkoCodes;
  /** Both go into the next step of the eKYC. */
  otp_ref_id?: string;
  reference_tid?: string;
  device?: DeviceSummary;
  simulated?: boolean;
  warnings?: LocalisedPoint[];
}

/** The merchant's own data: asked for each time, kept nowhere. */
export interface EKYCParams {
  aadhaar: string;
  /** The merchant's own mobile number. */
  customer_id: string;
  /** The merchant agreed to this use of his number and finger. */
  consent: true;
  latlong?: string;
  user_code?: string;
}

export interface EKYCVerifyParams extends EKYCParams {
  otp: string;
  otp_ref_id?: string;
  reference_tid?: string;
}

export interface RegisterParams extends EKYCParams {
  /** The merchant's own bank. */
  bank_code?: string;
  device?: string;
  /** It was done, or may have been, and is to be done and charged again. */
  confirm_repeat?: boolean;
}

export interface AuthenticateParams extends RegisterParams {
  /** Where it is left out, what is due. */
  step?: 'daily' | 'withdrawal';
}

export interface EKYCFinishParams extends RegisterParams {
  otp_ref_id?: string;
  reference_tid?: string;
}

export interface TransactionFilter {
  /** A day in India, YYYY-MM-DD. */
  date?: string;
  from?: string;
  to?: string;
  state?: TransactionState;
  service?: Service;
  limit?: number;
  cursor?: string;
}

export interface Diagnosis {
  ok: boolean;
  code: 'ok' | ErrorCode;
  message: Record<Locale, string>;
  remedy: Record<Locale, string>;
  error: BridgeError | null;
  permission: PermissionState | 'unknown';
  /** This page is inside another one. */
  framed: boolean;
  attempts: { port: number; outcome: 'open' | 'refused' | 'silent' | 'stranger' | 'blocked' | 'dismissed' | 'aborted' | 'again'; ms: number }[];
  hello: Hello | null;
}

export type ConnectionState =
  | 'idle' | 'connecting'
  /** The browser asks its user, who must choose Allow. */
  | 'asking'
  | 'connected'
  /** Tries again by itself. */
  | 'waiting'
  /** Needs connect() from a click, or another page. */
  | 'disconnected';

export interface BioBridgeEvents {
  state: CustomEvent<{ state: ConnectionState; error: BridgeError | null; retry_in_ms: number | null }>;
  devices: CustomEvent<{ devices: Device[]; change?: 'added' | 'changed' | 'removed'; device?: Device }>;
  progress: CustomEvent<CaptureProgress>;
  transaction: CustomEvent<Transaction>;
  /** What became of a money call that a reload of the page interrupted. */
  recovered: CustomEvent<
    | { client_ref_id: string; transaction: Transaction; error: null }
    | { client_ref_id: string; transaction: null; error: BridgeError }
  >;
}

export interface Options {
  /** Who connects, for the bridge's log. */
  client?: { name: string; version: string };
  locale?: Locale;
  ports?: readonly number[];
  host?: string;
  token?: string;
  /** false: a lost connection stays lost. */
  reconnect?: boolean;
  /** Where the last good port is kept; localStorage. */
  storage?: Pick<Storage, 'getItem' | 'setItem'>;
  /** Where the references of unanswered money calls are kept; sessionStorage. */
  session?: Pick<Storage, 'getItem' | 'setItem'>;
  WebSocket?: new (url: string) => WebSocket;
  permissions?: { query(descriptor: { name: string }): Promise<unknown> };
}

export const PORTS: readonly number[];

/** Whether nothing more will happen to the transaction. */
export function isSettled(transaction: Pick<Transaction, 'state'>): boolean;

/** A new client_ref_id of 20 characters. */
export function newClientRefID(): string;

export class BioBridge extends EventTarget {
  constructor(options?: Options);

  readonly state: ConnectionState;
  /** What keeps it from being connected. */
  readonly error: BridgeError | null;
  readonly hello: Hello | null;
  readonly devices: Device[];

  /** Connects. Call it from a click: the browser may ask its user. Aborting closes. */
  connect(options?: { signal?: AbortSignal }): Promise<Hello>;
  /** Connects where the browser asks nobody; else resolves to null. For page loads. */
  autoConnect(): Promise<Hello | null>;
  /** Ends the connection and every attempt to have one. */
  close(): void;
  /** Changes the language of later messages, the bridge's too. */
  setLocale(locale: Locale): Promise<void>;
  /** Says why there is no connection. Call it from a click, or with ask: false. */
  diagnose(options?: { ask?: boolean }): Promise<Diagnosis>;

  listDevices(options?: CallOptions & { refresh?: boolean }): Promise<Device[]>;
  capture(params: CaptureParams, options?: FingerOptions): Promise<CaptureResult>;

  /**
   * Sent once, never again. Resolves with the transaction as the bridge knows it,
   * which may be pending: look at its state. Rejects with outcome_unknown where
   * nobody can say what became of it; then neither pay out nor repeat.
   */
  cashWithdrawal(params: MoneyParams, options?: FingerOptions): Promise<Transaction>;
  aadhaarPay(params: MoneyParams, options?: FingerOptions): Promise<Transaction>;
  balanceEnquiry(params: EnquiryParams, options?: FingerOptions): Promise<Transaction>;
  miniStatement(params: EnquiryParams, options?: FingerOptions): Promise<Transaction>;
  /** Sends the customer an SMS each time. Takes what the withdrawal takes. */
  requestOTP(params: MoneyParams, options?: CallOptions): Promise<{ otp_request_id: string }>;

  /** The merchant's day: what is due. */
  merchant(step: 'status', params?: { user_code?: string }, options?: CallOptions): Promise<{ merchant: Merchant }>;
  /**
   * One of the merchant's own steps. Those with a finger are charged, so each is
   * sent once and never again: one that was done, or may have been, rejects with
   * request_conflict unless confirm_repeat says that it is meant. After a lost
   * connection the status knows more. The eKYC's steps answer what the next takes.
   */
  merchant(step: 'authenticate', params: AuthenticateParams, options?: FingerOptions): Promise<{ step: MerchantResult }>;
  merchant(step: 'register', params: RegisterParams, options?: FingerOptions): Promise<{ step: MerchantResult }>;
  merchant(step: 'ekyc.request_otp', params: EKYCParams, options?: CallOptions): Promise<{ step: MerchantResult }>;
  merchant(step: 'ekyc.verify_otp', params: EKYCVerifyParams, options?: CallOptions): Promise<{ step: MerchantResult }>;
  merchant(step: 'ekyc.biometric', params: EKYCFinishParams, options?: FingerOptions): Promise<{ step: MerchantResult }>;

  getTransaction(clientRefID: string, options?: CallOptions): Promise<Transaction>;
  /** Asks Eko now. */
  inquire(clientRefID: string, options?: CallOptions): Promise<Transaction>;
  listTransactions(filter?: TransactionFilter, options?: CallOptions): Promise<{ transactions: Transaction[]; next?: string }>;
  /** A slip to print: as data, and with a format also laid out in body. */
  receipt(
    clientRefID: string,
    options?: CallOptions & { format?: 'data' | 'text' | 'html58' | 'html80' | 'htmla4'; locale?: Locale },
  ): Promise<{ receipt: Receipt; format?: string; body?: string }>;

  /** Calls any method of the protocol. */
  call<Result = unknown>(method: string, params?: object, options?: FingerOptions & { patient?: boolean }): Promise<Result>;

  addEventListener<Type extends keyof BioBridgeEvents>(
    type: Type,
    listener: ((event: BioBridgeEvents[Type]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof BioBridgeEvents>(
    type: Type,
    listener: ((event: BioBridgeEvents[Type]) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
