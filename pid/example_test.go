package pid_test

import (
	"fmt"
	"os"
	"time"

	"biobridge/pid"
)

func ExamplePolicy_Check() {
	raw, err := os.ReadFile("testdata/seed-mantra.xml")
	if err != nil {
		fmt.Println(err)
		return
	}
	capture, err := pid.Parse(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer capture.Wipe()
	clear(raw)

	policy := pid.DefaultPolicy()
	policy.Requested = &pid.Options{FCount: 1, FType: pid.FMRFIR}
	verdict := policy.Check(capture, time.Date(2021, 12, 6, 1, 19, 0, 0, time.UTC))

	fmt.Println(capture)
	fmt.Println("accepted:", verdict.Accepted())
	for _, p := range verdict.Problems {
		fmt.Printf("%s at %s: %s\n", p.Code, p.Element, p.Message)
	}
	// Output:
	// [capture: vendor "mantra", model "MFS100", code "0", 3526 bytes]
	// accepted: false
	// wrong_ftype at Resp@fType: The scan holds record type 0, but 2 was asked for.
}
