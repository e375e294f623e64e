package rdservice

import "slices"

// codes is the whole table of rd-service.md section 7.
var codes = slices.Concat(commonCodes, vendorCodes, uidaiCodes)

// commonCodes are what every vendor means (rd-service.md section 7.1).
var commonCodes = []codeRow{
	{
		code: "0", kind: KindOK,
		cause:  "The scan worked.",
		action: "Nothing is to be done.",
	},
	{
		code: CodeHTTP405, kind: KindDriver,
		cause:  "The scanner's driver does not know how to take a capture: it is older than the scanner's L1 rules.",
		action: "Install the newest L1 driver (RD service) from the scanner's maker, then restart the computer.",
	},
	{
		code: "100", kind: KindOptions,
		cause:  "The scanner's driver did not understand the request.",
		action: "Update the scanner's driver (RD service). If it stays, tell support code 100 and the scanner's model.",
	},
	{
		code: "110", kind: KindOptions,
		cause:  "The scanner's driver does not take the kind of fingerprint record that the bank asks for.",
		action: "Update the scanner's driver (RD service): old ones can't put both records (FMR and FIR) into one block.",
	},
	{
		code: "120", kind: KindOptions,
		cause:  "The scanner's driver does not take the number of fingers asked for.",
		action: "Update the scanner's driver (RD service). If it stays, tell support code 120.",
	},
	{
		code: "130", kind: KindOptions,
		cause:  "The scanner's driver does not take the kind of iris record asked for.",
		action: "Use a fingerprint scanner, or update the iris scanner's driver (RD service).",
	},
	{
		code: "140", kind: KindOptions,
		cause:  "The scanner's driver does not take the number of eyes asked for.",
		action: "Use a fingerprint scanner, or update the iris scanner's driver (RD service).",
	},
	{
		code: "150", kind: KindOptions,
		cause:  "The scanner's driver does not know version 2.0 of the PID block.",
		action: "Update the scanner's driver (RD service): this one is too old for Aadhaar payments.",
	},
	{
		code: "160", kind: KindOptions,
		cause:  "The scanner's driver does not accept the time limit.",
		action: "Set the capture timeout to between 2 and 100 seconds; 10 seconds suits every known scanner.",
	},
	{
		code: "170", kind: KindOptions,
		cause:  "The scanner's driver does not accept the list of fingers asked for.",
		action: "Try again without naming a finger. If it stays, tell support code 170.",
	},
	{
		code: "180", kind: KindUnsupported,
		cause:  "This scanner can't read faces.",
		action: "Use a finger.",
	},
	{
		code: "190", kind: KindOptions,
		cause:  "The scanner's driver does not accept the format asked for.",
		action: "Update the scanner's driver (RD service). If it stays, tell support code 190.",
	},
	{
		code: "200", kind: KindOptions,
		cause:  "The scanner's driver did not understand the personal details in the request.",
		action: "Tell support code 200 and the scanner's model.",
	},
	{
		code: "210", kind: KindOptions,
		cause:  "The scanner's driver does not support the format protobuf.",
		action: "Tell support code 210: the request must ask for XML.",
	},
	{
		code: "700", kind: KindTimeout, retry: true,
		cause:  "No finger was read in time.",
		action: "Try again: wipe the scanner's glass, dry the finger and press it flat until the light goes off. If the scanner gives up at once, click on its own window first.",
	},
	{
		code: "710", kind: KindBusy, retry: true,
		cause:  "Another program is using the scanner.",
		action: "Close other programs and browser tabs that use the scanner, then try again.",
	},
	{
		code: "720", kind: KindNotReady, retry: true,
		cause:  "The scanner is not ready.",
		action: "Unplug the scanner, plug it in again and wait until its driver says that it is ready.",
	},
	{
		code: "730", kind: KindFailed, retry: true,
		cause:  "The scan was broken off or failed.",
		action: "Check the scanner's cable and try again. Leave the finger on the glass until the light goes off.",
	},
	{
		code: "740", kind: KindDriver,
		cause:  "The scanner has to be set up anew; its certificate may have run out.",
		action: "Check that the internet works, then unplug the scanner, wait ten seconds and plug it in again. If it stays, update its driver (RD service).",
	},
	{
		code: "750", kind: KindUnsupported,
		cause:  "This scanner can't read fingers.",
		action: "Choose a fingerprint scanner.",
	},
	{
		code: "760", kind: KindUnsupported,
		cause:  "This scanner can't read irises.",
		action: "Choose an iris scanner, or use a finger.",
	},
	{
		code: "770", kind: KindDriver,
		cause:  "The scanner's driver was asked at an address it does not have.",
		action: "Restart the scanner's driver (RD service) or the computer. If it stays, update the driver.",
	},
	{
		code: "999", kind: KindFailed, retry: true,
		cause:  "The scanner's driver had an error of its own. Its words say which.",
		action: "Try again. If it comes back, restart the driver (RD service), check the internet, and tell support the scanner's own words.",
	},
}
