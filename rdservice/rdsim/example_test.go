package rdsim_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"biobridge/pid/pidtest"
	"biobridge/rdservice/rdsim"
)

// A test starts the scanner it needs, lets the code under test capture, and
// opens what came of it.
func ExampleServer() {
	profile, _ := rdsim.ProfileNamed("morpho-l0")
	scanner, err := rdsim.New(rdsim.Options{Profile: profile, FingerDelay: -1, Faults: []rdsim.Fault{{Name: "low", Times: 1}}})
	if err != nil {
		panic(err)
	}
	if err := scanner.Start(); err != nil {
		panic(err)
	}
	defer scanner.Close()

	request, err := http.NewRequest("CAPTURE", scanner.URL()+"/capture", strings.NewReader(profile.ExampleOptions()))
	if err != nil {
		panic(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	pidData, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	opened, err := pidtest.Simulated().Open(pidData)
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.Header.Get(rdsim.SimulatedHeader), opened.Device.DPID, opened.Bios[0].Type, opened.Bios[1].Type)
	fmt.Println(scanner.Requests()[0].Verb, scanner.Requests()[0].Fault)
	// Output:
	// rd Morpho.SmartChip FMR FIR
	// CAPTURE low
}
