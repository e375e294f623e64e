//go:build !linux && !windows

package doctor

import (
	"context"
	"errors"
)

func systemStartup(context.Context) (Startup, error) { return Startup{}, errors.ErrUnsupported }
