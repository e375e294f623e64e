package eko

// BearerToken tells the partner's server which shop is asking. It redacts itself
// everywhere; the zero value is none.
type BearerToken struct{ secret }

// ParseBearerToken takes a token of printable ASCII without blanks. The error
// never holds it.
func ParseBearerToken(text string) (BearerToken, error) {
	if err := checkToken(text, 4096); err != nil {
		return BearerToken{}, err
	}
	return BearerToken{newSecret(text)}, nil
}
