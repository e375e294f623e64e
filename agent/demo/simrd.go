package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/cli"
	"biobridge/rdservice/rdsim"
)

// simRDFlags are the flags of sim rd.
type simRDFlags struct {
	profile     string
	port        int
	https       bool
	faults      []string
	faultRate   float64
	seed        uint64
	fingerDelay time.Duration
	noFinger    bool
	unplugged   bool
	manage      int
	list        bool
}

// simRDCommand is biobridge sim rd.
func simRDCommand() *cobra.Command {
	var f simRDFlags
	cmd := &cobra.Command{
		Use:   "rd",
		Short: "Simulate one vendor's RD service, with a scanner and a finger",
		Long:  simRDLong(),
		Example: `  biobridge sim rd --profile morpho-l0
  biobridge sim rd --profile startek --https --fault reset@CAPTURE*2 --fault low
  biobridge sim rd --fault "error=999:no internet" --fault-rate 0.05 --seed 7`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.list {
				return listProfiles(cmd.OutOrStdout())
			}
			server, err := f.server(!cmd.Flags().Changed("port"))
			if err != nil {
				return &cli.ExitError{Code: cli.ExitUnusable, Err: err}
			}
			return f.run(cmd.Context(), cmd.OutOrStdout(), server)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.profile, "profile", "mantra-l1", "whose RD service; see --list")
	flags.IntVar(&f.port, "port", 0, "port of the first address, 0 for any (default: the first free one of the vendor's range)")
	flags.BoolVar(&f.https, "https", false, "https alone, whatever the vendor does")
	flags.StringArrayVar(&f.faults, "fault", nil, "misbehave: NAME[=ARG][@VERB][*TIMES]; may be repeated")
	flags.Float64Var(&f.faultRate, "fault-rate", 0, "share of requests, 0 to 1, that suffer a fault drawn from the seed")
	flags.Uint64Var(&f.seed, "seed", 0, "decides scores, identities and random faults")
	flags.DurationVar(&f.fingerDelay, "finger-delay", 300*time.Millisecond, "how long the finger takes to come")
	flags.BoolVar(&f.noFinger, "no-finger", false, "no finger comes: captures time out")
	flags.BoolVar(&f.unplugged, "unplugged", false, "start without a scanner")
	flags.IntVar(&f.manage, "manage", 0, "port of the management endpoint (default: a free one)")
	flags.BoolVar(&f.list, "list", false, "list the profiles and exit")
	return cmd
}

// simRDLong documents every fault, so that --help is enough.
func simRDLong() string {
	var b strings.Builder
	b.WriteString(`Serves RDSERVICE, DEVICEINFO and CAPTURE on 127.0.0.1 as one vendor's RD service
does, until interrupted. PID blocks are really sealed, for a simulated UIDAI that
biobridge sim eko can open; every answer carries the header X-Biobridge-Simulated.
The management endpoint plugs and unplugs, sets faults and shows what was asked.

Faults, each with the verbs it touches (R: RDSERVICE, D: DEVICEINFO, C: CAPTURE):
`)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, k := range rdsim.Faults() {
		name := k.Name
		if k.Arg != "" {
			name += "[=" + k.Arg + "]"
		}
		letters := ""
		for _, verb := range k.Verbs {
			letters += verb[:1]
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", name, letters, k.Doc)
	}
	_ = table.Flush() // into memory
	b.WriteString("\nA fault happens to every request it touches; @VERB narrows it, *TIMES ends it.")
	return b.String()
}

func listProfiles(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROFILE\tSCANNER\tADDRESSES\tMADE UP, AS NO DOCUMENT SAYS")
	for _, p := range rdsim.Profiles() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Name, p.Title, p.Listen, p.Invented)
	}
	return table.Flush()
}

// server makes the service that the flags ask for. Its errors are the flags'.
func (f simRDFlags) server(vendorPorts bool) (*rdsim.Server, error) {
	profile, ok := rdsim.ProfileNamed(f.profile)
	if !ok {
		return nil, fmt.Errorf("there is no profile %q; biobridge sim rd --list shows them", f.profile)
	}
	options := rdsim.Options{
		Profile: profile, Seed: f.seed, Port: f.port, VendorPorts: vendorPorts,
		FingerDelay: f.fingerDelay, NoFinger: f.noFinger, Unplugged: f.unplugged, FaultRate: f.faultRate,
	}
	if f.fingerDelay == 0 {
		options.FingerDelay = -1 // at once, where 0 would mean the default
	}
	if f.https {
		options.Scheme = "https"
	}
	for _, text := range f.faults {
		fault, err := rdsim.ParseFault(text)
		if err != nil {
			return nil, err
		}
		options.Faults = append(options.Faults, fault)
	}
	return rdsim.New(options)
}

// run serves the service and its management endpoint until ctx ends.
func (f simRDFlags) run(ctx context.Context, out io.Writer, server *rdsim.Server) error {
	var lc net.ListenConfig
	door, err := lc.Listen(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", f.manage))
	if err != nil {
		return fmt.Errorf("listen for the management endpoint: %w", err)
	}
	management := &http.Server{Handler: server.Management(), ReadHeaderTimeout: 10 * time.Second}
	defer management.Close() // it has nothing to lose
	if err := server.Start(); err != nil {
		return errors.Join(err, door.Close())
	}
	f.explain(out, server, "http://"+door.Addr().String())
	stop := context.AfterFunc(ctx, func() { _ = management.Close() })
	defer stop()
	if err := management.Serve(door); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(fmt.Errorf("serve the management endpoint: %w", err), server.Close())
	}
	return server.Close()
}

// explain prints what runs where, and what to try.
func (f simRDFlags) explain(out io.Writer, server *rdsim.Server, management string) {
	p := server.Profile()
	fmt.Fprintf(out, "SIMULATED RD service: %s, profile %s, seed %d\n", p.Title, p.Name, f.seed)
	for _, e := range server.Endpoints() {
		fmt.Fprintf(out, "  %s\n", e.URL())
	}
	fmt.Fprintf(out, "  management %s\n", management)
	fmt.Fprintln(out, "Its PID blocks are sealed for a simulated UIDAI and worth nothing.")
	url := server.URL()
	fmt.Fprintf(out, "\nTry:\n  curl -k -X RDSERVICE %s/\n", url)
	fmt.Fprintf(out, "  curl -k -X DEVICEINFO %s%s\n", url, p.ServedInfoPath())
	fmt.Fprintf(out, "  curl -k -X CAPTURE --data '%s' %s%s\n", p.ExampleOptions(), url, p.ServedCapturePath())
	fmt.Fprintf(out, "  curl -X POST %s/unplug\n", management)
	fmt.Fprintf(out, "  curl -X POST '%s/faults?fault=reset@CAPTURE*2'\n", management)
	fmt.Fprintln(out, "  biobridge devices\n\nCtrl-C stops it.")
}
