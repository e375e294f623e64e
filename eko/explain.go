package eko

// Cause is one possible cause of a refusal and what this computer knows of it.
type Cause struct {
	// Code is a stable word: key_encoding, clock, hash_order, developer_key,
	// aadhaar_key, allow_list …
	Code string
	// Excluded says that this cause was checked here and is not it.
	Excluded bool
	// Finding says what was seen, in English; it holds nothing secret.
	Finding string
}
