package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"biobridge/eko"
)

// config is hook.json, ready for use.
type config struct {
	accessKey eko.AccessKey
	openKey   *eko.OpenKey
	sessions  []byte // key of the browsers' sessions
	// merchants are known by the SHA-256 of their token.
	merchants map[[32]byte]merchant
	origins   []string
}

// merchant is a shop that may ask.
type merchant struct {
	UserCode string `json:"user_code"`
	// MaxAmount is whole rupees a transaction, 0 for no limit of the portal's own.
	MaxAmount int `json:"max_amount"`
}

// configFile is what stands in hook.json. Secrets stand in files of their own,
// so that this one can be shown.
type configFile struct {
	AccessKeyFile  string              `json:"access_key_file"`
	OpenKeyFile    string              `json:"open_key_file"`
	SessionKeyFile string              `json:"session_key_file"`
	Origins        []string            `json:"origins"`
	Tokens         map[string]merchant `json:"tokens"` // SHA-256 of the token, hexadecimal
}

// gatewayOrigins are the pages of Eko's AePS gateway, staging and production
// (seed: FAQ, "Connection to callback server failed").
var gatewayOrigins = []string{"https://stagegateway.eko.in", "https://gateway.eko.in"}

func loadConfig(path string) (config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return config{}, fmt.Errorf("read the configuration: %w", err)
	}
	var file configFile
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return config{}, fmt.Errorf("read the configuration: %w", err)
	}
	return file.open()
}

func (f configFile) open() (config, error) {
	cfg := config{origins: f.Origins, merchants: map[[32]byte]merchant{}}
	if cfg.origins == nil {
		cfg.origins = gatewayOrigins
	}
	text, err := secretFile(f.AccessKeyFile)
	if err != nil {
		return config{}, fmt.Errorf("access_key_file: %w", err)
	}
	if cfg.accessKey, err = eko.ParseAccessKey(text); err != nil {
		return config{}, fmt.Errorf("access_key_file: %w", err)
	}
	if text, err = secretFile(f.OpenKeyFile); err != nil {
		return config{}, fmt.Errorf("open_key_file: %w", err)
	}
	if cfg.openKey, err = eko.ParseOpenKey(text); err != nil {
		return config{}, fmt.Errorf("open_key_file: %w", err)
	}
	if text, err = secretFile(f.SessionKeyFile); err != nil {
		return config{}, fmt.Errorf("session_key_file: %w", err)
	}
	if cfg.sessions = []byte(text); len(cfg.sessions) < 32 {
		return config{}, errors.New("session_key_file: at least 32 characters are needed")
	}
	for digest, m := range f.Tokens {
		raw, err := hex.DecodeString(digest)
		if err != nil || len(raw) != 32 || m.UserCode == "" {
			return config{}, errors.New("tokens: each name is a token's SHA-256 in hexadecimal, each value has a user_code")
		}
		cfg.merchants[[32]byte(raw)] = m
	}
	return cfg, nil
}

// secretFile reads a file without the line break at its end.
func secretFile(path string) (string, error) {
	if path == "" {
		return "", errors.New("is missing")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}
