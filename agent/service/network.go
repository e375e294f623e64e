package service

import (
	"context"
	"sync"
	"time"
)

// settle is how long a change of the network is waited out: a cable plugged in is
// a burst of news, and the first of it comes before there is an address.
const settle = time.Second

// watchNetwork calls changed whenever the addresses or links of this PC have
// changed, at most once in a second, until ctx ends; then it returns nil.
// Systems other than Linux and Windows tell nothing.
func watchNetwork(ctx context.Context, changed func()) error {
	ctx, stop := context.WithCancel(ctx)
	news := make(chan struct{}, 1)
	var calls sync.WaitGroup
	calls.Go(func() { coalesce(ctx, news, changed) })
	defer calls.Wait()
	defer stop()
	return hearNetwork(ctx, func() {
		select {
		case news <- struct{}{}:
		default: // one call is enough
		}
	})
}

// coalesce turns a burst of news into one call when it has settled.
func coalesce(ctx context.Context, news <-chan struct{}, changed func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(settle):
		}
		select {
		case <-news:
		default:
		}
		changed()
	}
}

// watch reports changes of the network until stop is called, which waits for
// the last report.
func (e Events) watch(ctx context.Context) (stop func()) {
	if e.NetworkChanged == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		if err := watchNetwork(ctx, e.NetworkChanged); err != nil && e.NetworkUnwatched != nil {
			e.NetworkUnwatched(err)
		}
	})
	return func() { cancel(); watching.Wait() }
}
