package wsapi

// The close codes of this API. A page sees the code and its reason, and nothing
// else of why it was ended (browser.md section 5.1). They are a contract.
const (
	CloseUnauthorized = 4401 // the OS user may not use the bridge, or there was no hello
	CloseOriginDenied = 4403 // the page's origin is not on the list
	CloseTooSlow      = 4408 // the page doesn't read what it is sent, or stopped in the middle of a message
	CloseTooMany      = 4429 // this origin has too many connections
)

// Codes of RFC 6455 section 7.4.1 that are sent here.
const (
	closeNormal      = 1000
	closeGoingAway   = 1001
	closeUnsupported = 1003
	closeInvalidUTF8 = 1007
	closePolicy      = 1008
	closeInternal    = 1011
)

// goodbye is why a connection ends. The reason is English, for developers, at
// most 123 bytes, and holds nothing that the other side sent.
type goodbye struct {
	code   int
	reason string
}
