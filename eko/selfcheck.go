package eko

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Cause is one possible cause of a refusal with HTTP 403 and what this computer
// knows of it (seed: FAQ, "I am getting 403 HTTP error code"; eko-api.md sections
// 2.3 to 2.6 and 5.4).
type Cause struct {
	// Code is a stable word, one of the Cause constants.
	Code string
	// Excluded says that this cause was checked here and is not it.
	Excluded bool
	// Finding says what was seen, in English; it holds nothing secret.
	Finding string
}

// The possible causes of a 403.
const (
	CauseClock        = "clock"
	CauseTimestamp    = "timestamp_unit"
	CauseKeyEncoding  = "key_encoding"
	CauseAccessKey    = "access_key"
	CauseHash         = "hash_order"
	CauseDeveloperKey = "developer_key"
	CauseInitiator    = "initiator_id"
	CauseAadhaarKey   = "aadhaar_key"
	CauseJSON         = "malformed_json"
	CauseAllowList    = "allow_list"
)

// Published values (eko-api.md sections 2.3, 2.4 and 3). None of them opens
// production.
const (
	aepsStagingKey       = "d2fe1d99-6298-4af2-8cc5-d97dcf46df30"
	settlementStagingKey = "f74c50a1-f705-4634-9cda-30a477df91b7"
	stagingInitiator     = "9962981729"
	keyABegins           = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCXa63O"
	keyBBegins           = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCaFyrzeDhMaFLx"
	stagingHost          = "staging.eko.in"
	productionHost       = "api.eko.in"
)

// attempt is a signed request as the self-check looks at it.
type attempt struct {
	signature Signature
	request   SignRequest
	body      bool
	server    time.Time // by the Date header of the refusal; zero for none
}

// SelfCheck goes through everything that can make Eko answer 403 and says what
// this computer can exclude, without sending anything. Submit and Inquire do the
// same after a 403, with the request that was refused.
func (c *Client) SelfCheck() []Cause {
	var a attempt
	if key, ok := ownKey(c.cfg.Signer); ok {
		a.request = SignRequest{TimestampMS: c.clock.stampMS(), HashParams: c.dialect.hashParams()}
		a.signature = Sign(key, a.request.TimestampMS, a.request.parts()...)
	}
	if skew, known := c.clock.measured(); known {
		a.server = c.cfg.Now().Add(skew)
	}
	return c.causes(a)
}

func (c *Client) causes(a attempt) []Cause {
	causes := []Cause{c.clockCause(a), timestampCause(a)}
	causes = append(causes, c.keyCauses(a)...)
	causes = append(causes, c.developerKeyCause(), c.initiatorCause(), c.aadhaarKeyCause())
	if a.body {
		causes = append(causes, Cause{CauseJSON, true, "The body was written by a JSON encoder."})
	}
	return append(causes, c.allowListCause())
}

func (c *Client) clockCause(a attempt) Cause {
	stamp, err := parseStamp(a.signature.Timestamp)
	switch {
	case a.server.IsZero():
		return Cause{CauseClock, false, "Eko's time is not known yet."}
	case err != nil:
		return Cause{CauseClock, false, "The timestamp was not made here."}
	}
	off := time.UnixMilli(stamp).Sub(a.server).Round(time.Second)
	return Cause{CauseClock, off.Abs() <= WarnSkew, fmt.Sprintf("The timestamp is %v away from Eko's clock.", off.Abs())}
}

// blame tells support which causes of a refusal are left, and the shopkeeper the
// one that he can mend himself. An inquiry's refusal settles nothing and keeps its
// reason.
func (c *Client) blame(op operation, o Outcome) Outcome {
	var possible, excluded []string
	clock := false
	for _, cause := range o.Causes {
		if cause.Excluded {
			excluded = append(excluded, cause.Code)
			continue
		}
		possible = append(possible, cause.Code+": "+cause.Finding)
		clock = clock || cause.Code == CauseClock
	}
	c.cfg.Log.Warn("eko refused the credentials", "client_ref_id", op.sign.ClientRefID,
		"possible", strings.Join(possible, " "), "excluded", strings.Join(excluded, ", "))
	skew, known := c.clock.measured()
	if clock && known && skew.Abs() > WarnSkew && o.State == Failed && o.Reason == ReasonForbidden {
		return o.with(verdict{Failed, ReasonClockRefused})
	}
	return o
}

func timestampCause(a attempt) Cause {
	if len(a.signature.Timestamp) == 13 {
		return Cause{CauseTimestamp, true, "The timestamp is in milliseconds, thirteen digits."}
	}
	return Cause{CauseTimestamp, false, "The timestamp was not made here, or is not in milliseconds."}
}

// What a key looks like that was changed before it got here.
var (
	hexText    = regexp.MustCompile(`^([0-9a-f]{2}){16,}$`)
	base64Text = regexp.MustCompile(`^[A-Za-z0-9+/]{24,}={1,2}$`)
)

