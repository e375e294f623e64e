package ekosim

import (
	"slices"
	"time"
)

// Behaviour names a way to misbehave. Each has an amount that asks for it.
type Behaviour string

// Behave is the absence of misbehaviour: a fault of this kind shields the
// requests it matches from amounts and chance.
const Behave Behaviour = "behave"

// Before money moves.
const (
	LostRequest Behaviour = "lost_request"
	SlowBank    Behaviour = "slow_bank"
	HTTP402     Behaviour = "http_402"
	HTTP403     Behaviour = "http_403"
	HTTP404     Behaviour = "http_404"
	HTTP405     Behaviour = "http_405"
	HTTP415     Behaviour = "http_415"
	HTTP500     Behaviour = "http_500"
	HTTP504     Behaviour = "http_504"
	RetryLater  Behaviour = "retry_later"
	TooMany     Behaviour = "too_many"
	Redirect    Behaviour = "redirect"
	HTML        Behaviour = "html"
	OTPAnswer   Behaviour = "otp_answer"
	Busy        Behaviour = "busy"
	BankFailure Behaviour = "bank_failure"
	NPCIError   Behaviour = "npci_error"
	NoKeyBefore Behaviour = "no_key_before"
)

// After money moved, in how the answer travels.
const (
	LostAnswer      Behaviour = "lost_answer"
	LateMoney       Behaviour = "late_money"
	NotFound        Behaviour = "not_found"
	SlowAnswer      Behaviour = "slow_answer"
	Endless         Behaviour = "endless"
	Huge            Behaviour = "huge"
	HTTP500After    Behaviour = "http_500_after"
	HTTP504After    Behaviour = "http_504_after"
	RetryLaterAfter Behaviour = "retry_later_after"
	HTMLAfter       Behaviour = "html_after"
	EmptyBody       Behaviour = "empty_body"
	CutBody         Behaviour = "cut_body"
	LongLength      Behaviour = "long_length"
	ShortLength     Behaviour = "short_length"
	Gzip            Behaviour = "gzip"
	ByteOrderMark   Behaviour = "byte_order_mark"
	DeepNesting     Behaviour = "deep_nesting"
	ClockSkew       Behaviour = "clock_skew"
)

// After money moved, in what the answer says.
const (
	TwoDocuments    Behaviour = "two_documents"
	DuplicateKeys   Behaviour = "duplicate_keys"
	OtherReference  Behaviour = "other_reference"
	OtherAmount     Behaviour = "other_amount"
	UnknownTxStatus Behaviour = "unknown_tx_status"
	MissingTxStatus Behaviour = "missing_tx_status"
	NoKey           Behaviour = "no_key"
	Contradiction   Behaviour = "contradiction"
	NullBody        Behaviour = "null_body"
	ArrayBody       Behaviour = "array_body"
	NumberTypes     Behaviour = "number_types"
)

// What the bank does with the money.
const (
	PendingSuccess  Behaviour = "pending_success"
	PendingFailure  Behaviour = "pending_failure"
	PendingForever  Behaviour = "pending_forever"
	RefundPendingTx Behaviour = "tx_status_3"
	RefundedTx      Behaviour = "tx_status_4"
	HoldTx          Behaviour = "tx_status_5"
	AwaitedTx       Behaviour = "tx_status_6"
)

// misbehaviour is what a behaviour does. What is nil stays as it should be.
type misbehaviour struct {
	name   Behaviour
	amount int64
	help   string
	// delay and inquiries stand where the fault says nothing.
	delay     time.Duration
	inquiries int

	before  func(x *exchange)                  // answers by itself; nothing is processed
	bank    func(x *exchange, t *Transaction)  // what becomes of the money; holds s.mu
	edit    func(x *exchange, o object) object // what the answer says
	deliver func(x *exchange, o object)        // how the answer travels
	hold    bool                               // waits for the delay before it is processed
}

// behaviours is the table of faults. An amount of a withdrawal selects its line;
// multiples of 50 are in no line, so ordinary amounts behave.
func behaviours() []misbehaviour {
	return slices.Concat(transportFaults(), gatewayFaults(), bodyFaults(), statusFaults())
}

