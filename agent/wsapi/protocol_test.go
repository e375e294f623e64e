package wsapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

var update = flag.Bool("update", false, "write the files that are made from the protocol document")

// document is what the tests read of openrpc.json.
type document struct {
	Info    struct{ Title, Version, Description string }
	Methods []struct {
		Name, Summary, Description string
		Params                     []struct {
			Name, Description string
			Required          bool
			Schema            json.RawMessage
		}
		Result struct {
			Name   string
			Schema json.RawMessage
		}
		Errors []struct {
			Ref string `json:"$ref"`
		}
		Scopes []contract.Scope `json:"x-scopes"`
	}
	Components struct {
		Errors map[string]struct {
			Code    int
			Message string
			Data    struct{ Code string }
		}
		Schemas map[string]json.RawMessage
	}
	Notifications []struct {
		Name, Summary string
		Params        json.RawMessage
		Scopes        []contract.Scope `json:"x-scopes"`
	} `json:"x-notifications"`
	CloseCodes []struct {
		Code    int
		Meaning string
	} `json:"x-close-codes"`
}

// protocol checks messages against the document. What the bridge sends may have
// no member that the document doesn't know, although pages must bear with more.
type protocol struct {
	document
	params, results, notes map[string]*jsonschema.Schema
	fault                  *jsonschema.Schema
}

var loadProtocol = sync.OnceValues(func() (*protocol, error) {
	p := &protocol{params: map[string]*jsonschema.Schema{}, results: map[string]*jsonschema.Schema{}, notes: map[string]*jsonschema.Schema{}}
	if err := json.Unmarshal(wsapi.Document(), &p.document); err != nil {
		return nil, err
	}
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(wsapi.Document()))
	if err != nil {
		return nil, err
	}
	tree := raw.(map[string]any)
	for _, m := range tree["methods"].([]any) {
		gatherParams(m.(map[string]any))
	}
	closeObjects(tree)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("openrpc.json", tree); err != nil {
		return nil, err
	}
	compile := func(into map[string]*jsonschema.Schema, name, pointer string) {
		if err == nil {
			into[name], err = compiler.Compile("openrpc.json#" + pointer)
		}
	}
	for i, m := range p.Methods {
		at := "/methods/" + itoa(i)
		compile(p.params, m.Name, at+"/x-params")
		compile(p.results, m.Name, at+"/result/schema")
	}
	for i, n := range p.Notifications {
		compile(p.notes, n.Name, "/x-notifications/"+itoa(i)+"/params")
	}
	if err == nil {
		p.fault, err = compiler.Compile("openrpc.json#/x-errors")
	}
	return p, err
})

func itoa(n int) string { raw, _ := json.Marshal(n); return string(raw) }

// gatherParams makes one schema of a method's list of parameters.
func gatherParams(method map[string]any) {
	properties, required := map[string]any{}, []any{}
	for _, param := range method["params"].([]any) {
		param := param.(map[string]any)
		properties[param["name"].(string)] = param["schema"]
		if param["required"] == true {
			required = append(required, param["name"])
		}
	}
	method["x-params"] = map[string]any{"type": "object", "properties": properties, "required": required}
}

// closeObjects forbids members that an object's schema doesn't name, where the
// schema doesn't say otherwise.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, open := node["additionalProperties"]; node["type"] == "object" && node["properties"] != nil && !open {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

func theProtocol(t testing.TB) *protocol {
	t.Helper()
	p, err := loadProtocol()
	if err != nil {
		t.Fatalf("openrpc.json: %v", err)
	}
	return p
}

func check(t testing.TB, what string, schema *jsonschema.Schema, raw json.RawMessage) {
	t.Helper()
	if schema == nil {
		t.Errorf("%s is not in the protocol document", what)
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		t.Errorf("%s doesn't fit the protocol document: %.300s\n%.500s", what, err, raw)
	}
}

// checkAnswer holds an answer, and the call if it was accepted, against the
// document.
func (p *protocol) checkAnswer(t testing.TB, method string, params json.RawMessage, m message) {
	t.Helper()
	if m.Error != nil {
		raw, _ := json.Marshal(m.Error.Data)
		check(t, "the error of "+method, p.fault, raw)
		known, ok := p.Components.Errors[m.Error.code()]
		if !ok || known.Data.Code != m.Error.code() {
			t.Errorf("the error code %q is not in the document", m.Error.code())
		}
		switch m.Error.Code {
		case known.Code, -32700, -32600, -32601:
		default:
			t.Errorf("the error %s has number %d, the document says %d", m.Error.code(), m.Error.Code, known.Code)
		}
		return
	}
	check(t, "params of "+method, p.params[method], params)
	check(t, "the result of "+method, p.results[method], m.Result)
}

