package pid_test

import (
	"testing"

	"biobridge/pid"
)

func TestVendor(t *testing.T) {
	for _, test := range []struct {
		dpID, rdsID string
		want        string
	}{
		{"MANTRA.MSIPL", "MANTRA.WIN.001", "mantra"},
		{"MANTRA.MSIPL", "RENESAS.MANTRA.001", "mantra"},
		{"Morpho.SmartChip", "SCPL.WIN.001", "morpho"},
		{"MORPHO.SMARTCHIP", "", "morpho"},
		{"", "SCPL.AND.001", "morpho"},
		{"IDEMIA.L1", "", "idemia"},
		{"STARTEK.ACPL", "ACPL.WIN.001", "startek"},
		{"", "ACPL.AND.001", "startek"},
		{"TATVIK.TATVIK", "TATVIK.WIN.001", "tatvik"},
		{"EVOLUTE.EVOLUTE", "EVOLUTE.AND.001", "evolute"},
		{"SECUGEN.SGI", "", "secugen"},
		{"PRECISION.PB", "", "precision"},
		{"NEXT.NB", "", "next"},
		{"BIOENABLE.NITGEN", "BIOENABLE.AND.001", "bioenable"},
		{"", "RENESAS.MANTRA.001", "mantra"},
		{"NOBODY.KNOWS", "THIS.ONE", ""},
		{"NOTMANTRA.MSIPL", "", ""},
		{"", "", ""},
	} {
		info := pid.DeviceInfo{DPID: test.dpID, RDSID: test.rdsID}
		if got := pid.Vendor(info); got != test.want {
			t.Errorf("Vendor(%q, %q) = %q, want %q", test.dpID, test.rdsID, got, test.want)
		}
	}
}

func TestCapture_Device(t *testing.T) {
	for _, test := range []struct {
		name, info    string
		serial, level string
	}{
		{"Mantra L1", `<DeviceInfo mi="MFS110"><additional_info><Param name="srno" value=" 123 "/><Param name="device_type" value="L1"/></additional_info></DeviceInfo>`, "123", "L1"},
		{"Mantra L1 that does not say so", `<DeviceInfo mi="MFS110"/>`, "", "L1"},
		{"Mantra L0", `<DeviceInfo mi="MFS100"/>`, "", "L0"},
		{"Morpho", `<DeviceInfo mi="MSO1300E3L0SW"><additional_info><Param name="srno" value="2036I"/></additional_info></DeviceInfo>`, "2036I", "L0"},
		{"Evolute", `<DeviceInfo mi="IDENTI5"><additional_info><Param name="DeviceSerial" value="E5"/><Param name="PrinterSupport" value="N"/></additional_info></DeviceInfo>`, "E5", ""},
		{"serial as attribute", `<DeviceInfo mi="X" srno="77"/>`, "77", ""},
		{"serial under IDEMIA's name", `<DeviceInfo mi="X"><additional_info><Param name="serial_number" value="88"/></additional_info></DeviceInfo>`, "88", ""},
		{"the first of two", `<DeviceInfo mi="X"><additional_info><Param name="srno" value="1"/><Param name="srno" value="2"/></additional_info></DeviceInfo>`, "1", ""},
		{"behind a repeated and a nameless one", `<DeviceInfo mi="X"><additional_info><Param name="ts" value="1"/><Param name="ts" value="2"/><Param value="3"/><Param name="srno" value="9"/></additional_info></DeviceInfo>`, "9", ""},
		{"the driver knows better", `<DeviceInfo mi="MFS110"><additional_info><Param name="device_type" value="l0"/></additional_info></DeviceInfo>`, "", "L0"},
		{"none", ``, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := mustParse(t, []byte(`<PidData><Resp errCode="0"/>`+test.info+`</PidData>`)).Device()
			if d.Serial != test.serial || d.Level != test.level {
				t.Errorf("serial %q, level %q, want %q, %q", d.Serial, d.Level, test.serial, test.level)
			}
		})
	}
}
