package rdsim

// Error codes of rd-service.md section 7 that a service answers with. They are
// text: some vendors' are negative.
const (
	codeOK           = "0"
	codeOptions      = "100"
	codeFType        = "110"
	codeFCount       = "120"
	codeIType        = "130"
	codeICount       = "140"
	codePidVer       = "150"
	codeTimeout      = "160"
	codePosh         = "170"
	codeFace         = "180"
	codeFormat       = "190"
	codeDemo         = "200"
	codeProtobuf     = "210"
	codeEnvACPL      = "220"
	codeTimedOut     = "700"
	codeBusy         = "710"
	codeNotReady     = "720"
	codeFailed       = "730"
	codeNoFingers    = "750"
	codeNoIris       = "760"
	codeWrongURL     = "770"
	codeInternal     = "999"
	codeSettling     = "-1509"
	codeEnvMantra    = "-1524"
	infoUnregistered = "Device is not registered with the management server"
)

// errInfos are the texts that go with the codes.
var errInfos = map[string]string{
	codeOptions:   "Invalid PidOptions input. XML should strictly adhere to spec.",
	codeFType:     "Invalid value for fType",
	codeFCount:    "Invalid value for fCount",
	codeIType:     "Invalid value for iType",
	codeICount:    "Invalid value for iCount",
	codePidVer:    "Invalid value for pidVer",
	codeTimeout:   "Invalid value for timeout",
	codePosh:      "Invalid value for posh",
	codeFace:      "Face matching is not supported",
	codeFormat:    "Invalid value for format",
	codeDemo:      "Invalid Demo structure",
	codeProtobuf:  "Protobuf format not supported",
	codeEnvACPL:   "Invalid value for env",
	codeEnvMantra: "Invalid value for env",
	codeTimedOut:  "Capture timed out",
	codeBusy:      "Being used by another application",
	codeNotReady:  "Device not ready",
	codeFailed:    "Capture Failed",
	codeNoFingers: "RD Service does not support fingerprints",
	codeNoIris:    "RD Service does not support Iris",
	codeWrongURL:  "Invalid URL",
	codeSettling:  "Device status is being checked, please try again later",
	codeInternal:  "Internal error",
}
