package journal

import (
	"time"

	"biobridge/agent/contract"
)

// Hash is a keyed hash of something that must not be stored itself.
type Hash [32]byte

// Record is one transaction as it stands on disk.
type Record struct {
	// Seq is the order of writing, from 1; it never goes back.
	Seq         int64
	ClientRefID string
	// EkoRef is the reference under which Eko knows the transaction: ClientRefID
	// unless the partner's hook named its own.
	EkoRef string
	// Origin and User are who asked; both are part of what a reference means.
	Origin, User string
	Service      contract.Service
	State        contract.State
	// Amount is whole rupees.
	Amount                                       int64
	BankCode, AadhaarLast4, CustomerID, UserCode string
	AadhaarHash, ContentHash                     Hash
	Device                                       *contract.DeviceSummary
	Result
	Simulated            bool
	CreatedAt, UpdatedAt time.Time
	// Day is the calendar day in Asia/Kolkata, YYYY-MM-DD.
	Day string
	// NextInquiryAt is when Eko is to be asked again; zero: not at all.
	NextInquiryAt time.Time
	// ScheduledAt is when NextInquiryAt was decided: a clock that shows less has
	// been set back since.
	ScheduledAt  time.Time
	InquiryCount int
}

// Result is what Eko's answers, or their absence, have told so far. Empty
// fields of a later answer do not wipe out what an earlier one said.
type Result struct {
	TID, BankRefNum, CustomerBalance string
	MiniStatement                    []contract.StatementLine
	// Reason is the stable word, Message and Remedy its English sentences.
	Reason, Message, Remedy string
	Eko                     contract.EkoCodes
	// Receipt holds the printable lines of Eko's answer by Eko's own names.
	Receipt map[string]string
}

// Transaction is the record as its owner may see it.
func (r Record) Transaction() contract.Transaction {
	return contract.Transaction{
		ClientRefID: r.ClientRefID, Service: r.Service, State: r.State,
		Amount: r.Amount, BankCode: r.BankCode, AadhaarLast4: r.AadhaarLast4,
		CustomerID: r.CustomerID, UserCode: r.UserCode,
		TID: r.TID, BankRefNum: r.BankRefNum, CustomerBalance: r.CustomerBalance,
		MiniStatement: r.MiniStatement,
		Message:       r.Message, Remedy: r.Remedy, Reason: r.Reason, Eko: r.Eko,
		Device: r.Device, Simulated: r.Simulated,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// Change is one step of a transaction's life.
type Change struct {
	To contract.State
	// By is who caused it: "agent", "eko", or "local:" and the user's name.
	By string
	// Reason is the stable word for the trail; Result.Reason may differ.
	Reason string
	// Device, when set, replaces the remembered scanner.
	Device *contract.DeviceSummary
	// Digests mark a capture as used up, by each of its parts; a second use of
	// any is [ErrReplay].
	Digests []Hash
	// Result, when set, is merged into what is known.
	Result *Result
	// NextInquiryAt is kept only with an unsettled state.
	NextInquiryAt time.Time
}

// TrailEntry is a line of the auditor's trail. From and To are equal where Eko
// was asked and nothing changed.
type TrailEntry struct {
	At       time.Time
	From, To contract.State
	By       string
	Reason   string
	// Eko are the codes that the entry rests on, if it rests on an answer.
	Eko contract.EkoCodes
}

// merge lays a later result over an earlier one.
func (r Result) merge(later Result) Result {
	set := func(old *string, v string) {
		if v != "" {
			*old = v
		}
	}
	set(&r.TID, later.TID)
	set(&r.BankRefNum, later.BankRefNum)
	set(&r.CustomerBalance, later.CustomerBalance)
	r.Reason, r.Message, r.Remedy = later.Reason, later.Message, later.Remedy
	if len(later.MiniStatement) > 0 {
		r.MiniStatement = later.MiniStatement
	}
	if later.Eko != (contract.EkoCodes{}) {
		r.Eko = later.Eko
	}
	if len(later.Receipt) > 0 {
		receipt := make(map[string]string, len(r.Receipt)+len(later.Receipt))
		for k, v := range r.Receipt {
			receipt[k] = v
		}
		for k, v := range later.Receipt {
			receipt[k] = v
		}
		r.Receipt = receipt
	}
	return r
}

// kolkata is India's only zone, written out because a shop's PC may have no
// zone database.
var kolkata = time.FixedZone("IST", 5*60*60+30*60)

// Day is the calendar day in India at t, YYYY-MM-DD.
func Day(t time.Time) string { return t.In(kolkata).Format(time.DateOnly) }
