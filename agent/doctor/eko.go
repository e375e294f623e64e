package doctor

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"biobridge/agent/daemon"
	"biobridge/eko"
)

// eko goes to Eko's door step by step (TCP, TLS, HTTP) and says at which one it
// is shut. It asks for nothing: a bare GET, without keys.
func (e Examination) eko(ctx context.Context, cfg daemon.Config) []Finding {
	base, err := url.Parse(cfg.Eko.BaseURL)
	if err != nil {
		return []Finding{fault("eko_tcp", "eko.base_url is not an address.", "Correct it in the configuration.")}
	}
	if cfg.Eko.Proxy != "" {
		return []Finding{e.proxy(ctx, cfg.Eko.Proxy), skipped("eko_tls", "Eko is reached through the proxy; the first transaction shows whether it lets us through.")}
	}
	address := withPort(base)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return []Finding{fault("eko_tcp", "Eko can't be reached at "+address+".",
			"See that this PC is online and that nobody blocks port "+base.Port()+": Eko needs port 25002 (production) or 25004 (staging) open (try: telnet "+base.Hostname()+" "+base.Port()+").")}
	}
	defer conn.Close()
	findings := []Finding{fine("eko_tcp", "Eko answers at "+address+".")}
	if base.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{ServerName: base.Hostname(), RootCAs: e.Roots, MinVersion: tls.VersionTLS12, Time: e.Now})
		if err := secure.HandshakeContext(ctx); err != nil {
			return append(findings, fault("eko_tls", "The connection to Eko can't be secured: "+err.Error()+".",
				"Set date and time first; then see whether an antivirus or proxy breaks https open on this PC."))
		}
		findings = append(findings, fine("eko_tls", "The connection to Eko is secure; its certificate is valid until "+
			secure.ConnectionState().PeerCertificates[0].NotAfter.Format(time.DateOnly)+"."))
		conn = secure
	}
	return append(findings, e.greet(ctx, conn, inquiry(base, cfg.Eko.API))...)
}

// inquiry is where Eko is asked about transactions. Without keys it refuses, and
// by how it does so it shows whether the path is right (eko-api.md section 7).
func inquiry(base *url.URL, api string) *url.URL {
	if api == "v3" {
		return base.JoinPath("v3", "tools", "reference", "transaction", "0")
	}
	return base.JoinPath("v2", "transactions", "0")
}

func withPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"https": "443", "http": "80"}[u.Scheme])
}

func (e Examination) proxy(ctx context.Context, raw string) Finding {
	u, err := url.Parse(raw)
	if err != nil {
		return fault("eko_tcp", "eko.proxy is not an address.", "Correct it in the configuration.")
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", withPort(u))
	if err != nil {
		return fault("eko_tcp", "The proxy at "+withPort(u)+" can't be reached.", "Ask the partner's operations whether it runs and lets this PC in.")
	}
	_ = conn.Close()
	return fine("eko_tcp", "The proxy at "+withPort(u)+" answers.")
}

// greet sends one request without keys, looks at what kind of answer comes, and
// reads Eko's clock from it.
func (e Examination) greet(ctx context.Context, conn net.Conn, base *url.URL) []Finding {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String(), nil)
	if err != nil {
		return []Finding{fault("eko_http", "eko.base_url is not an address.", "Correct it in the configuration.")}
	}
	request.Close = true
	if err := request.Write(conn); err != nil {
		return []Finding{noHTTP()}
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		return []Finding{noHTTP()}
	}
	defer response.Body.Close()
	findings := []Finding{gradeHTTP(response.StatusCode)}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		findings = append(findings, gradeSkew(e.Now().Sub(date)))
	}
	return findings
}

func noHTTP() Finding {
	return fault("eko_http", "Something answers at Eko's address, but not Eko.", "See whether a login page of the internet provider or a proxy stands in between.")
}

// gradeHTTP explains the code that a request without keys gets. A refusal of the
// missing keys is a good answer: somebody is at home, at the right path.
func gradeHTTP(code int) Finding {
	switch {
	case code >= 500:
		return fault("eko_http", "Eko answers HTTP "+strconv.Itoa(code)+".", "Wait and try again; if it stays, ask Eko's support.")
	case code == http.StatusNotFound:
		known, _ := eko.Explain("http", "404")
		return doubt("eko_http", "Eko answers HTTP 404. "+known.Cause, "Compare eko.base_url and eko.api with what Eko mailed.")
	default:
		return fine("eko_http", fmt.Sprintf("Eko answers HTTP %d to a question without keys, as it should.", code))
	}
}
