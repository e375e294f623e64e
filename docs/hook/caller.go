package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errCaller says that nobody known is asking.
var errCaller = errors.New("not signed in")

// caller finds out which shop asks: biobridge by its bearer token, a browser by
// the session that the portal put into the callback's address. Without either
// the hook would sign for anybody who finds it.
func (h *hook) caller(r *http.Request) (merchant, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if m, known := h.cfg.merchants[sha256.Sum256([]byte(token))]; known {
			return m, nil
		}
		return merchant{}, errCaller
	}
	userCode, ok := openSession(h.cfg.sessions, r.URL.Query().Get("session"), h.now())
	if !ok {
		return merchant{}, errCaller
	}
	for _, m := range h.cfg.merchants {
		if m.UserCode == userCode {
			return m, nil
		}
	}
	return merchant{}, errCaller
}

// sealSession is what the portal puts into ?session= for a merchant who has
// signed in there: his user code, an end, and a seal over both.
func sealSession(key []byte, userCode string, end time.Time) string {
	text := userCode + "." + strconv.FormatInt(end.Unix(), 10)
	return text + "." + base64.RawURLEncoding.EncodeToString(sessionMAC(key, text))
}

func openSession(key []byte, session string, now time.Time) (userCode string, ok bool) {
	parts := strings.Split(session, ".")
	if len(parts) != 3 {
		return "", false
	}
	given, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || !hmac.Equal(given, sessionMAC(key, parts[0]+"."+parts[1])) {
		return "", false
	}
	end, err := strconv.ParseInt(parts[1], 10, 64)
	return parts[0], err == nil && now.Unix() < end
}

func sessionMAC(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("biobridge hook session " + text))
	return mac.Sum(nil)
}
