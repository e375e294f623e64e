package wsapi_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

// The three things that a handshake can end with.
const (
	bare     = "bare"     // an HTTP status and nothing else
	refused  = "refused"  // upgraded, told that it is a stranger, closed
	admitted = "admitted" // upgraded and served
)

// handshake is a request, written out, and what must come of it. HOST and PORT
// stand for the server's own.
type handshake struct {
	name   string
	line   string // the request line; empty: GET /v1 HTTP/1.1
	host   string // empty: 127.0.0.1:PORT; "-": none
	origin string // empty: the shop's; "-": none
	more   string // further lines
	less   string // a header of the ordinary ones that is left out
	want   string
	status int // for bare
}

var handshakes = []handshake{
	{name: "ordinary", want: admitted},
	{name: "localhost", host: "localhost:PORT", want: admitted},
	{name: "IPv6 literal", host: "[::1]:PORT", want: admitted},
	{name: "below the path", line: "GET /v1/nonce-77 HTTP/1.1", want: admitted},
	{name: "deep below the path", line: "GET /v1/a/b/c HTTP/1.1", want: admitted},
	{name: "path with dots stays below", line: "GET /v1/../v1/x HTTP/1.1", want: admitted},
	{name: "with a query", line: "GET /v1?x=1 HTTP/1.1", want: admitted},
	{name: "second origin with its port", origin: "https://other.example:8443", want: admitted},
	{name: "cookies of other programs", more: "Cookie: a=" + strings.Repeat("b", 4000) + "\r\n", want: admitted},
	{name: "compression offered", more: "Sec-WebSocket-Extensions: permessage-deflate\r\n", want: admitted},
	{name: "sub-protocol offered", more: "Sec-WebSocket-Protocol: x\r\n", want: admitted},
	{name: "Firefox's connection header", less: "Connection", more: "Connection: keep-alive, Upgrade\r\n", want: admitted},

	// Host: DNS rebinding and its relatives.
	{name: "rebinding", host: "rebind.example:PORT", want: bare, status: 403},
	{name: "rebinding with its own origin", host: "rebind.example:PORT", origin: "http://rebind.example:PORT", want: bare, status: 403},
	{name: "rebinding to our path", line: "GET /nothing HTTP/1.1", host: "rebind.example:PORT", want: bare, status: 403},
	{name: "host without port", host: "127.0.0.1", want: bare, status: 403},
	{name: "host with another port", host: "127.0.0.1:1", want: bare, status: 403},
	{name: "host with port 80", host: "127.0.0.1:80", want: bare, status: 403},
	{name: "host with a leading zero in the port", host: "127.0.0.1:0PORT", want: bare, status: 403},
	{name: "host in upper case", host: "LOCALHOST:PORT", want: bare, status: 403},
	{name: "host with a trailing dot", host: "localhost.:PORT", want: bare, status: 403},
	{name: "host with a trailing dot after the address", host: "127.0.0.1.:PORT", want: bare, status: 403},
	{name: "host below localhost", host: "agent.localhost:PORT", want: bare, status: 403},
	{name: "host that begins like ours", host: "127.0.0.1.nip.io:PORT", want: bare, status: 403},
	{name: "host that ends like ours", host: "evil-localhost:PORT", want: bare, status: 403},
	{name: "host 0.0.0.0", host: "0.0.0.0:PORT", want: bare, status: 403},
	{name: "host 127.1", host: "127.1:PORT", want: bare, status: 403},
	{name: "host 127.0.0.2", host: "127.0.0.2:PORT", want: bare, status: 403},
	{name: "host as one number", host: "2130706433:PORT", want: bare, status: 403},
	{name: "host in hex", host: "0x7f000001:PORT", want: bare, status: 403},
	{name: "host in octal", host: "0177.0.0.1:PORT", want: bare, status: 403},
	{name: "IPv6 without brackets", host: "::1:PORT", want: bare, status: 403},
	{name: "IPv6 in full", host: "[0:0:0:0:0:0:0:1]:PORT", want: bare, status: 403},
	{name: "IPv6 unspecified", host: "[::]:PORT", want: bare, status: 403},
	{name: "IPv6 mapped", host: "[::ffff:127.0.0.1]:PORT", want: bare, status: 403},
	{name: "IPv6 with a zone", host: "[::1%25lo]:PORT", want: bare, status: 403},
	{name: "host with user information", host: "127.0.0.1:PORT@evil.example", want: bare, status: 400},
	{name: "host with a path", host: "127.0.0.1:PORT/x", want: bare, status: 400},
	{name: "host with a comma", host: "127.0.0.1:PORT,evil.example", want: bare, status: 403},
	{name: "host empty", host: " ", want: bare, status: 403},
	{name: "host missing", host: "-", want: bare, status: 400},
	{name: "host twice", more: "Host: evil.example\r\n", want: bare, status: 400},
	{name: "forwarded host", host: "evil.example", more: "X-Forwarded-Host: 127.0.0.1:PORT\r\n", want: bare, status: 403},
	{name: "absolute form of ours", line: "GET http://127.0.0.1:PORT/v1 HTTP/1.1", host: "evil.example", want: bare, status: 403},
	{name: "absolute form of another", line: "GET http://evil.example/v1 HTTP/1.1", want: bare, status: 403},
	{name: "HTTP/1.0 without host", line: "GET /v1 HTTP/1.0", host: "-", want: bare, status: 403},

	// Origin: look-alikes.
	{name: "origin missing", origin: "-", want: refused},
	{name: "origin null", origin: "null", want: refused},
	{name: "origin empty", origin: " ", want: refused},
	{name: "origin twice, both ours", more: "Origin: https://shop.example\r\n", want: refused},
	{name: "origin twice, ours first", more: "Origin: https://evil.example\r\n", want: refused},
	{name: "origin list", origin: "https://shop.example, https://evil.example", want: refused},
	{name: "origin list with a blank", origin: "https://shop.example https://evil.example", want: refused},
	{name: "unknown", origin: "https://evil.example", want: refused},
	{name: "plain http", origin: "http://shop.example", want: refused},
	{name: "upper case scheme", origin: "HTTPS://shop.example", want: refused},
	{name: "upper case host", origin: "https://SHOP.example", want: refused},
	{name: "default port written out", origin: "https://shop.example:443", want: refused},
	{name: "another port", origin: "https://shop.example:8443", want: refused},
	{name: "known host without its port", origin: "https://other.example", want: refused},
	{name: "port with a leading zero", origin: "https://other.example:08443", want: refused},
	{name: "port empty", origin: "https://shop.example:", want: refused},
	{name: "port zero", origin: "https://shop.example:0", want: refused},
	{name: "port too large", origin: "https://shop.example:65979", want: refused},
	{name: "port with a sign", origin: "https://other.example:+8443", want: refused},
	{name: "sub-domain", origin: "https://a.shop.example", want: refused},
	{name: "parent domain", origin: "https://example", want: refused},
	{name: "longer domain", origin: "https://shop.example.evil.example", want: refused},
	{name: "longer name", origin: "https://evilshop.example", want: refused},
	{name: "hyphenated", origin: "https://shop.example-evil.example", want: refused},
	{name: "trailing dot", origin: "https://shop.example.", want: refused},
	{name: "trailing slash", origin: "https://shop.example/", want: refused},
	{name: "path", origin: "https://shop.example/portal", want: refused},
	{name: "query", origin: "https://shop.example?x", want: refused},
	{name: "fragment", origin: "https://shop.example#x", want: refused},
	{name: "user information", origin: "https://shop.example@evil.example", want: refused},
	{name: "user information before ours", origin: "https://evil.example@shop.example", want: refused},
	{name: "backslash", origin: `https://shop.example\.evil.example`, want: refused},
	{name: "encoded dot", origin: "https://shop%2eexample", want: refused},
	{name: "IDN look-alike", origin: "https://xn--shp-0na.example", want: refused},
	{name: "IDN in letters", origin: "https://shöp.example", want: refused},
	{name: "Cyrillic look-alike", origin: "https://shoр.example", want: refused},
	{name: "full-width dot", origin: "https://shop．example", want: refused},
	{name: "soft hyphen", origin: "https://sh\u00adop.example", want: refused},
	{name: "tab at the end", origin: "https://shop.example\t.", want: refused},
	{name: "file", origin: "file://", want: refused},
	{name: "data", origin: "data:text/html,x", want: refused},
	{name: "extension", origin: "chrome-extension://abcdefghijklmnopabcdefghijklmnop", want: refused},
	{name: "Firefox extension", origin: "moz-extension://4e7ef1f2-7d1c-4c3e-a2f5-3c6f0a0c8b11", want: refused},
	{name: "websocket scheme", origin: "wss://shop.example", want: refused},
	{name: "no scheme", origin: "shop.example", want: refused},
	{name: "protocol relative", origin: "//shop.example", want: refused},
	{name: "one slash", origin: "https:/shop.example", want: refused},
	{name: "three slashes", origin: "https:///shop.example", want: refused},
	{name: "wildcard", origin: "*", want: refused},
	{name: "wildcard host", origin: "https://*.example", want: refused},
	{name: "own address as origin", origin: "http://127.0.0.1:PORT", want: refused},
	{name: "localhost as origin", origin: "http://localhost:3000", want: refused},
	{name: "IPv6 origin", origin: "http://[::1]:PORT", want: refused},
	{name: "very long origin", origin: "https://" + strings.Repeat("a", 8000), want: refused},
	{name: "origin by another name", origin: "-", more: "Sec-WebSocket-Origin: https://shop.example\r\n", want: refused},
	{name: "referer instead", origin: "-", more: "Referer: https://shop.example/\r\n", want: refused},

	// What is no WebSocket handshake.
	{name: "another path", line: "GET / HTTP/1.1", want: bare, status: 404},
	{name: "another version", line: "GET /v2 HTTP/1.1", want: bare, status: 404},
	{name: "path that begins like ours", line: "GET /v1x HTTP/1.1", want: bare, status: 404},
	{name: "path in upper case", line: "GET /V1 HTTP/1.1", want: bare, status: 404},
	{name: "path with two slashes", line: "GET //v1 HTTP/1.1", want: bare, status: 404},
	{name: "debug page", line: "GET /debug/pprof/ HTTP/1.1", want: bare, status: 404},
	{name: "status page", line: "GET /status HTTP/1.1", want: bare, status: 404},
	{name: "unknown path of a stranger", line: "GET /status HTTP/1.1", origin: "https://evil.example", want: bare, status: 404},
	{name: "POST", line: "POST /v1 HTTP/1.1", want: bare, status: 426},
	{name: "POST of a stranger", line: "POST /v1 HTTP/1.1", origin: "https://evil.example", want: bare, status: 403},
	{name: "OPTIONS of a stranger", line: "OPTIONS /v1 HTTP/1.1", origin: "https://evil.example", want: bare, status: 403},
	{name: "TRACE", line: "TRACE /v1 HTTP/1.1", want: bare, status: 426},
	{name: "vendor's verb", line: "RDSERVICE /v1 HTTP/1.1", want: bare, status: 426},
	{name: "CONNECT", line: "CONNECT evil.example:443 HTTP/1.1", want: bare, status: 403},
	{name: "asterisk", line: "OPTIONS * HTTP/1.1", want: bare, status: 403},
	{name: "plain GET", less: "Upgrade", want: bare, status: 426},
	{name: "plain GET of a stranger", less: "Upgrade", origin: "https://evil.example", want: bare, status: 403},
	{name: "plain GET without origin", less: "Upgrade", origin: "-", want: bare, status: 403},
	{name: "no connection header", less: "Connection", want: bare, status: 426},
	{name: "another upgrade", less: "Upgrade", more: "Upgrade: h2c\r\n", want: bare, status: 426},
	{name: "HTTP/1.0", line: "GET /v1 HTTP/1.0", want: bare, status: 426},
	{name: "WebSocket version 8", less: "Sec-WebSocket-Version", more: "Sec-WebSocket-Version: 8\r\n", want: bare, status: 400},
	{name: "no WebSocket version", less: "Sec-WebSocket-Version", want: bare, status: 400},
	{name: "no key", less: "Sec-WebSocket-Key", want: bare, status: 400},
	{name: "short key", less: "Sec-WebSocket-Key", more: "Sec-WebSocket-Key: abc\r\n", want: bare, status: 400},
	{name: "a body", more: "Content-Length: 5\r\n", want: bare, status: 400},
	{name: "a huge body", more: "Content-Length: 9999999999\r\n", want: bare, status: 400},
	{name: "a negative body", more: "Content-Length: -1\r\n", want: bare, status: 400},
	{name: "chunks", more: "Transfer-Encoding: chunked\r\n", want: bare, status: 400},
	{name: "smuggling", more: "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", want: bare, status: 400},
	{name: "two lengths", more: "Content-Length: 5\r\nContent-Length: 6\r\n", want: bare, status: 400},
	{name: "headers too large", more: "X: " + strings.Repeat("a", 64<<10) + "\r\n", want: bare, status: 431},
	{name: "headers too many", more: strings.Repeat("X: a\r\n", 10_000), want: bare, status: 431},
	{name: "no HTTP", line: "hello", want: bare, status: 400},
	{name: "TLS", line: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", want: bare, status: 400},
	{name: "HTTP/2", line: "PRI * HTTP/2.0", host: "-", want: bare, status: 400},
	{name: "HTTP/9", line: "GET /v1 HTTP/9.9", want: bare, status: 505},
	{name: "line folding", more: " folded\r\n", want: bare, status: 400},
	{name: "blank before the colon", more: "X : a\r\n", want: bare, status: 400},
	{name: "NUL in a header", more: "X: a\x00b\r\n", want: bare, status: 400},
}

func (h handshake) request(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	line, host, origin := h.line, h.host, h.origin
	if line == "" {
		line = "GET /v1 HTTP/1.1"
	}
	if host == "" {
		host = "127.0.0.1:PORT"
	}
	if origin == "" {
		origin = shopOrigin
	}
	var b strings.Builder
	b.WriteString(line + "\r\n")
	for _, header := range [][2]string{
		{"Host", host}, {"Origin", origin}, {"Connection", "Upgrade"}, {"Upgrade", "websocket"},
		{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
	} {
		if header[0] != h.less && header[1] != "-" {
			b.WriteString(header[0] + ": " + header[1] + "\r\n")
		}
	}
	b.WriteString(h.more + "\r\n")
	return strings.ReplaceAll(b.String(), "PORT", port)
}

func TestHandshakes(t *testing.T) {
	if n := len(handshakes) + len(frames); n < 150 {
		t.Errorf("%d hostile handshakes and frames, want 150", n)
	}
	b := open(t, wsapi.Config{})
	for _, test := range handshakes {
		t.Run(test.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", b.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(patience))
			_, _ = io.WriteString(conn, test.request(b.addr)) // the server may refuse before it has read all
			in := bufio.NewReader(conn)
			response, err := http.ReadResponse(in, &http.Request{Method: http.MethodGet})
			if err != nil {
				t.Fatalf("read the answer: %v", err)
			}
			checkAnswer(t, test, response, conn, in)
		})
	}
	b.join(t, shopOrigin).must("device.list", `{}`)
}

func checkAnswer(t *testing.T, test handshake, response *http.Response, conn net.Conn, in *bufio.Reader) {
	t.Helper()
	if test.want == bare {
		if response.StatusCode != test.status {
			t.Errorf("status = %d, want %d", response.StatusCode, test.status)
		}
		body, _ := io.ReadAll(response.Body)
		if strings.Contains(string(body), "biobridge") || response.Header.Get("Server") != "" || response.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a stranger is told %v %s", response.Header, body)
		}
		return
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status = %d, want 101", response.StatusCode)
	}
	if ext := response.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
		t.Errorf("extension %q was agreed to", ext)
	}
	ws := rawSocket{t, conn, in}
	if test.want == admitted {
		ws.text(`{"jsonrpc":"2.0","id":1,"method":"bridge.hello","params":{"client":{"name":"x","version":"1"}}}`)
		if op, data := ws.frame(); op != websocket.TextMessage || !strings.Contains(string(data), `"result"`) {
			t.Errorf("hello was answered by %d %s", op, data)
		}
		return
	}
	ws.text(`{"jsonrpc":"2.0","id":1,"method":"bridge.hello","params":{"client":{"name":"x","version":"1"}}}`)
	checkRefusal(t, ws)
}

