package wsapi_test

import (
	"strings"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

// What one user of the PC decided about a page is about his own browsers.
func TestOrigin_ofSomeUsers(t *testing.T) {
	const stranger = "uid:4294967294"
	for _, test := range []struct {
		name       string
		users, not []string
		in         bool
	}{
		{"everybody's", nil, nil, true},
		{"ours and another's", []string{stranger, ownID(t)}, nil, true},
		{"another's", []string{stranger}, nil, false},
		{"not ours", nil, []string{ownID(t)}, false},
		{"not another's", nil, []string{stranger}, true},
		{"nobody's", []string{}, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			origin := wsapi.Origin{Name: shopOrigin, Scopes: contract.Scopes(), Users: test.users, Not: test.not}
			b := open(t, wsapi.Config{Origins: []wsapi.Origin{origin}})
			if test.in {
				p := b.join(t, shopOrigin)
				if err := b.SetOrigins([]wsapi.Origin{{Name: shopOrigin, Not: []string{ownID(t)}}}); err != nil {
					t.Fatal(err)
				}
				if code, _ := p.closed(); code != wsapi.CloseOriginDenied {
					t.Errorf("a page that its user keeps out now was closed with %d", code)
				}
				return
			}
			if refusal := b.knock(t, shopOrigin); !strings.Contains(refusal, `"origin_denied"`) {
				t.Errorf("refusal = %s, want origin_denied", refusal)
			}
		})
	}
}
