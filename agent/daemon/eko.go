package daemon

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"os"

	"biobridge/agent/vault"
	"biobridge/eko"
)

// maxKeyFile bounds an access key's file.
const maxKeyFile = 4 << 10

// openEko makes Eko's client. It connects to nobody.
func (p *parts) openEko(context.Context) error {
	e := p.cfg.Eko
	certificate, err := p.clientCertificate()
	if err != nil {
		return err
	}
	signer, err := p.signer(certificate)
	if err != nil {
		return err
	}
	_, p.signsHere = signer.(*eko.KeySlot)
	proxy, err := p.proxy()
	if err != nil {
		return err
	}
	p.eko, err = eko.NewClient(eko.Config{
		API: e.API, BaseURL: e.BaseURL, DeveloperKey: e.DeveloperKey, InitiatorID: e.InitiatorID,
		PublicKey: e.PublicKey, Signer: signer, Timeout: e.Timeout.Duration, Proxy: proxy,
		ReferenceField: e.ReferenceField, V3Hash: e.V3RequestHash, Certificate: certificate,
		OTPAbove: otpAbove(e.OTPAbove),
		Now:      p.opts.Now, Log: p.opts.Log,
	})
	if err != nil {
		return err
	}
	p.onClose(p.eko.Close)
	return nil
}

// otpAbove translates "0: never": no withdrawal is larger than NPCI's limit.
func otpAbove(rupees int64) eko.Rupees {
	if rupees == 0 {
		return maxWithdrawal
	}
	return eko.Rupees(rupees)
}

// maxWithdrawal is NPCI's limit in rupees (eko-api.md section 11).
const maxWithdrawal = 10000

// signer makes what signs: the key on this PC, the partner's hook, or nobody
// where the partner's relay does.
func (p *parts) signer(certificate *tls.Certificate) (eko.Signer, error) {
	e := p.cfg.Eko
	switch e.Signer {
	case "hook":
		token, err := p.bearer(secretHookBearer)
		if err != nil {
			return nil, err
		}
		if token.IsZero() && certificate == nil {
			return p.keyless(errors.New("the hook's token is not there")), nil
		}
		hook, err := eko.NewHookSigner(eko.HookConfig{
			URL: e.HookURL, Token: token, Certificate: certificate, SealKey: e.HookPublicKey,
			Timeout: e.HookTimeout.Duration, SkipCheck: !e.HookCheck,
		})
		if err != nil {
			return nil, err
		}
		p.onClose(hook.Close)
		return hook, nil
	case "relay":
		token, err := p.bearer(secretRelay)
		if err != nil {
			return nil, err
		}
		if token.IsZero() && certificate == nil {
			return p.keyless(errors.New("the relay's token is not there")), nil
		}
		return eko.NewRelaySigner(token, e.HookPublicKey)
	}
	return p.keySigner()
}

// keySigner signs with the key on this PC. Without one that can be used the agent
// runs all the same, so that it can be given one: only its own account can seal
// it. A key that the configuration names is another matter, its error is a fault.
func (p *parts) keySigner() (eko.Signer, error) {
	key, err := p.accessKey()
	switch {
	case err == nil:
		p.keys.Put(key)
		return &p.keys, nil
	case p.cfg.Eko.AccessKey == "" && p.cfg.Eko.AccessKeyFile == "":
		return p.keyless(err), nil
	}
	return nil, err
}

// keyless signs nothing: what would be sent is refused before anybody gives a
// finger.
func (p *parts) keyless(cause error) *eko.KeySlot {
	p.opts.Log.Warn("nothing can be sent to Eko", "err", cause)
	return &p.keys
}

// bearer returns a token of the protected store, zero where there is none.
func (p *parts) bearer(name string) (eko.BearerToken, error) {
	secret, err := p.vault.Get(name)
	if errors.Is(err, vault.ErrNotFound) {
		return eko.BearerToken{}, nil
	}
	if err != nil {
		return eko.BearerToken{}, err
	}
	defer secret.Wipe()
	token, err := eko.ParseBearerToken(string(secret))
	if err != nil {
		return eko.BearerToken{}, fmt.Errorf("the secret %s: %w", name, err)
	}
	return token, nil
}

// clientCertificate returns what this shop shows to the partner's hook or relay,
// nil where it has none.
func (p *parts) clientCertificate() (*tls.Certificate, error) {
	secret, err := p.vault.Get(secretHookClient)
	if errors.Is(err, vault.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer secret.Wipe()
	certificate, err := tls.X509KeyPair(secret, secret)
	if err != nil {
		return nil, fmt.Errorf("the secret %s is not a certificate with its key in PEM", secretHookClient)
	}
	return &certificate, nil
}

// accessKey takes the key from the file that the configuration names, from the
// configuration itself, or from the protected store.
func (p *parts) accessKey() (eko.AccessKey, error) {
	switch e := p.cfg.Eko; {
	case e.AccessKey != "":
		return eko.ParseAccessKey(e.AccessKey)
	case e.AccessKeyFile != "":
		text, err := readKeyFile(e.AccessKeyFile)
		if err != nil {
			return eko.AccessKey{}, fmt.Errorf("read eko.access_key_file: %w", err)
		}
		return eko.ParseAccessKey(text)
	}
	secret, err := p.vault.Get(secretAccessKey)
	if errors.Is(err, vault.ErrNotFound) {
		return eko.AccessKey{}, fmt.Errorf("%w: store it with \"biobridge secret set access_key\", or name its file in eko.access_key_file", eko.ErrNoKey)
	}
	if err != nil {
		return eko.AccessKey{}, err
	}
	defer secret.Wipe()
	return eko.ParseAccessKey(string(secret))
}

// readKeyFile reads a file that holds one line. The line break that every editor
// adds at the end is not part of the key; anything else is left to be refused.
func readKeyFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content := make([]byte, maxKeyFile)
	n, err := f.Read(content)
	if n == 0 {
		return "", errors.Join(errors.New("the file is empty"), err)
	}
	if n == maxKeyFile {
		return "", errors.New("the file is too long for a key")
	}
	return string(bytes.TrimRight(content[:n], "\r\n")), nil
}

// proxy returns the forward proxy with the credentials of the protected store.
func (p *parts) proxy() (*url.URL, error) {
	if p.cfg.Eko.Proxy == "" {
		return nil, nil
	}
	u, err := url.Parse(p.cfg.Eko.Proxy)
	if err != nil {
		return nil, errors.New("eko.proxy is not an address")
	}
	secret, err := p.vault.Get(secretProxy)
	if errors.Is(err, vault.ErrNotFound) {
		return u, nil
	}
	if err != nil {
		return nil, err
	}
	defer secret.Wipe()
	user, password, ok := bytes.Cut(secret, []byte(":"))
	if !ok {
		return nil, errors.New("the secret proxy must be user:password")
	}
	u.User = url.UserPassword(string(user), string(password))
	return u, nil
}
