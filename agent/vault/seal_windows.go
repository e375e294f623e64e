package vault

import (
	"fmt"
	"io"
	"unsafe"

	"golang.org/x/sys/windows"
)

// dpapiSealer seals with DPAPI in the scope of the account that runs the agent;
// the secret's name is the optional entropy.
type dpapiSealer struct{}

func newSealer(string, io.Reader) (sealer, error) { return dpapiSealer{}, nil }

func (dpapiSealer) seal(name string, plain []byte) ([]byte, error) {
	var out windows.DataBlob
	err := windows.CryptProtectData(blob(plain), nil, blob(entropy(name)), 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out)
	if err != nil {
		return nil, fmt.Errorf("protect with DPAPI: %w", err)
	}
	return take(&out), nil
}

func (dpapiSealer) open(name string, sealed []byte) ([]byte, error) {
	var out windows.DataBlob
	err := windows.CryptUnprotectData(blob(sealed), nil, blob(entropy(name)), 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out)
	if err != nil {
		return nil, fmt.Errorf("%w: DPAPI: %w", ErrDamaged, err)
	}
	return take(&out), nil
}

func entropy(name string) []byte { return []byte("biobridge vault " + name) }

func blob(b []byte) *windows.DataBlob {
	if len(b) == 0 {
		return &windows.DataBlob{}
	}
	return &windows.DataBlob{Size: uint32(len(b)), Data: &b[0]}
}

// take copies what Windows allocated, overwrites it and gives it back.
func take(b *windows.DataBlob) []byte {
	theirs := unsafe.Slice(b.Data, b.Size)
	ours := append([]byte(nil), theirs...)
	clear(theirs)
	_, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(b.Data)))
	return ours
}

// syncDir has nothing to do: NTFS journals a rename by itself.
func syncDir(string) error { return nil }
