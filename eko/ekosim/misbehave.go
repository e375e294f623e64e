package ekosim

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// drop closes the connection without a word.
func drop(x *exchange) {
	x.note(0, nil)
	panic(http.ErrAbortHandler)
}

func dropAnswer(x *exchange, o object) { drop(x) }

// gateway answers with an HTTP status before anything was processed.
func gateway(status int) func(*exchange) {
	return func(x *exchange) {
		body := htmlPage(status)
		switch status {
		case http.StatusNotFound:
			body = []byte("No mapping rule matched")
		case http.StatusServiceUnavailable, http.StatusTooManyRequests:
			x.w.Header().Set("Retry-After", "2")
		}
		x.send(status, "text/html;charset=utf-8", body)
	}
}

// gatewayAnswer answers with an HTTP status where the true answer should stand.
func gatewayAnswer(status int) func(*exchange, object) {
	return func(x *exchange, o object) { gateway(status)(x) }
}

func redirect(x *exchange) {
	x.w.Header().Set("Location", x.r.URL.RequestURI())
	x.send(http.StatusTemporaryRedirect, "", nil)
}

// business is a refusal by status code.
func business(status int, message string) func(*exchange) {
	return func(x *exchange) { x.answer(refusal(status, message)) }
}

func busyAnswer(x *exchange) { x.answer(alreadyRunning()) }

func noKeyAnswer(x *exchange) { x.answer(noKey(x, nil)) }

func otpAnswer(x *exchange) {
	x.answer(otpSent("FP" + digitsOf(x.chance, 16)))
}

func answerSlowly(x *exchange, o object) {
	if !x.wait(x.delay()) {
		drop(x)
	}
	x.answer(o)
}

// answerEndlessly sends blanks, which are no fault in JSON, until the client has
// enough or the simulator is closed.
func answerEndlessly(x *exchange, o object) {
	x.mark()
	x.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	x.note(http.StatusOK, nil)
	x.w.Write([]byte("{"))
	flush := http.NewResponseController(x.w)
	for x.wait(50 * time.Millisecond) {
		if _, err := x.w.Write([]byte(" ")); err != nil {
			break
		}
		if err := flush.Flush(); err != nil {
			break
		}
	}
	panic(http.ErrAbortHandler)
}

const hugeSize = 16 << 20

func answerHugely(x *exchange, o object) {
	body := o.encode(x.chance)
	x.mark()
	x.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	x.note(http.StatusOK, body)
	padding := bytes.Repeat([]byte(" "), 64<<10)
	x.w.Write(body[:1])
	for range hugeSize / len(padding) {
		if _, err := x.w.Write(padding); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	x.w.Write(body[1:])
}

func cutBody(x *exchange, o object) {
	body := o.encode(x.chance)
	x.mark()
	x.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	x.note(http.StatusOK, body[:len(body)/2])
	x.w.Write(body[:len(body)/2])
	http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

// longLength promises more bytes than come before the connection ends.
func longLength(x *exchange, o object) {
	body := o.encode(x.chance)
	x.lie(body, len(body)+100)
}

// shortLength promises fewer bytes than the document has.
func shortLength(x *exchange, o object) {
	body := o.encode(x.chance)
	x.lie(body, len(body)/2)
}

// lie writes a body under a false Content-Length past net/http, which would not
// have it.
func (x *exchange) lie(body []byte, length int) {
	x.note(http.StatusOK, body)
	conn, buffered, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\n"+
		"X-Biobridge-Simulated: eko\r\nDate: %s\r\nContent-Length: %d\r\n\r\n",
		x.s.now().UTC().Format(http.TimeFormat), length)
	buffered.Write(body)
	buffered.Flush()
}

func emptyBody(x *exchange, o object) { x.send(http.StatusOK, "application/json;charset=UTF-8", nil) }

func gzipBody(x *exchange, o object) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(o.encode(x.chance))
	z.Close()
	x.w.Header().Set("Content-Encoding", "gzip")
	x.send(http.StatusOK, "application/json;charset=UTF-8", b.Bytes())
}

func skewedDate(x *exchange, o object) {
	x.dateAhead = time.Hour
	x.answer(o)
}

func twoDocuments(x *exchange, o object) {
	first := transactionFailed(object{{"tx_status", txFailed}})
	x.sendJSON(append(first.encode(x.chance), o.encode(x.chance)...))
}

func duplicateKeys(x *exchange, o object) {
	data := append(object{{"tx_status", txFailed}}, o.inner("data")...)
	x.sendJSON(o.put("data", data).encode(nil))
}

func arrayBody(x *exchange, o object) {
	x.sendJSON(append(append([]byte("["), o.encode(x.chance)...), ']'))
}

func literalBody(text string) func(*exchange, object) {
	return func(x *exchange, o object) { x.sendJSON([]byte(text)) }
}

func byteOrderMark(x *exchange, o object) {
	x.sendJSON(append([]byte("\xef\xbb\xbf"), o.encode(x.chance)...))
}

func deepNesting(x *exchange, o object) {
	const depth = 100_000
	x.sendJSON(append(bytes.Repeat([]byte("["), depth), bytes.Repeat([]byte("]"), depth)...))
}

func (x *exchange) sendJSON(body []byte) {
	x.send(http.StatusOK, "application/json;charset=UTF-8", body)
}

// What the answer says.

func otherReference(x *exchange, o object) object {
	return o.put("data", o.inner("data").put("client_ref_id", "OTHER"+digitsOf(x.chance, 10)))
}

func otherAmount(x *exchange, o object) object {
	data := o.inner("data")
	whole, _, _ := strings.Cut(data.text("amount"), ".")
	amount, _ := strconv.ParseInt(whole, 10, 64) // 0 where there is none
	return o.put("data", data.put("amount", Rupees(amount+100).Text()))
}

func missingTxStatus(x *exchange, o object) object {
	return o.put("data", o.inner("data").without("tx_status"))
}

func noKey(x *exchange, o object) object {
	return object{{"message", "No key for response (SIMULATED)"}, {"status", loose("0")}}
}

func contradiction(x *exchange, o object) object {
	return o.put("status", loose("1464")).put("response_status_id", loose("1"))
}

func numberTypes(x *exchange, o object) object {
	data := o.inner("data")
	for _, key := range []string{"tx_status", "tid", "amount"} {
		if text := data.text(key); text != "" {
			data = data.put(key, literal(text))
		}
	}
	return o.put("data", data)
}

// What becomes of the money.

func moveLater(x *exchange, t *Transaction) {
	t.TxStatus = txPending
	t.plan = []change{{at: x.s.now().Add(x.delay()), to: txSuccess}}
}

func moveHidden(x *exchange, t *Transaction) {
	x.s.become(t, txSuccess)
	t.hidden = x.inquiries()
}

func refunded(x *exchange, t *Transaction) {
	x.s.become(t, txSuccess)
	x.s.become(t, txRefunded)
}

func declined(reason string) func(*exchange, *Transaction) {
	return func(x *exchange, t *Transaction) {
		t.Reason = reason
		x.s.become(t, txFailed)
	}
}

// stay leaves a transaction in a state, with the money moved or not, until the
// end comes, if any.
func stay(txStatus string, moved bool, end string) func(*exchange, *Transaction) {
	return func(x *exchange, t *Transaction) {
		if moved {
			x.s.debit(t)
		}
		t.TxStatus = txStatus
		if end == "" {
			return
		}
		step := change{inquiries: x.inquiries(), to: end}
		if x.fault.DelayMS > 0 {
			step.at = x.s.now().Add(x.delay())
		}
		t.plan = []change{step}
	}
}
