package daemon

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"time"
)

// Default returns the configuration of an empty file, but for Eko's account,
// which nobody can guess.
func Default() Config {
	return Config{
		Environment: Simulated,
		DataDir:     DefaultDataDir(),
		Listen: Listen{
			Ports:          []int{21101, 21102, 21103, 21104, 21105},
			MaxConnections: 600,
			MaxPerOrigin:   64,
			Users:          "any",
		},
		RDService: RDService{
			Host:         "127.0.0.1",
			HTTPPorts:    "11100-11120",
			HTTPSPorts:   "11100-11120,11200,8005",
			ProbeTimeout: seconds(2.5),
			MinTLS:       "1.0",
		},
		Capture: Capture{
			FType:   2,
			Timeout: seconds(10),
			Quality: Quality{RetryBelow: 45, RejectBelow: 25},
		},
		Eko: Eko{
			API:              "v2",
			Signer:           "key",
			HookCheck:        true,
			HookTimeout:      seconds(15),
			Timeout:          seconds(120),
			ReferenceField:   "reference_tid",
			ServiceCode:      "43",
			V3RequestHash:    "none",
			OTPAbove:         5000,
			MerchantTokenTTL: seconds(75),
		},
		Limits: Limits{
			MaxAmount:        10000,
			PerAadhaarPerDay: 5,
			WarnBelow:        100,
			WarnStep:         50,
			RepeatWithin:     seconds(60),
			CaptureMaxAge:    seconds(60),
		},
		Journal: Journal{RetentionDays: 400},
		Log:     Log{Level: "info", MaxMB: 10, MaxDays: 30},
	}
}

func seconds(n float64) Duration {
	return Duration{Duration: time.Duration(n * float64(time.Second))}
}

// DefaultPath is where the configuration is looked for when no --config is
// given: the machine's, which the installer writes.
func DefaultPath() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(programData(), "biobridge", "biobridge.toml")
	}
	return "/etc/biobridge/biobridge.toml"
}

// DefaultDataDir is the machine's data directory for the service's account, and
// the user's own for everybody else; "" where he has none. A directory that
// everybody can write to is nobody's choice for keys and money.
func DefaultDataDir() string {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" { // systemd names it so
		return dir
	}
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		return ServiceDataDir()
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "biobridge")
	}
	home, _ := os.UserHomeDir()
	if home == "" { // as under cron
		if me, err := user.Current(); err == nil {
			home = me.HomeDir
		}
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".local", "state", "biobridge")
}

// ServiceDataDir is the data directory of the agent that the installer set up,
// whoever asks.
func ServiceDataDir() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(programData(), "biobridge", "data")
	}
	return "/var/lib/biobridge"
}
