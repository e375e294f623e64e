package agent_test

import (
	"testing"

	"biobridge/agent/contract"
	"biobridge/eko/ekosim"
)

// TestAgent_Transact_Services is the good day: each service once, and the money
// where it should be.
func TestAgent_Transact_Services(t *testing.T) {
	sh := openShop(t, setup{})
	before, _ := sh.eko.Balance(asha, "SBIN")
	for _, service := range []contract.Service{contract.CashWithdrawal, contract.BalanceEnquiry, contract.MiniStatement, contract.AadhaarPay} {
		t.Run(string(service), func(t *testing.T) {
			r := withdraw(t, 500)
			r.Service = service
			if !service.MovesMoney() {
				r.Amount = 0
			}
			tx := sh.transact(r)
			if tx.State != contract.Succeeded || len(tx.ClientRefID) != 20 || tx.Device == nil || tx.Device.Vendor != "mantra" || !tx.Simulated {
				t.Fatalf("transaction: %+v", tx)
			}
			if tx.AadhaarLast4 != "1234" || tx.UserCode != ekosim.UserCode {
				t.Errorf("transaction: %+v", tx)
			}
			if service == contract.MiniStatement && len(tx.MiniStatement) == 0 {
				t.Error("the mini statement is empty")
			}
			if want := map[bool]int{true: 1, false: 0}[service.MovesMoney()]; sh.eko.Moved(tx.ClientRefID) != want {
				t.Errorf("money moved %d times, want %d", sh.eko.Moved(tx.ClientRefID), want)
			}
		})
	}
	after, _ := sh.eko.Balance(asha, "SBIN")
	if before-after != ekosim.Rupees(1000) {
		t.Errorf("the customer paid %s", (before - after).Text())
	}
}
