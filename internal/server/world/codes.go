package world

import (
	"sync"
	"time"

	"github.com/why403/why403/iam"
)

// codes are the codes of MFA devices that were taken, as long as they could be taken
// again: the verifier "MUST NOT accept the second attempt of the OTP" (RFC 6238, 5.2),
// and AWS does not. They are of this process alone.
type codes struct {
	mu    sync.Mutex
	until map[deviceCode]time.Time
}

type deviceCode struct {
	account      iam.AccountID
	serial, code string
}

// codeLife is how long a code is right: its own step of 30 seconds, and one either way.
const codeLife = 90 * time.Second

// TakeCode takes a right code of a device, and reports whether nobody has before.
func (w *World) TakeCode(account iam.AccountID, serial, code string) bool {
	now := w.now()
	w.codes.mu.Lock()
	defer w.codes.mu.Unlock()
	for taken, until := range w.codes.until {
		if now.After(until) {
			delete(w.codes.until, taken)
		}
	}
	c := deviceCode{account, serial, code}
	if _, taken := w.codes.until[c]; taken {
		return false
	}
	if w.codes.until == nil {
		w.codes.until = map[deviceCode]time.Time{}
	}
	w.codes.until[c] = now.Add(codeLife)
	return true
}
