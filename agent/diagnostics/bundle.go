package diagnostics

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/doctor"
)

// Request says what a bundle is made from.
type Request struct {
	ConfigPath string
	// Lines is how much of the log is packed; 0: 2,000 lines.
	Lines int
	Now   func() time.Time
}

// part is one file of the bundle.
type part struct {
	name string
	make func(context.Context) ([]byte, error)
}

// Write writes the bundle as a zip. A part that can't be made is replaced by a
// text that says why; only writing itself can fail.
func (r Request) Write(ctx context.Context, w io.Writer) error {
	if r.Lines == 0 {
		r.Lines = 2000
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	cfg, cfgErr := daemon.Load(r.ConfigPath)
	address := control.Address(daemon.ServiceDataDir())
	if cfgErr == nil {
		address = daemon.ControlAddress(cfg)
	}
	agent := agentParts{address: address, lines: r.Lines}
	bundle := zip.NewWriter(w)
	for _, p := range []part{
		{"versions.json", func(context.Context) ([]byte, error) { return asJSON(daemon.BuildInfo()) }},
		{"configuration.toml", func(context.Context) ([]byte, error) { return configuration(cfg, cfgErr) }},
		{"doctor.json", func(ctx context.Context) ([]byte, error) {
			return asJSON(doctor.Examination{ConfigPath: r.ConfigPath, Now: r.Now}.Run(ctx))
		}},
		{"status.json", agent.status},
		{"counts.json", agent.counts},
		{"log.jsonl", agent.log},
	} {
		if err := r.add(ctx, bundle, p); err != nil {
			return fmt.Errorf("write the diagnostics: %w", err)
		}
	}
	if err := bundle.Close(); err != nil {
		return fmt.Errorf("write the diagnostics: %w", err)
	}
	return nil
}

func (r Request) add(ctx context.Context, bundle *zip.Writer, p part) error {
	content, err := p.make(ctx)
	name := p.name
	if err != nil {
		name, content = p.name+".missing.txt", []byte(err.Error()+"\n")
	}
	f, err := bundle.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: r.Now()})
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return err
}

func asJSON(v any) ([]byte, error) { return json.MarshalIndent(v, "", "  ") }

// agentParts are what only the running agent can tell.
type agentParts struct {
	address string
	lines   int
}

// ask opens the control door for one question.
func (a agentParts) ask(ctx context.Context, f func(*control.Client) (any, error)) ([]byte, error) {
	client, err := control.Dial(ctx, a.address)
	if err != nil {
		return nil, err
	}
	answer, err := f(client)
	if err = errors.Join(err, client.Close()); err != nil {
		return nil, err
	}
	return asJSON(answer)
}

func (a agentParts) status(ctx context.Context) ([]byte, error) {
	return a.ask(ctx, func(c *control.Client) (any, error) {
		s, err := c.Status(ctx)
		for i := range s.Devices {
			s.Devices[i].Serial = lastFour(s.Devices[i].Serial)
		}
		for i := range s.Pages {
			s.Pages[i].User = "" // a person's account
		}
		return s, err
	})
}

// lastFour keeps what support needs to tell two scanners apart.
func lastFour(serial string) string {
	if len(serial) <= 4 {
		return serial
	}
	return strings.Repeat("x", len(serial)-4) + serial[len(serial)-4:]
}

// counts adds up the journal by service, state and reason.
func (a agentParts) counts(ctx context.Context) ([]byte, error) {
	return a.ask(ctx, func(c *control.Client) (any, error) {
		sums := map[string]int{}
		filter := control.Filter{Limit: 200}
		for {
			page, err := c.Transactions(ctx, filter)
			if err != nil {
				return nil, err
			}
			for _, t := range page.Transactions {
				sums[fmt.Sprintf("%s %s %s", t.Service, t.State, t.Reason)]++
			}
			if page.Next == "" {
				return sums, nil
			}
			filter.Cursor = page.Next
		}
	})
}

func (a agentParts) log(ctx context.Context) ([]byte, error) {
	client, err := control.Dial(ctx, a.address)
	if err != nil {
		return nil, err
	}
	lines, err := client.LogTail(ctx, a.lines)
	if err = errors.Join(err, client.Close()); err != nil {
		return nil, err
	}
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

// File makes the bundle at path, which must not exist.
func (r Request) File(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the diagnostics: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return r.Write(ctx, f)
}
