package daemon

import (
	"time"

	"biobridge/agent/contract"
)

// Environment says which money is moved.
type Environment string

// The environments. Simulated stands for the simulators on this PC, UAT for
// Eko's staging server.
const (
	Simulated  Environment = "simulated"
	UAT        Environment = "uat"
	Production Environment = "production"
)

// Config is the configuration file. The zero value of a field that has a
// default is never seen: [Parse] starts from [Default].
type Config struct {
	Environment Environment `toml:"environment"`
	// DataDir holds journal, secrets and logs.
	DataDir string `toml:"data_dir"`
	// Portal is the page that the tray opens; empty: the first origin.
	Portal    string    `toml:"portal"`
	Listen    Listen    `toml:"listen"`
	Origins   []Origin  `toml:"origins"`
	RDService RDService `toml:"rdservice"`
	Capture   Capture   `toml:"capture"`
	Eko       Eko       `toml:"eko"`
	Limits    Limits    `toml:"limits"`
	Journal   Journal   `toml:"journal"`
	Control   Control   `toml:"control"`
	Log       Log       `toml:"log"`
	Update    Update    `toml:"update"`
}

// Listen says where pages find the bridge.
type Listen struct {
	// Ports are tried in turn, the first free one is taken; 0 is any free one.
	Ports []int `toml:"ports"`
	// MaxConnections bounds all connections, MaxPerOrigin those of one origin.
	MaxConnections int `toml:"max_connections"`
	MaxPerOrigin   int `toml:"max_per_origin"`
	// Users says whose pages may connect: "any", "active" (who sits at the PC now)
	// or "listed".
	Users       string   `toml:"users"`
	ListedUsers []string `toml:"listed_users"`
}

// Origin is a web page that may connect, and what it may ask for.
type Origin struct {
	Origin string           `toml:"origin"`
	Scopes []contract.Scope `toml:"scopes"`
}

// RDService says where to look for scanners.
type RDService struct {
	// Host is a loopback address: nothing else is ever asked.
	Host         string   `toml:"host"`
	HTTPPorts    string   `toml:"http_ports"`
	HTTPSPorts   string   `toml:"https_ports"`
	ProbeTimeout Duration `toml:"probe_timeout"`
	// MinTLS is the oldest TLS version accepted from a loopback RD service.
	MinTLS string `toml:"min_tls"`
	// PreferredSerial names the scanner to use where there are several.
	PreferredSerial string `toml:"preferred_serial"`
}

// Capture says how a finger is asked for.
type Capture struct {
	FType     int      `toml:"ftype"`
	Timeout   Duration `toml:"timeout"`
	BanksFile string   `toml:"banks_file"`
	// BanksURL is an https address from which the banks file is refreshed.
	BanksURL string  `toml:"banks_url"`
	Quality  Quality `toml:"quality"`
}

// Quality are the limits on qScore; a vendor's own take precedence.
type Quality struct {
	RetryBelow  int                      `toml:"retry_below"`
	RejectBelow int                      `toml:"reject_below"`
	Vendor      map[string]VendorQuality `toml:"vendor"`
}

// VendorQuality are the limits for one vendor's scanners; 0 is no limit.
type VendorQuality struct {
	RetryBelow  int `toml:"retry_below"`
	RejectBelow int `toml:"reject_below"`
}

// Eko says how Eko is reached and who signs.
type Eko struct {
	API          string `toml:"api"`
	BaseURL      string `toml:"base_url"`
	DeveloperKey string `toml:"developer_key"`
	InitiatorID  string `toml:"initiator_id"`
	UserCode     string `toml:"user_code"`
	LatLong      string `toml:"latlong"`
	SourceIP     string `toml:"source_ip"`
	PublicKey    string `toml:"public_key"`
	Signer       string `toml:"signer"`
	// AccessKey stands in the file outside production only.
	AccessKey     string `toml:"access_key"`
	AccessKeyFile string `toml:"access_key_file"`
	HookURL       string `toml:"hook_url"`
	// HookPublicKey seals the Aadhaar number to the partner (HPKE, X25519, base64).
	HookPublicKey string   `toml:"hook_public_key"`
	HookCheck     bool     `toml:"hook_check"`
	HookTimeout   Duration `toml:"hook_timeout"`
	Proxy         string   `toml:"proxy"`
	Timeout       Duration `toml:"timeout"`
	// ReferenceField is the name under which a merchant's authentication travels.
	ReferenceField string `toml:"reference_field"`
	// ServiceCode is 43 (Fingpay) or 52 (Fino).
	ServiceCode string `toml:"service_code"`
	// V3RequestHash is none, plain or encrypted.
	V3RequestHash       string   `toml:"v3_request_hash"`
	OTPAbove            int64    `toml:"otp_above"`
	RequireMerchantAuth bool     `toml:"require_merchant_auth"`
	MerchantTokenTTL    Duration `toml:"merchant_token_ttl"`
	// MerchantToken: each cash withdrawal carries a merchant authentication of its
	// own. MerchantTwoFactor: the account uses v2's service types 6 and 7.
	MerchantToken     bool `toml:"merchant_token"`
	MerchantTwoFactor bool `toml:"merchant_two_factor"`
}

// Limits bound what one transaction and one day may cost.
type Limits struct {
	MaxAmount        int64    `toml:"max_amount"`
	PerAadhaarPerDay int      `toml:"per_aadhaar_per_day"`
	WarnBelow        int64    `toml:"warn_below"`
	WarnStep         int64    `toml:"warn_step"`
	RepeatWithin     Duration `toml:"repeat_within"`
	CaptureMaxAge    Duration `toml:"capture_max_age"`
}

// Journal says how long settled transactions are kept.
type Journal struct {
	RetentionDays int `toml:"retention_days"`
}

// Control is the local user's door.
type Control struct {
	// Address is a socket path or a pipe name; empty: derived from DataDir.
	Address string `toml:"address"`
	// Everyone lets every user of the PC come to the door, where each sees his own
	// transactions; else only the account that runs the agent, and administrators.
	Everyone bool `toml:"everyone"`
}

// Log says what is written down about the agent's own work.
type Log struct {
	Level   string `toml:"level"`
	MaxMB   int    `toml:"max_mb"`
	MaxDays int    `toml:"max_days"`
}

// Update says where newer versions of the program come from.
type Update struct {
	// URL is the https address of the signed manifest; empty: updates are off.
	URL string `toml:"url"`
	// RootKey is the ed25519 key, in base64, that the manifest's keys are signed with.
	RootKey string `toml:"root_key"`
}

// Duration is a length of time written as in "2.5s". A bare number is refused:
// nobody can tell its unit.
type Duration struct {
	time.Duration
	// Unreadable is set where the text was no duration; [Parse] makes a problem of
	// it, which knows the line.
	Unreadable bool `toml:"-"`
}

// UnmarshalText reads a duration. It never fails: the TOML reader would lose the
// place of the error.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration{Duration: v, Unreadable: err != nil}
	return nil
}

// MarshalText writes a duration as [Duration.UnmarshalText] reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
