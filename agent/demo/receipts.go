package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"biobridge/agent/contract"
)

// errNotSucceeded says that a transaction of the demo did not end as it must.
var errNotSucceeded = errors.New("the transaction did not succeed")

// threeReceipts asks for the three services as a page would, and prints what a
// customer gets.
func threeReceipts(ctx context.Context, out io.Writer, stack *Stack) error {
	page, err := dial(ctx, stack.Doors.Pages[0], stack.PageURL)
	if err != nil {
		return err
	}
	defer page.close()
	if err := awaitScanner(ctx, page); err != nil {
		return err
	}
	for _, service := range []struct {
		name   contract.Service
		amount int64
	}{{contract.CashWithdrawal, 500}, {contract.BalanceEnquiry, 0}, {contract.MiniStatement, 0}} {
		if err := oneReceipt(ctx, out, page, service.name, service.amount); err != nil {
			return fmt.Errorf("%s: %w", service.name, err)
		}
	}
	return nil
}

// awaitScanner returns once a scanner is ready.
func awaitScanner(ctx context.Context, page *client) error {
	for {
		var list struct {
			Devices []contract.Device `json:"devices"`
		}
		if err := page.call(ctx, "device.list", map[string]bool{"refresh": true}, &list); err != nil {
			return err
		}
		for _, d := range list.Devices {
			if d.Status == contract.DeviceReady {
				return nil
			}
		}
	}
}

func oneReceipt(ctx context.Context, out io.Writer, page *client, service contract.Service, amount int64) error {
	page.notified = func(method string, params json.RawMessage) {
		var progress contract.CaptureProgress
		if method == "capture.progress" && json.Unmarshal(params, &progress) == nil {
			fmt.Fprintf(out, "  … %s\n", progress.Message)
		}
	}
	fmt.Fprintf(out, "%s\n", service)
	params := map[string]any{
		"aadhaar": demoAadhaar, "bank_code": demoBank, "customer_id": demoCustomer, "consent": true,
	}
	if service.MovesMoney() {
		params["amount"] = amount
	}
	var result struct {
		Transaction contract.Transaction `json:"transaction"`
	}
	if err := page.call(ctx, "aeps."+string(service), params, &result); err != nil {
		return err
	}
	if err := printReceipt(ctx, out, page, result.Transaction.ClientRefID); err != nil {
		return err
	}
	if result.Transaction.State != contract.Succeeded {
		return fmt.Errorf("%w: it is %s (%s)", errNotSucceeded, result.Transaction.State, result.Transaction.Message)
	}
	return nil
}

// printReceipt prints the receipt as a shop's printer would get it.
func printReceipt(ctx context.Context, out io.Writer, page *client, ref string) error {
	var receipt struct {
		Body string `json:"body"`
	}
	if err := page.call(ctx, "transaction.receipt", map[string]string{"client_ref_id": ref, "format": "text"}, &receipt); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\n", receipt.Body)
	return err
}
