package daemon

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// keyLines finds the line of every key of a TOML document: "eko.base_url", and
// "origins.0.origin" for what stands in the first table of an array. The
// document has been decoded before, so it is well-formed.
func keyLines(source []byte) map[string]int {
	lines := map[string]int{}
	arrays := map[string]int{}
	var parser unstable.Parser
	parser.Reset(source)
	table := ""
	for parser.NextExpression() {
		expression := parser.Expression()
		key, line := expressionKey(&parser, expression)
		switch expression.Kind {
		case unstable.Table:
			table = key + "."
			lines[key] = line
		case unstable.ArrayTable:
			table = fmt.Sprintf("%s.%d.", key, arrays[key])
			arrays[key]++
			lines[strings.TrimSuffix(table, ".")] = line
		case unstable.KeyValue:
			lines[table+key] = line
		}
	}
	return lines
}

func expressionKey(parser *unstable.Parser, expression *unstable.Node) (key string, line int) {
	var parts []string
	for it := expression.Key(); it.Next(); {
		parts = append(parts, string(it.Node().Data))
		line = parser.Shape(it.Node().Raw).Start.Line
	}
	return strings.Join(parts, "."), line
}
