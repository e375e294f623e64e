package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"biobridge/pid"
	"biobridge/rdservice"
)

func pidCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pid",
		Short: "Look at PidData, the scanner's answer to a capture",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(pidCheckCommand())
	return cmd
}

func pidCheckCommand() *cobra.Command {
	var opts pidCheckOptions
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Say whether a PidData file could be used for a transaction",
		Long: `Check reads the PidData document in FILE ("-" is standard input) and says
whether the agent would send it to Eko, and what is wrong with it. It needs
neither a scanner nor the network, and decrypts nothing: what only UIDAI can
see is not checked. Nothing of the sealed block is printed.

A scan older than ten minutes is rejected, as UIDAI would do. To check a kept
sample, give the time of its transaction with --at.

Exit status: 0 accepted, 1 rejected, 2 the arguments can't be used.`,
		Example: `  biobridge pid check capture.xml
  biobridge pid check capture.xml --at 2021-12-06T06:49:00+05:30 --ftype 0
  biobridge pid check - --json < capture.xml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return unusable(`pid check takes one file, or "-" for standard input`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return opts.run(cmd, args[0]) },
	}
	cmd.Flags().BoolVar(&opts.json, "json", false, "print the verdict as JSON")
	cmd.Flags().IntVar(&opts.ftype, "ftype", int(pid.FMRFIR),
		"record type that was asked for: 0 FMR, 1 FIR, 2 both; 2 is what Eko wants")
	cmd.Flags().StringVar(&opts.at, "at", "", "check as of this time (RFC 3339) instead of now")
	return cmd
}

type pidCheckOptions struct {
	json  bool
	ftype int
	at    string
}

func (o pidCheckOptions) run(cmd *cobra.Command, file string) error {
	now := time.Now()
	if o.at != "" {
		at, err := time.Parse(time.RFC3339, o.at)
		if err != nil {
			return unusable("--at wants a time such as 2021-12-06T06:49:00+05:30")
		}
		now = at
	}
	if o.ftype < int(pid.FMR) || o.ftype > int(pid.FMRFIR) {
		return unusable("--ftype wants 0, 1 or 2")
	}
	raw, err := readPIDFile(cmd.InOrStdin(), file)
	if err != nil {
		return unusable("%w", err)
	}
	report := checkPID(raw, pid.FType(o.ftype), now)
	if err := report.write(cmd.OutOrStdout(), o.json); err != nil {
		return fmt.Errorf("print the verdict: %w", err)
	}
	if report.Verdict != verdictAccepted {
		return &ExitError{Code: ExitNo}
	}
	return nil
}

// maxPIDFile is one byte more than the largest document that can be accepted,
// so that a larger file is rejected as such without being read.
const maxPIDFile = 1<<20 + 1

func readPIDFile(stdin io.Reader, file string) ([]byte, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("open the PidData file: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxPIDFile))
	if err != nil {
		return nil, fmt.Errorf("read the PidData file: %w", err)
	}
	return raw, nil
}

const (
	verdictAccepted = "accepted"
	verdictRejected = "rejected"
)

// pidReport is the JSON of the command. What the document does not tell is
// left out, or null among the numbers.
type pidReport struct {
	Verdict     string          `json:"verdict"`
	Problems    []pid.Problem   `json:"problems"`
	CheckedAt   time.Time       `json:"checked_at"`
	Device      *pidDevice      `json:"device,omitempty"`
	Certificate *pidCertificate `json:"certificate,omitempty"`
	TakenAt     *time.Time      `json:"taken_at,omitempty"`
	FType       *int            `json:"ftype"`
	FCount      *int            `json:"fcount"`
	QScore      *int            `json:"q_score"`
	NmPoints    *int            `json:"nm_points"`
	CI          string          `json:"ci,omitempty"`
}

type pidDevice struct {
	Vendor string `json:"vendor"`
	Model  string `json:"model"`
	Serial string `json:"serial"`
	Level  string `json:"level"`
	DPID   string `json:"dp_id"`
	RDSID  string `json:"rds_id"`
	RDSVer string `json:"rds_ver"`
	DC     string `json:"dc"`
}

type pidCertificate struct {
	SubjectCN string    `json:"subject_cn"`
	IssuerCN  string    `json:"issuer_cn"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

func checkPID(raw []byte, ftype pid.FType, now time.Time) pidReport {
	report := pidReport{Verdict: verdictRejected, CheckedAt: now}
	c, err := pid.Parse(raw)
	if err != nil {
		if e, ok := errors.AsType[*pid.ParseError](err); ok {
			report.Problems = []pid.Problem{e.Problem()}
		}
		return report
	}
	defer c.Wipe()
	policy := pid.DefaultPolicy()
	policy.Requested = requestedAsAnswered(c.Resp(), ftype)
	verdict := policy.Check(c, now)
	if verdict.Accepted() {
		report.Verdict = verdictAccepted
	}
	report.Problems = append([]pid.Problem{}, verdict.Problems...)
	if e, failed := errors.AsType[*pid.RespError](c.Err()); failed {
		report.explain(rdservice.Explain(pid.Vendor(c.Device()), e.Code, e.Info))
	}
	report.describe(c)
	return report
}

// explain puts what a driver's error code means in place of what can be said of
// all of them.
func (r *pidReport) explain(e rdservice.Explanation) {
	for i := range r.Problems {
		r.Problems[i].Message += " " + e.Cause
		r.Problems[i].Remedy = e.Action
	}
}

// requestedAsAnswered is the request that a file answers, as far as it can be
// known: the record type is told, the number of fingers is not.
func requestedAsAnswered(r pid.Resp, ftype pid.FType) *pid.Options {
	fingers, err := strconv.Atoi(r.FCount)
	if err != nil {
		fingers = 1
	}
	return &pid.Options{FCount: fingers, FType: ftype}
}

func (r *pidReport) describe(c *pid.Capture) {
	resp := c.Resp()
	r.FType, r.FCount = number(resp.FType), number(resp.FCount)
	if score, ok := resp.LowestQScore(); ok {
		r.QScore = &score
	}
	if points, ok := resp.LowestNmPoints(); ok {
		r.NmPoints = &points
	}
	r.CI = c.CI()
	if at, err := c.TakenAt(); err == nil {
		r.TakenAt = &at
	}
	if d := c.Device(); d.DPID != "" || d.RDSID != "" || d.DC != "" {
		r.Device = &pidDevice{
			Vendor: pid.Vendor(d), Model: d.MI, Serial: d.Serial, Level: d.Level,
			DPID: d.DPID, RDSID: d.RDSID, RDSVer: d.RDSVer, DC: d.DC,
		}
	}
	if cert, err := c.Certificate(); err == nil {
		r.Certificate = &pidCertificate{
			SubjectCN: cert.SubjectCN, IssuerCN: cert.IssuerCN, Serial: cert.Serial,
			NotBefore: cert.NotBefore, NotAfter: cert.NotAfter,
		}
	}
}

func number(text string) *int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	return &n
}

