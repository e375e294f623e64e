package wsapi_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// docs/websocket-api.md is made from the protocol document; -update makes it anew.
func TestReference(t *testing.T) {
	hold(t, "../../docs/websocket-api.md", []byte(theProtocol(t).markdown(t)))
}

// kind is what the reference says of a schema.
type kind struct {
	Ref         string `json:"$ref"`
	Type        any
	Description string
	Enum        []any
	Const       any
	Format      string
	Items       *kind
	OneOf       []kind
	Properties  map[string]kind
	Required    []string
	Minimum     *int64
	Maximum     *int64
	MaxLength   int
}

func read(t *testing.T, raw json.RawMessage) kind {
	t.Helper()
	var k kind
	if err := json.Unmarshal(raw, &k); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k kind) name() string {
	switch {
	case k.Ref != "":
		name := k.Ref[strings.LastIndexByte(k.Ref, '/')+1:]
		return "[" + name + "](#" + strings.ToLower(name) + ")"
	case len(k.Enum) > 0:
		return "`" + strings.ReplaceAll(strings.Trim(fmt.Sprint(k.Enum), "[]"), " ", "` \\| `") + "`"
	case k.Const != nil:
		return fmt.Sprintf("`%v`", k.Const)
	case k.Items != nil:
		return "list of " + k.Items.name()
	case len(k.OneOf) > 0:
		var names []string
		for _, one := range k.OneOf {
			names = append(names, one.name())
		}
		return strings.Join(names, " or ")
	case k.Properties != nil:
		var names []string
		for _, name := range slices.Sorted(maps.Keys(k.Properties)) {
			names = append(names, name+": "+k.Properties[name].name())
		}
		return "{" + strings.Join(names, ", ") + "}"
	}
	name := strings.ReplaceAll(strings.Trim(fmt.Sprint(k.Type), "[]"), " ", " or ")
	switch {
	case k.Minimum != nil && k.Maximum != nil:
		name += fmt.Sprintf(" %d to %d", *k.Minimum, *k.Maximum)
	case k.MaxLength > 0:
		name += fmt.Sprintf(", at most %d characters", k.MaxLength)
	}
	return name
}

func (p *protocol) markdown(t *testing.T) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, protocol %s\n\nMade from [openrpc.json](openrpc.json), which the bridge serves to pages that may connect at `/v1/openrpc.json`.\n\n%s\n\n", p.Info.Title, p.Info.Version, p.Info.Description)
	b.WriteString("## Methods\n\n| Method | Needs the scope | |\n|---|---|---|\n")
	for _, m := range p.Methods {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s |\n", m.Name, anchor(m.Name), scopeNames(m.Scopes), m.Summary)
	}
	for _, m := range p.Methods {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", m.Name, strings.TrimSpace(m.Summary+" "+m.Description))
		b.WriteString("\n| Parameter | | |\n|---|---|---|\n")
		for _, param := range m.Params {
			schema := read(t, param.Schema)
			name := "`" + param.Name + "`"
			if !param.Required {
				name += " (optional)"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", name, schema.name(), cmp.Or(param.Description, schema.Description))
		}
		fmt.Fprintf(&b, "\nResult: %s\n\nErrors: ", read(t, m.Result.Schema).name())
		for i, e := range m.Errors {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("`" + e.Ref[strings.LastIndexByte(e.Ref, '/')+1:] + "`")
		}
		b.WriteString("\n")
	}
	p.markdownNotes(t, &b)
	p.markdownShapes(t, &b)
	return b.String()
}

func (p *protocol) markdownNotes(t *testing.T, b *strings.Builder) {
	b.WriteString("\n## Notifications\n\n| Notification | Needs the scope | Parameters | |\n|---|---|---|---|\n")
	for _, n := range p.Notifications {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", n.Name, scopeNames(n.Scopes), read(t, n.Params).name(), n.Summary)
	}
	b.WriteString("\n## Errors\n\nA program reads `data.code`; the number is for generic clients. -32700, -32600 and -32601 are JSON-RPC's own, with a `data.code` as well. `data` is an [ErrorData](#errordata).\n\n| `data.code` | Number | |\n|---|---|---|\n")
	for _, code := range slices.SortedFunc(maps.Keys(p.Components.Errors), func(a, b string) int {
		return cmp.Compare(p.Components.Errors[b].Code, p.Components.Errors[a].Code)
	}) {
		e := p.Components.Errors[code]
		fmt.Fprintf(b, "| `%s` | %d | %s |\n", code, e.Code, e.Message)
	}
	b.WriteString("\n## Close codes\n\n| Code | |\n|---|---|\n")
	for _, c := range p.CloseCodes {
		fmt.Fprintf(b, "| %d | %s |\n", c.Code, c.Meaning)
	}
}

func (p *protocol) markdownShapes(t *testing.T, b *strings.Builder) {
	b.WriteString("\n## Shapes\n\nA shape may get further members in later releases; a page must bear with them.\n")
	for _, name := range slices.Sorted(maps.Keys(p.Components.Schemas)) {
		k := read(t, p.Components.Schemas[name])
		fmt.Fprintf(b, "\n### %s\n\n", name)
		if k.Description != "" {
			fmt.Fprintf(b, "%s\n\n", k.Description)
		}
		if k.Properties == nil {
			fmt.Fprintf(b, "%s\n", k.name())
			continue
		}
		b.WriteString("| Member | | |\n|---|---|---|\n")
		for _, member := range slices.Sorted(maps.Keys(k.Properties)) {
			label := "`" + member + "`"
			if !slices.Contains(k.Required, member) {
				label += " (optional)"
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", label, k.Properties[member].name(), k.Properties[member].Description)
		}
	}
}

func scopeNames[S ~string](scopes []S) string {
	if len(scopes) == 0 {
		return "none"
	}
	var names []string
	for _, s := range scopes {
		names = append(names, "`"+string(s)+"`")
	}
	return strings.Join(names, " or ")
}

// anchor is the name that Markdown gives a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '$' || r == '/' {
			return -1
		}
		return r
	}, strings.ToLower(heading))
}
