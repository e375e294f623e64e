package service

import kardianos "github.com/kardianos/service"

// account is the virtual account of this service alone: it has no password and
// no rights beyond its own files.
const account = `NT SERVICE\` + Name

var options = kardianos.KeyValue{
	kardianos.StartType:              kardianos.ServiceStartAutomatic,
	"DelayedAutoStart":               true,
	kardianos.OnFailure:              kardianos.OnFailureRestart,
	kardianos.OnFailureDelayDuration: "5s",
	kardianos.OnFailureResetPeriod:   3600,
}
