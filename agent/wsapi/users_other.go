//go:build !linux && !windows

package wsapi

import (
	"context"
	"errors"
	"net"
)

var errNoUser = errors.New("this system doesn't tell whose connection it is")

func userOf(_, _ net.Addr) (OSUser, error) { return OSUser{}, errNoUser }

func activeUser(context.Context) (string, error) { return "", errNoUser }
