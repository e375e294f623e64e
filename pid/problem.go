package pid

import (
	"slices"
	"strings"
)

// Severity says whether a problem stops a capture.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Problem is one thing wrong with a capture. Its JSON is that of the command
// pid check.
type Problem struct {
	Code     string   `json:"code"`    // snake_case, stable
	Element  string   `json:"element"` // of the document: "Data", "DeviceInfo@mc"
	Severity Severity `json:"severity"`
	Message  string   `json:"message"` // a sentence in English
	Remedy   string   `json:"remedy"`  // what the person at the counter can do
	// Args fill the {names} in the texts of [Problems], for other languages.
	// They hold measures, codes and names of elements, never block content.
	Args map[string]string `json:"-"`
}

// Problems lists every problem there is, in the order in which they are looked
// for, with {names} where Args go and without an Element. The texts of another
// language stand under "pid.<code>.message" and "pid.<code>.remedy".
func Problems() []Problem {
	list := slices.Concat(formProblems, checkProblems)
	for i := range list {
		if list[i].Severity == "" {
			list[i].Severity = SeverityError
		}
	}
	return list
}

// newProblem fills the table's texts. A code that is not in the table is a
// programmer's mistake, which a test over all codes finds.
func newProblem(code, element string, args map[string]string) Problem {
	for _, p := range Problems() {
		if p.Code == code {
			p.Element, p.Args = element, args
			p.Message, p.Remedy = fill(p.Message, args), fill(p.Remedy, args)
			return p
		}
	}
	panic("pid: no such problem: " + code)
}

