package rdsim

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"biobridge/pid/pidtest"
)

// block is a good capture, as text, on its way into PidData.
type block struct {
	elements             []string // in the vendor's order
	resp                 map[string]string
	device               *pidtest.Device
	at                   time.Time
	ci, dataType         string
	skey, hmac, data, mc string
	sealed               pidtest.Sealed
}

// makeBlock lets a finger be read and seals what was read.
func (s *Server) makeBlock(o pidOptions, f Fault) (*block, error) {
	if f.Name == faultReplay {
		if last := s.lastBlock(); last != nil {
			return last, nil
		}
	}
	if f.Name == faultWrongFType {
		o.fType = 2 - 2*min(o.fType, 1) // 0 becomes 2, the others 0
	}
	reading := s.read(o, f)
	bios, err := reading.bios(o)
	if err != nil {
		return nil, err
	}
	device := s.device
	switch f.Name {
	case faultOtherDevice:
		device = s.other
	case faultExpired:
		if device, err = s.newDevice(s.device.Info().DC, reading.at.AddDate(0, 0, -s.profile.Days-1)); err != nil {
			return nil, err
		}
	}
	sealed, err := s.opts.UIDAI.Seal(device, pidtest.SealRequest{
		Time: reading.taken, Wadh: o.wadh, OTP: o.otp, Demo: o.demo, Bios: bios,
	})
	if err != nil {
		return nil, err
	}
	b := s.newBlock(o, reading, device, sealed)
	if f.Name == faultWrongFCount {
		b.resp["fCount"] = strconv.Itoa(o.fCount + 1)
	}
	if spoil, ok := blockFaults[f.Name]; ok {
		spoil(s, b)
	}
	s.keep(b)
	return b, nil
}

// newBlock puts a sealed block into the vendor's words.
func (s *Server) newBlock(o pidOptions, r reading, device *pidtest.Device, sealed pidtest.Sealed) *block {
	b := &block{
		elements: []string{"Resp", "DeviceInfo", "Skey", "Hmac", "Data"},
		resp: map[string]string{
			"errCode": codeOK, "errInfo": s.profile.ErrInfo,
			"fCount": strconv.Itoa(o.fCount), "fType": strconv.Itoa(o.fType),
			"nmPoints": joinInts(r.points), "qScore": s.profile.score(r.scores),
		},
		device: device, at: r.at, ci: sealed.CI, dataType: "X", sealed: sealed,
		skey: s.base64(sealed.Skey), hmac: s.base64(sealed.Hmac), data: s.base64(sealed.Data), mc: encode(sealed.MC),
	}
	if s.profile.Has(EmptyErrInfo) {
		b.resp["errInfo"] = ""
	}
	if o.iCount > 0 {
		b.resp["iCount"] = strconv.Itoa(o.iCount)
		b.resp["nmPoints"] = ""
	}
	if s.profile.Has(RespLast) {
		b.elements = []string{"DeviceInfo", "Skey", "Hmac", "Data", "Resp"}
	}
	return b
}

// pidData lays the block out.
func (b *block) pidData(s *Server) *node {
	root := s.pidData()
	for _, name := range b.elements {
		switch name {
		case "Resp":
			root.add(s.respElement(b.resp))
		case "DeviceInfo":
			root.add(s.deviceElement(b.device, b.mc, b.at))
		case "Skey":
			root.add(textElement("Skey", b.skey, "ci", b.ci))
		case "Hmac":
			root.add(textElement("Hmac", b.hmac))
		case "Data":
			root.add(textElement("Data", b.data, "type", b.dataType))
		}
	}
	return root
}

func textElement(name, text string, pairs ...string) *node {
	n := element(name, pairs...)
	n.text = text
	return n
}

// drop leaves an element out.
func (b *block) drop(name string) {
	b.elements = slices.DeleteFunc(b.elements, func(e string) bool { return e == name })
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// base64 encodes an element's text as the vendor does: on one line, or broken as
// Android's default encoder does.
func (s *Server) base64(b []byte) string {
	if !s.profile.Has(Lines64) {
		return encode(b)
	}
	var lines strings.Builder
	for line := range slices.Chunk([]byte(encode(b)), 76) {
		lines.Write(line)
		lines.WriteByte('\n')
	}
	return lines.String()
}

// keep remembers the block for a replay.
func (s *Server) keep(b *block) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = b
}

func (s *Server) lastBlock() *block {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
