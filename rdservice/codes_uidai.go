package rdservice

// uidaiCodes are UIDAI's answers that point back at the finger or the block
// (rd-service.md section 7.3). They come by way of Eko, after the capture.
var uidaiCodes = []codeRow{
	{
		code: "300", kind: KindNoMatch, retry: true,
		cause:  "The finger does not match the Aadhaar number.",
		action: "Check the Aadhaar number. Wipe the glass, dry the finger and try again, or use another finger.",
	},
	{
		code: "312", kind: KindBlock,
		cause:  "The block holds two kinds of fingerprint record, which this request may not.",
		action: "Tell support code 312: the bank wants another fType.",
	},
	{
		code: "313", kind: KindBlock,
		cause:  "One fingerprint image holds more than one finger.",
		action: "Try again with one finger only.",
	},
	{
		code: "314", kind: KindBlock,
		cause:  "The block holds too many fingerprint records.",
		action: "Try again with one finger only. If it stays, update the scanner's driver (RD service).",
	},
	{
		code: "315", kind: KindBlock,
		cause:  "The block holds too many fingerprint or iris records.",
		action: "Try again with one finger only. If it stays, update the scanner's driver (RD service).",
	},
	{
		code: "316", kind: KindBlock,
		cause:  "The block holds too many iris records.",
		action: "Try again with one eye or one finger only.",
	},
	{
		code: "330", kind: KindLocked,
		cause:  "The customer has locked the fingerprints of this Aadhaar number.",
		action: "The customer unlocks them in the mAadhaar app or on UIDAI's website, then you try again.",
	},
	{
		code: "331", kind: KindLocked,
		cause:  "The customer has blocked this way of using the Aadhaar number.",
		action: "The customer lifts the block in the mAadhaar app or on UIDAI's website, then you try again.",
	},
	{
		code: "332", kind: KindLocked,
		cause:  "The customer has blocked this way of using the Aadhaar number.",
		action: "The customer lifts the block in the mAadhaar app or on UIDAI's website, then you try again.",
	},
	{
		code: "500", kind: KindDriver,
		cause:  "UIDAI can't open the block: its key is encrypted wrongly.",
		action: "Let the scanner's driver (RD service) go online and update it, then try again.",
	},
	{
		code: "501", kind: KindDriver,
		cause:  "The scanner's driver uses a UIDAI certificate that is not valid.",
		action: "Update the scanner's driver (RD service), or let it go online, then try again.",
	},
	{
		code: "502", kind: KindDriver,
		cause:  "UIDAI can't open the block: its content is encrypted wrongly.",
		action: "Try again. If it stays, update the scanner's driver (RD service).",
	},
	{
		code: "503", kind: KindDriver,
		cause:  "UIDAI can't check the block: its seal (Hmac) is encrypted wrongly.",
		action: "Try again. If it stays, update the scanner's driver (RD service).",
	},
	{
		code: "511", kind: KindBlock,
		cause:  "UIDAI does not understand the content of the block.",
		action: "Update the scanner's driver (RD service). If it stays, tell support code 511.",
	},
	{
		code: "513", kind: KindBlock,
		cause:  "UIDAI does not understand the block as protobuf.",
		action: "Tell support code 513: the request must ask for XML.",
	},
	{
		code: "521", kind: KindDriver,
		cause:  "UIDAI does not accept the scanner's device code: the scanner is not registered, or not any more.",
		action: "Ask the scanner's maker to register it again.",
	},
	{
		code: "524", kind: KindDriver,
		cause:  "UIDAI does not accept this model of scanner.",
		action: "Ask the scanner's maker whether the model is still certified. Old L0 scanners no longer are.",
	},
	{
		code: "527", kind: KindDriver,
		cause:  "UIDAI does not accept the scanner's certificate.",
		action: "Let the scanner's driver (RD service) go online, so that it renews the certificate, then try again.",
	},
	{
		code: "528", kind: KindDriver,
		cause:  "The scanner's key has to be renewed.",
		action: "Let the scanner's driver (RD service) go online, or update it, then try again.",
	},
	{
		code: "561", kind: KindClock, retry: true,
		cause:  "The capture was too old when it reached UIDAI.",
		action: "Set this computer's date and time right and try again with a fresh scan.",
	},
	{
		code: "562", kind: KindClock,
		cause:  "The capture carries a time in the future.",
		action: "Set date, time and time zone (India) of this computer right, then try again.",
	},
	{
		code: "563", kind: KindBlock, retry: true,
		cause:  "This capture was used before.",
		action: "Try again with a fresh scan.",
	},
	{
		code: "564", kind: KindBlock, retry: true,
		cause:  "UIDAI's check of the block failed: it was changed on its way.",
		action: "Try again. If it stays, update the scanner's driver (RD service).",
	},
}
