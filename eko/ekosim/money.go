package ekosim

import "fmt"

// Paise is money in hundredths of a rupee.
type Paise int64

// Rupees returns whole rupees as [Paise].
func Rupees(n int64) Paise { return Paise(n * 100) }

// Text is the amount as Eko writes it: rupees with two decimals ("1000.00").
func (p Paise) Text() string {
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	return fmt.Sprintf("%s%d.%02d", sign, p/100, p%100)
}
