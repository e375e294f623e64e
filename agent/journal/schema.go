package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// applicationID marks the file as this program's ("BBRJ").
const applicationID = 0x4242524a

// migration brings a file from one user_version to the next.
type migration struct {
	// readableFrom is the oldest version whose programs may work on with the file:
	// an update that fails puts the program before it back, over a file that the
	// newer one has already migrated. What adds tables, indexes or columns with a
	// default keeps the number of the migration before it.
	readableFrom int
	sql          string
}

// migrations bring a file from user_version i to i+1. They are never edited
// once released; a change is a new entry, and one that older programs can't read
// comes a release after the one that no longer needs what it changes.
var migrations = []migration{
	{1, `
CREATE TABLE transactions (
  seq              INTEGER PRIMARY KEY,
  client_ref_id    TEXT NOT NULL UNIQUE CHECK (length(client_ref_id) BETWEEN 1 AND 20),
  eko_ref          TEXT NOT NULL UNIQUE CHECK (length(eko_ref) BETWEEN 1 AND 20),
  origin           TEXT NOT NULL,
  os_user          TEXT NOT NULL,
  service          TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('started','captured','sending','succeeded','failed','pending','refund_pending','refunded','abandoned')),
  amount           INTEGER NOT NULL CHECK (amount >= 0),
  bank_code        TEXT NOT NULL,
  aadhaar_last4    TEXT NOT NULL CHECK (length(aadhaar_last4) <= 4),
  aadhaar_hash     BLOB NOT NULL,
  content_hash     BLOB NOT NULL,
  customer_id      TEXT NOT NULL,
  user_code        TEXT NOT NULL,
  device           TEXT,
  tid              TEXT NOT NULL DEFAULT '',
  bank_ref_num     TEXT NOT NULL DEFAULT '',
  customer_balance TEXT NOT NULL DEFAULT '',
  mini_statement   TEXT,
  reason           TEXT NOT NULL DEFAULT '',
  message          TEXT NOT NULL DEFAULT '',
  remedy           TEXT NOT NULL DEFAULT '',
  eko_status             INTEGER,
  eko_response_status_id INTEGER,
  eko_response_type_id   INTEGER,
  eko_tx_status          INTEGER,
  receipt          TEXT,
  simulated        INTEGER NOT NULL DEFAULT 0,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  day              TEXT NOT NULL,
  next_inquiry_at  INTEGER,
  scheduled_at     INTEGER,
  inquiry_count    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX transactions_unsettled ON transactions(next_inquiry_at)
  WHERE state IN ('started','captured','sending','pending','refund_pending');
CREATE INDEX transactions_person ON transactions(aadhaar_hash, seq);
CREATE INDEX transactions_owner ON transactions(origin, os_user, seq);
CREATE INDEX transactions_day ON transactions(day, seq);

CREATE TABLE changes (
  id            INTEGER PRIMARY KEY,
  client_ref_id TEXT NOT NULL,
  at            INTEGER NOT NULL,
  from_state    TEXT NOT NULL,
  to_state      TEXT NOT NULL,
  by_whom       TEXT NOT NULL,
  reason        TEXT NOT NULL,
  eko_status             INTEGER,
  eko_response_status_id INTEGER,
  eko_response_type_id   INTEGER,
  eko_tx_status          INTEGER
) STRICT;
CREATE INDEX changes_of ON changes(client_ref_id, id);

CREATE TABLE used_captures (
  digest  BLOB PRIMARY KEY,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_captures_at ON used_captures(used_at);

CREATE TABLE damage (
  id          INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  file        TEXT NOT NULL,
  detail      TEXT NOT NULL,
  carried     INTEGER NOT NULL,
  accepted_at INTEGER,
  accepted_by TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE facts (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER changes_are_append_only BEFORE UPDATE ON changes
BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;

CREATE TRIGGER changes_stay_with_unsettled BEFORE DELETE ON changes
WHEN EXISTS (SELECT 1 FROM transactions t WHERE t.client_ref_id = OLD.client_ref_id
  AND t.state IN ('started','captured','sending','pending','refund_pending'))
BEGIN SELECT RAISE(ABORT, 'the trail of an unsettled transaction stays'); END;

CREATE TRIGGER unsettled_stay BEFORE DELETE ON transactions
WHEN OLD.state IN ('started','captured','sending','pending','refund_pending')
BEGIN SELECT RAISE(ABORT, 'an unsettled transaction stays'); END;
`},
	{1, `
CREATE TABLE merchant_day (
  seq           INTEGER PRIMARY KEY,
  client_ref_id TEXT NOT NULL UNIQUE CHECK (length(client_ref_id) BETWEEN 1 AND 20),
  user_code     TEXT NOT NULL,
  day           TEXT NOT NULL,
  what          TEXT NOT NULL,
  result        TEXT NOT NULL CHECK (result IN ('sent','done','failed','unclear','lapsed')),
  at            INTEGER NOT NULL
) STRICT;
CREATE INDEX merchant_day_of ON merchant_day(user_code, day, what);
`},
}

// factReadableFrom names the fact that holds a migration's readableFrom. The version
// is part of its name: a file that was brought to another one says nothing.
func factReadableFrom(version int) string { return fmt.Sprintf("version_%d_readable_from", version) }

// migrate brings the file up to date and refuses one that is foreign, or newer
// than this program can work with.
func migrate(ctx context.Context, db *sql.DB) error {
	var version, app int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return fmt.Errorf("read the version: %w", err)
	}
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&app); err != nil {
		return fmt.Errorf("read the application id: %w", err)
	}
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	switch {
	case app != applicationID && (app != 0 || tables > 0):
		return ErrForeign
	case version > len(migrations):
		return readable(ctx, db, version)
	}
	for v := version; v < len(migrations); v++ {
		if err := migrateStep(ctx, db, v); err != nil {
			return fmt.Errorf("bring the journal to version %d: %w", v+1, err)
		}
	}
	return nil
}

// readable returns ErrNewer for a newer file that doesn't say that this program may
// work with it.
func readable(ctx context.Context, db *sql.DB, version int) error {
	var from int
	err := db.QueryRowContext(ctx, `SELECT CAST(value AS INTEGER) FROM facts WHERE name = ?`, factReadableFrom(version)).Scan(&from)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read which programs may read it: %w", err)
	}
	if from < 1 || from > len(migrations) {
		return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, version, len(migrations))
	}
	return nil
}

func migrateStep(ctx context.Context, db *sql.DB, v int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range []string{
		migrations[v].sql,
		fmt.Sprintf(`INSERT INTO facts(name, value) VALUES('%s', '%d') ON CONFLICT(name) DO UPDATE SET value = excluded.value`,
			factReadableFrom(v+1), migrations[v].readableFrom),
		fmt.Sprintf(`PRAGMA application_id = %d`, applicationID),
		fmt.Sprintf(`PRAGMA user_version = %d`, v+1),
	} {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return tx.Commit()
}
