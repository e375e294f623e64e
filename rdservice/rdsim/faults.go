package rdsim

import "slices"

// FaultKind describes one fault for people and programs.
type FaultKind struct {
	Name  string   `json:"name"`
	Verbs []string `json:"verbs"`         // which requests it touches
	Arg   string   `json:"arg,omitempty"` // what its argument is; empty: takes none
	Doc   string   `json:"doc"`           // what happens
}

var (
	anyVerb     = []string{verbRDService, verbDeviceInfo, verbCapture}
	onlyService = []string{verbRDService}
	onlyInfo    = []string{verbDeviceInfo}
	onlyCapture = []string{verbCapture}
	documents   = []string{verbDeviceInfo, verbCapture}
)

// Names that other files ask for. The rest stand in the tables that make them
// happen: transportFaults, bodyFaults, blockFaults.
const (
	faultHangAccept  = "hang-accept"
	faultHangHeaders = "hang-headers"
	faultDrip        = "drip"
	faultCut         = "cut"
	faultGzip        = "gzip"
	faultNoType      = "no-type"
	faultPortMoved   = "port-moved"
	faultWrongPath   = "wrong-path"
	faultForeignPath = "foreign-path"
	faultMessyPath   = "messy-path"
	faultNoPaths     = "no-interfaces"
	faultStatus      = "status"
	faultUsed        = "used"
	faultNoIdentity  = "no-identity"
	faultOtherDevice = "other-device"
	faultError       = "error"
	faultUnplugged   = "unplugged"
	faultRestart     = "restart"
	faultLate        = "late"
	faultLow         = "low"
	faultWrongFType  = "wrong-ftype"
	faultWrongFCount = "wrong-fcount"
	faultStale       = "stale"
	faultFuture      = "future"
	faultReplay      = "replay"
	faultExpired     = "expired-cert"
)

// Faults returns every fault, in the order of the list that --help prints. The
// Verbs in it are shared and must not be altered.
func Faults() []FaultKind { return slices.Clone(faultKinds) }

func faultNamed(name string) (FaultKind, bool) {
	i := slices.IndexFunc(faultKinds, func(k FaultKind) bool { return k.Name == name })
	if i < 0 {
		return FaultKind{}, false
	}
	return faultKinds[i], true
}

var faultKinds = []FaultKind{
	// The connection.
	{faultHangAccept, anyVerb, "", "the connection is taken and never answered"},
	{"hang", anyVerb, "", "the request is read and never answered"},
	{faultHangHeaders, anyVerb, "", "headers and half of the body come, then nothing"},
	{faultDrip, anyVerb, "", "the body comes one byte at a time, 20 a second"},
	{"reset", anyVerb, "", "the connection is reset (RST) instead of an answer"},
	{"close", anyVerb, "", "the connection is closed instead of an answer"},
	{faultCut, anyVerb, "", "the connection is closed in the middle of the body"},

	// HTTP.
	{"405", anyVerb, "", "405 Method Not Allowed, as drivers that want an update answer"},
	{"404", anyVerb, "", "404 Not Found"},
	{"500", anyVerb, "", "500 with a short text"},
	{"html", anyVerb, "", "200 with an HTML page: some other program has the port"},
	{"redirect", anyVerb, "", "302 to another host"},
	{"big", anyVerb, "", "a body of 20 MB"},
	{"empty", anyVerb, "", "200 with no body"},
	{faultGzip, anyVerb, "", "the right answer, compressed without having been asked for"},
	{faultNoType, anyVerb, "", "the right answer, labelled application/octet-stream"},

	// XML.
	{"doctype", anyVerb, "", "a DOCTYPE whose entities expand a thousandfold"},
	{"duplicate-attribute", anyVerb, "", "the root's first attribute, or else its first child's, twice"},
	{"trailing", anyVerb, "", "garbage after the document"},
	{"second-root", anyVerb, "", "a second document after the first"},
	{"bom", anyVerb, "", "a byte order mark before the document"},
	{"bad-utf8", anyVerb, "", "bytes that are no UTF-8 in an attribute"},
	{"deep", anyVerb, "", "elements nested ten thousand deep"},
	{"truncated", anyVerb, "", "the document ends in the middle, HTTP is content"},

	// RDSERVICE.
	{faultPortMoved, onlyService, "", "after this answer the service restarts on another port"},
	{faultWrongPath, onlyService, "", "advertises paths that it does not serve"},
	{faultForeignPath, onlyService, "", "advertises paths on another host"},
	{faultMessyPath, onlyService, "", "advertises paths with scheme, host, blanks and double slashes"},
	{faultNoPaths, onlyService, "", "advertises no interface at all"},
	{faultStatus, onlyService, "the status", "says that status, by default BUSY"},
	{faultUsed, []string{verbRDService, verbCapture}, "", "another application holds the scanner: USED, 710"},

	// DEVICEINFO.
	{faultNoIdentity, onlyInfo, "", "every attribute of the identity is empty"},
	{faultOtherDevice, documents, "", "the identity is another scanner's: swapped in between"},

	// CAPTURE.
	{faultError, onlyCapture, "CODE:TEXT", "errCode and errInfo as given, by default 999 with a text"},
	{faultUnplugged, onlyCapture, "", "the scanner is pulled out during the capture: 730, and it stays out (never drawn at random)"},
	{faultRestart, onlyCapture, "", "the driver restarts during the capture: the connection is cut"},
	{faultLate, onlyCapture, "", "goes on scanning when the client has left, and holds the scanner meanwhile"},
	{faultLow, onlyCapture, "", "a good block with a low score; low*1 is low first, then good"},
	{faultWrongFType, onlyCapture, "", "Resp and the block have another fType than asked for"},
	{faultWrongFCount, onlyCapture, "", "Resp has another fCount than asked for"},
	{faultStale, onlyCapture, "", "the PC's clock seems a day behind"},
	{faultFuture, onlyCapture, "", "the PC's clock seems a day ahead"},
	{faultReplay, onlyCapture, "", "the block of the last capture again"},
	{faultExpired, onlyCapture, "", "the device certificate ran out yesterday"},
	{"no-resp", onlyCapture, "", "PidData without Resp"},
	{"no-hmac", onlyCapture, "", "PidData without Hmac"},
	{"no-skey", onlyCapture, "", "PidData without Skey"},
	{"no-data", onlyCapture, "", "PidData without Data"},
	{"two-data", onlyCapture, "", "PidData with Data twice"},
	{"bad-base64", onlyCapture, "", "a character in Data that is no base64"},
	{"short-skey", onlyCapture, "", "Skey of 255 bytes"},
	{"short-hmac", onlyCapture, "", "Hmac of 47 bytes"},
	{"short-data", onlyCapture, "", "Data of 40 bytes"},
	{"no-time", onlyCapture, "", "Data that does not begin with a time"},
	{"tampered", onlyCapture, "", "one bit of Data's ciphertext turned"},
	{"bad-mc", onlyCapture, "", "mc that is no certificate"},
	{"no-mc", onlyCapture, "", "mc that is empty"},
	{"protobuf", onlyCapture, "", "Data of type P"},
	{"bad-ci", onlyCapture, "", "ci that is no date"},
	{"old-ci", onlyCapture, "", "ci of a certificate that ran out in 2019"},
}
