package agent

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"
)

// Paper is what a slip is printed on.
type Paper string

// The papers: two widths of till roll, and the office printer.
const (
	Paper58 Paper = "58"
	Paper80 Paper = "80"
	PaperA4 Paper = "a4"
)

// layout is a paper's measures for CSS; an empty Page is the printer's own.
type layout struct{ Page, Margin, Width, Font template.CSS }

// A roll has no fixed page: the printer's own lets it cut behind the slip.
var layouts = map[Paper]layout{
	Paper58: {Margin: "2mm", Width: "54mm", Font: "11px/1.35"},
	Paper80: {Margin: "3mm", Width: "74mm", Font: "12px/1.4"},
	PaperA4: {Page: "A4", Margin: "20mm", Width: "120mm", Font: "14px/1.5"},
}

//go:embed receipt.tmpl
var receiptSource string

var receiptTemplate = template.Must(template.New("receipt").Parse(receiptSource))

// HTML lays the slip out as a page of its own, without script and without
// anything from elsewhere.
func (r Receipt) HTML(p Paper) ([]byte, error) {
	paper, ok := layouts[p]
	if !ok {
		return nil, fmt.Errorf("lay out a receipt: paper %q is not known", string(p))
	}
	var b bytes.Buffer
	err := receiptTemplate.Execute(&b, struct {
		Receipt
		Paper layout
	}{r, paper})
	if err != nil {
		return nil, fmt.Errorf("lay out a receipt: %w", err)
	}
	return b.Bytes(), nil
}

// textColumns is what a 58 mm printer takes in its usual font.
const textColumns = 32

// Text lays the slip out in lines of so many columns (0: 32, as a 58 mm printer
// has). What can't be set in bold stands between lines of asterisks.
func (r Receipt) Text(columns int) string {
	if columns <= 0 {
		columns = textColumns
	}
	columns = max(columns, 24)
	var b strings.Builder
	line := func(s string) { b.WriteString(strings.TrimRight(s, " ") + "\n") }
	for _, l := range wrap(r.Title, columns) {
		line(centred(l, columns))
	}
	for _, notice := range []string{r.Notice, r.Simulated} {
		if notice == "" {
			continue
		}
		line(strings.Repeat("*", columns))
		for _, l := range wrap(notice, columns-4) {
			line("* " + padded(l, columns-4) + " *")
		}
		line(strings.Repeat("*", columns))
	}
	line(strings.Repeat("-", columns))
	for _, l := range r.Lines {
		writePair(line, l.Label, l.Value, columns)
	}
	if len(r.Statement) > 0 {
		line(strings.Repeat("-", columns))
		for _, s := range r.Statement {
			writePair(line, strings.TrimSpace(s.Date+" "+s.TxnType), s.Amount, columns)
			for _, l := range wrap(s.Narration, columns-2) {
				line("  " + l)
			}
		}
	}
	line(strings.Repeat("-", columns))
	if r.Thanks != "" {
		line(centred(r.Thanks, columns))
	}
	return b.String()
}

// writePair puts label and value at both ends of a line, or the value below.
func writePair(line func(string), label, value string, columns int) {
	gap := columns - width(label) - width(value)
	if gap >= 1 {
		line(label + strings.Repeat(" ", gap) + value)
		return
	}
	line(label)
	for _, l := range wrap(value, columns-2) {
		line(strings.Repeat(" ", columns-width(l)) + l)
	}
}

// width counts characters; a printer's Devanagari is an image and counts its own.
func width(s string) int { return utf8.RuneCountInString(s) }

func padded(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-width(s)))
}

func centred(s string, columns int) string {
	return strings.Repeat(" ", max(0, (columns-width(s))/2)) + s
}

// wrap breaks at blanks, and inside words that are longer than a line.
func wrap(s string, columns int) []string {
	var out []string
	current := ""
	for _, word := range strings.Fields(s) {
		for width(word) > columns {
			if current != "" {
				out, current = append(out, current), ""
			}
			runes := []rune(word)
			out, word = append(out, string(runes[:columns])), string(runes[columns:])
		}
		switch {
		case current == "":
			current = word
		case width(current)+1+width(word) <= columns:
			current += " " + word
		default:
			out, current = append(out, current), word
		}
	}
	if current != "" {
		out = append(out, current)
	}
	return out
}