// keyCauses looks at the access key and at what was signed with it.
func (c *Client) keyCauses(a attempt) []Cause {
	own, ok := ownKey(c.cfg.Signer)
	if _, empty := c.cfg.Signer.(*KeySlot); empty && !ok {
		return []Cause{{CauseAccessKey, false, "There is no access key on this PC that can be used."}}
	}
	if !ok {
		return []Cause{
			{CauseKeyEncoding, false, "The partner's server signs: ask there."},
			{CauseHash, false, "The partner's server signs: compare with biobridge eko sign there."},
		}
	}
	parts := a.request.parts()
	encoding := Cause{CauseKeyEncoding, true, "The base64 text of the key was used as the HMAC's key, as Eko wants it."}
	key := own.reveal()
	if base64Text.MatchString(key) || hexText.MatchString(key) {
		encoding = Cause{CauseKeyEncoding, false, "The key looks as if it had been encoded already: use it as Eko mailed it."}
	}
	hash := Cause{CauseHash, true, "The operation wants no request_hash."}
	if len(parts) > 0 {
		hash.Finding = "request_hash covers timestamp, " + strings.Join(a.request.HashParams, ", ") + ", in this order and as they stand in the body."
	}
	if err := Verify(own, a.signature, parts...); err != nil {
		hash = Cause{CauseHash, false, err.Error()}
	}
	return []Cause{encoding, hash, c.accessKeyCause(key)}
}

func (c *Client) accessKeyCause(key string) Cause {
	published := key == aepsStagingKey || key == settlementStagingKey
	switch {
	case published && c.base.Hostname() == productionHost:
		return Cause{CauseAccessKey, false, "This is a published staging key; production has another one."}
	case key == settlementStagingKey && c.base.Hostname() == stagingHost:
		return Cause{CauseAccessKey, false, "This is the staging key of fund settlement; AePS has another one, although Eko's own PHP sample mixes them."}
	case key == aepsStagingKey && c.base.Hostname() == stagingHost:
		return Cause{CauseAccessKey, true, "This is the published staging key of AePS."}
	}
	return Cause{CauseAccessKey, false, "Whether the key is the account's, only Eko can say."}
}

func (c *Client) developerKeyCause() Cause {
	staging := c.cfg.DeveloperKey == stagingDeveloperKey
	switch {
	case staging && c.base.Hostname() == productionHost:
		return Cause{CauseDeveloperKey, false, "This is the published staging key; production has another one."}
	case staging && c.base.Hostname() == stagingHost:
		return Cause{CauseDeveloperKey, true, "This is the published staging key, and not its misprint."}
	}
	return Cause{CauseDeveloperKey, false, "Whether the key is the account's, only Eko can say."}
}

func (c *Client) initiatorCause() Cause {
	staging := c.cfg.InitiatorID == stagingInitiator
	switch {
	case staging && c.base.Hostname() == productionHost:
		return Cause{CauseInitiator, false, "This is the published initiator of staging."}
	case staging && c.base.Hostname() == stagingHost:
		return Cause{CauseInitiator, true, "This is the published initiator of AePS on staging."}
	}
	return Cause{CauseInitiator, false, "It must be the mobile number that the partner has registered with Eko."}
}

func (c *Client) aadhaarKeyCause() Cause {
	a, b := strings.HasPrefix(c.cfg.PublicKey, keyABegins), strings.HasPrefix(c.cfg.PublicKey, keyBBegins)
	host := c.base.Hostname()
	switch {
	case a && host == productionHost:
		return Cause{CauseAadhaarKey, false, "This is the public key that Eko prints for staging."}
	case b && host == stagingHost:
		return Cause{CauseAadhaarKey, false, "This is the public key that Eko prints for production."}
	case a && host == stagingHost, b && host == productionHost:
		return Cause{CauseAadhaarKey, true, "This is the public key that Eko prints for this environment."}
	}
	return Cause{CauseAadhaarKey, false, "The key is a sound RSA key; whether it is this environment's, only Eko can say."}
}

func (c *Client) allowListCause() Cause {
	if c.base.Hostname() == stagingHost {
		return Cause{CauseAllowList, true, "Staging has no list of allowed addresses."}
	}
	if c.cfg.Proxy != nil {
		return Cause{CauseAllowList, false, "Eko sees the proxy's address: ask Eko whether it is allowed."}
	}
	return Cause{CauseAllowList, false, "Production lets in up to three addresses in India: ask Eko which address it sees."}
}

// refused is the self-check after a 403.
func (c *Client) refused(op operation, m message, r reply) []Cause {
	if r.status != http.StatusForbidden {
		return nil
	}
	get := func(name string) string { return strings.Join(m.header[name], "") }
	a := attempt{
		signature: Signature{SecretKey: get("secret-key"), Timestamp: get("secret-key-timestamp"), RequestHash: get("request_hash")},
		request:   op.sign,
		body:      m.body != nil,
	}
	if date, err := http.ParseTime(r.header.Get("Date")); err == nil {
		a.server = date
	}
	return c.causes(a)
}
