package rdsim

import "biobridge/pid/pidtest"

// Attributes in the order that groups of vendors write them in (rd-service.md
// section 5.1).
const (
	respShort   = "errCode errInfo fCount fType nmPoints qScore"
	respLong    = "errCode errInfo fCount fType iCount iType pCount pType nmPoints qScore"
	respFull    = "errCode errInfo fCount fType iCount iType pCount pType pgCount pTimeout nmPoints qScore"
	respStartek = "errCode errInfo fCount fType iCount iType pCount pType nmPoints qScore ts"

	deviceMCFirst = "dpId rdsId rdsVer mi mc dc"
	deviceMCLast  = "dpId rdsId rdsVer dc mi mc"
	deviceStartek = "dpId rdsId rdsVer dc mi mc error"
)

const (
	httpRange = "http 11100-11120"
	rdCapture = "/rd/capture"
	rdInfo    = "/rd/info"
)

// profiles is the table of vendors. Where the reference knows nothing of a value
// the simulator had to make one up; Invented says which.
func profiles() []Profile {
	return []Profile{
		{Name: "mantra-l0", Title: "Mantra MFS100 (L0)", Listen: httpRange,
			Info: "Mantra Authentication Vendor Device Manager", DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.4", MI: "MFS100",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respShort, DeviceAttrs: deviceMCFirst, Params: "srno sysid ts", Serial: "#######",
			ErrInfo: "Success.", Provider: "Mantra Softech India Pvt Ltd 7", CN: "Mantra Softech India Pvt Ltd", Days: 30,
			Quirks: []Quirk{InfoFirst, NotXMLType, NeedsEnv, Settles, PageOptions}},
		{Name: "mantra-l1", Title: "Mantra MFS110 (L1)", Listen: "http 11100-11120, https 11100-11120",
			Info: "Mantra MFS110 Authentication Vendor Device Manager", DPID: "MANTRA.MSIPL", RDSID: "RENESAS.MANTRA.001", RDSVer: "1.5.1", MI: "MFS110",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCFirst, Params: "srno sysid ts modality_type=Finger device_type=L1", Serial: "#######",
			ErrInfo: "Success", Provider: "Mantra Softech India Pvt Ltd 7", CN: "MFS110", Days: 90,
			Quirks: []Quirk{InfoFirst, NotXMLType, NeedsEnv, Settles, PageOptions, CutReused, LaggedTS, POSTToo, AnyRDPath}},
		{Name: "morpho-l0", Title: "Morpho MSO 1300 E2 (L0, Windows)", Listen: httpRange,
			Info: "Morpho_RD_Service", DPID: "Morpho.SmartChip", RDSID: "SCPL.WIN.001", RDSVer: "2.0.1.32", MI: "MSO1300E2L0SW",
			CapturePath: "/127.0.0.1:{port}/capture", InfoPath: "/127.0.0.1:{port}/getDeviceInfo", RespAttrs: respFull, DeviceAttrs: deviceMCLast, Serial: "####I######",
			ErrInfo: "Success", Provider: "SMART CHIP PRIVATE LIMITED 3", Days: 30, Cert: pidtest.CertModulusNegative,
			Quirks: []Quirk{NoDeclaration, OneLine, EmptyCounts, ScoreNewline, SelfClosed, CAMark, NoCustOpts, OnlyEnvP}},
		{Name: "morpho-e3", Title: "Morpho MSO 1300 E3 (L0, Windows)", Listen: httpRange,
			Info: "MORPHO_RD_SERVICE", DPID: "Morpho.SmartChip", RDSID: "SCPL.WIN.001", RDSVer: "2.0.1.32", MI: "MSO1300E3L0SW",
			CapturePath: "/127.0.0.1:{port}/capture", InfoPath: "/127.0.0.1:{port}/getDeviceInfo", RespAttrs: respFull, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "####I######",
			ErrInfo: "Success", Provider: "SMART CHIP PRIVATE LIMITED 3", Days: 30, Cert: pidtest.CertModulusNegative,
			Quirks: []Quirk{NoDeclaration, OneLine, EmptyCounts, ScoreNewline, CAMark, NoCustOpts, OnlyEnvP}},
		{Name: "morpho-android", Title: "Morpho (Android's order: Resp last)", Listen: httpRange,
			Info: "Morpho_RD_Service", DPID: "Morpho.SmartChip", RDSID: "SCPL.AND.001", RDSVer: "1.1.1", MI: "MSO1300E2L0SW",
			CapturePath: "/capture", InfoPath: "/getDeviceInfo", RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "####I######",
			ErrInfo: "", Provider: "SMART CHIP PRIVATE LIMITED 3", Days: 30,
			Quirks: []Quirk{NoDeclaration, OneLine, RespLast, CAMark, NoCustOpts, OnlyEnvP}},
		{Name: "idemia-l1", Title: "IDEMIA MSO 1300 E3 RD (L1), single mode", Listen: "https 11100-11120",
			Info: "IDEMIA_L1_RDSERVICE", DPID: "IDEMIA.L1", RDSID: "IDEMIA.WIN.001", RDSVer: "1.0.0.1", MI: "MSO1300E3RD", Invented: "dpId rdsId rdsVer mi",
			CapturePath: "/capture", InfoPath: "/getDeviceInfo", RespAttrs: respFull, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "####I######",
			ErrInfo: "Success", Provider: "IDEMIA SYSCOM INDIA PVT LTD 1", Days: 30,
			Quirks: []Quirk{EmptyCounts, CAMark, NoCustOpts, OnlyEnvP}},
		{Name: "idemia-l1-dual", Title: "IDEMIA MSO 1300 E3 RD (L1), dual mode", Listen: "http 11100-11110, https 11111-11120",
			Info: "IDEMIA_L1_RDSERVICE", DPID: "IDEMIA.L1", RDSID: "IDEMIA.WIN.001", RDSVer: "1.0.0.1", MI: "MSO1300E3RD", Invented: "dpId rdsId rdsVer mi",
			CapturePath: "/capture", InfoPath: "/getDeviceInfo", RespAttrs: respFull, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "####I######",
			ErrInfo: "Success", Provider: "IDEMIA SYSCOM INDIA PVT LTD 1", Days: 30,
			Quirks: []Quirk{EmptyCounts, CAMark, NoCustOpts, OnlyEnvP}},
		{Name: "startek", Title: "Startek FM220U (https from 11200)", Listen: "http 11100-11120, https 11200-11220",
			Info: "RD service for Startek FM220 provided by Access Computech", DPID: "STARTEK.ACPL", RDSID: "ACPL.WIN.001", RDSVer: "2.0.1", MI: "FM220U",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respStartek, DeviceAttrs: deviceStartek, Params: "srno sysid ts DeviceType=Open SupportUpto", Serial: "F#######",
			ErrInfo: "Success", Provider: "ACCESS COMPUTECH PRIVATE LIMITED 2", CN: "PROD_USER", Days: 30, Cert: pidtest.CertSerialZero,
			Quirks: []Quirk{XSI, CAMark, NoCustOpts, ACPLRules, OptionalVer}},
		{Name: "startek-old", Title: "Startek FM220U, too old for fType 2", Listen: httpRange,
			Info: "RD service for Startek FM220 provided by Access Computech", DPID: "STARTEK.ACPL", RDSID: "ACPL.WIN.001", RDSVer: "1.0.2", MI: "FM220U",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respStartek, DeviceAttrs: deviceStartek, Params: "srno sysid ts DeviceType=Open SupportUpto", Serial: "F#######",
			ErrInfo: "Success", Provider: "ACCESS COMPUTECH PRIVATE LIMITED 2", CN: "PROD_USER", Days: 30, Cert: pidtest.CertSerialZero,
			Quirks: []Quirk{XSI, CAMark, NoCustOpts, ACPLRules, OptionalVer, OldFType}},
		{Name: "tatvik", Title: "Tatvik TMF20", Listen: "http 11101-11120",
			Info: "TATVIK TMF20 RD Service", DPID: "TATVIK.TATVIK", RDSID: "TATVIK.WIN.001", RDSVer: "1.0.0", MI: "TMF20", Invented: "info",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "TMF20########",
			ErrInfo: "Success", Provider: "TATVIK BIOSYSTEMS PRIVATE LIMITED 1", CN: "TATVIK TMF20", Days: 30,
			Quirks: []Quirk{SingleQuotes, ScoreTwo, CAMark, EmptyBios}},
		{Name: "evolute", Title: "Evolute IDENTI5", Listen: httpRange,
			Info: "Evolute RD Service", DPID: "EVOLUTE.EVOLUTE", RDSID: "EVOLUTE.AND.001", RDSVer: "1.0.0", MI: "IDENTI5", Invented: "info",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "DeviceSerial PrinterSupport=Y", Serial: "EVI5######",
			ErrInfo: "y", Provider: "EVOLUTE SYSTEMS PRIVATE LIMITED 1", Days: 30,
			Quirks: []Quirk{NoDeclaration, OneLine, ScoreNull, CAMark}},
		{Name: "secugen", Title: "SecuGen HU20", Listen: httpRange,
			Info: "SecuGen India Registered device Level 0", DPID: "SECUGEN.SGI", RDSID: "SGI.WIN.001", RDSVer: "1.0.0", MI: "HU20", Invented: "rdsId rdsVer mi",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "H#########",
			ErrInfo: "Success", Provider: "SECUGEN INDIA PRIVATE LIMITED 1", Days: 30},
		{Name: "precision", Title: "Precision PB510", Listen: httpRange,
			Info: "Precision - Biometric Device is ", DPID: "PRECISION.PB", RDSID: "PRECISION.WIN.001", RDSVer: "1.0.0", MI: "PB510", Invented: "dpId rdsId rdsVer",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "PB#######",
			ErrInfo: "Success", Provider: "PRECISION BIOMETRIC INDIA PRIVATE LIMITED 1", Days: 30,
			Quirks: []Quirk{StatusInInfo}},
		{Name: "next", Title: "NEXT Biometrics NB-3023", Listen: httpRange,
			Info: "NEXT Biometrics NB-3023 RD Service", DPID: "NEXT.NB", RDSID: "NEXT.WIN.001", RDSVer: "1.0.0", MI: "NB-3023-U-UID", Invented: "dpId rdsId rdsVer",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "############",
			ErrInfo: "Success", Provider: "NEXT BIOMETRICS 1", Days: 30},
		{Name: "bioenable", Title: "BioEnable Nitgen (Android): INFO, PROCESS_CALL", Listen: httpRange,
			Info: "BioEnable Technologies.", DPID: "BIOENABLE.NITGEN", RDSID: "BIOENABLE.AND.001", RDSVer: "1.0.0", MI: "BIOENABLE-BETPV",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respFull, DeviceAttrs: deviceMCLast, Params: "srno ts", Serial: "BE########",
			ErrInfo: "Success", Provider: "BIOENABLE TECHNOLOGIES PRIVATE LIMITED 1", Days: 30,
			Quirks: []Quirk{NoDeclaration, OneLine, InfoFirst, BioEnableIDs, Lines64}},
		{Name: "iris", Title: "an iris service beside a finger service", Listen: "http 11102-11120",
			Info: "Iris Registered Device Service", DPID: "SIMIRIS.SIM", RDSID: "SIMIRIS.WIN.001", RDSVer: "1.0.0", MI: "SIMIRIS1", Invented: "everything",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "IR######",
			ErrInfo: "Success", Provider: "SIMULATED IRIS 1", Days: 30,
			Quirks: []Quirk{Iris}},
		{Name: "unregistered", Title: "a Mantra that was never registered", Listen: httpRange,
			Info: "Mantra Authentication Vendor Device Manager", DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.4", MI: "MFS100",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respShort, DeviceAttrs: deviceMCFirst, Params: "srno sysid ts", Serial: "#######",
			ErrInfo: "Success.", Provider: "Mantra Softech India Pvt Ltd 7", CN: "Mantra Softech India Pvt Ltd", Days: 30,
			Quirks: []Quirk{InfoFirst, NotXMLType, NeedsEnv, Unregistered}},
		{Name: "no-info-interface", Title: "announces CAPTURE alone, info before status", Listen: httpRange,
			Info: "SecuGen India Registered device Level 0", DPID: "SECUGEN.SGI", RDSID: "SGI.WIN.001", RDSVer: "1.0.0", MI: "HU20", Invented: "rdsId rdsVer mi",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respLong, DeviceAttrs: deviceMCLast, Params: "srno", Serial: "H#########",
			ErrInfo: "", Provider: "SECUGEN INDIA PRIVATE LIMITED 1", Days: 30,
			Quirks: []Quirk{NoInfoInterface, InfoBeforeState}},
		{Name: "tls-1.0", Title: "https with TLS 1.0 alone", Listen: "https 11100-11120",
			Info: "Mantra Authentication Vendor Device Manager", DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.2", MI: "MFS100",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respShort, DeviceAttrs: deviceMCFirst, Params: "srno sysid ts", Serial: "#######",
			ErrInfo: "Success.", Provider: "Mantra Softech India Pvt Ltd 7", CN: "Mantra Softech India Pvt Ltd", Days: 30,
			Quirks: []Quirk{InfoFirst, NotXMLType, NeedsEnv, TLS10}},
		{Name: "tls-1.2", Title: "https with TLS 1.2 alone, on the old port 8005", Listen: "https 8005-8005",
			Info: "Mantra Authentication Vendor Device Manager", DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.3", MI: "MFS100",
			CapturePath: rdCapture, InfoPath: rdInfo, RespAttrs: respShort, DeviceAttrs: deviceMCFirst, Params: "srno sysid ts", Serial: "#######",
			ErrInfo: "Success.", Provider: "Mantra Softech India Pvt Ltd 7", CN: "Mantra Softech India Pvt Ltd", Days: 30,
			Quirks: []Quirk{InfoFirst, NotXMLType, NeedsEnv, TLS12}},
	}
}