func (p *protocol) checkNote(t testing.TB, m message) {
	t.Helper()
	check(t, "the notification "+m.Method, p.notes[m.Method], m.Params)
}

func TestDocument_isComplete(t *testing.T) {
	p := theProtocol(t)
	for _, code := range contract.Codes() {
		if _, ok := p.Components.Errors[string(code)]; !ok {
			t.Errorf("error %s is not in the document", code)
		}
	}
	if n := len(p.Components.Errors); n != len(contract.Codes()) {
		t.Errorf("%d errors, the contract has %d", n, len(contract.Codes()))
	}
	var names []string
	for _, m := range p.Methods {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(append(wsapi.Methods(), "$/cancelRequest"))); !slices.Equal(names, want) {
		t.Errorf("methods = %v, the bridge has %v", names, want)
	}
	for _, m := range p.Methods {
		if len(m.Summary) == 0 || len(m.Errors) == 0 {
			t.Errorf("%s has no summary or no errors", m.Name)
		}
		for _, e := range m.Errors {
			name := strings.TrimPrefix(e.Ref, "#/components/errors/")
			if _, ok := p.Components.Errors[name]; !ok {
				t.Errorf("%s names the error %s", m.Name, e.Ref)
			}
		}
	}
}

// Every parameter of the document is taken, and no other: what the document
// forgets or invents would show here.
func TestDocument_params(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Burst: 10_000, OriginBurst: 10_000}})
	p := b.join(t, shopOrigin)
	for _, m := range theProtocol(t).Methods {
		known := map[string]bool{}
		for _, param := range m.Params {
			known[param.Name] = true
		}
		for _, other := range theProtocol(t).Methods {
			for _, param := range other.Params {
				if known[param.Name] {
					continue
				}
				answer := p.call(m.Name, `{"`+param.Name+`":"x"}`)
				if answer.Error == nil {
					t.Errorf("%s takes %s, the document doesn't know it", m.Name, param.Name)
				}
			}
		}
		for _, param := range m.Params {
			answer := p.call(m.Name, `{"`+param.Name+`":[[]]}`)
			if answer.Error == nil || answer.Error.Data["rule"] == "unknown_field" {
				t.Errorf("%s doesn't know its parameter %s: %+v", m.Name, param.Name, answer.Error)
			}
		}
	}
}

func TestDocument_scopes(t *testing.T) {
	for _, m := range theProtocol(t).Methods {
		for _, scope := range contract.Scopes() {
			b := open(t, wsapi.Config{Origins: []wsapi.Origin{{Name: shopOrigin, Scopes: []contract.Scope{scope}}}})
			answer := b.join(t, shopOrigin).call(m.Name, `{"no such parameter":1}`)
			refused := answer.Error.code() == "unauthorized"
			if want := len(m.Scopes) > 0 && !slices.Contains(m.Scopes, scope); refused != want {
				t.Errorf("%s with scope %s: %s, the document says %v", m.Name, scope, answer.Error.code(), m.Scopes)
			}
			b.stop()
		}
	}
}

func TestDocument_served(t *testing.T) {
	b := open(t, wsapi.Config{})
	get := func(origin, path string) *http.Response {
		request, _ := http.NewRequest(http.MethodGet, "http://"+b.addr+path, nil)
		if origin != "" {
			request.Header.Set("Origin", origin)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = response.Body.Close() })
		return response
	}
	response := get(shopOrigin, "/v1/openrpc.json")
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !bytes.Equal(body, wsapi.Document()) {
		t.Errorf("status = %d, %d bytes, %v", response.StatusCode, len(body), err)
	}
	if got := response.Header.Get("Access-Control-Allow-Origin"); got != shopOrigin {
		t.Errorf("Access-Control-Allow-Origin = %q", got)
	}
	for _, origin := range []string{"https://evil.example", "null", ""} {
		response := get(origin, "/v1/openrpc.json")
		body, _ := io.ReadAll(response.Body)
		if response.StatusCode != http.StatusForbidden || len(body) != 0 || response.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("for %q: status = %d, %d bytes", origin, response.StatusCode, len(body))
		}
	}
}

// The document in docs is the one that is served.
func TestDocument_inDocs(t *testing.T) {
	hold(t, "../../docs/openrpc.json", wsapi.Document())
}

// hold compares a file with what it must be, or writes it with -update.
func hold(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("%s is not what it must be: run the test with -update", path)
	}
}
