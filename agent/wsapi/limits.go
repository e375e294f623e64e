package wsapi

import "time"

// Limits bounds what pages can make the bridge hold or do. A zero field means
// the default beside it.
type Limits struct {
	// Connections is how many TCP connections may be open at once (512), Origin
	// how many of them one origin may have as WebSockets (32), Silent how many may
	// stay without a first byte (64) and Strangers how many refused ones are told
	// why at once (16).
	Connections, Origin, Silent, Strangers int
	// FrameBytes is the largest frame that is read (256 KiB), QueueFrames and
	// QueueBytes what may wait to be sent on one connection (256 and 2 MiB).
	FrameBytes              int64
	QueueFrames, QueueBytes int
	// Calls is how many calls of one connection may run at once (16).
	Calls int
	// CallsPerSecond and Burst are what one connection may send (50, 100),
	// OriginPerSecond and OriginBurst all connections of an origin together (200,
	// 400). A page that sends more is read more slowly; nothing is lost.
	CallsPerSecond, OriginPerSecond float64
	Burst, OriginBurst              int
	// FirstByte is how long a connection may say nothing, because a browser asks
	// its user meanwhile (300 s, browser.md section 3.2); Header how long the rest
	// of the request may take after its first byte (10 s); Hello how long a
	// WebSocket may be open without bridge.hello (60 s); Frame how long one message
	// may take to arrive (15 s).
	FirstByte, Header, Hello, Frame time.Duration
	// Ping is the pause between pings (20 s), Pong how long a connection lives
	// without one (60 s), Write how long one frame may take to be taken (10 s),
	// Goodbye how long the other side has to confirm a close (1 s).
	Ping, Pong, Write, Goodbye time.Duration
	// Hint is how long a connection says nothing before it counts as a browser
	// that is asking its user (1 s, browser.md section 8).
	Hint time.Duration
}

func (l Limits) withDefaults() Limits {
	orElse(&l.Connections, 512)
	orElse(&l.Origin, 32)
	orElse(&l.Silent, 64)
	orElse(&l.Strangers, 16)
	orElse(&l.FrameBytes, 256<<10)
	orElse(&l.QueueFrames, 256)
	orElse(&l.QueueBytes, 2<<20)
	orElse(&l.Calls, 16)
	orElse(&l.CallsPerSecond, 50)
	orElse(&l.Burst, 100)
	orElse(&l.OriginPerSecond, 200)
	orElse(&l.OriginBurst, 400)
	orElse(&l.FirstByte, 300*time.Second)
	orElse(&l.Header, 10*time.Second)
	orElse(&l.Hello, 60*time.Second)
	orElse(&l.Frame, 15*time.Second)
	orElse(&l.Ping, 20*time.Second)
	orElse(&l.Pong, 60*time.Second)
	orElse(&l.Write, 10*time.Second)
	orElse(&l.Goodbye, time.Second)
	orElse(&l.Hint, time.Second)
	return l
}

func orElse[T int | int64 | float64 | time.Duration](field *T, fallback T) {
	if *field <= 0 {
		*field = fallback
	}
}
