package daemon

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/update"
	"biobridge/agent/wsapi"
	"biobridge/rdservice"
)

// checker collects what is wrong with a configuration's values.
type checker struct {
	file     string
	lines    map[string]int
	problems []Problem
}

func (c *checker) add(warning bool, key, format string, args ...any) {
	c.problems = append(c.problems, Problem{
		File: c.file, Line: c.lines[key], Key: key, Warning: warning,
		Message: fmt.Sprintf(format, args...),
	})
}

func (c *checker) fault(key, format string, args ...any) { c.add(false, key, format, args...) }
func (c *checker) doubt(key, format string, args ...any) { c.add(true, key, format, args...) }

func (c *checker) config(cfg *Config) {
	if !slices.Contains([]Environment{Simulated, UAT, Production}, cfg.Environment) {
		c.fault("environment", `must be "simulated", "uat" or "production"`)
	}
	if cfg.DataDir == "" {
		c.fault("data_dir", "must name a directory")
	}
	c.listen(cfg.Listen)
	c.origins(cfg)
	c.rdService(cfg.RDService)
	c.capture(cfg.Capture)
	c.eko(cfg)
	c.limits(cfg.Limits)
	c.log(cfg)
	c.update(cfg.Update)
}

func (c *checker) listen(l Listen) {
	if len(l.Ports) == 0 {
		c.fault("listen.ports", "must list at least one port")
	}
	for i, port := range l.Ports {
		switch {
		case port < 0 || port > 65535:
			c.fault("listen.ports", "%d is not a port", port)
		case port >= 11100 && port <= 11120:
			c.fault("listen.ports", "%d belongs to the scanners' RD services (11100-11120)", port)
		case port != 0 && slices.Contains(l.Ports[:i], port):
			c.fault("listen.ports", "%d stands there twice", port)
		}
	}
	if err := wsapi.CheckUsers(wsapi.Users{Mode: l.Users, Listed: l.ListedUsers}); err != nil {
		c.fault("listen.users", "%s", err)
	}
	c.between("listen.max_connections", int64(l.MaxConnections), 1, 10000)
	c.between("listen.max_per_origin", int64(l.MaxPerOrigin), 1, 10000)
}

func (c *checker) between(key string, v, low, high int64) {
	if v < low || v > high {
		c.fault(key, "must be from %d to %d", low, high)
	}
}

func (c *checker) origins(cfg *Config) {
	seen := map[string]bool{}
	for i, o := range cfg.Origins {
		key := fmt.Sprintf("origins.%d.origin", i)
		if err := wsapi.CheckOrigin(wsapi.Origin{Name: o.Origin}, string(cfg.Environment)); err != nil {
			c.fault(key, "%s", err)
		}
		if seen[o.Origin] {
			c.fault(key, "this origin stands there twice")
		}
		seen[o.Origin] = true
		key = fmt.Sprintf("origins.%d.scopes", i)
		if len(o.Scopes) == 0 {
			c.doubt(key, "is empty: the page may connect and nothing else")
		}
		for _, s := range o.Scopes {
			if !slices.Contains(contract.Scopes(), s) {
				c.fault(key, "%q is not a scope; the scopes are %v", s, contract.Scopes())
			}
		}
	}
}

func isLoopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

func (c *checker) rdService(r RDService) {
	if !isLoopbackHost(r.Host) {
		c.fault("rdservice.host", "must be a loopback address: RD services of other machines are never asked")
	}
	for _, p := range []struct{ key, ports string }{{"http_ports", r.HTTPPorts}, {"https_ports", r.HTTPSPorts}} {
		if p.ports == "" {
			continue
		}
		if _, err := rdservice.ParsePorts(p.ports); err != nil {
			c.fault("rdservice."+p.key, `must be ports such as "11100-11120,11200"`)
		}
	}
	if r.HTTPPorts == "" && r.HTTPSPorts == "" {
		c.fault("rdservice.http_ports", "no port is left to look on")
	}
	c.duration("rdservice.probe_timeout", r.ProbeTimeout, 50*time.Millisecond, 30*time.Second)
	if _, ok := tlsVersions[r.MinTLS]; !ok {
		c.fault("rdservice.min_tls", `must be "1.0", "1.1", "1.2" or "1.3"`)
	}
}

func (c *checker) duration(key string, d Duration, low, high time.Duration) {
	switch {
	case d.Unreadable:
		c.fault(key, "must be a duration such as \"2.5s\"")
	case d.Duration < low || d.Duration > high:
		c.fault(key, "must be from %s to %s", low, high)
	}
}

func (c *checker) capture(cp Capture) {
	c.between("capture.ftype", int64(cp.FType), 0, 2)
	c.duration("capture.timeout", cp.Timeout, time.Second, 99*time.Second)
	c.quality("capture.quality.", cp.Quality.RetryBelow, cp.Quality.RejectBelow)
	for vendor, q := range cp.Quality.Vendor {
		c.quality("capture.quality.vendor."+vendor+".", q.RetryBelow, q.RejectBelow)
	}
	if cp.BanksURL != "" {
		if u, err := url.Parse(cp.BanksURL); err != nil || u.Scheme != "https" && !isLoopbackHost(u.Hostname()) {
			c.fault("capture.banks_url", "must be an https address")
		}
		if cp.BanksFile == "" {
			c.fault("capture.banks_file", "must name the file that banks_url refreshes")
		}
	}
}

func (c *checker) quality(prefix string, retry, reject int) {
	c.between(prefix+"retry_below", int64(retry), 0, 100)
	c.between(prefix+"reject_below", int64(reject), 0, 100)
	if reject > retry {
		c.fault(prefix+"reject_below", "must not be above retry_below")
	}
}

func (c *checker) limits(l Limits) {
	// ₹10,000 is NPCI's limit for one withdrawal (eko-api.md section 11).
	c.between("limits.max_amount", l.MaxAmount, 1, 10000)
	c.between("limits.per_aadhaar_per_day", int64(l.PerAadhaarPerDay), 1, 1000)
	c.between("limits.warn_below", l.WarnBelow, 0, 10000)
	c.between("limits.warn_step", l.WarnStep, 0, 10000)
	c.duration("limits.repeat_within", l.RepeatWithin, 0, time.Hour)
	c.duration("limits.capture_max_age", l.CaptureMaxAge, 5*time.Second, 10*time.Minute)
}

func (c *checker) log(cfg *Config) {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, cfg.Log.Level) {
		c.fault("log.level", `must be "debug", "info", "warn" or "error"`)
	}
	c.between("log.max_mb", int64(cfg.Log.MaxMB), 1, 1000)
	c.between("log.max_days", int64(cfg.Log.MaxDays), 1, 3650)
	c.between("journal.retention_days", int64(cfg.Journal.RetentionDays), 1, 36500)
	if cfg.Portal != "" {
		if u, err := url.Parse(cfg.Portal); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			c.fault("portal", "must be the address of a web page")
		}
	}
}

func (c *checker) update(u Update) {
	if u.URL == "" {
		return
	}
	if address, err := url.Parse(u.URL); err != nil || address.Scheme != "https" || address.Host == "" {
		c.fault("update.url", "must be an https address")
	}
	if _, err := update.ParseRootKey(u.RootKey); err != nil {
		c.fault("update.root_key", "%s", err)
	}
}
