package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
)

func sanityExportCommand() *cobra.Command {
	var (
		config string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "sanity-export [FILE]",
		Short: "Write the request/response pairs that Eko wants before it grants live credentials",
		Long: `Before Eko grants live credentials it wants to see a request and its response for a
cash withdrawal, a balance enquiry and a mini statement. The agent keeps the newest
successful pair of each (not in production); this writes them to FILE, or prints
them, with Aadhaar numbers, fingerprints, names, mobile numbers and keys masked.
Run it as the account that runs the agent. Exits with 1 where a pair is missing.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return unusable("sanity-export takes one file at most")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := daemon.Load(config)
			if err != nil {
				return &ExitError{Code: ExitUnusable, Err: err}
			}
			pairs, missing, err := daemon.SanityPairs(cfg.DataDir)
			if err != nil {
				return err
			}
			if err := writePairs(cmd, args, pairs, asJSON); err != nil {
				return err
			}
			for _, service := range missing {
				fmt.Fprintf(cmd.ErrOrStderr(), "there is no %s yet: make one on Eko's staging server\n", service)
			}
			if len(missing) > 0 {
				return &ExitError{Code: ExitNo}
			}
			return nil
		},
	}
	addConfigFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func writePairs(cmd *cobra.Command, args []string, pairs []daemon.Pair, asJSON bool) error {
	var b strings.Builder
	if asJSON {
		if err := writeJSON(&b, pairs); err != nil {
			return err
		}
	} else {
		for _, p := range pairs {
			writePair(&b, p)
		}
	}
	if len(args) == 0 {
		_, err := io.WriteString(cmd.OutOrStdout(), b.String())
		return err
	}
	return os.WriteFile(args[0], []byte(b.String()), 0o600)
}

// writePair lays one pair out as an HTTP conversation.
func writePair(b *strings.Builder, p daemon.Pair) {
	x := p.Exchange
	fmt.Fprintf(b, "## %s, %s\n\nRequest\n\n%s %s\n", p.Service, p.At.Format(time.RFC3339), x.Method, x.URL)
	writeHeader(b, x.RequestHeader)
	fmt.Fprintf(b, "\n%s\n\nResponse\n\nHTTP %d\n", indented(string(x.RequestBody)), x.HTTPStatus)
	writeHeader(b, x.ResponseHeader)
	fmt.Fprintf(b, "\n%s\n\n", indented(x.ResponseBody))
}

func writeHeader(b *strings.Builder, header map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Fprintf(b, "%s: %s\n", name, header[name])
	}
}

// indented lays JSON out and leaves every value as it was written: Eko reads an
// amount of 500.00 there, and so it was.
func indented(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}
