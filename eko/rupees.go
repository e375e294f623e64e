package eko

import "strconv"

// Rupees is an amount in whole rupees: AePS knows no paise.
type Rupees int64

// Text is the amount as hash and body both carry it: "100" and "100.00" hash
// differently (eko-api.md section 4.1).
func (r Rupees) Text() string { return strconv.FormatInt(int64(r), 10) }
