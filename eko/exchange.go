package eko

// Exchange is one request and its answer with the Aadhaar number, the PID block,
// OTPs and keys masked, as Eko's sanity test wants to see them.
type Exchange struct {
	Method         string
	URL            string
	RequestHeader  map[string]string
	RequestBody    string
	HTTPStatus     int
	ResponseHeader map[string]string
	ResponseBody   string
}
