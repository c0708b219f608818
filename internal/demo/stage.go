package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server"
	"github.com/why403/why403/internal/store/embedded"
	"github.com/why403/why403/report"
)

// Options are what a Stage is made of.
type Options struct {
	// Log and Render are those of the endpoint: see server.Config.
	Log    io.Writer
	Render func(*report.Decision) string
}

// A Stage is an endpoint over the estate of the scenarios, on a free port of the
// loopback interface.
type Stage struct {
	estate *estate.Estate
	addr   string
	client aws.HTTPClient
	clock  atomic.Int64 // how far the endpoint's clock is ahead, in nanoseconds
	dir    string       // of the store; removed at the end

	exchanges []Exchange // of the attempt that is under way
	close     func() error
}

// Start starts the endpoint. The Stage must be closed.
func Start(ctx context.Context, o Options) (*Stage, error) {
	e, err := loadEstate()
	if err != nil {
		return nil, err
	}
	s := &Stage{estate: e}
	if s.dir, err = os.MkdirTemp("", "why403-demo-"); err != nil {
		return nil, err
	}
	if err := s.serve(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("start the endpoint of the demonstration: %w", err), os.RemoveAll(s.dir))
	}
	s.client = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { // whatever the host, it is the endpoint
			return (&net.Dialer{}).DialContext(ctx, "tcp", s.addr)
		}
	})
	return s, nil
}

func (s *Stage) serve(ctx context.Context, o Options) error {
	store, err := embedded.Open(s.dir, embedded.Options{})
	if err != nil {
		return err
	}
	srv, err := server.New(server.Config{Estate: s.estate, Store: store, Now: s.now, Log: o.Log, Render: o.Render, SimulateNetwork: true})
	if err != nil {
		return errors.Join(err, store.Close())
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, store.Close())
	}
	s.addr = listener.Addr().String()
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- srv.Serve(running, listener) }()
	s.close = func() error {
		stop()
		return errors.Join(<-done, store.Close(), os.RemoveAll(s.dir))
	}
	return nil
}

// Close stops the endpoint and removes what it stored.
func (s *Stage) Close() error { return s.close() }

// URL returns the address of the endpoint.
func (s *Stage) URL() string { return "http://" + s.addr }

// Exports returns shell lines that point AWS clients at the endpoint, as the
// administrator of the first account.
func (s *Stage) Exports() []string {
	k, err := keyOf(s.estate, "prod", "admin")
	if err != nil {
		panic(err) // the estate is part of the program
	}
	return []string{
		"export AWS_ENDPOINT_URL=" + s.URL(),
		"export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1",
		"export AWS_ACCESS_KEY_ID=" + k.id + " AWS_SECRET_ACCESS_KEY=" + k.secret,
		"unset AWS_PROFILE AWS_SESSION_TOKEN",
	}
}

// now is the endpoint's clock.
func (s *Stage) now() time.Time { return time.Now().Add(time.Duration(s.clock.Load())) }

// later puts the endpoint's clock ahead.
func (s *Stage) later(d time.Duration) { s.clock.Store(int64(d)) }

// decision asks the endpoint for its decision on a request. Of several, as for
// several objects, it is the last.
func (s *Stage) decision(ctx context.Context, requestID string) (*report.Decision, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/_why403/decisions/"+requestID, nil)
	if err != nil {
		return nil, err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the endpoint has no decision on request %s", requestID)
	}
	var d *report.Decision
	for decoder := json.NewDecoder(res.Body); ; {
		var next report.Decision
		err := decoder.Decode(&next)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		d = &next
	}
	if d == nil {
		return nil, fmt.Errorf("the endpoint's decision on request %s is empty", requestID)
	}
	return d, nil
}