func (r pidReport) write(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	_, err := io.WriteString(w, r.text())
	return err
}

// text is what a support person reads out over the phone.
func (r pidReport) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, as of %s\n", strings.ToUpper(r.Verdict), moment(r.CheckedAt))
	for i, fact := range r.facts() {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "  %-12s %s\n", fact[0], fact[1])
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "\n  %s %s (%s)\n    %s\n    -> %s\n",
			strings.ToUpper(string(p.Severity)), p.Code, p.Element, p.Message, p.Remedy)
	}
	if len(r.Problems) == 0 {
		b.WriteString("\n  no problems found\n")
	}
	return b.String()
}

// facts are the lines of name and value that the document yields.
func (r pidReport) facts() (list [][2]string) {
	add := func(name, value string) { list = append(list, [2]string{name, value}) }
	if d := r.Device; d != nil {
		add("scanner", joined(d.Vendor, d.Model, d.Level, prefixed("serial ", d.Serial)))
		add("driver", joined(d.RDSID, d.RDSVer, prefixed("by ", d.DPID)))
		add("device code", d.DC)
	}
	if c := r.Certificate; c != nil {
		add("certificate", joined(c.SubjectCN, prefixed("from ", c.IssuerCN)))
		add("", "valid "+moment(c.NotBefore)+" to "+moment(c.NotAfter))
	}
	if r.TakenAt != nil {
		add("taken", moment(*r.TakenAt))
	}
	if r.FCount != nil || r.FType != nil {
		add("fingers", shown(r.FCount)+", record type "+shown(r.FType))
		add("quality", shown(r.QScore)+", minutiae "+shown(r.NmPoints))
	}
	if r.CI != "" {
		add("sealed for", "UIDAI key until "+r.CI)
	}
	return list
}

// moment writes a time as the shop's clock shows it.
func moment(t time.Time) string {
	return t.In(time.FixedZone("IST", 5*60*60+30*60)).Format("2006-01-02 15:04:05 MST")
}

func joined(parts ...string) string {
	var list []string
	for _, part := range parts {
		if part != "" {
			list = append(list, part)
		}
	}
	return strings.Join(list, ", ")
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

func shown(n *int) string {
	if n == nil {
		return "not stated"
	}
	return strconv.Itoa(*n)
}
