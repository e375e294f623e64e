package demo

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/cli"
	"biobridge/eko/ekosim"
)

// simEkoFlags are the flags of sim eko.
type simEkoFlags struct {
	port    int
	manage  int
	seed    uint64
	faults  []string
	chaos   float64
	skew    time.Duration
	keyFile string
	rules   ekosim.Rules
}

// simEkoCommand is biobridge sim eko.
func simEkoCommand() *cobra.Command {
	var f simEkoFlags
	cmd := &cobra.Command{
		Use:   "eko",
		Short: "Simulate Eko's AePS API, with a bank, merchants and faults",
		Long:  simEkoLong(),
		Example: `  biobridge sim eko --write-key simulated-access.key
  biobridge sim eko --fault lost_answer*1 --fault http_500@inquiry*3
  biobridge sim eko --chaos 0.2 --seed 7 --daily-kyc --merchant-auth`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("seed") {
				f.seed = randomSeed()
			}
			sim, err := f.simulator()
			if err != nil {
				return &cli.ExitError{Code: cli.ExitUnusable, Err: err}
			}
			return f.run(cmd.Context(), cmd.OutOrStdout(), sim)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.port, "port", 21180, "port of the API; 0 is a free one")
	flags.IntVar(&f.manage, "management-port", 0, "port of the management endpoint; 0 is a free one")
	flags.Uint64Var(&f.seed, "seed", 0, "decides all that is left to chance (default: drawn and printed)")
	flags.StringArrayVar(&f.faults, "fault", nil, "misbehave: NAME[@OPERATION][*TIMES]; may be repeated")
	flags.Float64Var(&f.chaos, "chaos", 0, "share of withdrawals, 0 to 1, that meet a fault drawn from the seed")
	flags.DurationVar(&f.skew, "skew", 0, "how far Eko's clock is ahead of this PC's")
	flags.StringVar(&f.keyFile, "write-key", "", "write the simulated access key to this file, for access_key_file")
	flags.BoolVar(&f.rules.DailyKYC, "daily-kyc", false, "want the merchant's daily authentication")
	flags.BoolVar(&f.rules.MerchantAuth, "merchant-auth", false, "want a merchant authentication with each v2 withdrawal")
	flags.IntVar(&f.rules.WithdrawalsPerDay, "withdrawals-per-day", 0, "withdrawals an Aadhaar number may do a day; 0 is any number")
	flags.StringVar(&f.rules.V3Hash, "v3-hash", "none", "what request_hash covers on v3: none, plain or encrypted")
	flags.BoolVar(&f.rules.ForgetReferences, "forget-references", false, "let a used client_ref_id move money again")
	return cmd
}

// simEkoLong documents every fault, so that --help is enough.
func simEkoLong() string {
	var b strings.Builder
	b.WriteString(`Serves Eko's AePS API (v1, v2, v3) on 127.0.0.1 until interrupted: it opens the
PID block, checks every signature and keeps a small bank. It takes simulated
credentials only, and every answer carries the header X-Biobridge-Simulated. The
management endpoint shows what arrived and how often money moved, and sets faults.

An amount of a withdrawal in rupees asks for a fault; multiples of 50 never do.
--fault takes the same names for any operation, on top of the amounts:

`)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  AMOUNT\tFAULT\tWHAT HAPPENS")
	for _, line := range ekosim.Behaviours() {
		fmt.Fprintf(table, "  %d\t%s\t%s\n", line.Amount, line.Behaviour, line.Help)
	}
	_ = table.Flush() // into memory
	b.WriteString("\nA fault hits withdrawals and Aadhaar Pay. @OPERATION names another operation, or all\n" +
		"with @*; *TIMES ends it after so many requests. The operations:\n")
	for _, op := range ekosim.Operations() {
		b.WriteString("  " + string(op) + "\n")
	}
	return b.String()
}

func randomSeed() uint64 {
	var b [8]byte
	crand.Read(b[:]) // never fails: it ends the program instead
	return binary.BigEndian.Uint64(b[:]) >> 32
}

// simulator makes the simulator that the flags ask for. Its errors are the flags'.
func (f simEkoFlags) simulator() (*ekosim.Server, error) {
	options := ekosim.Options{Seed: f.seed, Chaos: f.chaos, Rules: f.rules}
	for _, text := range f.faults {
		fault, err := ekosim.ParseFault(text)
		if err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
		options.Faults = append(options.Faults, fault)
	}
	sim, err := ekosim.New(options)
	if err != nil {
		return nil, err
	}
	sim.SetSkew(f.skew)
	return sim, nil
}

