package eko

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// dialThrough connects to the server, through the forward proxy where there is
// one: production lets in only the partner's allow-listed addresses (seed: FAQ,
// "How many IPs i can whitelist").
func (l *line) dialThrough(ctx context.Context) (net.Conn, error) {
	if l.proxy == nil {
		return dial(ctx, l.base)
	}
	conn, err := dial(ctx, l.proxy)
	if err != nil {
		return nil, fmt.Errorf("reach the proxy: %w", err)
	}
	if l.proxy.Scheme == "https" {
		if conn, err = l.secure(ctx, conn, l.proxy.Hostname()); err != nil {
			return nil, fmt.Errorf("reach the proxy: %w", err)
		}
	}
	if err := l.tunnel(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("ask the proxy %s for %s: %w", l.proxy.Host, l.base.Host, err)
	}
	return conn, nil
}

// tunnel asks the proxy to connect (RFC 9110 section 9.3.6).
func (l *line) tunnel(ctx context.Context, conn net.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	target := address(l.base)
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target, Header: http.Header{"User-Agent": {userAgent}}}
	if l.proxy.User != nil {
		password, _ := l.proxy.User.Password()
		credentials := l.proxy.User.Username() + ":" + password
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
	}
	if err := req.Write(conn); err != nil {
		return ownWords(err, "the request can't be written")
	}
	in := bufio.NewReaderSize(conn, 4<<10)
	resp, err := http.ReadResponse(in, req)
	if err != nil {
		return ownWords(err, "it does not begin as HTTP does")
	}
	switch {
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return fmt.Errorf("the proxy wants a user name and password (HTTP %d)", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("the proxy refused (HTTP %d)", resp.StatusCode)
	case in.Buffered() > 0:
		return fmt.Errorf("%w: the proxy said something out of turn", ErrAnswer)
	case !stop():
		return context.Cause(ctx)
	}
	return nil
}
