package doctor

import (
	"time"

	"biobridge/rdservice"
)

// expiresSoon is when a device certificate should have been renewed: RD services
// do it by themselves when they are online.
const expiresSoon = 3 * 24 * time.Hour

// certificates says how long each scanner's device certificate is valid, as its
// RD service tells without a scan.
func (e Examination) certificates(found []rdservice.Device) []Finding {
	var findings []Finding
	for _, d := range found {
		if c, err := d.Certificate(); err == nil {
			findings = append(findings, gradeCertificate(deviceName(d.Vendor, d.Model, ""), c.NotBefore, c.NotAfter, e.Now()))
		}
	}
	if len(findings) == 0 {
		return []Finding{skipped("certificates", "No scanner tells its certificate now; \"biobridge capture\" shows it with a test scan.")}
	}
	return findings
}

func gradeCertificate(name string, notBefore, notAfter, now time.Time) Finding {
	const renew = "Let the PC go online and restart the scanner's RD service, so that it fetches a new certificate."
	from, until := notBefore.Local().Format(time.DateOnly), notAfter.Local().Format(time.DateOnly)
	switch {
	case now.After(notAfter):
		return doubt("certificates", "The certificate of "+name+" ran out on "+until+".", renew)
	case now.Before(notBefore):
		return doubt("certificates", "The certificate of "+name+" is valid only from "+from+".", "Set the PC's date and time from the internet, then restart the scanner's RD service.")
	case notAfter.Sub(now) < expiresSoon:
		return doubt("certificates", "The certificate of "+name+" runs out on "+until+".", renew)
	}
	return fine("certificates", "The certificate of "+name+" is valid until "+until+".")
}
