package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/cloudtrail"
	"github.com/why403/why403/internal/server/ec2"
	"github.com/why403/why403/internal/server/iam"
	"github.com/why403/why403/internal/server/kms"
	"github.com/why403/why403/internal/server/organizations"
	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/internal/server/sts"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/request"
)

// A Server is an endpoint.
type Server struct {
	config    Config
	world     *world.World
	audit     *audit.Recorder
	s3        *s3.Service
	services  map[string]service // by the name in the credential scope
	log       *requestLog
	decisions *decisions
	metrics   *metrics
}

// New makes an endpoint and brings its state into the store.
func New(c Config) (*Server, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	w, err := world.Open(context.Background(), c.Store, c.Estate, c.Now)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, world: w, log: newLog(c), decisions: newDecisions(c.Keep, c.Now), metrics: newMetrics(c.Store)}
	s.audit = audit.New(audit.Options{World: w, Decide: c.Decider.Decide, Failed: s.log.undelivered,
		State: func(r *http.Request, into *request.Request) { s.s3.State(r, into) }})
	options := s3.Options{
		Audit: s.audit, Done: done,
		World: w, Decide: c.Decider.Decide, Record: s.record, Failed: s.log.failed, Region: c.Region,
		SimulateNetwork: c.SimulateNetwork, PlainIsInsecure: c.PlainIsInsecure, Soft: c.Soft,
	}
	if a, ok := c.Decider.(Allower); ok {
		options.Allow, options.Allowed = a.Allow, s.allowed
	}
	s.s3 = s3.New(options)
	if s.services, err = s.others(); err != nil {
		return nil, err
	}
	return s, nil
}

// others are the services besides S3. What they share is in api.
func (s *Server) others() (map[string]service, error) {
	c, w := s.config, s.world
	api := awsapi.Options{World: w, Decide: c.Decider.Decide, Record: s.record, Denied: s.log.denied, Failed: s.log.failed, State: s.s3.State, Soft: c.Soft,
		Called: s.audit.Called}
	services := map[string]service{}
	for _, row := range []struct {
		name string
		make func(awsapi.Options) (*awsapi.Service, error)
	}{
		{"iam", iam.New},
		{"sts", func(o awsapi.Options) (*awsapi.Service, error) { return sts.New(o, c.OIDC) }},
		{"ec2", ec2.New},
		{"kms", kms.New},
		{"organizations", organizations.New},
		{"cloudtrail", func(o awsapi.Options) (*awsapi.Service, error) { return cloudtrail.New(o, s.audit) }},
	} {
		made, err := row.make(api)
		if err != nil {
			return nil, err
		}
		services[row.name] = made
	}
	return services, nil
}

// Estate returns the endpoint's state as it is now, without the objects.
func (s *Server) Estate() *estate.Estate { return s.world.Estate() }

// Keys are the access keys that the endpoint knows, those of sessions among them.
func (s *Server) Keys() sigv4.Keys { return s.world }

// Handler answers requests.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Limits of the HTTP server.
const (
	headerTimeout  = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	shutdownGrace  = 10 * time.Second
)

// Run listens and serves until ctx is done, then lets the requests that are under
// way finish. ready, if not nil, is told the address once the endpoint listens.
func (s *Server) Run(ctx context.Context, ready func(net.Addr)) error {
	listener, err := listen(ctx, s.config.Listen)
	if err != nil {
		return err
	}
	if s.config.MetricsListen != "" {
		figures, err := listen(ctx, s.config.MetricsListen)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		go s.serveMetrics(ctx, figures)
	}
	if ready != nil {
		ready(listener.Addr())
	}
	return s.Serve(ctx, listener)
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// serveMetrics answers /metrics and /healthz on an address of their own, where the
// plain paths are no buckets.
func (s *Server) serveMetrics(ctx context.Context, listener net.Listener) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { s.health(w) })
	h := &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout, WriteTimeout: headerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: log.New(s.log, "", 0)}
	stop := context.AfterFunc(ctx, func() { _ = h.Close() })
	defer stop()
	if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		s.log.Write(fmt.Appendf(nil, "metrics: %v", err))
	}
}

func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: log.New(s.log, "", 0), DisableGeneralOptionsHandler: true,
	}
}

// Serve is Run on a listener, which it closes.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	h := s.httpServer()
	done := make(chan error, 1)
	if s.config.TLS != nil {
		// S3 speaks HTTP/1.1 alone.
		c := s.config.TLS.Clone()
		c.NextProtos = []string{"http/1.1"}
		listener = tls.NewListener(listener, c)
	}
	go func() { done <- h.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	err := h.Shutdown(grace)
	s.audit.Flush(context.WithoutCancel(grace)) // however long the others took
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return h.Close()
}
