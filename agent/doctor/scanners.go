package doctor

import (
	"context"
	"fmt"
	"strings"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/rdservice"
)

// scanners lists the scanners, as the agent sees them or by looking itself, and
// their certificates, which only a look tells.
func (e Examination) scanners(ctx context.Context, cfg daemon.Config, s *control.Status) []Finding {
	rd, err := daemon.RDServiceConfig(cfg)
	if err != nil {
		return []Finding{fault("scanners", "The scanners' ports can't be used.", "Correct rdservice in the configuration.")}
	}
	found, err := rdservice.NewFinder(rd).Find(ctx)
	if s != nil {
		return append(gradeScanners(s.Devices), e.certificates(found)...)
	}
	if err != nil {
		return []Finding{doubt("scanners", "Looking for scanners took too long.", "Try again; see whether the vendor's RD service hangs.")}
	}
	devices := make([]contract.Device, len(found))
	for i, d := range found {
		devices[i] = contract.Device{Vendor: d.Vendor, Model: d.Model, Level: d.Level, Status: contract.DeviceStatus(d.Status), Info: d.Info, RDSVer: d.RDSVer}
	}
	return append(gradeScanners(devices), e.certificates(found)...)
}

func deviceName(vendor, model, level string) string {
	return strings.Join(strings.Fields(vendor+" "+model+" "+level), " ")
}

func gradeScanners(devices []contract.Device) []Finding {
	if len(devices) == 0 {
		return []Finding{fault("scanners", "No RD service answers on this PC.", "Plug the scanner in and start or install its vendor's RD service.")}
	}
	var findings []Finding
	ready := false
	for _, d := range devices {
		name := deviceName(d.Vendor, d.Model, d.Level)
		text := fmt.Sprintf("%s: %s (RD service %s).", name, d.Status, d.RDSVer)
		switch d.Status {
		case contract.DeviceReady:
			ready = true
			findings = append(findings, fine("scanners", text))
		case contract.DeviceBusy:
			findings = append(findings, doubt("scanners", text, "Close the other program or page that uses it."))
		default:
			findings = append(findings, doubt("scanners", text, "Replug the scanner; see that its RD service is registered and has internet."))
		}
		if d.Level == "L0" {
			findings = append(findings, doubt("scanners", name+" is an L0 scanner, which UIDAI no longer supports.", "Get an L1 scanner: captures may be refused though the scan works."))
		}
	}
	if !ready {
		findings = append(findings, fault("scanners", "No scanner is ready.", "Replug the scanner you use and wait until its light is on."))
	}
	return findings
}