func transportFaults() []misbehaviour {
	return []misbehaviour{
		{name: LostRequest, amount: 101, before: drop,
			help: "connection closed, nothing moved; inquiry never finds it"},
		{name: LostAnswer, amount: 102, deliver: dropAnswer,
			help: "money moved, connection closed without an answer"},
		{name: LateMoney, amount: 103, delay: 5 * time.Second, bank: moveLater, deliver: dropAnswer,
			help: "connection closed; inquiry says pending, the money moves seconds later (delay_ms)"},
		{name: SlowBank, amount: 104, delay: 3 * time.Second, hold: true,
			help: "the money moves only after seconds (delay_ms), even if the client has left; meanwhile the merchant is busy"},
		{name: SlowAnswer, amount: 105, delay: 20 * time.Second, deliver: answerSlowly,
			help: "money moved, the answer comes after seconds (delay_ms)"},
		{name: Endless, amount: 106, deliver: answerEndlessly,
			help: "money moved, the answer is chunks that never end"},
		{name: Huge, amount: 107, deliver: answerHugely,
			help: "money moved, the answer is a JSON document of 16 MiB"},
		{name: NotFound, amount: 108, inquiries: 3, deliver: dropAnswer, bank: moveHidden,
			help: "money moved, answer lost, and the first inquiries (inquiries) don't find it"},
		{name: CutBody, amount: 124, deliver: cutBody,
			help: "money moved, the body ends half-way with the connection (chunked)"},
		{name: LongLength, amount: 125, deliver: longLength,
			help: "money moved, Content-Length promises more than there is"},
		{name: ShortLength, amount: 126, deliver: shortLength,
			help: "money moved, Content-Length cuts the document"},
		{name: EmptyBody, amount: 127, deliver: emptyBody,
			help: "money moved, HTTP 200 without a body"},
		{name: Gzip, amount: 146, deliver: gzipBody,
			help: "money moved, the answer is gzip though nobody asked for it"},
		{name: ClockSkew, amount: 149, deliver: skewedDate,
			help: "money moved, the Date header is an hour ahead"},
	}
}

func gatewayFaults() []misbehaviour {
	return []misbehaviour{
		{name: HTTP500, amount: 109, before: gateway(500), help: "HTTP 500, nothing moved"},
		{name: HTTP500After, amount: 110, deliver: gatewayAnswer(500), help: "HTTP 500 after money moved"},
		{name: HTTP504, amount: 111, before: gateway(504), help: "HTTP 504, nothing moved"},
		{name: HTTP504After, amount: 112, deliver: gatewayAnswer(504), help: "HTTP 504 after money moved"},
		{name: HTTP402, amount: 113, before: gateway(402), help: "HTTP 402, nothing moved"},
		{name: HTTP403, amount: 114, before: gateway(403), help: "HTTP 403, nothing moved"},
		{name: HTTP404, amount: 115, before: gateway(404), help: "HTTP 404 \"No mapping rule matched\", nothing moved"},
		{name: HTTP405, amount: 116, before: gateway(405), help: "HTTP 405, nothing moved"},
		{name: HTTP415, amount: 117, before: gateway(415), help: "HTTP 415, nothing moved"},
		{name: RetryLater, amount: 118, before: gateway(503), help: "HTTP 503 with Retry-After: 2, nothing moved"},
		{name: RetryLaterAfter, amount: 119, deliver: gatewayAnswer(503), help: "HTTP 503 with Retry-After: 2 after money moved"},
		{name: TooMany, amount: 120, before: gateway(429), help: "HTTP 429 with Retry-After: 2, nothing moved"},
		{name: Redirect, amount: 121, before: redirect, help: "HTTP 307 to the same address; who follows submits again"},
		{name: HTML, amount: 122, before: gateway(200), help: "HTTP 200 with an HTML page, nothing moved"},
		{name: HTMLAfter, amount: 123, deliver: gatewayAnswer(200), help: "HTTP 200 with an HTML page after money moved"},
	}
}

