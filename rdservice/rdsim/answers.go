package rdsim

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"biobridge/pid/pidtest"
)

// ist is the zone of a shop's PC.
var ist = time.FixedZone("IST", 5*60*60+30*60)

// rdService answers RDSERVICE (rd-service.md section 2).
func (s *Server) rdService(c call) *node {
	p := s.profile
	status := s.Status()
	switch c.fault.Name {
	case faultUsed:
		status = StatusUsed
	case faultStatus:
		status = cmp.Or(c.fault.Arg, "BUSY")
	}
	info := p.Info
	if p.Has(StatusInInfo) {
		info += infoState(status)
	}
	root := element("RDService", "status", status, "info", info)
	if p.Has(InfoBeforeState) {
		root = element("RDService", "info", info, "status", status)
	}
	capture, device := p.interfaces(c)
	switch {
	case c.fault.Name == faultNoPaths:
	case p.Has(NoInfoInterface):
		root.add(capture)
	case p.Has(InfoFirst):
		root.add(device, capture)
	default:
		root.add(capture, device)
	}
	return root
}

// infoState is what Precision's text says of a state: only that of READY is
// known (rd-service.md section 2.3).
func infoState(status string) string {
	switch status {
	case StatusReady:
		return "ready for capture"
	case StatusUsed:
		return "in use"
	}
	return "not ready for capture"
}

func (p Profile) interfaces(c call) (capture, device *node) {
	captureID, deviceID := verbCapture, verbDeviceInfo
	if p.Has(BioEnableIDs) {
		captureID, deviceID = "PROCESS_CALL", "INFO"
	}
	return element("Interface", "id", captureID, "path", advertise(p.CapturePath, c)),
		element("Interface", "id", deviceID, "path", advertise(p.InfoPath, c))
}

// advertise writes a path as the service announces it on its port.
func advertise(path string, c call) string {
	port := strconv.Itoa(c.port)
	switch c.fault.Name {
	case faultWrongPath:
		return "/moved" + servedPath(path)
	case faultForeignPath:
		return "http://192.0.2.1:" + port + servedPath(path)
	case faultMessyPath:
		return "http://" + loopback + ":" + port + "  / " + strings.ReplaceAll(strings.TrimPrefix(servedPath(path), "/"), "/", "//")
	}
	return strings.ReplaceAll(path, "{port}", port)
}

// deviceInfo answers DEVICEINFO (rd-service.md section 3).
func (s *Server) deviceInfo(c call) *node {
	device := s.device
	if c.fault.Name == faultOtherDevice {
		device = s.other
	}
	if c.fault.Name == faultNoIdentity || !s.plugged() {
		device = nil
	}
	mc := ""
	if device != nil {
		mc = encode(device.MC())
	}
	return s.deviceElement(device, mc, s.opts.Clock())
}

// deviceElement writes DeviceInfo. Without a device its attributes are empty, as
// they are without a scanner or a registration.
func (s *Server) deviceElement(device *pidtest.Device, mc string, now time.Time) *node {
	known := map[string]string{}
	if device != nil && !s.profile.Has(Unregistered) {
		i := device.Info()
		known = map[string]string{"dpId": i.DPID, "rdsId": i.RDSID, "rdsVer": i.RDSVer, "dc": i.DC, "mi": i.MI, "mc": mc, "srno": s.serial}
	}
	n := element("DeviceInfo")
	for name := range strings.FieldsSeq(s.profile.DeviceAttrs) {
		n.attrs = append(n.attrs, attr{name, known[name]})
	}
	if s.profile.Has(SelfClosed) {
		return n
	}
	info := element("additional_info")
	for param := range strings.FieldsSeq(s.profile.Params) {
		name, value, fixed := strings.Cut(param, "=")
		if !fixed {
			value = s.param(name, device, now)
		}
		info.add(element("Param", "name", name, "value", value))
	}
	return n.add(info)
}

// param returns the value of a Param that is not fixed by the profile.
func (s *Server) param(name string, device *pidtest.Device, now time.Time) string {
	switch name {
	case "ts":
		return now.In(ist).Format(time.RFC3339)
	case "sysid":
		return s.sysid
	case "srno", "DeviceSerial":
		if device != nil && !s.profile.Has(Unregistered) {
			return s.serial
		}
	}
	return ""
}

// respElement writes Resp with the vendor's attributes. Values that are not
// given are 0, or empty where the vendor leaves them so.
func (s *Server) respElement(values map[string]string) *node {
	n := element("Resp")
	for name := range strings.FieldsSeq(s.profile.RespAttrs) {
		value, ok := values[name]
		switch {
		case ok:
		case name == "ts":
			value = s.opts.Clock().In(ist).Format(time.RFC3339)
		case s.profile.Has(EmptyCounts) && name[0] != 'f':
			value = ""
		default:
			value = "0"
		}
		n.attrs = append(n.attrs, attr{name, value})
	}
	return n
}

// failure is the PidData of a capture that gave no block.
func (s *Server) failure(code, info string) *node {
	return s.pidData().add(s.respElement(map[string]string{"errCode": code, "errInfo": cmp.Or(info, errInfos[code])}))
}

func (s *Server) pidData() *node {
	if s.profile.Has(XSI) {
		return element("PidData", "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance",
			"xmlns:xsd", "http://www.w3.org/2001/XMLSchema")
	}
	return element("PidData")
}

// score writes qScore as the vendor does (rd-service.md section 5.1).
func (p Profile) score(scores []int) string {
	switch {
	case p.Has(ScoreNull):
		return "null"
	case p.Has(ScoreTwo):
		return "2"
	case p.Has(ScoreNewline):
		return joinInts(scores) + "\n"
	}
	return joinInts(scores)
}

func joinInts(numbers []int) string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, fmt.Sprint(n))
	}
	return strings.Join(texts, ",")
}
