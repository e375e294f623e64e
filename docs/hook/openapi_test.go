package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"biobridge/eko"
)

// The OpenAPI file describes what is really asked and answered.
func TestOpenAPI(t *testing.T) {
	raw, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	schema := func(name string) *jsonschema.Schema {
		s, err := c.Compile("openapi.json#/components/schemas/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	question, reply := schema("Question"), schema("Answer")
	valid := func(s *jsonschema.Schema, what, text string, want bool) {
		t.Helper()
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); (err == nil) != want {
			t.Errorf("%s: %v, want valid %v", what, err, want)
		}
	}
	bridge, err := os.ReadFile("../../eko/testdata/golden/hook-check.txt")
	if err != nil {
		t.Fatal(err)
	}
	valid(question, "the bridge's question", string(bridge), true)
	valid(question, "the gateway's question", vector{CustomerID: "9999999999", Amount: new(string)}.question(t), true)
	valid(question, "the widget's question", `{"detail":"{}"}`, true)
	valid(question, "no detail", `{"action":"debit-hook"}`, false)
	valid(question, "another phase", `{"phase":"now","detail":{}}`, false)

	now := time.UnixMilli(1700000000000)
	s := start(t, testKey, now)
	r := s.post(t, s.session(userCode, now.Add(time.Minute)), "application/json",
		`{"action":"debit-hook","detail":{"client_ref_id":"R","data":{"type":"3","customer_id":"9999999999","user_code":"`+userCode+`"}}}`)
	for what, a := range map[string]answer{"a yes": r.answer, "a no": no("Low balance")} {
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		valid(reply, what, string(text), true)
	}
	if r.SecretKey == "" {
		t.Error("the yes has no signature")
	}
	valid(reply, "neither yes nor no", `{"secret_key":"x"}`, false)
	for _, service := range []eko.Service{eko.CashWithdrawal, eko.DailyKYC, eko.TransactionInquiry, eko.Query, eko.Settlement, eko.WithdrawalOTP} {
		if !strings.Contains(string(raw), string(service)) {
			t.Errorf("the service %s is not described", service)
		}
	}
}