func bodyFaults() []misbehaviour {
	return []misbehaviour{
		{name: TwoDocuments, amount: 128, deliver: twoDocuments,
			help: "money moved, the body is a failure followed by a success"},
		{name: DuplicateKeys, amount: 129, deliver: duplicateKeys,
			help: "money moved, the answer's data has tx_status twice, 1 and then 0"},
		{name: OtherReference, amount: 131, edit: otherReference,
			help: "money moved, the answer names another client_ref_id"},
		{name: OtherAmount, amount: 132, edit: otherAmount,
			help: "money moved, the answer names another amount"},
		{name: MissingTxStatus, amount: 138, edit: missingTxStatus,
			help: "money moved, a success without tx_status"},
		{name: NoKey, amount: 139, edit: noKey,
			help: "money moved, the answer is \"No key for response\""},
		{name: Contradiction, amount: 140, edit: contradiction,
			help: "money moved, status says failed and tx_status says 0"},
		{name: NullBody, amount: 151, deliver: literalBody("null"),
			help: "money moved, the body is null"},
		{name: ArrayBody, amount: 152, deliver: arrayBody,
			help: "money moved, the answer is wrapped in an array"},
		{name: NumberTypes, amount: 153, edit: numberTypes,
			help: "money moved, a true success whose tx_status, tid and amount are numbers"},
		{name: ByteOrderMark, amount: 154, deliver: byteOrderMark,
			help: "money moved, a true success behind a UTF-8 byte order mark"},
		{name: DeepNesting, amount: 155, deliver: deepNesting,
			help: "money moved, the body is 100,000 nested arrays"},
	}
}

func statusFaults() []misbehaviour {
	return []misbehaviour{
		{name: UnknownTxStatus, amount: 133, inquiries: 2, bank: stay(txUnheardOf, true, txSuccess),
			help: "money moved, tx_status 9; inquiry says 0 after a while (inquiries)"},
		{name: RefundPendingTx, amount: 134, inquiries: 2, bank: stay(txRefundPending, true, txRefunded),
			help: "money moved, tx_status 3; refunded (4) after a while"},
		{name: RefundedTx, amount: 135, bank: refunded,
			help: "money moved and came back, tx_status 4"},
		{name: HoldTx, amount: 136, inquiries: 2, bank: stay(txHold, true, txSuccess),
			help: "money moved, tx_status 5; 0 after a while"},
		{name: AwaitedTx, amount: 137, inquiries: 2, bank: stay(txAwaited, false, txFailed),
			help: "nothing moved, tx_status 6; 1 after a while"},
		{name: PendingSuccess, amount: 142, inquiries: 2, bank: stay(txPending, true, txSuccess),
			help: "money moved, pending (1465); success after a while (inquiries or delay_ms)"},
		{name: PendingFailure, amount: 143, inquiries: 2, bank: stay(txPending, false, txFailed),
			help: "nothing moved, pending (1465); failed after a while"},
		{name: PendingForever, amount: 144, bank: stay(txPending, true, ""),
			help: "money moved, pending and never settled"},
		{name: BankFailure, amount: 147, bank: declined("Do not honour (simulated)"),
			help: "an ordinary refusal by the bank (1464, tx_status 1)"},
		{name: NPCIError, amount: 148, before: business(55, "NPCI response error"),
			help: "status 55, nothing moved"},
		{name: OTPAnswer, amount: 141, before: otpAnswer,
			help: "type 1459: an OTP was sent and nothing was withdrawn, whatever the amount and the API"},
		{name: Busy, amount: 145, before: busyAnswer,
			help: "response_status_id -2: another transaction is running; nothing moved"},
		{name: NoKeyBefore, amount: 156, before: noKeyAnswer,
			help: "\"No key for response\", nothing moved; inquiry never finds it"},
	}
}

// BehaviourHelp is a line of the table of faults, for people.
type BehaviourHelp struct {
	Amount    int64     `json:"amount"`
	Behaviour Behaviour `json:"behaviour"`
	Help      string    `json:"help"`
}

// Behaviours returns the table of faults by amount.
func Behaviours() []BehaviourHelp {
	var list []BehaviourHelp
	for _, m := range behaviours() {
		list = append(list, BehaviourHelp{m.amount, m.name, m.help})
	}
	slices.SortFunc(list, func(a, b BehaviourHelp) int { return int(a.Amount - b.Amount) })
	return list
}
