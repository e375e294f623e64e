package eko

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrNoKey says that there is no access key yet: nothing can be signed, and
// nothing was sent.
var ErrNoKey = errors.New("there is no access key on this PC that can be used")

// KeySlot signs as [KeySigner] does, with an access key that may come later and
// may be replaced while requests are made. The zero value has none. A request is
// signed with one key as a whole.
type KeySlot struct{ key atomic.Pointer[AccessKey] }

// Put has every request from now on signed with key; the zero key takes the key
// away.
func (s *KeySlot) Put(key AccessKey) {
	if key.IsZero() {
		s.key.Store(nil)
		return
	}
	s.key.Store(&key)
}

// Empty reports whether there is no key.
func (s *KeySlot) Empty() bool { return s.key.Load() == nil }

// Check returns [ErrNoKey] where there is no key, so that no customer is asked for
// a finger in vain.
func (s *KeySlot) Check(context.Context, SignRequest) (Approval, error) {
	if s.Empty() {
		return Approval{}, ErrNoKey
	}
	return Approval{}, nil
}

// Sign returns [ErrNoKey] where there is no key, and fails in no other way.
func (s *KeySlot) Sign(ctx context.Context, r SignRequest) (Signature, Approval, error) {
	key := s.key.Load()
	if key == nil {
		return Signature{}, Approval{}, ErrNoKey
	}
	return KeySigner{*key}.Sign(ctx, r)
}

// ownKey is the access key that a signer holds on this PC: false where somebody
// else signs, or nobody can.
func ownKey(signer Signer) (AccessKey, bool) {
	switch s := signer.(type) {
	case KeySigner:
		return s.Key, true
	case *KeySlot:
		if key := s.key.Load(); key != nil {
			return *key, true
		}
	}
	return AccessKey{}, false
}
