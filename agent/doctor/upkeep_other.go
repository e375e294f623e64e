//go:build !linux && !windows

package doctor

import "errors"

func clockKept() (bool, error) { return false, errors.ErrUnsupported }
