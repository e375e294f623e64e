package service

import (
	"context"

	"golang.org/x/sys/windows/svc"
)

// Execute is what the service manager calls, with what it sends and is told.
func Execute(ctx context.Context, work Work, events Events, requests <-chan svc.ChangeRequest, out chan<- svc.Status) (specific bool, exit uint32, err error) {
	h := &handler{ctx: ctx, work: work, events: events}
	specific, exit = h.Execute(nil, requests, out)
	return specific, exit, h.err
}
