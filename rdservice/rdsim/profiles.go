package rdsim

import "biobridge/pid/pidtest"

// Attributes and Params, in the vendors' orders (rd-service.md section 5.1).
const (
	respUsual     = "errCode errInfo fCount fType iCount iType pCount pType nmPoints qScore"
	respShort     = "errCode errInfo fCount fType nmPoints qScore"
	respFull      = "errCode errInfo fCount fType iCount iType pCount pType pgCount pTimeout nmPoints qScore"
	respStartek   = respUsual + " ts"
	deviceUsual   = "dpId rdsId rdsVer dc mi mc"
	deviceMantra  = "dpId rdsId rdsVer mi mc dc"
	deviceStartek = deviceUsual + " error"
	paramsMantra  = "srno sysid ts"
)

// vendors is the table of services. Where the reference knows nothing of a value
// the simulator had to make one up; Invented says which.
var vendors = []Profile{
	{Name: "mantra-l0", Title: "Mantra MFS100 (L0)", Info: "Mantra Authentication Vendor Device Manager",
		DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.4", MI: "MFS100", RespAttrs: respShort, DeviceAttrs: deviceMantra, Params: paramsMantra,
		Serial: "#######", ErrInfo: "Success.", Provider: "Mantra Softech India Pvt Ltd 7", CN: "Mantra Softech India Pvt Ltd",
		Quirks: []Quirk{InfoFirst, NotXMLType, NeedsEnv, Settles, PageOptions}},
	{Name: "mantra-l1", Title: "Mantra MFS110 (L1)", Info: "Mantra MFS110 Authentication Vendor Device Manager", Listen: "http 11100-11120, https 11100-11120",
		DPID: "MANTRA.MSIPL", RDSID: "RENESAS.MANTRA.001", RDSVer: "1.5.1", MI: "MFS110", DeviceAttrs: deviceMantra, Params: paramsMantra + " modality_type=Finger device_type=L1",
		Serial: "#######", Provider: "Mantra Softech India Pvt Ltd 7", CN: "MFS110", Days: 90,
		Quirks: []Quirk{InfoFirst, NotXMLType, NeedsEnv, Settles, PageOptions, CutReused, LaggedTS, POSTToo, AnyRDPath}},
	{Name: "morpho-e3", Title: "Morpho MSO 1300 E3 (L0, Windows)", Info: "MORPHO_RD_SERVICE", CapturePath: "/127.0.0.1:{port}/capture", InfoPath: "/127.0.0.1:{port}/getDeviceInfo",
		DPID: "Morpho.SmartChip", RDSID: "SCPL.WIN.001", RDSVer: "2.0.1.32", MI: "MSO1300E3L0SW", RespAttrs: respFull,
		Serial: "####I######", Provider: "SMART CHIP PRIVATE LIMITED 3", Cert: pidtest.CertModulusNegative,
		Quirks: []Quirk{NoDeclaration, OneLine, EmptyCounts, ScoreNewline, CAMark, NoCustOpts, OnlyEnvP}},
	{Name: "morpho-android", Title: "Morpho (Android's order: Resp last)", Info: "Morpho_RD_Service", CapturePath: "/capture", InfoPath: "/getDeviceInfo",
		DPID: "Morpho.SmartChip", RDSID: "SCPL.AND.001", RDSVer: "1.1.1", MI: "MSO1300E2L0SW",
		Serial: "####I######", Provider: "SMART CHIP PRIVATE LIMITED 3",
		Quirks: []Quirk{NoDeclaration, OneLine, RespLast, EmptyErrInfo, CAMark, NoCustOpts, OnlyEnvP}},
	{Name: "idemia-l1", Title: "IDEMIA MSO 1300 E3 RD (L1), single mode", Info: "IDEMIA_L1_RDSERVICE", Listen: "https 11100-11120", CapturePath: "/capture", InfoPath: "/getDeviceInfo",
		DPID: "IDEMIA.L1", RDSID: "IDEMIA.WIN.001", RDSVer: "1.0.0.1", MI: "MSO1300E3RD", Invented: "dpId rdsId rdsVer mi", RespAttrs: respFull,
		Serial: "####I######", Provider: "IDEMIA SYSCOM INDIA PVT LTD 1",
		Quirks: []Quirk{EmptyCounts, CAMark, NoCustOpts, OnlyEnvP}},
	{Name: "startek", Title: "Startek FM220U (https from 11200)", Info: "RD service for Startek FM220 provided by Access Computech", Listen: "http 11100-11120, https 11200-11220",
		DPID: "STARTEK.ACPL", RDSID: "ACPL.WIN.001", RDSVer: "2.0.1", MI: "FM220U", RespAttrs: respStartek, DeviceAttrs: deviceStartek, Params: paramsMantra + " DeviceType=Open SupportUpto",
		Serial: "F#######", Provider: "ACCESS COMPUTECH PRIVATE LIMITED 2", CN: "PROD_USER", Cert: pidtest.CertSerialZero,
		Quirks: []Quirk{XSI, CAMark, NoCustOpts, ACPLRules, OptionalVer}},
	{Name: "tatvik", Title: "Tatvik TMF20", Info: "TATVIK TMF20 RD Service", Listen: "http 11101-11120",
		DPID: "TATVIK.TATVIK", RDSID: "TATVIK.WIN.001", RDSVer: "1.0.0", MI: "TMF20", Invented: "info",
		Serial: "TMF20########", Provider: "TATVIK BIOSYSTEMS PRIVATE LIMITED 1", CN: "TATVIK TMF20",
		Quirks: []Quirk{SingleQuotes, ScoreTwo, CAMark, EmptyBios}},
	{Name: "evolute", Title: "Evolute IDENTI5", Info: "Evolute RD Service",
		DPID: "EVOLUTE.EVOLUTE", RDSID: "EVOLUTE.AND.001", RDSVer: "1.0.0", MI: "IDENTI5", Invented: "info", Params: "DeviceSerial PrinterSupport=Y",
		Serial: "EVI5######", ErrInfo: "y", Provider: "EVOLUTE SYSTEMS PRIVATE LIMITED 1",
		Quirks: []Quirk{NoDeclaration, OneLine, ScoreNull, CAMark}},
	{Name: "secugen", Title: "SecuGen HU20", Info: "SecuGen India Registered device Level 0",
		DPID: "SECUGEN.SGI", RDSID: "SGI.WIN.001", RDSVer: "1.0.0", MI: "HU20", Invented: "rdsId rdsVer mi",
		Serial: "H#########", Provider: "SECUGEN INDIA PRIVATE LIMITED 1"},
	{Name: "precision", Title: "Precision PB510", Info: "Precision - Biometric Device is ",
		DPID: "PRECISION.PB", RDSID: "PRECISION.WIN.001", RDSVer: "1.0.0", MI: "PB510", Invented: "dpId rdsId rdsVer",
		Serial: "PB#######", Provider: "PRECISION BIOMETRIC INDIA PRIVATE LIMITED 1", Quirks: []Quirk{StatusInInfo}},
	{Name: "next", Title: "NEXT Biometrics NB-3023", Info: "NEXT Biometrics NB-3023 RD Service",
		DPID: "NEXT.NB", RDSID: "NEXT.WIN.001", RDSVer: "1.0.0", MI: "NB-3023-U-UID", Invented: "dpId rdsId rdsVer",
		Serial: "############", Provider: "NEXT BIOMETRICS 1"},
	{Name: "bioenable", Title: "BioEnable Nitgen (Android): INFO, PROCESS_CALL", Info: "BioEnable Technologies.",
		DPID: "BIOENABLE.NITGEN", RDSID: "BIOENABLE.AND.001", RDSVer: "1.0.0", MI: "BIOENABLE-BETPV", RespAttrs: respFull, Params: "srno ts",
		Serial: "BE########", Provider: "BIOENABLE TECHNOLOGIES PRIVATE LIMITED 1",
		Quirks: []Quirk{NoDeclaration, OneLine, InfoFirst, BioEnableIDs, Lines64}},
	{Name: "iris", Title: "an iris service beside a finger service", Info: "Iris Registered Device Service", Listen: "http 11102-11120",
		DPID: "SIMIRIS.SIM", RDSID: "SIMIRIS.WIN.001", RDSVer: "1.0.0", MI: "SIMIRIS1", Invented: "everything",
		Serial: "IR######", Provider: "SIMULATED IRIS 1", Quirks: []Quirk{Iris}},
}