// A page that can't ever be allowed is not sent to the tray.
func TestGuard_neverAllowed(t *testing.T) {
	b := open(t, wsapi.Config{})
	for _, origin := range []string{"null", "https://a.example/path", "HTTPS://A.example"} {
		if refusal := b.knock(t, origin); !strings.Contains(refusal, `"origin_denied"`) || strings.Contains(refusal, "tray") || !strings.Contains(refusal, "https://") {
			t.Errorf("%s is told %s", origin, refusal)
		}
	}
	if refusal := b.knock(t, "https://stranger.example"); !strings.Contains(refusal, "tray") {
		t.Errorf("a stranger is told %s", refusal)
	}
}

// checkRefusal reads what a stranger is told: one notification, a close code,
// nothing more.
func checkRefusal(t *testing.T, ws rawSocket) {
	t.Helper()
	op, data := ws.frame()
	var note struct {
		Method string
		Params struct{ Code, Message, Remedy string }
	}
	if err := json.Unmarshal(data, &note); err != nil || op != websocket.TextMessage {
		t.Fatalf("first frame = %d %s", op, data)
	}
	if note.Method != "bridge.refused" || note.Params.Code != string(contract.OriginDenied) || note.Params.Message == "" || note.Params.Remedy == "" {
		t.Errorf("notification = %+v", note)
	}
	for _, secret := range []string{"1.2.3-test", "mantra", "MFS110", "simulated"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("a stranger learns %q", secret)
		}
	}
	if code := ws.closed(); code != wsapi.CloseOriginDenied {
		t.Errorf("close code = %d, want %d", code, wsapi.CloseOriginDenied)
	}
}

// A refusal is in the language that the browser asks for: the page couldn't say
// hello.
func TestRefusal_language(t *testing.T) {
	b := open(t, wsapi.Config{})
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {"https://evil.example"}, "Accept-Language": {"hi-IN,hi;q=0.9"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_, data, err := ws.ReadMessage()
	if err != nil || !strings.Contains(string(data), "अनुमति") {
		t.Errorf("refusal = %s, %v, want Hindi", data, err)
	}
}

func TestRefusal_strangersLimit(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Strangers: 1, Goodbye: time.Minute}})
	stranger := http.Header{"Origin": {"https://evil.example"}}
	first, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", stranger)
	if err != nil {
		t.Fatal(err)
	}
	_, response, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", stranger)
	if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("a second stranger: %v, want 403", err)
	}
	_ = first.Close()
}
