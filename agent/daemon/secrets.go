package daemon

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/vault"
	"biobridge/eko"
)

// VaultDir is the vault's place below the data directory.
const VaultDir = "secrets"

// SecretName is a secret that the agent looks for in the vault.
type SecretName struct{ Name, Purpose string }

// The names of the secrets that a person stores. The agent's own (the key of
// its hashes) is not among them: nobody has to know it.
const (
	secretAccessKey  = "access_key"
	secretHookBearer = "hook_bearer"
	secretHookClient = "hook_client"
	secretRelay      = "relay_bearer"
	secretProxy      = "proxy"

	secretHashKey = "hash_key"
)

// Secrets lists the secrets that a person may store, in the order of the help.
func Secrets() []SecretName {
	return []SecretName{
		{secretAccessKey, `Eko's access key, for signer = "key"`},
		{secretHookBearer, `the bearer token of the partner's hook, for signer = "hook"`},
		{secretHookClient, `a client certificate with its key (PEM), for hook or relay`},
		{secretRelay, `the bearer token of the partner's relay, for signer = "relay"`},
		{secretProxy, `the forward proxy's user:password`},
	}
}

// KnownSecret reports whether a person may store a secret of that name.
func KnownSecret(name string) bool {
	return slices.ContainsFunc(Secrets(), func(s SecretName) bool { return s.Name == name })
}

// CheckSecret says why a value can't be the secret of that name, without a word of
// the value: what is stored works.
func CheckSecret(name string, value vault.Secret) error {
	switch name {
	case secretAccessKey:
		_, err := eko.ParseAccessKey(string(value))
		return err
	case secretHookBearer, secretRelay:
		_, err := eko.ParseBearerToken(string(value))
		return err
	case secretHookClient:
		if _, err := tls.X509KeyPair(value, value); err != nil {
			return errors.New("this is not a certificate with its key in PEM")
		}
		return nil
	case secretProxy:
		if !bytes.Contains(value, []byte(":")) {
			return errors.New("this is not user:password")
		}
		return nil
	}
	return fmt.Errorf("biobridge looks for no secret called so: %w", vault.ErrNotFound)
}

func (l localDoor) Secrets(context.Context, control.Peer) ([]string, error) {
	stored, err := l.p.vault.Names()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(stored, func(name string) bool { return !KnownSecret(name) }), nil
}

// SetSecret seals a secret for this process's account. An access key is used from
// the next request on; the rest is read at the start.
func (l localDoor) SetSecret(_ context.Context, peer control.Peer, name string, value []byte) (bool, error) {
	if err := CheckSecret(name, value); err != nil {
		return false, &control.Error{Code: contract.InvalidParams, Message: "The secret " + name + " can't be used: " + err.Error() + ".", Remedy: "Nothing was changed. Enter it again."}
	}
	l.p.keyChange.Lock()
	defer l.p.keyChange.Unlock()
	if err := l.p.vault.Set(name, value); err != nil {
		return false, err
	}
	l.p.opts.Log.Info("a secret was stored", "name", name, "by", peer.Name)
	return l.p.takeKey(name)
}

func (l localDoor) RemoveSecret(_ context.Context, peer control.Peer, name string) (bool, error) {
	l.p.keyChange.Lock()
	defer l.p.keyChange.Unlock()
	err := vault.ErrNotFound // the agent's own secrets are nobody's to remove
	if KnownSecret(name) {
		err = l.p.vault.Remove(name)
	}
	if errors.Is(err, vault.ErrNotFound) {
		return false, &control.Error{Code: contract.NotFound, Message: "There is no secret of that name here."}
	}
	if err != nil {
		return false, err
	}
	l.p.opts.Log.Info("a secret was removed", "name", name, "by", peer.Name)
	return l.p.takeKey(name)
}

// takeKey has the signer use what the vault holds now, and reports whether a
// changed secret is in force by that.
func (p *parts) takeKey(name string) (bool, error) {
	e := p.cfg.Eko
	if name != secretAccessKey || e.Signer != "key" {
		return false, nil
	}
	if e.AccessKey != "" || e.AccessKeyFile != "" {
		return false, nil // the configuration's own comes first
	}
	key, err := p.accessKey()
	if err != nil && !errors.Is(err, eko.ErrNoKey) {
		return false, err
	}
	p.keys.Put(key)
	p.bulletin.problems()
	return true, nil
}

// keyMissing reports that nothing can be signed for want of a secret.
func (p *parts) keyMissing() bool { return p.signsHere && p.keys.Empty() }
