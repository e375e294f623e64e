package pidtest

// pidData is a PidData document in its parts, decoded and not yet decrypted.
type pidData struct {
	skey, hmac, data, mc []byte
	ci                   string
	device               DeviceInfo
	fType, fCount        string
}

// sizes of the fixed parts (rd-service.md section 5.2).
const (
	skeySize = 256
	hmacSize = 48
)

// readPidData reads a successful PidData document, in whatever order its vendor
// writes the elements.
func readPidData(document []byte) (*pidData, error) {
	root, err := readElement(document)
	if err != nil {
		return nil, refuse(CodeDocument, "PidData", "is malformed: "+err.Error())
	}
	if root.name != "PidData" {
		return nil, refuse(CodeDocument, "PidData", "is missing")
	}
	var doc pidData
	for _, read := range []func(*element) error{doc.readResp, doc.readDevice, doc.readSkey, doc.readHmac, doc.readData} {
		if err := read(root); err != nil {
			return nil, err
		}
	}
	return &doc, nil
}

func (p *pidData) readResp(root *element) error {
	resp, err := root.only("Resp")
	if err != nil {
		return refuse(CodeDocument, "Resp", err.Error())
	}
	if resp.attrs["errCode"] != "0" {
		return refuse(CodeDocument, "Resp@errCode", "says that the capture failed")
	}
	p.fType, p.fCount = resp.attrs["fType"], resp.attrs["fCount"]
	return nil
}

func (p *pidData) readDevice(root *element) error {
	device, err := root.only("DeviceInfo")
	if err != nil {
		return refuse(CodeDocument, "DeviceInfo", err.Error())
	}
	a := device.attrs
	p.device = DeviceInfo{DPID: a["dpId"], RDSID: a["rdsId"], RDSVer: a["rdsVer"], DC: a["dc"], MI: a["mi"]}
	switch {
	case p.device.DC == "":
		return refuse(CodeDC, "DeviceInfo@dc", "is empty")
	case p.device.MI == "":
		return refuse(CodeMI, "DeviceInfo@mi", "is empty")
	case p.device.DPID == "" || p.device.RDSID == "" || p.device.RDSVer == "":
		return refuse(CodeDocument, "DeviceInfo", "lacks dpId, rdsId or rdsVer")
	}
	if p.mc, err = decode64(a["mc"]); err != nil {
		return refuse(CodeMC, "DeviceInfo@mc", err.Error())
	}
	return nil
}

func (p *pidData) readSkey(root *element) error {
	skey, err := root.only("Skey")
	if err != nil {
		return refuse(CodeSkey, "Skey", err.Error())
	}
	if p.skey, err = skey.bytes64(); err != nil {
		return refuse(CodeSkey, "Skey", err.Error())
	}
	if len(p.skey) != skeySize {
		return refuse(CodeSkey, "Skey", "is not 256 bytes")
	}
	p.ci = skey.attrs["ci"]
	return nil
}

func (p *pidData) readHmac(root *element) error {
	hmac, err := root.only("Hmac")
	if err != nil {
		return refuse(CodeHmac, "Hmac", err.Error())
	}
	if p.hmac, err = hmac.bytes64(); err != nil {
		return refuse(CodeHmac, "Hmac", err.Error())
	}
	if len(p.hmac) != hmacSize {
		return refuse(CodeHmac, "Hmac", "is not 48 bytes")
	}
	return nil
}

func (p *pidData) readData(root *element) error {
	data, err := root.only("Data")
	if err != nil {
		return refuse(CodeData, "Data", err.Error())
	}
	if data.attrs["type"] != "X" {
		return refuse(CodeData, "Data@type", "is not X")
	}
	if p.data, err = data.bytes64(); err != nil {
		return refuse(CodeData, "Data", err.Error())
	}
	return nil
}
