package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"biobridge/agent"
)

// How often the table of banks is fetched, how long that may take, and how large
// a table may be.
const (
	banksEvery   = time.Hour
	banksTimeout = 30 * time.Second
	maxBanks     = 4 << 20
)

// openBanks reads the table of banks. One that is still to be fetched may be
// missing; one that is there must be right.
func (p *parts) openBanks(context.Context) (err error) {
	path := p.cfg.Capture.BanksFile
	p.banks, err = agent.OpenBanks(path)
	if !errors.Is(err, os.ErrNotExist) || p.cfg.Capture.BanksURL == "" {
		return err
	}
	if err := os.WriteFile(path, emptyTable(path), 0o600); err != nil {
		return fmt.Errorf("make room for the table of banks: %w", err)
	}
	p.banks, err = agent.OpenBanks(path)
	return err
}

// emptyTable is a table without a bank, in the format that the file's name says.
func emptyTable(path string) []byte {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return []byte("bank_code,name,ftype,services\n")
	}
	return nil
}

// refreshBanks fetches the table at once and then every hour until ctx ends.
// While that fails the last good copy on the disk is used; the agent never waits
// for it.
func (p *parts) refreshBanks(ctx context.Context) error {
	if p.cfg.Capture.BanksURL == "" {
		<-ctx.Done()
		return nil
	}
	fetch := bankFetch{
		url: p.cfg.Capture.BanksURL, path: p.cfg.Capture.BanksFile,
		client: &http.Client{Timeout: banksTimeout, CheckRedirect: noRedirect},
	}
	defer fetch.client.CloseIdleConnections()
	ticker := time.NewTicker(banksEvery)
	defer ticker.Stop()
	for {
		switch changed, err := fetch.once(ctx); {
		case err != nil && ctx.Err() == nil:
			p.opts.Log.Warn("the table of banks can't be refreshed; the last good one is used", "err", err)
		case changed:
			p.opts.Log.Info("the table of banks was refreshed")
			if err := p.banks.Reload(); err != nil {
				p.opts.Log.Warn("the refreshed table of banks can't be read", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func noRedirect(*http.Request, []*http.Request) error {
	return errors.New("the table of banks must be at its own address, not behind a redirect")
}

// bankFetch fetches the table from one address into one file. It remembers the
// ETag while the process lives.
type bankFetch struct {
	url, path string
	client    *http.Client
	etag      string
}

// once fetches the table if it has changed, and puts it in the file's place only
// if it is a table.
func (f *bankFetch) once(ctx context.Context) (changed bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return false, err
	}
	if f.etag != "" {
		request.Header.Set("If-None-Match", f.etag)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return false, fmt.Errorf("fetch the table of banks: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusNotModified:
		return false, nil
	case http.StatusOK:
	default:
		return false, fmt.Errorf("fetch the table of banks: HTTP %d", response.StatusCode)
	}
	if err := f.replace(response.Body); err != nil {
		return false, err
	}
	f.etag = response.Header.Get("ETag")
	return true, nil
}

// replace writes a new table beside the old one, reads it as the agent would,
// and only then puts it in the old one's place.
func (f *bankFetch) replace(body io.Reader) (err error) {
	next, err := os.CreateTemp(filepath.Dir(f.path), ".banks-*"+filepath.Ext(f.path))
	if err != nil {
		return fmt.Errorf("store the table of banks: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(next.Name()))
		}
	}()
	n, err := io.Copy(next, io.LimitReader(body, maxBanks+1))
	if err == nil && n > maxBanks {
		err = errors.New("larger than 4 MiB")
	}
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return fmt.Errorf("store the table of banks: %w", err)
	}
	if _, err := agent.OpenBanks(next.Name()); err != nil {
		return fmt.Errorf("the fetched table is no table: %w", err)
	}
	return os.Rename(next.Name(), f.path)
}