// variants are other builds and states of the vendors' services: what differs,
// over the profile named in Of. Their quirks come on top.
var variants = []struct {
	Of string
	Profile
}{
	{"morpho-e3", Profile{Name: "morpho-l0", Title: "Morpho MSO 1300 E2 (L0, Windows)", Info: "Morpho_RD_Service", MI: "MSO1300E2L0SW", Quirks: []Quirk{SelfClosed}}},
	{"idemia-l1", Profile{Name: "idemia-l1-dual", Title: "IDEMIA MSO 1300 E3 RD (L1), dual mode", Listen: "http 11100-11110, https 11111-11120"}},
	{"startek", Profile{Name: "startek-old", Title: "Startek FM220U, too old for fType 2", Listen: "http 11100-11120", RDSVer: "1.0.2", Quirks: []Quirk{OldFType}}},
	{"mantra-l0", Profile{Name: "unregistered", Title: "a Mantra that was never registered", Quirks: []Quirk{Unregistered}}},
	{"secugen", Profile{Name: "no-info-interface", Title: "announces CAPTURE alone, info before status", Quirks: []Quirk{NoInfoInterface, InfoBeforeState, EmptyErrInfo}}},
	{"secugen", Profile{Name: "srno-attribute", Title: "the serial number as an attribute of DeviceInfo", DeviceAttrs: deviceUsual + " srno", Params: "ts"}},
	{"mantra-l0", Profile{Name: "tls-1.0", Title: "https with TLS 1.0 alone", Listen: "https 11100-11120", RDSVer: "1.0.2", Quirks: []Quirk{TLS10}}},
	{"mantra-l0", Profile{Name: "tls-1.2", Title: "https with TLS 1.2 alone, on the old port 8005", Listen: "https 8005-8005", RDSVer: "1.0.3", Quirks: []Quirk{TLS12}}},
}
