package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Options are what Open may be told; the zero value works.
type Options struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log gets what an owner would want to know; nil discards.
	Log *slog.Logger
	// Busy is how long a write waits for another program that locks the file, 0
	// is two seconds. This program never does.
	Busy time.Duration
	// RefuseDamaged makes Open return [ErrCorrupt] for a damaged file instead
	// of setting it aside, for a check that must change nothing.
	RefuseDamaged bool
}

// Journal is an open journal. It is safe for concurrent use; [Journal.Close]
// ends it.
type Journal struct {
	path string
	busy time.Duration
	now  func() time.Time
	log  *slog.Logger
	lock *lock

	// write holds the single writing connection; read is a pool that cannot
	// write. In WAL mode neither waits for the other.
	write, read *sql.DB
	// mu serialises writers, so that one waits for another in Go and not in
	// SQLite's busy loop.
	mu sync.Mutex

	// inUse is true from the end of Open until Close.
	inUse     atomic.Bool
	recovered []Recovered

	damageMu sync.Mutex
	damage   *Damage
}

// Open opens the journal at path, creating it where there is none, and takes
// it for this process. It brings an older file up to date, looks for damage,
// and puts right what the last process left under way ([Journal.Recovered]).
// Errors: [ErrLocked], [ErrNewer], [ErrForeign], [ErrUnwritable] and, with
// Options.RefuseDamaged, [ErrCorrupt].
func Open(ctx context.Context, path string, o Options) (*Journal, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the journal: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the journal's directory: %w: %w", ErrUnwritable, err)
	}
	j := &Journal{path: path, busy: o.Busy, now: o.Now, log: o.Log}
	if j.busy <= 0 {
		j.busy = 2 * time.Second
	}
	if j.now == nil {
		j.now = time.Now
	}
	if j.log == nil {
		j.log = slog.New(slog.DiscardHandler)
	}
	if j.lock, err = acquire(path); err != nil {
		return nil, err
	}
	if err := j.start(ctx, o.RefuseDamaged); err != nil {
		j.closeFiles()
		j.lock.release()
		return nil, err
	}
	j.inUse.Store(true)
	return j, nil
}

// start opens the file, or a new one in the place of a damaged one, and takes
// up where the last process stopped.
func (j *Journal) start(ctx context.Context, refuseDamaged bool) error {
	err := j.openUnmarked(ctx)
	if errors.Is(err, ErrCorrupt) && !refuseDamaged {
		detail := err.Error()
		if c, ok := errors.AsType[*CorruptError](err); ok {
			detail = c.Detail
		}
		err = j.setAside(ctx, detail)
	}
	if err != nil {
		return err
	}
	if err := j.loadDamage(ctx); err != nil {
		return err
	}
	return j.recover(ctx)
}

// openUnmarked opens the file unless it is known to be damaged.
func (j *Journal) openUnmarked(ctx context.Context) error {
	m, marked, err := readMark(j.path)
	switch {
	case err != nil:
		return err
	case marked:
		return &CorruptError{Path: j.path, Detail: m.Detail}
	}
	return j.openFile(ctx)
}

// openFile opens both connections, migrates, and looks for damage.
func (j *Journal) openFile(ctx context.Context) error {
	if err := createPrivate(j.path); err != nil {
		return err
	}
	var err error
	if j.write, err = sql.Open("sqlite", j.dsn(j.path, "_txlock=immediate")); err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	j.write.SetMaxOpenConns(1)
	if j.read, err = sql.Open("sqlite", j.dsn(j.path, "_pragma=query_only(1)")); err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	j.read.SetMaxOpenConns(3)
	// Each connection keeps up to 2 MB of pages: not while nobody asks anything.
	j.read.SetConnMaxIdleTime(time.Minute)
	if err := migrate(ctx, j.write); err != nil {
		return fmt.Errorf("open the journal: %w", j.classify(err))
	}
	if err := j.inspect(ctx); err != nil {
		return err
	}
	return j.setFact(ctx, factClean, "no")
}

// dsn names the file to the driver. The path is escaped, since a Windows user
// may be called "50%".
func (j *Journal) dsn(path, more string) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	u := url.URL{Scheme: "file", Path: p}
	return fmt.Sprintf("%s?_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&%s",
		u.String(), j.busy.Milliseconds(), more)
}

// createPrivate makes the file readable by its owner alone before SQLite opens
// it; SQLite gives its companions (-wal, -shm) the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the journal: %w: %w", ErrUnwritable, err)
	}
	if err := f.Chmod(0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		f.Close()
		return fmt.Errorf("protect the journal: %w", err)
	}
	return f.Close()
}

// Path is the file's absolute name.
func (j *Journal) Path() string { return j.path }

// Close ends the journal's use and frees it for another process. Calls of other
// methods after it fail; a second Close does nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.inUse.CompareAndSwap(true, false) {
		return nil
	}
	err := j.setFactLocked(context.Background(), factClean, "yes")
	return errors.Join(err, j.closeFiles(), j.lock.release())
}

func (j *Journal) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{j.read, j.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
