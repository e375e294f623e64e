package rdservice

import (
	"regexp"
	"strings"

	"biobridge/pid"
)

// infoWords are the words by which a service's info text betrays its vendor,
// where DEVICEINFO does not (rd-service.md section 2.3). The first match counts.
// The text is only a label: it changes with the state and can be configured.
var infoWords = []struct{ word, vendor string }{
	{"mantra", "mantra"},
	{"idemia", "idemia"},
	{"morpho", "morpho"},
	{"startek", "startek"},
	{"access computech", "startek"},
	{"secugen", "secugen"},
	{"precision", "precision"},
	{"tatvik", "tatvik"},
	{"evolute", "evolute"},
	{"bioenable", "bioenable"},
	{"next", "next"},
}

// vendorOf names the maker, by DEVICEINFO before the info text.
func vendorOf(id identity, info string) string {
	if v := pid.Vendor(pid.DeviceInfo{DPID: id.dpID, RDSID: id.rdsID, MI: id.mi, Params: id.params}); v != "" {
		return v
	}
	info = strings.ToLower(info)
	for _, w := range infoWords {
		if strings.Contains(info, w.word) {
			return w.vendor
		}
	}
	return ""
}

// levelWords find "L0" or "Level 1" in a model or an info text, but not in a
// number such as L100.
var levelWords = regexp.MustCompile(`(?i)L(?:evel )?([01])(?:\D|$)`)

// levelOf returns "L0", "L1" or "", by what the service says first and by its
// names after that (rd-service.md sections 2.3 and 5.1).
func levelOf(id identity, info string) string {
	if l := strings.ToUpper(id.param("device_type")); l == "L0" || l == "L1" {
		return l
	}
	// The model tells more than the text, which may be the driver's for all.
	for _, text := range []string{id.mi, info} {
		switch found := levelWords.FindStringSubmatch(text); {
		case found != nil:
			return "L" + found[1]
		case strings.Contains(text, "MFS110"):
			return "L1"
		case strings.Contains(text, "MFS100"):
			return "L0"
		}
	}
	return ""
}

// modalityOf returns what the scanner reads. No answer of an iris or face
// service was ever published, so beside modality_type the names have to do.
func modalityOf(id identity, info string) string {
	for _, text := range []string{id.param("modality_type"), id.mi, info} {
		switch text = strings.ToLower(text); {
		case strings.Contains(text, "iris"):
			return Iris
		case strings.Contains(text, "face"):
			return Face
		case strings.Contains(text, "finger"):
			return Finger
		}
	}
	return Finger
}
