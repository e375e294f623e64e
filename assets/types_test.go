package assets_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"biobridge/assets"
)

// protocol is what the types must agree with, as far as it is looked at here.
type protocol struct {
	Methods []struct {
		Name   string
		Params []struct {
			Name     string
			Required bool
		}
		Result struct {
			Schema struct{ Properties map[string]json.RawMessage }
		}
	}
	Components struct {
		Schemas map[string]struct {
			Properties map[string]json.RawMessage
			Required   []string
			Enum       []string
		}
	}
}

func readProtocol(t *testing.T) protocol {
	t.Helper()
	data, err := os.ReadFile("../docs/openrpc.json")
	if err != nil {
		t.Fatal(err)
	}
	var p protocol
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func readTypes(t *testing.T) string {
	t.Helper()
	data, err := fs.ReadFile(assets.SDK(), "src/biobridge.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var (
	interfaces = regexp.MustCompile(`(?ms)^export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}`)
	members    = regexp.MustCompile(`(?m)^  (\w+)(\?)?:`)
	unions     = regexp.MustCompile(`(?ms)^export type (\w+) =(.*?);`)
	literals   = regexp.MustCompile(`'(\w+)'`)
)

// declared returns the members of an interface, those it inherits too, and
// whether each is required.
func declared(types, name string) map[string]bool {
	found := make(map[string]bool)
	for _, match := range interfaces.FindAllStringSubmatch(types, -1) {
		if match[1] != name {
			continue
		}
		if match[2] != "" {
			found = declared(types, match[2])
		}
		for _, member := range members.FindAllStringSubmatch(match[3], -1) {
			found[member[1]] = member[2] == ""
		}
	}
	return found
}

func compare(t *testing.T, what string, got, want map[string]bool) {
	t.Helper()
	for name, required := range want {
		if declared, ok := got[name]; !ok {
			t.Errorf("%s lacks %s", what, name)
		} else if declared != required {
			t.Errorf("%s: required %s is %v, in the protocol %v", what, name, declared, required)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s has %s, the protocol has not", what, name)
		}
	}
}

func TestTypesAreTheProtocol(t *testing.T) {
	types, p := readTypes(t), readProtocol(t)
	for _, name := range []string{
		"Device", "DeviceSummary", "EkoCodes", "StatementLine", "Transaction", "LocalisedPoint",
		"CaptureSummary", "CaptureProblem", "CaptureProgress", "Receipt", "ReceiptLine",
		"Merchant", "MerchantResult", "MerchantService",
	} {
		schema, ok := p.Components.Schemas[name]
		if !ok {
			t.Errorf("the protocol has no %s", name)
		}
		want := make(map[string]bool)
		for property := range schema.Properties {
			want[property] = slices.Contains(schema.Required, property)
		}
		compare(t, name, declared(types, name), want)
	}
}

func TestUnionsAreTheProtocol(t *testing.T) {
	types, p := readTypes(t), readProtocol(t)
	for name, schema := range map[string]string{
		"Scope": "Scope", "Locale": "Locale", "Service": "Service", "Stage": "Stage",
		"BridgeCode": "Code", "TransactionState": "State",
	} {
		var got []string
		for _, match := range unions.FindAllStringSubmatch(types, -1) {
			if match[1] != name {
				continue
			}
			for _, literal := range literals.FindAllStringSubmatch(match[2], -1) {
				got = append(got, literal[1])
			}
		}
		want := slices.Clone(p.Components.Schemas[schema].Enum)
		slices.Sort(got)
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s is %q, in the protocol %q", name, got, want)
		}
	}
}

func TestParametersAreTheProtocol(t *testing.T) {
	types, p := readTypes(t), readProtocol(t)
	source, err := fs.ReadFile(assets.SDK(), "src/biobridge.js")
	if err != nil {
		t.Fatal(err)
	}
	params := map[string]string{
		"capture": "CaptureParams", "aeps.cash_withdrawal": "MoneyParams", "aeps.aadhaar_pay": "MoneyParams",
		"aeps.balance_enquiry": "EnquiryParams", "aeps.mini_statement": "EnquiryParams", "transaction.list": "TransactionFilter",
		"aeps.request_otp": "MoneyParams", "merchant.authenticate": "AuthenticateParams", "merchant.register": "RegisterParams",
		"merchant.ekyc.request_otp": "EKYCParams", "merchant.ekyc.verify_otp": "EKYCVerifyParams", "merchant.ekyc.biometric": "EKYCFinishParams",
	}
	for _, method := range p.Methods {
		if method.Name == "bridge.hello" {
			want := map[string]bool{"port": true} // where this side found it
			for property := range method.Result.Schema.Properties {
				want[property] = true
			}
			compare(t, "Hello", declared(types, "Hello"), want)
		}
		step, merchant := strings.CutPrefix(method.Name, "merchant.")
		if merchant && !strings.Contains(types, "  merchant(step: '"+step+"', ") {
			t.Errorf("the types don't know the merchant's step %s", step)
		}
		if method.Name == "device.inspect" { // for testers, who call it by its name
			want := make(map[string]bool)
			for property := range method.Result.Schema.Properties {
				want[property] = true
			}
			compare(t, "Inspection", declared(types, "Inspection"), want)
			continue
		}
		if !merchant && !strings.Contains(string(source), "'"+method.Name+"'") {
			t.Errorf("the module never calls %s", method.Name)
		}
		name, ok := params[method.Name]
		if !ok {
			continue
		}
		delete(params, method.Name)
		want := make(map[string]bool)
		for _, param := range method.Params {
			want[param.Name] = param.Required
		}
		if name == "EnquiryParams" {
			delete(want, "amount") // taken where it is 0, and of no use to a page
		}
		compare(t, method.Name, declared(types, name), want)
	}
	for name := range params {
		t.Errorf("the protocol has no %s", name)
	}
}
