package rdservice_test

import (
	"strings"
	"testing"
	"time"

	"biobridge/rdservice"
	"biobridge/rdservice/rdsim"
)

// DEVICEINFO tells how long a scanner's certificate is valid, without a scan.
func TestDevice_Certificate(t *testing.T) {
	for _, profile := range []string{"mantra-l1", "morpho-l0", "startek"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			s := startSim(t, rdsim.Options{Seed: 1}, profile)
			c, err := mustFindOne(t, atSim(s)).Certificate()
			if now := time.Now(); err != nil || !strings.HasPrefix(c.IssuerCN, "DS ") || !c.NotBefore.Before(now) || !c.NotAfter.After(now) {
				t.Errorf("Certificate() = %+v, %v, want one that is valid today", c, err)
			}
		})
	}
	t.Run("unregistered", func(t *testing.T) {
		t.Parallel()
		if c, err := mustFindOne(t, atSim(startSim(t, rdsim.Options{Seed: 1}, "unregistered"))).Certificate(); err == nil {
			t.Errorf("Certificate() = %+v, want none", c)
		}
	})
	t.Run("never asked", func(t *testing.T) {
		if _, err := (rdservice.Device{}).Certificate(); err == nil {
			t.Error("a device that was never asked has a certificate")
		}
	})
}
