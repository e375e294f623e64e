package agent

import (
	"context"
	"strconv"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// maxSkew is how wrong this PC's clock may be: beyond it scanners stop too
// (rd-service.md section 7.2), and Eko refuses the signature.
const maxSkew = 10 * time.Minute

// fit reports what would make the transaction fail later on.
func (a *Agent) fit(ctx context.Context, c Caller, r TransactRequest) error {
	if r.Service.MovesMoney() && a.cfg.Journal.Damage() != nil {
		return fail(keyDamaged, nil, journal.ErrDamaged)
	}
	if err := a.clockFit(ctx); err != nil {
		return err
	}
	return a.merchantFit(ctx, c, r)
}

// askClock bounds how long a shopkeeper waits to hear what time it is at Eko.
const askClock = 10 * time.Second

// clockFit refuses to send with a clock that Eko will not accept. The last answer
// may have had a wrong one: before money is refused Eko is asked once more.
func (a *Agent) clockFit(ctx context.Context) error {
	wrong := func() (time.Duration, bool) {
		skew, known := a.cfg.Eko.Skew()
		return skew, known && skew.Abs() > maxSkew
	}
	if _, is := wrong(); !is {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askClock)
	defer cancel()
	if err := a.cfg.Eko.ReadClock(ctx); err != nil {
		a.cfg.Log.Info("Eko's time could not be asked for", "error", err)
	}
	skew, is := wrong()
	if !is {
		return nil
	}
	a.cfg.Log.Warn("this PC's clock is too wrong to send anything", "skew", skew.Round(time.Second).String())
	return fail(keyClock, minutes(skew), nil).with("clock_skew_ms", skew.Milliseconds())
}

// clockWarnings logs and returns a clock that is wrong, but not so wrong that Eko refuses.
func (a *Agent) clockWarnings() []contract.LocalisedPoint {
	skew, known := a.cfg.Eko.Skew()
	if !known || skew.Abs() <= warnSkew {
		return nil
	}
	a.cfg.Log.Warn("this PC's clock is wrong", "skew", skew.Round(time.Second).String())
	return []contract.LocalisedPoint{warning(warnClock, seconds(skew))}
}

func minutes(d time.Duration) map[string]string {
	return map[string]string{"minutes": strconv.Itoa(int(d.Abs() / time.Minute))}
}

func seconds(d time.Duration) map[string]string {
	return map[string]string{"seconds": strconv.Itoa(int(d.Abs() / time.Second))}
}

// warm opens the connection to Eko while the customer places the finger. That it
// doesn't work shows when the transaction is sent.
func (a *Agent) warm() {
	if a.begin() != nil {
		return
	}
	go func() {
		defer a.work.Done()
		if err := a.cfg.Eko.Reach(a.captures); err != nil {
			a.cfg.Log.Info("Eko could not be reached ahead of time", "error", err)
		}
	}()
}

// claimMerchant lets one transaction of a merchant through at a time: Eko
// refuses the second (response_status_id -2), and a shopkeeper who clicks twice
// means one.
func (a *Agent) claimMerchant(userCode, ref string) (free func(), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, busy := a.merchants[userCode]; busy {
		return nil, fail(keyMerchantBusy, nil, nil)
	}
	a.merchants[userCode] = ref
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.merchants, userCode)
	}, nil
}
