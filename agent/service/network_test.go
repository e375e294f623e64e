package service_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"biobridge/agent/service"
)

// TestCoalesce: however much news there is, one call a second, and none is lost.
func TestCoalesce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		news, ended := make(chan struct{}, 1), make(chan struct{})
		var calls []time.Duration
		begin := time.Now()
		go func() {
			defer close(ended)
			service.Coalesce(ctx, news, func() { calls = append(calls, time.Since(begin)) })
		}()
		for range 25 { // a burst of 2.5 s
			select {
			case news <- struct{}{}:
			default:
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(calls) != 3 {
			t.Errorf("a burst of 2.5 s makes calls at %v, want three", calls)
		}
		for i := 1; i < len(calls); i++ {
			if calls[i]-calls[i-1] < time.Second {
				t.Errorf("calls at %v: less than a second apart", calls)
			}
		}
		before := len(calls)
		news <- struct{}{}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(calls) != before+1 {
			t.Errorf("one piece of news makes %d calls", len(calls)-before)
		}
		news <- struct{}{}
		stop()
		<-ended
		if len(calls) != before+1 {
			t.Error("it calls after its end")
		}
	})
}

// TestWatchNetwork_EndsWithItsContext leaves neither goroutine nor error.
func TestWatchNetwork_EndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- service.WatchNetwork(ctx, func() {}) }()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ends with %v", err)
	}
}
