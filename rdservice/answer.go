package rdservice

import (
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

// The ids of an Interface. BioEnable's service has names of its own
// (rd-service.md section 2).
var (
	captureIDs = []string{"CAPTURE", "PROCESS_CALL"}
	infoIDs    = []string{"DEVICEINFO", "INFO"}
)

// service is what RDSERVICE answers.
type service struct {
	rawStatus, info string
	paths           paths
}

// parseService reads the answer to RDSERVICE (rd-service.md section 2). An
// Interface is found by its id, never by its position, as vendors differ in the
// order.
func parseService(raw []byte) (service, error) {
	root, err := readDocument(raw, "RDService")
	if err != nil {
		return service{}, err
	}
	status, ok := attr(root, "status")
	if !ok {
		return service{}, fmt.Errorf("RDService answer: no status: %w", ErrUnusable)
	}
	info, _ := attr(root, "info")
	interfaces := children(root, "Interface")
	return service{
		rawStatus: status,
		info:      info,
		paths: paths{
			info:    interfacePath(interfaces, infoIDs),
			capture: interfacePath(interfaces, captureIDs),
		},
	}, nil
}

// interfacePath returns the first usable path among the interfaces with one of
// ids, the first id first.
func interfacePath(interfaces []*etree.Element, ids []string) string {
	for _, id := range ids {
		for _, e := range interfaces {
			got, _ := attr(e, "id")
			if !strings.EqualFold(got, id) {
				continue
			}
			raw, _ := rawAttr(e, "path")
			if p := cleanPath(raw); p != "" {
				return p
			}
		}
	}
	return ""
}

// maxCertificate bounds what is kept of mc; a real one has some 1,500 letters.
const maxCertificate = 16 << 10

// identity is what DEVICEINFO answers; mc only where it is no longer than any
// certificate.
type identity struct {
	dpID, rdsID, rdsVer, dc, mi string
	mc                          string
	serial                      string
	params                      map[string]string
}

// serialNames are where vendors put the serial number (rd-service.md section 3).
var serialNames = []string{"srno", "DeviceSerial", "serial_number"}

// parseIdentity reads the answer to DEVICEINFO. Empty attributes are no error:
// that is how a service says that no scanner is there.
func parseIdentity(raw []byte) (identity, error) {
	root, err := readDocument(raw, "DeviceInfo")
	if err != nil {
		return identity{}, err
	}
	var id identity
	for name, to := range map[string]*string{
		"dpId": &id.dpID, "rdsId": &id.rdsID, "rdsVer": &id.rdsVer, "dc": &id.dc, "mi": &id.mi, "srno": &id.serial,
	} {
		*to, _ = attr(root, name)
	}
	if mc, _ := rawAttr(root, "mc"); len(mc) <= maxCertificate {
		id.mc = mc
	}
	id.params = params(root)
	for _, name := range serialNames {
		if v := id.param(name); v != "" {
			id.serial = v
			break
		}
	}
	return id, nil
}

// params reads additional_info. Of two with one name the first counts.
func params(root *etree.Element) map[string]string {
	out := map[string]string{}
	for _, info := range children(root, "additional_info") {
		for _, p := range children(info, "Param") {
			name, _ := attr(p, "name")
			value, _ := attr(p, "value")
			if _, have := out[name]; name != "" && !have {
				out[name] = value
			}
		}
	}
	return out
}

// param returns a Param's value, its name compared without case.
func (id identity) param(name string) string {
	if v, ok := id.params[name]; ok {
		return v
	}
	for k, v := range id.params {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}
