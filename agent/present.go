package agent

import (
	"strings"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
)

// present is a record as its owner may see it, in English. What could not be
// written yet is shown as a restart would find it.
func (a *Agent) present(r journal.Record) contract.Transaction {
	a.mu.Lock()
	owed, unwritten := a.owed[r.ClientRefID]
	a.mu.Unlock()
	switch {
	case unwritten && owed.To == contract.Abandoned && r.State != contract.Sending:
		r.State, r.Result = contract.Abandoned, *owed.Result
	case unwritten:
		r.State, r.Reason = contract.Pending, "not_written"
	}
	tx := r.Transaction()
	own, ours := reasons[tx.Reason]
	if ours {
		tx.Message, tx.Remedy = own.message, own.remedy
	}
	if tx.MiniStatement == nil {
		tx.MiniStatement = []contract.StatementLine{}
	}
	return withMoneySentence(tx, func(_, english string) string { return english })
}

// withMoneySentence puts before and after the cause what the shopkeeper must
// know where the result is open: neither pay out nor repeat. say words a key's
// English sentence.
func withMoneySentence(tx contract.Transaction, say func(key, english string) string) contract.Transaction {
	word := moneySentence(tx)
	if word == "" {
		return tx
	}
	s := reasons[word]
	tx.Message = strings.TrimSpace(say("agent."+word+".message", s.message) + " " + tx.Message)
	tx.Remedy = say("agent."+word+".remedy", s.remedy)
	return tx
}

// moneySentence is the key of what must be said beside the cause, "" for nothing.
func moneySentence(tx contract.Transaction) string {
	if !tx.Service.MovesMoney() || tx.Reason == "ask_eko" || tx.Reason == string(tx.State) {
		return ""
	}
	if tx.State == contract.Pending || tx.State == contract.RefundPending {
		return string(tx.State)
	}
	return ""
}

// withoutMoneySentence is the message as it was before withMoneySentence.
func withoutMoneySentence(tx contract.Transaction) string {
	word := moneySentence(tx)
	if word == "" {
		return tx.Message
	}
	return strings.TrimSpace(strings.TrimPrefix(tx.Message, reasons[word].message))
}

// Localise returns the transaction with its sentences in a language; what the
// catalogue doesn't have stays English.
func (a *Agent) Localise(tx contract.Transaction, lang locale.Lang) contract.Transaction {
	c := a.cfg.Catalogue
	if lang == locale.English || c == nil {
		return tx
	}
	stem := "eko." + tx.Reason
	if _, ours := reasons[tx.Reason]; ours || tx.State == contract.Abandoned {
		stem = "agent." + tx.Reason
	}
	tx.Message = withoutMoneySentence(tx)
	// A sentence with figures in it stands filled in on the record alone.
	if text := c.Text(lang, stem+".message", "", nil); text != "" && !strings.Contains(text, "{") {
		tx.Message = text
		tx.Remedy = c.Text(lang, stem+".remedy", tx.Remedy, nil)
	}
	tx = withMoneySentence(tx, func(key, english string) string { return c.Text(lang, key, english, nil) })
	for i, w := range tx.Warnings {
		tx.Warnings[i] = localisePoint(c, lang, w)
	}
	return tx
}

// localisePoint words a warning: one of the agent's, or of the checks.
func localisePoint(c *locale.Catalogue, lang locale.Lang, p contract.LocalisedPoint) contract.LocalisedPoint {
	for _, stem := range []string{"agent." + p.Code, "pid." + p.Code} {
		if c.Has(lang, stem+".message") {
			p.Message = c.Text(lang, stem+".message", p.Message, p.Args)
			p.Remedy = c.Text(lang, stem+".remedy", p.Remedy, p.Args)
			return p
		}
	}
	return p
}

// warning makes a remark from the table of texts.
func warning(key string, args map[string]string) contract.LocalisedPoint {
	var c *locale.Catalogue
	w := warnings[key]
	return contract.LocalisedPoint{
		Code:    key,
		Args:    args,
		Message: c.Text(locale.English, "", w.message, args),
		Remedy:  c.Text(locale.English, "", w.remedy, args),
	}
}
