package crash_test

import (
	"fmt"
	"os"
	"testing"
)

// orders is the environment variable that makes this binary an agent.
const orders = "BIOBRIDGE_CRASH_AGENT"

func TestMain(m *testing.M) {
	if plan := os.Getenv(orders); plan != "" {
		if err := beAgent(plan, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "agent:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
