package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// stoppable returns a context that ends with the signals by which people and programs
// end a command that serves or reads for long, so that it can clean up.
//
// SIGPIPE is none of them: it also comes where a client leaves in the middle of its
// answer, and who is told of it is told of both (package os/signal). It is asked for
// all the same, and passed over, since it would end the program at once where nobody
// reads standard output or error any more; as it is, writing there fails.
func stoppable(ctx context.Context) (context.Context, context.CancelFunc) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}

// heard is a writer that tells when nobody reads it any more.
type heard struct {
	io.Writer
	gone func()
}

// Write implements io.Writer.
func (h *heard) Write(p []byte) (int, error) {
	n, err := h.Writer.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		h.gone()
	}
	return n, err
}
