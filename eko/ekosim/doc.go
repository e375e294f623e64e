// Package ekosim simulates Eko's AePS API, v1, v2 and v3, with a small bank behind
// it. It is the counterpart that the agent is proved against: it opens the PID
// block, checks every signature, keeps balances, and counts how often money moved.
//
// It is written from Eko's documents (eko-api.md, the AePS and debit-hook pages)
// with its own structs, and imports nothing of the code it is there to test: a
// name misspelt on both sides would be invisible.
//
// Invariants:
//   - It is unmistakable. Every answer has the header X-Biobridge-Simulated and,
//     where it has a message, "(SIMULATED)" in it. It takes only keys that begin
//     with SIMULATED-, and answers only where the Host is this computer.
//   - It is strict. Headers, fields and JSON types are as documented; unknown
//     fields, doubled keys, a body in two parts and a signature over anything else
//     are refused. What deserves a refusal never meets a fault.
//   - It is hostile on request only: by amount ([Behaviours]), by [Server.SetFault],
//     or by seed ([Options.Chaos]). The same seed and the same requests give the
//     same answers, in whichever order they arrive.
//   - It is observable. [Server.Moved], [Server.Attempts], [Server.Balance],
//     [Server.Totals] and [Server.Requests] tell what happened; [Server.Management]
//     tells it to another process. The history holds no Aadhaar number, no PID
//     block and no OTP; [Server.Inbox] is the customer's telephone and does.
//   - A client_ref_id moves money once, however often it is submitted, unless
//     [Rules.ForgetReferences] asks for the opposite.
//   - State lives as long as the process. Nothing is written to disk.
//
// # What a gateway refuses, and how
//
// 402 without developer_key. 403 for a key, a timestamp, a signature, an
// initiator_id (v3: status 319), an encrypted Aadhaar number (v3: status 97) or a
// body that is not right. 404 "No mapping rule matched", 405, 413, 415, and 421
// for a foreign Host. The body is a page or empty: the reason stands in
// [Request].Refused.
//
// # What the documents leave open
//
// The choices made here, none of which a client should rely on:
//   - A client_ref_id that was used: status 97. One that got type 1459 is not used.
//   - A field that is unknown, of the wrong JSON type or unusable: status 97. The
//     list of them is spelled invalid_params or invalid_parameters, by chance.
//   - An inquiry that finds nothing: status 168 without data. Enquiries of balance
//     and statement can't be inquired into.
//   - An inquiry's data: the members of the settlement-shaped sample that AePS can
//     have, with tx_status, tid and amount now numbers, now text.
//   - tx_status 3, 4, 5 come with type 1465 and that response_status_id; 6 with 2.
//   - response_status_id -2 comes with status 0 and type -1.
//   - The daily authentication that is missing: 1464 with everything empty and a
//     comment with FP069. A merchant authentication that is missing: the same.
//   - v2's service_type 6 answers 1259; 7 and the path aepsmerchantauth answer 1713
//     with reference_tid, good for one withdrawal and 90 seconds. Their request_hash
//     covers the amount 0. A withdrawal gives it back as reference_tid or
//     reference_id.
//   - v2 serves a merchant with service 52 or 43, v3 one with 43. v2's eKYC with
//     ekyc_flag 1 (Fino) is the finger alone.
//   - v2's other paths take no request_hash; v3's depends on [Rules.V3Hash].
//   - v3's OTP for a withdrawal is inside the PID block, txn_otp_request_id beside
//     it. It is good for one withdrawal and five minutes.
//   - v2's user_code in an inquiry is required, v1's and v3's is not.
//   - A service is pending after v1's activation until [Server.SetService]; v3's is
//     active at once, as its sample says.
//   - The list of banks, listed in v3 without an answer: bank_list of bank_id, code
//     and name.
//
// It leaves out onboarding, refunds by OTP, settlement's office hours, and the
// gateway and widget pages, which are no part of what the agent calls. It does not
// judge the quality of a finger.
package ekosim
