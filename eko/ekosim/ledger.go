package ekosim

import (
	"fmt"
	"slices"
)

// Totals counts the money since the start.
type Totals struct {
	// Attempts counts requests to move money, whatever became of them.
	Attempts     int `json:"attempts"`
	Transactions int `json:"transactions"`
	// Movements counts debits, Refunds how many of them were given back.
	Movements int   `json:"movements"`
	Refunds   int   `json:"refunds"`
	Withdrawn Paise `json:"withdrawn"`
	Refunded  Paise `json:"refunded"`
	// DoubledMoney lists the client_ref_ids for which money moved more than
	// once, DoubledAttempts those that were submitted more than once.
	DoubledMoney    []string `json:"doubled_money"`
	DoubledAttempts []string `json:"doubled_attempts"`
}

// Totals returns the sums.
func (s *Server) Totals() Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue()
	totals := Totals{Transactions: len(s.transactions)}
	moved := map[string]int{}
	for _, t := range s.transactions {
		moved[t.ClientRefID] += t.Moved
		totals.Movements += t.Moved
		totals.Refunds += t.Refunded
		totals.Withdrawn += Rupees(t.Amount) * Paise(t.Moved)
		totals.Refunded += Rupees(t.Amount) * Paise(t.Refunded)
	}
	for _, n := range s.attempts {
		totals.Attempts += n
	}
	totals.DoubledMoney = above(moved)
	totals.DoubledAttempts = above(s.attempts)
	return totals
}

// above lists the keys that were counted more than once, sorted.
func above(counts map[string]int) []string {
	list := []string{}
	for key, n := range counts {
		if n > 1 {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return list
}

// Moved reports how many times money moved for a client_ref_id; a refund does
// not take that back.
func (s *Server) Moved(clientRefID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue()
	moved := 0
	for _, t := range s.transactions {
		if t.ClientRefID == clientRefID {
			moved += t.Moved
		}
	}
	return moved
}

// Attempts reports how many requests to move money arrived for a client_ref_id,
// the refused ones and the lost ones too.
func (s *Server) Attempts(clientRefID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts[clientRefID]
}

// Transactions returns Eko's books, oldest first.
func (s *Server) Transactions() []Transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue()
	list := make([]Transaction, 0, len(s.transactions))
	for _, t := range s.transactions {
		list = append(list, *t)
	}
	return list
}

// Transaction returns what Eko knows of a client_ref_id, the last one where it
// was used twice.
func (s *Server) Transaction(clientRefID string) (Transaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue()
	for _, t := range slices.Backward(s.transactions) {
		if t.ClientRefID == clientRefID {
			return *t, true
		}
	}
	return Transaction{}, false
}

// Decide ends a transaction that is pending with a tx_status of choice. Success
// debits the account, failure and refund give the money back.
func (s *Server) Decide(clientRefID, txStatus string) error {
	if txDescription(txStatus) == "" {
		return fmt.Errorf("no tx_status is called %q", txStatus)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range slices.Backward(s.transactions) {
		if t.ClientRefID != clientRefID {
			continue
		}
		if t.account == nil {
			return fmt.Errorf("no account stands behind %s", clientRefID)
		}
		t.plan, t.hidden = nil, 0
		s.become(t, txStatus)
		return nil
	}
	return fmt.Errorf("no transaction %s", clientRefID)
}

// Balance returns the balance of an account, and whether there is one.
func (s *Server) Balance(aadhaar, bankCode string) (Paise, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue()
	a, ok := s.accounts[accountKey{aadhaar, bankCode}]
	if !ok {
		return 0, false
	}
	return a.Balance, true
}

// AddAccount opens an account, or replaces the one of that person at that bank.
// It fails on a number that is no Aadhaar number and on a bank that is not there.
func (s *Server) AddAccount(a Account) error {
	if !validAadhaar(a.Aadhaar) {
		return fmt.Errorf("the account of %q has no valid Aadhaar number", a.Name)
	}
	if _, known := s.bank(a.BankCode); !known {
		return fmt.Errorf("the account of %q is at no bank of this simulator", a.Name)
	}
	a.Statement = slices.Clone(a.Statement)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts[accountKey{a.Aadhaar, a.BankCode}] = &account{Account: a, withdrawals: map[string]int{}}
	return nil
}
