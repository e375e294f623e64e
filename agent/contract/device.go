package contract

// DeviceStatus says whether a scanner can take a finger now.
type DeviceStatus string

// The three answers to "can I capture?".
const (
	DeviceReady    DeviceStatus = "ready"
	DeviceBusy     DeviceStatus = "busy"
	DeviceNotReady DeviceStatus = "not_ready"
)

// Device is a scanner behind an RD service. ID is opaque and changes when
// another scanner takes its place, so a stale one reaches nobody.
type Device struct {
	ID       string       `json:"id"`
	Vendor   string       `json:"vendor"`
	Model    string       `json:"model"`
	Serial   string       `json:"serial,omitempty"`
	Level    string       `json:"level,omitempty"`
	Modality string       `json:"modality"`
	Status   DeviceStatus `json:"status"`
	// Info is the RD service's own words.
	Info   string `json:"info"`
	RDSID  string `json:"rds_id,omitempty"`
	RDSVer string `json:"rds_ver,omitempty"`
	DPID   string `json:"dp_id,omitempty"`
}

// DeviceSummary is what a transaction remembers of the scanner it used.
type DeviceSummary struct {
	ID     string `json:"id,omitempty"`
	Vendor string `json:"vendor"`
	Model  string `json:"model"`
	Serial string `json:"serial,omitempty"`
	RDSID  string `json:"rds_id,omitempty"`
	RDSVer string `json:"rds_ver,omitempty"`
}

// DeviceChanged is the notification device.changed.
type DeviceChanged struct {
	// Change is "added", "changed" or "removed".
	Change  string   `json:"change"`
	Device  Device   `json:"device"`
	Devices []Device `json:"devices"`
}
