package rdservice

// vendorCodes are what single vendors add or mean differently (rd-service.md
// section 7.2). The codes of the Android drivers, which no vendor owns, are here
// too. No list of Morpho, SecuGen, Precision or NEXT was ever published.
//
// The rows with words take 999 apart: Access Computech's table names causes that
// come with that code as text only. Others' texts mean the same if they say so.
var vendorCodes = []codeRow{
	{
		code: "720", vendor: "startek", kind: KindNotReady, retry: true,
		cause:  "The scanner is not connected.",
		action: "Plug the scanner in, best into another USB port, and wait until its driver says that it is ready.",
	},
	{
		code: "730", vendor: "startek", kind: KindFailed, retry: true,
		cause:  "The scan was stopped, or the scanner was unplugged during it.",
		action: "Check the scanner's cable and try again. Leave the finger on the glass until the light goes off.",
	},
	{
		code: "220", vendor: "startek", kind: KindOptions,
		cause:  "The scanner's driver does not accept the environment asked for.",
		action: "Tell support code 220: the request must say environment P.",
	},
	{
		code: "900", vendor: "startek", kind: KindBusy,
		cause:  "The scanner is locked to one program.",
		action: "Close the program that holds the scanner, or restart the computer, then try again.",
	},
	{
		code: "740", vendor: "bioenable", kind: KindDriver,
		cause:  "The scanner has to be set up anew: UIDAI's certificate in its driver has run out.",
		action: "Update the scanner's driver (RD service), then try again.",
	},
	{
		code: "120", vendor: "bioenable", kind: KindOptions,
		cause:  "The request asked for an OTP without a finger.",
		action: "Try again with a finger.",
	},
	{
		code: "999", name: "unregistered", words: []string{"not registered", "unregistered", "not regist"}, kind: KindDriver,
		cause:  "The scanner is not registered with its maker.",
		action: "Ask the seller or the scanner's maker to register it or to renew its licence.",
	},
	{
		code: "999", name: "clock", words: []string{"clock", "system time", "date and time", "time difference"}, kind: KindClock,
		cause:  "This computer's clock is wrong by more than ten minutes.",
		action: "Set date, time and time zone (India) of this computer right, then try again.",
	},
	{
		code: "999", name: "certificate", words: []string{"certificate"}, kind: KindDriver, retry: true,
		cause:  "The scanner's driver is still fetching UIDAI's certificate, or has one that does not fit.",
		action: "Check that the internet works, wait a minute and try again. If it stays, update the driver (RD service).",
	},
	{
		code: "999", name: "offline", words: []string{"internet", "network", "management server", "unable to connect", "no connection"}, kind: KindDriver, retry: true,
		cause:  "The scanner's driver can't reach its maker's server.",
		action: "Check that the internet works and that no firewall stops the driver, then try again.",
	},
	{
		code: "999", name: "usb", words: []string{"usb"}, kind: KindNotReady, retry: true,
		cause:  "The scanner's driver can't reach the scanner over USB.",
		action: "Unplug the scanner, plug it into another USB port and try again.",
	},
	{
		code: "999", name: "untrusted", words: []string{"not trusted", "untrusted"}, kind: KindDriver,
		cause:  "The scanner's driver does not trust this device.",
		action: "Ask the scanner's maker: the device may have been altered.",
	},
	{
		code: "780", kind: KindDriver,
		cause:  "The scanner's driver is out of date.",
		action: "Update the scanner's driver (RD service).",
	},
	{
		code: "790", kind: KindDriver,
		cause:  "The scanner's driver refuses this device because it is rooted.",
		action: "Use a device that is not rooted.",
	},
	{
		code: "800", kind: KindDriver, retry: true,
		cause:  "The scanner's driver could not check whether this device is safe.",
		action: "Check that the internet works and try again.",
	},
	{
		code: "810", kind: KindNotReady, retry: true,
		cause:  "The scanner's driver is still checking whether this device is safe.",
		action: "Wait a moment and try again.",
	},
	{
		code: "-1509", kind: KindNotReady, retry: true,
		cause:  "The scanner has just been plugged in and its driver is still checking it.",
		action: "Wait a few seconds and try again.",
	},
	{
		code: "-6", vendor: "mantra", kind: KindBusy, retry: true,
		cause:  "Another program is using the scanner.",
		action: "Close other programs and browser tabs that use the scanner, then try again.",
	},
	{
		code: "-1307", vendor: "mantra", kind: KindNotReady, retry: true,
		cause:  "No scanner is connected.",
		action: "Plug the scanner in and wait until its driver says that it is ready.",
	},
	{
		code: "-1135", vendor: "mantra", kind: KindFailed, retry: true,
		cause:  "The scanner could not make a usable record of the finger.",
		action: "Wipe the scanner's glass, dry the finger and try again, or use another finger.",
	},
	{
		code: "-1142", vendor: "mantra", kind: KindNotReady,
		cause:  "The scanner's driver does not know this scanner.",
		action: "Install the driver (RD service) for this very model.",
	},
	{
		code: "-1140", vendor: "mantra", kind: KindTimeout, retry: true,
		cause:  "No finger was read in time.",
		action: "Try again: wipe the scanner's glass, dry the finger and press it flat until the light goes off.",
	},
	{
		code: "1140", vendor: "mantra", kind: KindTimeout, retry: true,
		cause:  "No finger was read in time.",
		action: "Try again: wipe the scanner's glass, dry the finger and press it flat until the light goes off.",
	},
	{
		code: "-1329", vendor: "mantra", kind: KindFailed, retry: true,
		cause:  "The scanner could not encrypt the fingerprint.",
		action: "Check that the internet works, restart the driver (RD service) and try again.",
	},
	{
		code: "-1524", vendor: "mantra", kind: KindOptions,
		cause:  "The scanner's driver does not accept the environment asked for.",
		action: "Tell support code -1524: the request must say environment P.",
	},
}
