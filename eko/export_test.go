package eko

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"time"
)

// BenchBuild returns what Submit does between its call and the first byte,
// without the network.
func BenchBuild(key *PublicKey, access AccessKey, r Request) func() error {
	r.PidData = bytes.Repeat([]byte("<PidData>x"), 1700) // 17 kB, a large real one
	c := &Client{cfg: Config{}.withDefaults(), base: mustBase(), key: key, dialect: v2{initiatorID: "9962981729"}}
	return func() error {
		aadhar, err := key.Encrypt(rand.Reader, r.Aadhaar)
		if err != nil {
			return err
		}
		s, _, err := KeySigner{access}.Sign(context.Background(), c.signRequest(r, aadhar))
		if err != nil {
			return err
		}
		_, err = c.message(c.dialect.transaction(r, aadhar), s)
		return err
	}
}

func mustBase() *url.URL {
	u, err := parseBase("https://staging.eko.in:25004/ekoapi")
	if err != nil {
		panic(err)
	}
	return u
}

// OnThisComputer is the rule for plain HTTP, whatever a name resolves to.
var OnThisComputer = onThisComputer

// ReadSkew is what the clock reads from a Date header that arrived that long ago.
func ReadSkew(now time.Time, date string, age time.Duration) time.Duration {
	c := newClock(func() time.Time { return now })
	c.read(http.Header{"Date": {date}}, age)
	skew, _ := c.measured()
	return skew
}
