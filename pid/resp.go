package pid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Resp is the driver's own account of a capture. Texts are trimmed, and rid of
// what a terminal would act upon; any of them may be empty (Morpho leaves out
// counts).
type Resp struct {
	// ErrCode is "0" for success. It is text: vendors have negative codes.
	ErrCode string
	ErrInfo string

	FCount, FType string
	ICount, IType string
	PCount, PType string

	// QScore and NmPoints hold one number a finger, or are nil where the driver
	// gave none (Evolute says "null"). The scales differ by vendor.
	QScore, NmPoints []int
}

// LowestQScore returns the score of the worst finger.
func (r Resp) LowestQScore() (int, bool) { return lowest(r.QScore) }

// LowestNmPoints returns the minutiae count of the worst finger.
func (r Resp) LowestNmPoints() (int, bool) { return lowest(r.NmPoints) }

func (r Resp) clone() Resp {
	r.QScore = slices.Clone(r.QScore)
	r.NmPoints = slices.Clone(r.NmPoints)
	return r
}

// RespError is a capture that the driver itself calls failed. Info often holds
// the only useful words, above all for code 999.
type RespError struct {
	Code string
	Info string
}

func (e *RespError) Error() string {
	if e.Info == "" {
		return "capture failed with code " + e.Code
	}
	return fmt.Sprintf("capture failed with code %s: %s", e.Code, e.Info)
}

func readResp(e *etree.Element) Resp {
	text := func(name string) string { return printable(value(e, name)) }
	return Resp{
		ErrCode: text("errCode"), ErrInfo: text("errInfo"),
		FCount: text("fCount"), FType: text("fType"),
		ICount: text("iCount"), IType: text("iType"),
		PCount: text("pCount"), PType: text("pType"),
		QScore: numbers(value(e, "qScore")), NmPoints: numbers(value(e, "nmPoints")),
	}
}

// numbers reads "83" and "83,77". Anything else, a single odd part included, is
// no measurement and reads as nil.
func numbers(text string) []int {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	parts := strings.Split(text, ",")
	if len(parts) > 10 { // a hand has no more fingers
		return nil
	}
	list := make([]int, 0, len(parts))
	for _, part := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 0 {
			return nil
		}
		list = append(list, n)
	}
	return list
}

func lowest(list []int) (int, bool) {
	if len(list) == 0 {
		return 0, false
	}
	return slices.Min(list), true
}

// maxText caps what is kept of a text that a driver is free to choose.
const maxText = 256

// printable trims a driver's text and takes from it what does not print: it
// ends up on terminals and in logs.
func printable(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		end := maxText
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