// run serves the API and its management endpoint until ctx ends.
func (f simEkoFlags) run(ctx context.Context, out io.Writer, sim *ekosim.Server) error {
	defer sim.Close()
	if f.keyFile != "" {
		// The configuration that it goes into may stand elsewhere.
		path, err := filepath.Abs(f.keyFile)
		if err != nil {
			return fmt.Errorf("find the directory of the simulated access key: %w", err)
		}
		f.keyFile = path
		if err := os.WriteFile(f.keyFile, []byte(ekosim.AccessKey), 0o600); err != nil {
			return fmt.Errorf("write the simulated access key: %w", err)
		}
	}
	api, err := listenLoopback(ctx, f.port)
	if err != nil {
		return fmt.Errorf("listen for the API (--port takes another one): %w", err)
	}
	door, err := listenLoopback(ctx, f.manage)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for the management endpoint: %w", err), api.Close())
	}
	f.explain(out, sim, "http://"+api.Addr().String()+"/ekoapi", "http://"+door.Addr().String())
	return serveBoth(ctx, sim, api, door)
}

func listenLoopback(ctx context.Context, port int) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// serveBoth serves until ctx ends or one of the two can't go on.
func serveBoth(ctx context.Context, sim *ekosim.Server, api, door net.Listener) error {
	servers := []*http.Server{
		{Handler: sim, ReadHeaderTimeout: 10 * time.Second},
		{Handler: sim.Management(), ReadHeaderTimeout: 10 * time.Second},
	}
	failed := make(chan error, len(servers))
	for i, l := range []net.Listener{api, door} {
		go func() { failed <- servers[i].Serve(l) }()
	}
	var first error
	running := len(servers)
	select {
	case <-ctx.Done():
	case first = <-failed:
		running--
	}
	sim.Close()
	for _, s := range servers {
		_ = s.Close() // its listener's error says nothing to anybody now
	}
	for range running {
		<-failed
	}
	return first
}

// explain prints what runs where, and what to put where.
func (f simEkoFlags) explain(out io.Writer, sim *ekosim.Server, base, management string) {
	fmt.Fprintf(out, "SIMULATED Eko, seed %d: no real money, no real bank, no real person\n", f.seed)
	fmt.Fprintf(out, "  API         %s\n  management  %s\n", base, management)
	fmt.Fprintf(out, "  access key  %s\n\nFor the agent's configuration:\n\n%s\n", ekosim.AccessKey, f.snippet(sim, base))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "BANK\tFTYPE\tNAME")
	for _, b := range ekosim.DefaultBanks() {
		fmt.Fprintf(table, "%s\t%d\t%s\n", b.Code, b.FType, b.Name)
	}
	fmt.Fprintln(table, "\nAADHAAR\tBANK\tBALANCE\tHOLDER")
	for _, a := range ekosim.DefaultAccounts() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.Aadhaar, a.BankCode, a.Balance.Text(), a.Name)
	}
	fmt.Fprintln(table, "\nMERCHANT\tAADHAAR\tMOBILE\tNAME")
	for _, m := range ekosim.DefaultMerchants() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", m.UserCode, m.Aadhaar, m.Mobile, m.Name)
	}
	fmt.Fprintln(table, "\nAMOUNT\tFAULT\tWHAT HAPPENS")
	for _, line := range ekosim.Behaviours() {
		fmt.Fprintf(table, "%d\t%s\t%s\n", line.Amount, line.Behaviour, line.Help)
	}
	_ = table.Flush() // the terminal's own trouble
	fmt.Fprintf(out, "\nOTPs that were sent: %s/inbox   Money: %s/totals\nCtrl-C stops it.\n", management, management)
}

// snippet is the section of the agent's configuration that leads here.
func (f simEkoFlags) snippet(sim *ekosim.Server, base string) string {
	keyFile, remark := f.keyFile, ""
	if keyFile == "" {
		keyFile, remark = "simulated-access.key", "   # biobridge sim eko --write-key simulated-access.key"
	}
	return fmt.Sprintf(`environment = "simulated"

[eko]
api             = "v2"
base_url        = %q
developer_key   = %q
initiator_id    = %q
user_code       = %q
latlong         = "28.6139,77.2090"
public_key      = %q
signer          = "key"
access_key_file = %q%s
`, base, ekosim.DeveloperKey, ekosim.InitiatorID, ekosim.UserCode, sim.PublicKey(), keyFile, remark)
}
