package pid

import (
	"maps"
	"strings"

	"github.com/beevik/etree"
)

// DeviceInfo is who made a capture, as the DeviceInfo element says. UIDAI checks
// a hash over its identity, so a changed attribute fails there.
type DeviceInfo struct {
	DPID   string // device provider: "MANTRA.MSIPL"
	RDSID  string // RD service: "MANTRA.WIN.001"
	RDSVer string
	DC     string // device code, a UUID; changes when the device registers anew
	MI     string // model: "MFS110"

	// Serial is what is printed on the housing, where the driver tells it.
	Serial string
	// Level is "L0" or "L1", or empty where neither the driver nor the model
	// tells.
	Level string
	// Params are the driver's additional_info. Where a name comes twice the
	// first counts; at most 64 are kept.
	Params map[string]string
}

func (d DeviceInfo) clone() DeviceInfo {
	d.Params = maps.Clone(d.Params)
	return d
}

// vendorNames maps the first word of dpId, and the words of rdsId, to vendors
// (rd-service.md section 2.3).
var vendorNames = map[string]string{
	"mantra":    "mantra",
	"morpho":    "morpho",
	"scpl":      "morpho", // Smart Chip, in rdsId
	"idemia":    "idemia",
	"startek":   "startek",
	"acpl":      "startek", // Access Computech, in rdsId
	"tatvik":    "tatvik",
	"evolute":   "evolute",
	"secugen":   "secugen",
	"precision": "precision",
	"next":      "next",
	"bioenable": "bioenable",
}

// Vendor names the maker of a device in one lower-case word, or returns "" for
// one that is not known. It goes by dpId, then by rdsId.
func Vendor(info DeviceInfo) string {
	for _, id := range []string{info.DPID, info.RDSID} {
		for word := range strings.SplitSeq(strings.ToLower(id), ".") {
			if vendor, known := vendorNames[word]; known {
				return vendor
			}
		}
	}
	return ""
}

// maxParams caps what is kept of a list that a driver is free to lengthen. The
// longest known has five.
const maxParams = 64

func readDeviceInfo(e *etree.Element) DeviceInfo {
	text := func(name string) string { return printable(value(e, name)) }
	info := DeviceInfo{
		DPID: text("dpId"), RDSID: text("rdsId"), RDSVer: text("rdsVer"),
		DC: text("dc"), MI: text("mi"),
		Params: make(map[string]string),
	}
	for _, group := range e.ChildElements() {
		for _, param := range group.ChildElements() {
			name := printable(value(param, "name"))
			_, twice := info.Params[name]
			if name == "" || twice || len(info.Params) == maxParams {
				continue
			}
			info.Params[name] = printable(value(param, "value"))
		}
	}
	info.Serial = serial(info.Params, text)
	info.Level = level(info)
	return info
}

// serial finds the serial number where each vendor puts it (rd-service.md
// sections 3 and 5.1).
func serial(params map[string]string, attribute func(string) string) string {
	for _, name := range []string{"srno", "DeviceSerial", "serial_number"} {
		if s := params[name]; s != "" {
			return s
		}
		if s := attribute(name); s != "" {
			return s
		}
	}
	return ""
}

func level(info DeviceInfo) string {
	switch strings.ToUpper(info.Params["device_type"]) {
	case "L0":
		return "L0"
	case "L1":
		return "L1"
	}
	model := strings.ToUpper(info.MI)
	switch {
	case strings.Contains(model, "L0"), model == "MFS100":
		return "L0"
	case strings.Contains(model, "L1"), model == "MFS110":
		return "L1"
	}
	return ""
}
