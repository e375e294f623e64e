// Compiled, never run: a page that uses all of the types. The lines after a
// ts-expect-error must not compile.

import { BioBridge, BridgeError, isSettled, newClientRefID, PORTS } from 'biobridge';
import type { CaptureProgress, Device, Diagnosis, ErrorCode, Hello, Transaction } from 'biobridge';

const bridge = new BioBridge({ locale: 'hi', client: { name: 'shop', version: '2' }, ports: PORTS, storage: localStorage });

// @ts-expect-error no such language
new BioBridge({ locale: 'fr' });

export async function page(signal: AbortSignal): Promise<string> {
  const hello: Hello | null = await bridge.autoConnect();
  const port: number = (hello ?? (await bridge.connect({ signal }))).port;
  const devices: Device[] = await bridge.listDevices({ refresh: true, signal });
  const ready = devices.find((device) => device.status === 'ready');
  try {
    const t: Transaction = await bridge.cashWithdrawal(
      {
        client_ref_id: newClientRefID(), aadhaar: '999941057058', bank_code: 'SBIN', amount: 500,
        customer_id: '9999999999', device: ready?.id, consent: true,
      },
      { signal, onProgress: (progress: CaptureProgress) => console.log(progress.stage, progress.message), onCancelRefused: (error) => console.log(error.code) },
    );
    if (isSettled(t)) return `${t.state} ${t.bank_ref_num} ${t.mini_statement?.[0]?.narration ?? ''} ${port}`;
    return (await bridge.inquire(t.client_ref_id)).message;
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    const code: ErrorCode = error.code;
    return code === 'outcome_unknown' ? `${error.remedy} ${error.data.client_ref_id ?? ''}` : error.message;
  }
}

export async function why(): Promise<string> {
  const diagnosis: Diagnosis = await bridge.diagnose({ ask: false });
  return diagnosis.ok ? 'fine' : diagnosis.message.hi;
}

bridge.addEventListener('devices', ({ detail }) => console.log(detail.devices.length, detail.change));
bridge.addEventListener('state', ({ detail }) => console.log(detail.state, detail.error?.code, detail.retry_in_ms));
bridge.addEventListener('recovered', ({ detail }) => console.log(detail.transaction ? detail.transaction.state : detail.error.code));

export async function morning(): Promise<string> {
  const { merchant } = await bridge.merchant('status');
  if (!merchant.due.includes('authenticate')) return merchant.day;
  const own = { aadhaar: '999941057058', customer_id: '9999999999', consent: true } as const;
  const { step } = await bridge.merchant('authenticate', { ...own, bank_code: 'SBIN', step: 'daily' }, { onProgress: ({ stage }) => console.log(stage) });
  const sent = (await bridge.merchant('ekyc.request_otp', own)).step;
  const right = (await bridge.merchant('ekyc.verify_otp', { ...own, otp: '123456', otp_ref_id: sent.otp_ref_id, reference_tid: sent.reference_tid })).step;
  await bridge.merchant('ekyc.biometric', { ...own, bank_code: 'SBIN', otp_ref_id: right.otp_ref_id, reference_tid: right.reference_tid });
  await bridge.merchant('register', own);
  // @ts-expect-error no such step
  await bridge.merchant('dance', own);
  return step.state === 'pending' ? step.remedy ?? '' : step.message;
}

// @ts-expect-error consent is not optional
void bridge.balanceEnquiry({ aadhaar: '999941057058', bank_code: 'SBIN', customer_id: '9999999999' });
// @ts-expect-error a withdrawal has an amount
void bridge.cashWithdrawal({ aadhaar: '999941057058', bank_code: 'SBIN', customer_id: '9999999999', consent: true });
// @ts-expect-error the state is not the page's to set
bridge.state = 'connected';
void bridge.call<{ transactions: Transaction[] }>('transaction.list', { limit: 5 }).then(({ transactions }) => transactions.length);
