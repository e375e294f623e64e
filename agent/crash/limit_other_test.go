//go:build !unix

package crash_test

import "errors"

func limitFiles(uint64) error { return errors.New("not on this system") }

const canLimitFiles = false
