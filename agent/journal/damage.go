package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Damage says that a damaged journal was set aside, or that damage has been
// found in the one in use.
type Damage struct {
	// At is when it was found.
	At time.Time
	// File is where the damaged journal lies now.
	File string
	// Detail is SQLite's own sentence.
	Detail string
	// Carried is how many transactions could still be read and were carried
	// over; -1 while the damaged file is still in use.
	Carried int
}

// Damage returns the damage that nobody has accepted yet, nil where there is
// none. While there is, [Journal.Begin] refuses money.
func (j *Journal) Damage() *Damage {
	j.damageMu.Lock()
	defer j.damageMu.Unlock()
	return j.damage
}

// AcceptDamage records that the local user knows that a journal was set aside
// and wants to go on. It refuses while the damaged file is still in use: the
// program must be restarted first, which sets it aside.
func (j *Journal) AcceptDamage(ctx context.Context, by string) error {
	d := j.Damage()
	switch {
	case d == nil:
		return nil
	case d.Carried < 0:
		return fmt.Errorf("accept a new journal: %w: restart first", ErrCorrupt)
	}
	err := j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE damage SET accepted_at = ?, accepted_by = ? WHERE accepted_at IS NULL`, j.now().UnixMilli(), by)
		return err
	})
	if err != nil {
		return fmt.Errorf("accept a new journal: %w", err)
	}
	j.damageMu.Lock()
	defer j.damageMu.Unlock()
	j.damage = nil
	return nil
}

func (j *Journal) loadDamage(ctx context.Context) error {
	var (
		d  Damage
		at int64
	)
	err := j.read.QueryRowContext(ctx, `SELECT at, file, detail, carried FROM damage WHERE accepted_at IS NULL ORDER BY id DESC LIMIT 1`).
		Scan(&at, &d.File, &d.Detail, &d.Carried)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("read the damage: %w", j.classify(err))
	}
	d.At = time.UnixMilli(at).UTC()
	j.damage = &d
	return nil
}

// quickInspection is up to which size a file is checked whole at every start;
// a larger one only after an unclean end, and by [Journal.Check] later on.
const quickInspection = 4 << 20

// inspect looks for damage at the start.
func (j *Journal) inspect(ctx context.Context) error {
	var clean string
	err := j.write.QueryRowContext(ctx, `SELECT value FROM facts WHERE name = ?`, factClean).Scan(&clean)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("inspect the journal: %w", j.classify(err))
	}
	info, err := os.Stat(j.path)
	if err != nil {
		return fmt.Errorf("inspect the journal: %w: %w", ErrUnwritable, err)
	}
	if clean == "yes" && info.Size() > quickInspection {
		return nil
	}
	return j.quickCheck(ctx, j.write)
}

func (j *Journal) quickCheck(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("inspect the journal: %w", j.classify(err))
	}
	if verdict != "ok" {
		return &CorruptError{Path: j.path, Detail: verdict}
	}
	return nil
}

// Check reads the whole file and reports [ErrCorrupt] when it is damaged. Then
// no more money can be begun, and the next start sets the file aside.
func (j *Journal) Check(ctx context.Context) error {
	err := j.quickCheck(ctx, j.read)
	if errors.Is(err, ErrCorrupt) {
		j.markDamaged(err)
	}
	return err
}

// markDamaged remembers damage that was found while the file is in use, in a
// file of its own, since this one can't be trusted with it.
func (j *Journal) markDamaged(err error) {
	detail := err.Error()
	if c, ok := errors.AsType[*CorruptError](err); ok {
		detail = c.Detail
	}
	j.damageMu.Lock()
	defer j.damageMu.Unlock()
	if j.damage != nil && j.damage.Carried < 0 {
		return
	}
	j.damage = &Damage{At: j.now(), File: j.path, Detail: detail, Carried: -1}
	if err := (mark{Detail: detail}).write(j.path); err != nil {
		j.log.Error("the journal's damage could not be marked", "error", err)
	}
}

// setAside moves the damaged file and its companions away, starts a new journal
// and carries over what can still be read. The mark holds each step, so that
// wherever this breaks off, the next start goes on with the same files: the
// damaged one is never opened without its log, and the new one is not used before
// it has everything.
func (j *Journal) setAside(ctx context.Context, detail string) error {
	j.closeFiles()
	aside, err := j.moveAside(detail)
	if err != nil {
		return fmt.Errorf("set the damaged journal aside: %w: %w", ErrUnwritable, err)
	}
	if err := j.openFile(ctx); err != nil {
		return fmt.Errorf("start a new journal: %w", err)
	}
	carried, err := j.carryOver(ctx, aside)
	switch {
	case errors.Is(err, ErrUnwritable):
		// No room for a copy: that is no reason to go on without the rows.
		return err
	case err != nil:
		j.log.Error("not everything could be carried over from the damaged journal", "error", err)
	}
	err = j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO damage(at, file, detail, carried) VALUES(?,?,?,?)`,
			j.now().UnixMilli(), filepath.Base(aside), detail, carried)
		return err
	})
	if err != nil {
		return fmt.Errorf("record the damage: %w", err)
	}
	if err := errors.Join(os.Remove(markOf(j.path)), syncDir(filepath.Dir(j.path))); err != nil {
		return fmt.Errorf("set the damaged journal aside: %w: %w", ErrUnwritable, err)
	}
	j.log.Error("the journal was damaged and has been set aside", "file", aside, "detail", detail, "carried", carried)
	return nil
}

// companions are what SQLite keeps beside a file; the log belongs to it as much
// as its own pages do.
var companions = []string{"", "-wal", "-shm"}

// moveAside takes the damaged file and its companions out of the way, or goes on
// where an earlier start stopped, and returns where they lie.
func (j *Journal) moveAside(detail string) (aside string, err error) {
	m, _, err := readMark(j.path)
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(j.path)
	if m.Aside == "" {
		m = mark{Detail: detail, Aside: filepath.Base(j.path) + ".damaged-" + j.now().UTC().Format("20060102T150405.000")}
		if err := m.write(j.path); err != nil {
			return "", err
		}
	}
	aside = filepath.Join(dir, m.Aside)
	if m.Moved {
		// An unfinished new journal of an earlier start.
		for _, suffix := range companions {
			if err := os.Remove(j.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				return "", err
			}
		}
		return aside, nil
	}
	for _, suffix := range companions {
		if err := os.Rename(j.path+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	if err := syncDir(dir); err != nil {
		return "", err
	}
	m.Moved = true
	return aside, m.write(j.path)
}
