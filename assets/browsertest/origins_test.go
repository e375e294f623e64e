package browsertest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/agent/demo"
)

// sells is a partner's page that withdraws for a customer and keeps in
// window.told what it is told of.
const sells = `import { BioBridge } from './biobridge.js';
	const bridge = new BioBridge({ ports: [%d] });
	globalThis.told = [];
	bridge.addEventListener('transaction', ({ detail }) => { told.push(detail.client_ref_id); });
	globalThis.withdraw = async (ref, amount) => {
		const { state } = await bridge.cashWithdrawal({
			client_ref_id: ref, aadhaar: '999941057058', bank_code: 'SBIN', amount, customer_id: '9999999999', consent: true,
		});
		return state;
	};
	globalThis.refs = async () => (await bridge.listTransactions({})).transactions.map((t) => t.client_ref_id);
	await bridge.connect();
	globalThis.ready = true;`

// Two partners' pages are open at once. Each sees its own transactions and is
// told nothing of the other's.
func TestTwoOriginsAtOnce(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		partner := newSite(t)
		byName := strings.Replace(partner.URL, "127.0.0.1", "localhost", 1)
		s := openShop(t, demo.Options{Change: func(c *daemon.Config) {
			for _, origin := range []string{partner.URL, byName} {
				c.Origins = append(c.Origins, daemon.Origin{Origin: origin, Scopes: contract.Scopes()})
			}
		}})
		partner.put("/", `<!doctype html><meta charset=utf-8><script type="module" src="sells.js"></script><p>page`)
		partner.put("/sells.js", fmt.Sprintf(sells, s.Doors.Port))

		one := open(t)
		other := one.newTab()
		pages := []struct {
			*tab
			url, ref string
			amount   int
		}{{one, partner.URL, "ONE1", 500}, {other, byName, "OTHER1", 700}}
		for _, page := range pages {
			page.visit(page.url)
			page.await("the connection", "window.ready")
		}
		if connected := s.pages(); len(connected) != 2 || connected[0].Origin == connected[1].Origin {
			t.Fatalf("the bridge has the pages %+v", connected)
		}
		for _, page := range pages {
			if state := eval[string](page.tab, fmt.Sprintf("withdraw(%q, %d)", page.ref, page.amount)); state != "succeeded" {
				t.Fatalf("%s is %s", page.ref, state)
			}
		}
		for _, page := range pages {
			own := []string{page.ref}
			// The answer comes behind everything that the page is told before.
			if refs := eval[[]string](page.tab, "refs()"); !slices.Equal(refs, own) {
				t.Errorf("%s lists %q, want %q", page.url, refs, own)
			}
			if told := eval[[]string](page.tab, "[...new Set(told)]"); !slices.Equal(told, own) {
				t.Errorf("%s was told of %q, want %q", page.url, told, own)
			}
		}
		if all := len(s.Eko.Transactions()); all != 2 {
			t.Errorf("Eko knows %d transactions", all)
		}
	})
}
