//go:build !windows

package service

import (
	_ "embed"

	kardianos "github.com/kardianos/service"
)

// account is empty: the unit names its user.
const account = ""

// unit is for a program that no package installed; the packages bring a unit of
// their own (installer/linux), because the library's scores UNSAFE.
//
//go:embed biobridge.service.tmpl
var unit string

var options = kardianos.KeyValue{"SystemdScript": unit}
