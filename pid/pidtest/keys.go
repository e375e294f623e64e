package pidtest

import (
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/pem"
	"fmt"
)

// The keys below are published on purpose. Making RSA keys takes a tenth of a
// second and separate processes (a simulated scanner, a simulated Eko) must
// agree on one, so they are part of the program.
//
//go:embed keys/simulated-*.pem
var keyFiles embed.FS

const (
	uidaiKeyFile    = "keys/simulated-uidai.pem"
	providerKeyFile = "keys/simulated-provider.pem"
	deviceKeyFile   = "keys/simulated-device.pem"
)

// simulatedKey reads an embedded key. It panics on a damaged one: only a broken
// build can cause that.
func simulatedKey(name string) *rsa.PrivateKey {
	key, err := readKey(name)
	if err != nil {
		panic(fmt.Sprintf("pidtest: read %s: %v", name, err))
	}
	return key
}

func readKey(name string) (*rsa.PrivateKey, error) {
	text, err := keyFiles.ReadFile(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("no PEM block")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("not an RSA key")
	}
	return rsaKey, nil
}
