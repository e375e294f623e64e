package eko

import "errors"

// ErrHook says that the signing hook gave no usable answer: a time-out, junk, an
// HTTP error. It means no.
var ErrHook = errors.New("signing hook gave no usable answer")

// HookRefusal is the partner's no. Message is the partner's own sentence for the
// shopkeeper.
type HookRefusal struct {
	Message string
}

func (e *HookRefusal) Error() string { return "refused by the partner's hook" }
