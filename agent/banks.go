package agent

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"biobridge/agent/contract"
	"biobridge/pid"
)

// Bank is a row of the table of banks. Eko publishes no such list that a
// program can read, so the partner supplies it (eko-api.md section 10).
type Bank struct {
	Code  string    `toml:"bank_code" json:"bank_code"`
	Name  string    `toml:"name" json:"name"`
	FType pid.FType `toml:"ftype" json:"ftype"`
	// Services that the bank offers; empty: all.
	Services []contract.Service `toml:"services" json:"services,omitempty"`
}

// Banks is the table of banks in a file, TOML ("[[banks]]") or CSV (bank_code,
// name, ftype, services parted by blanks), read again when the file changes. The
// zero value is an empty table. It is safe for concurrent use.
type Banks struct {
	path string

	mu      sync.RWMutex
	rows    map[string]Bank
	changed time.Time
	size    int64
}

// maxBanksFile bounds the file; India has some 1,500 banks.
const maxBanksFile = 4 << 20

// OpenBanks reads a table. An empty path gives an empty table; a file that can't
// be read or has a mistake is an error that names the line.
func OpenBanks(path string) (*Banks, error) {
	b := &Banks{path: path}
	if err := b.Reload(); err != nil {
		return nil, err
	}
	return b, nil
}

// Reload reads the file again if it has changed since. After an error the last
// good table stays in use.
func (b *Banks) Reload() error {
	if b.path == "" {
		return nil
	}
	info, err := os.Stat(b.path)
	if err != nil {
		return fmt.Errorf("read the table of banks: %w", err)
	}
	b.mu.RLock()
	same := info.ModTime().Equal(b.changed) && info.Size() == b.size
	b.mu.RUnlock()
	if same {
		return nil
	}
	rows, err := readBanks(b.path)
	if err != nil {
		return fmt.Errorf("read the table of banks: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows, b.changed, b.size = rows, info.ModTime(), info.Size()
	return nil
}

// FType is the record type that a bank wants, or otherwise where the table
// doesn't know the bank.
func (b *Banks) FType(code string, otherwise pid.FType) pid.FType {
	if bank, known := b.Bank(code); known {
		return bank.FType
	}
	return otherwise
}

// Offers reports whether a bank offers a service. A bank that the table doesn't
// know offers all.
func (b *Banks) Offers(code string, s contract.Service) bool {
	bank, known := b.Bank(code)
	return !known || len(bank.Services) == 0 || slices.Contains(bank.Services, s)
}

// Name is a bank's name, or its code where the table doesn't know it.
func (b *Banks) Name(code string) string {
	if bank, known := b.Bank(code); known && bank.Name != "" {
		return bank.Name
	}
	return code
}

// Bank returns the row of a bank.
func (b *Banks) Bank(code string) (Bank, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	bank, known := b.rows[code]
	return bank, known
}

// All lists the table by code.
func (b *Banks) All() []Bank {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make([]Bank, 0, len(b.rows))
	for _, bank := range b.rows {
		out = append(out, bank)
	}
	slices.SortFunc(out, func(x, y Bank) int { return strings.Compare(x.Code, y.Code) })
	return out
}

func readBanks(path string) (map[string]Bank, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBanksFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxBanksFile:
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("larger than 4 MiB")}
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	var list []Bank
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		list, err = banksFromCSV(text)
	} else {
		list, err = banksFromTOML(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	rows := make(map[string]Bank, len(list))
	for i, bank := range list {
		if err := bank.check(); err != nil {
			return nil, fmt.Errorf("%s: bank %d: %w", path, i+1, err)
		}
		if _, twice := rows[bank.Code]; twice {
			return nil, fmt.Errorf("%s: bank %d: bank_code %s stands there twice", path, i+1, bank.Code)
		}
		rows[bank.Code] = bank
	}
	return rows, nil
}

func (b Bank) check() error {
	switch {
	case !bankShape.MatchString(b.Code):
		return errors.New("bank_code must be 2 to 12 capital letters or digits")
	case b.FType != pid.FMR && b.FType != pid.FIR && b.FType != pid.FMRFIR:
		return errors.New("ftype must be 0, 1 or 2")
	}
	for _, s := range b.Services {
		switch s {
		case contract.CashWithdrawal, contract.BalanceEnquiry, contract.MiniStatement, contract.AadhaarPay:
		default:
			return fmt.Errorf("services: %q is not known", s)
		}
	}
	return nil
}

func banksFromTOML(text string) ([]Bank, error) {
	var file struct {
		Banks []tomlBank `toml:"banks"`
	}
	d := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, tomlProblem(err)
	}
	out := make([]Bank, len(file.Banks))
	for i, b := range file.Banks {
		out[i] = Bank{Code: b.Code, Name: b.Name, FType: pid.FMRFIR, Services: b.Services}
		if b.FType != nil {
			out[i].FType = *b.FType
		}
	}
	return out, nil
}

// tomlProblem names the line of a mistake.
func tomlProblem(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		line, _ := strict.Errors[0].Position()
		return fmt.Errorf("line %d: the key %s is not known", line, strings.Join(strict.Errors[0].Key(), "."))
	}
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := e.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}

// tomlBank tells a missing ftype, which means 2, from 0.
type tomlBank struct {
	Code     string             `toml:"bank_code"`
	Name     string             `toml:"name"`
	FType    *pid.FType         `toml:"ftype"`
	Services []contract.Service `toml:"services"`
}

func banksFromCSV(text string) ([]Bank, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	r.Comment = '#'
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	column := make(map[string]int)
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains([]string{"bank_code", "name", "ftype", "services"}, name) {
			return nil, fmt.Errorf("line 1: column %q is not known", name)
		}
		column[name] = i
	}
	if _, there := column["bank_code"]; !there {
		return nil, errors.New("line 1: the column bank_code is missing")
	}
	var out []Bank
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		bank, err := bankFromRow(row, column)
		if err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		out = append(out, bank)
	}
}

func bankFromRow(row []string, column map[string]int) (Bank, error) {
	cell := func(name string) string {
		if i, there := column[name]; there {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	b := Bank{Code: cell("bank_code"), Name: cell("name"), FType: pid.FMRFIR}
	if text := cell("ftype"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return b, errors.New("ftype must be 0, 1 or 2")
		}
		b.FType = pid.FType(n)
	}
	for _, s := range strings.Fields(cell("services")) {
		b.Services = append(b.Services, contract.Service(s))
	}
	return b, nil
}
