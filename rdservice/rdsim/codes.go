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

// errInfo returns the text that goes with a code.
func errInfo(code string) string {
	switch code {
	case codeOptions:
		return "Invalid PidOptions input. XML should strictly adhere to spec."
	case codeFType:
		return "Invalid value for fType"
	case codeFCount:
		return "Invalid value for fCount"
	case codeIType:
		return "Invalid value for iType"
	case codeICount:
		return "Invalid value for iCount"
	case codePidVer:
		return "Invalid value for pidVer"
	case codeTimeout:
		return "Invalid value for timeout"
	case codePosh:
		return "Invalid value for posh"
	case codeFace:
		return "Face matching is not supported"
	case codeFormat:
		return "Invalid value for format"
	case codeDemo:
		return "Invalid Demo structure"
	case codeProtobuf:
		return "Protobuf format not supported"
	case codeEnvACPL, codeEnvMantra:
		return "Invalid value for env"
	case codeTimedOut:
		return "Capture timed out"
	case codeBusy:
		return "Being used by another application"
	case codeNotReady:
		return "Device not ready"
	case codeFailed:
		return "Capture Failed"
	case codeNoFingers:
		return "RD Service does not support fingerprints"
	case codeNoIris:
		return "RD Service does not support Iris"
	case codeWrongURL:
		return "Invalid URL"
	case codeSettling:
		return "Device status is being checked, please try again later"
	}
	return "Internal error"
}