// fill replaces in one pass: a driver's own words may look like a {name}.
func fill(text string, args map[string]string) string {
	pairs := make([]string, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// parseRules are the rules of [ParseError], to be read behind an element.
var parseRules = map[string]string{
	"document_too_large":     "is larger than 1 MiB",
	"not_utf8":               "is not UTF-8",
	"bad_declaration":        "begins with an XML declaration that is none",
	"malformed_xml":          "is not well-formed XML",
	"empty_document":         "holds no element",
	"doctype":                "holds a document type or another directive",
	"processing_instruction": "holds a processing instruction",
	"foreign_root":           "has a root element other than PidData",
	"foreign_namespace":      "uses an XML namespace",
	"unexpected_element":     "holds an element that does not belong there",
	"duplicate_element":      "stands there twice",
	"unexpected_attribute":   "has an attribute that does not belong there",
	"duplicate_attribute":    "has an attribute twice",
	"too_many_attributes":    "has too many attributes",
	"unexpected_content":     "holds text, a comment or a CDATA section that does not belong there",
	"trailing_content":       "goes on after its root element",
	"missing_resp":           "holds no Resp",
	"missing_err_code":       "has no errCode",
}

const (
	scanAgain      = "Scan the finger again. If it happens again, restart the scanner's RD service; if that does not help, install its newest version."
	otherProgram   = "Restart the scanner's RD service. If it happens again, another program answers in its place: tell support."
	reportToVendor = "Restart the scanner's RD service. If it happens again, install its newest version or ask the scanner's vendor."
)

// formProblems are those that [Parse] finds. All are errors.
var formProblems = []Problem{
	{Code: "document_too_large", Message: "The answer is far larger than a scan can be.", Remedy: otherProgram},
	{Code: "not_utf8", Message: "The answer is not written in UTF-8.", Remedy: reportToVendor},
	{Code: "bad_declaration", Message: "The answer begins with a broken XML declaration.", Remedy: reportToVendor},
	{Code: "malformed_xml", Message: "The answer is damaged: it is not well-formed XML.", Remedy: scanAgain},
	{Code: "empty_document", Message: "The answer is empty.", Remedy: scanAgain},
	{Code: "doctype", Message: "The answer holds a document type, which no scanner sends.", Remedy: otherProgram},
	{Code: "processing_instruction", Message: "The answer holds a processing instruction, which no scanner sends.", Remedy: otherProgram},
	{Code: "foreign_root", Message: "The answer is not a PidData document.", Remedy: otherProgram},
	{Code: "foreign_namespace", Message: "The answer uses XML namespaces that do not belong there.", Remedy: reportToVendor},
	{Code: "unexpected_element", Message: "The answer holds an element that does not belong there.", Remedy: reportToVendor},
	{Code: "duplicate_element", Message: "The answer holds an element twice.", Remedy: otherProgram},
	{Code: "unexpected_attribute", Message: "The answer holds an attribute that does not belong there.", Remedy: reportToVendor},
	{Code: "duplicate_attribute", Message: "The answer holds an attribute twice.", Remedy: otherProgram},
	{Code: "too_many_attributes", Message: "The answer holds far too many attributes.", Remedy: otherProgram},
	{Code: "unexpected_content", Message: "The answer holds text where none belongs.", Remedy: reportToVendor},
	{Code: "trailing_content", Message: "The answer goes on after its end.", Remedy: scanAgain},
	{Code: "missing_resp", Message: "The answer does not say whether the scan succeeded.", Remedy: scanAgain},
	{Code: "missing_err_code", Message: "The answer does not say whether the scan succeeded.", Remedy: scanAgain},
}

// checkProblems are those that [Policy.Check] finds.
var checkProblems = []Problem{
	{Code: "capture_failed", Message: "The scanner did not take a scan: {detail}.",
		Remedy: "Follow the scanner's message, then scan again."},
	{Code: "missing_element", Message: "The scan is incomplete: {element} is missing or empty.", Remedy: scanAgain},
	{Code: "bad_base64", Message: "The scan is damaged: {element} is not base64.", Remedy: scanAgain},
	{Code: "bad_length", Message: "The scan is damaged: {element} has {size} bytes, which can't be.", Remedy: scanAgain},
	{Code: "not_xml_data", Message: "The scan is not in the XML format that Eko takes.",
		Remedy: "Install the newest version of the scanner's RD service. If it happens again, tell support."},
	{Code: "missing_device_identity", Message: "The scanner did not identify itself: {element} is empty.",
		Remedy: "Check that the scanner is registered and the PC is online, restart the scanner's RD service, then scan again."},
	{Code: "dc_shape", Severity: SeverityWarning, Message: "The scanner's device code does not have the usual form.",
		Remedy: "If the bank refuses the scan, register the scanner again with its vendor."},
	{Code: "device_changed", Severity: SeverityWarning, Message: "The scan comes from another scanner than the one chosen.",
		Remedy: "Check which scanner is connected. If it was swapped on purpose, nothing is wrong."},
	{Code: "bad_timestamp", Message: "The scan does not say when it was taken.", Remedy: scanAgain},
	{Code: "stale_capture", Message: "The scan was taken {age} before now, by the scanner's clock.",
		Remedy: "Scan the finger again. If the time is still wrong, set the PC's date and time from the internet and restart the scanner's RD service."},
	{Code: "future_capture", Message: "The scan was taken {age} after now, by the scanner's clock.",
		Remedy: "Set the PC's date and time from the internet, restart the scanner's RD service, then scan again."},
	{Code: "clock_skew", Severity: SeverityWarning, Message: "The scanner's clock and the PC's clock differ by {age}.",
		Remedy: "Set the PC's date and time from the internet soon. UIDAI refuses scans whose time is too far off."},
	{Code: "replayed_capture", Message: "This scan was used before.", Remedy: "Scan the finger again. A scan is good for one transaction."},
	{Code: "bad_ci", Message: "The scan does not say which UIDAI key it is sealed for.",
		Remedy: reportToVendor},
	{Code: "ci_expired", Severity: SeverityWarning, Message: "The UIDAI key that the scan is sealed for expired on {date}.",
		Remedy: "Let the PC go online and restart the scanner's RD service, so that it fetches the new key. If the bank answers with error 501, install the newest RD service."},
	{Code: "certificate_unreadable", Severity: SeverityWarning, Message: "The scanner's certificate can't be read.",
		Remedy: "If the bank refuses the scan, let the PC go online and restart the scanner's RD service."},
	{Code: "certificate_not_valid", Severity: SeverityWarning, Message: "The scanner's certificate is valid from {not_before} to {not_after}; the scan was taken outside that time.",
		Remedy: "Let the PC go online and restart the scanner's RD service, so that it fetches a new certificate. Check the PC's date and time."},
	{Code: "certificate_issuer", Severity: SeverityWarning, Message: "The scanner's certificate is not issued by a device provider.",
		Remedy: "Make sure that the scanner is a registered device with its vendor's own RD service."},
	{Code: "certificate_device", Severity: SeverityWarning, Message: "The scanner's certificate names another device code than the scan.",
		Remedy: "Restart the scanner's RD service. If the bank refuses the scan, register the scanner again with its vendor."},
	{Code: "wrong_ftype", Message: "The scan holds record type {got}, but {want} was asked for.",
		Remedy: "Install the newest version of the scanner's RD service, then scan again."},
	{Code: "ftype_not_stated", Severity: SeverityWarning, Message: "The scanner does not say which record type the scan holds.",
		Remedy: "If the bank refuses the scan, install the newest version of the scanner's RD service."},
	{Code: "wrong_count", Severity: SeverityWarning, Message: "The scan holds {got} records, but {want} were asked for.",
		Remedy: "If the bank refuses the scan, scan again with the number of fingers that the scanner's window asks for."},
	{Code: "quality_too_low", Message: "The scan is too poor to match: quality {score}, at least {limit} is needed.",
		Remedy: "Clean the scanner's glass, wipe the finger dry (or moisten a very dry one), press firmly, or use another finger."},
	{Code: "quality_low", Severity: SeverityWarning, Message: "The scan is poor: quality {score}; {limit} or more matches better.",
		Remedy: "If the bank finds no match, clean the glass and the finger and scan again, or use another finger."},
	{Code: "quality_count", Severity: SeverityWarning, Message: "The scanner gives {got} quality scores for {want} fingers.",
		Remedy: "Nothing to do. If the bank finds no match, scan again."},
}
