package daemon

import _ "embed"

// Template is a configuration file with every key, its default and a comment;
// `biobridge config init` writes it. It works as it is with the simulators.
//
//go:embed biobridge.toml
var Template string
