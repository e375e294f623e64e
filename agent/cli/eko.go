package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"biobridge/eko"
)

func ekoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eko",
		Short: "Look at what biobridge says to Eko",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(ekoSignCommand())
	return cmd
}

func ekoSignCommand() *cobra.Command {
	var opts ekoSignOptions
	cmd := &cobra.Command{
		Use:   "sign",
		Short: "Make a signature, to compare it with Eko's support",
		Long: `Sign makes the secret-key of a timestamp and, with an Aadhaar number, the
request_hash of a request of the direct AePS API: timestamp, Aadhaar number,
amount and user code, one after the other. Nothing is sent.

The amount is 0 for a balance enquiry and a mini statement.

An argument stands in the process list and in the shell's history: give a key
that is not one of Eko's published staging keys with --key-file, where "-" is
the standard input. Without a timestamp the current time is taken.`,
		Example: `  biobridge eko sign --key f74c50a1-f705-4634-9cda-30a477df91b7 --timestamp 1516705204593
  biobridge eko sign --key-file - --aadhaar 123412341234 --amount 500 --user-code 20810200 < key.txt`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return opts.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&opts.key, "key", "", "access key")
	f.StringVar(&opts.keyFile, "key-file", "", `file that holds the access key, "-" for the standard input`)
	f.StringVar(&opts.timestamp, "timestamp", "", "milliseconds since 1970 (default: now)")
	f.StringVar(&opts.aadhaar, "aadhaar", "", "Aadhaar number, for a request_hash")
	f.StringVar(&opts.amount, "amount", "0", "whole rupees, as they stand in the request")
	f.StringVar(&opts.userCode, "user-code", "", "the merchant's user_code, for a request_hash")
	f.BoolVar(&opts.json, "json", false, "print JSON")
	return cmd
}

type ekoSignOptions struct {
	key, keyFile, timestamp, aadhaar, amount, userCode string
	json                                               bool
}

// ekoSignature is the contract's shape. Without an Aadhaar number there is no
// hash, and the member says so.
type ekoSignature struct {
	SecretKey          string  `json:"secret_key"`
	SecretKeyTimestamp string  `json:"secret_key_timestamp"`
	RequestHash        *string `json:"request_hash"`
}

func (o ekoSignOptions) run(cmd *cobra.Command) error {
	key, err := o.accessKey(cmd.InOrStdin())
	if err != nil {
		return err
	}
	stamp, err := o.stamp()
	if err != nil {
		return err
	}
	parts, err := o.parts()
	if err != nil {
		return err
	}
	s := eko.Sign(key, stamp, parts...)
	out := ekoSignature{SecretKey: s.SecretKey, SecretKeyTimestamp: s.Timestamp}
	if s.RequestHash != "" {
		out.RequestHash = &s.RequestHash
	}
	if len(s.Timestamp) < 13 {
		if _, err := fmt.Fprintln(cmd.ErrOrStderr(), "this timestamp looks like seconds; Eko wants milliseconds and answers 403 to anything else"); err != nil {
			return err
		}
	}
	return out.print(cmd.OutOrStdout(), o.json)
}

func (s ekoSignature) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(s)
	}
	text := "secret-key: " + s.SecretKey + "\nsecret-key-timestamp: " + s.SecretKeyTimestamp + "\n"
	if s.RequestHash != nil {
		text += "request_hash: " + *s.RequestHash + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// maxKeyFile is far beyond any key.
const maxKeyFile = 4 << 10

func (o ekoSignOptions) accessKey(stdin io.Reader) (eko.AccessKey, error) {
	text := o.key
	switch {
	case o.key == "" && o.keyFile == "":
		return eko.AccessKey{}, unusable("give the access key with --key or --key-file")
	case o.key != "" && o.keyFile != "":
		return eko.AccessKey{}, unusable("give --key or --key-file, not both")
	case o.keyFile != "":
		raw, err := readKeyFile(stdin, o.keyFile)
		if err != nil {
			return eko.AccessKey{}, unusable("%w", err)
		}
		text = raw
	}
	key, err := eko.ParseAccessKey(text)
	if err != nil {
		return eko.AccessKey{}, unusable("%w", err)
	}
	return key, nil
}

// readKeyFile takes off the one line break with which a text file ends.
// Anything else around the key is left for the parser to name.
func readKeyFile(stdin io.Reader, path string) (string, error) {
	from := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("read the access key: %w", err)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxKeyFile+1))
	if err != nil {
		return "", fmt.Errorf("read the access key: %w", err)
	}
	if len(raw) > maxKeyFile {
		return "", errors.New("read the access key: the file is too large to be one")
	}
	text := strings.TrimSuffix(string(raw), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}

func (o ekoSignOptions) stamp() (int64, error) {
	if o.timestamp == "" {
		return time.Now().UnixMilli(), nil
	}
	ms, err := strconv.ParseInt(o.timestamp, 10, 64)
	if err != nil || ms <= 0 || strconv.FormatInt(ms, 10) != o.timestamp {
		return 0, unusable("--timestamp wants milliseconds since 1970, digits only")
	}
	return ms, nil
}

// A user code is what Eko prints on the merchant's account: letters and digits.
var userCodeText = regexp.MustCompile(`^[A-Za-z0-9]{1,20}$`)

func (o ekoSignOptions) parts() ([]string, error) {
	if o.aadhaar == "" {
		if o.userCode != "" || o.amount != "0" {
			return nil, unusable("--amount and --user-code are for a request_hash, which needs --aadhaar too")
		}
		return nil, nil
	}
	number, err := eko.ParseAadhaar(o.aadhaar)
	if err != nil {
		return nil, unusable("--aadhaar: %w", err)
	}
	amount, err := strconv.ParseInt(o.amount, 10, 64)
	if err != nil || amount < 0 || eko.Rupees(amount).Text() != o.amount {
		return nil, unusable(`--amount wants whole rupees, digits only: "500" and "500.00" hash differently`)
	}
	if !userCodeText.MatchString(o.userCode) {
		return nil, unusable("--user-code wants the merchant's code, letters and digits")
	}
	return []string{number.Plain(), o.amount, o.userCode}, nil
}
