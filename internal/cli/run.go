package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/proxy"
	"github.com/why403/why403/internal/source/live"
)

const runHelp = `run runs a program, and explains each 403 that its calls to S3 met, and the errors
of the same family: expired tokens, the wrong Region, disabled ACLs, KMS keys.

The program's AWS SDK is pointed, by AWS_ENDPOINT_URL_S3, at a proxy on the
loopback interface, which signs each request anew with the same credentials and
sends it on to where it would have gone. The program's output and exit status are
its own; explanations come at the end, on standard error, one for each distinct
refusal. "why403 -- PROGRAM" is short for it.

With -e each refusal is decided in an estate besides. Programs that take their
endpoint from elsewhere do not pass through the proxy.

Exit status: that of the program; 128 and the signal if a signal ended it; 2 if it
cannot be run.`

const runExamples = `  why403 -- aws s3 cp s3://reports/q1.csv .
  why403 run -e estate.yaml -- python3 report.py
  why403 run -o json -- ./nightly-backup 2>refusals.jsonl`

type runFlags struct {
	estate        *string
	as            string
	output, color *choice
}

func newRun(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "run -- PROGRAM [ARGUMENT ...]",
		Short:   "Run a program, and explain each 403 that it meets",
		Long:    runHelp,
		Example: runExamples,
		GroupID: groupDecide,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("such as why403 -- aws s3 ls s3://reports", "nothing says what to run")
			}
			return nil
		},
	}
	f := &runFlags{estate: estateFlag(cmd), output: outputFlag(cmd), color: colorFlag(cmd)}
	cmd.Flags().StringVar(&f.as, "as", "", "`ARN` of who the program's credentials belong to, where answers do not tell")
	cmd.Flags().SetInterspersed(false) // the program's flags are its own
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) }
	return cmd
}

func (f *runFlags) run(ctx context.Context, s *System, args []string) error {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return usagef("", "%v", err)
	}
	if *f.estate != "" { // before anything is run
		if _, err := loadEstate(*f.estate); err != nil {
			return err
		}
	}
	met := &refusals{}
	address, stop, err := f.listen(s, met)
	if err != nil {
		return err
	}
	status, err := start(ctx, s, path, args, f.environment(ctx, s, address))
	stop()
	if err != nil {
		return err
	}
	if err := f.tell(s, met.distinct()); err != nil {
		return err
	}
	if status != 0 {
		return statusError(status)
	}
	return nil
}

// listen opens the proxy on a free port of the loopback interface.
func (f *runFlags) listen(s *System, met *refusals) (address string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("open the proxy: %w", err)
	}
	h := &http.Server{
		Handler:           proxy.New(proxy.Options{Upstream: proxy.Upstream(s.getenv), Keys: &live.KeyRing{Getenv: s.getenv}, Refused: met.add}),
		ReadHeaderTimeout: 30 * time.Second, ErrorLog: log.New(io.Discard, "", 0), DisableGeneralOptionsHandler: true,
	}
	done := make(chan struct{})
	go func() {
		_ = h.Serve(listener) // ends with Close
		close(done)
	}()
	return listener.Addr().String(), func() {
		_ = h.Close() // the program has ended, nobody waits for an answer
		<-done
	}, nil
}

// environment is that of the program. Credentials that are other ones at each
// request of them, such as those of an assumed role, are handed over: the proxy
// must sign with the same.
func (f *runFlags) environment(ctx context.Context, s *System, address string) []string {
	env := append([]string{}, s.Env...)
	env = append(env, "AWS_ENDPOINT_URL_S3=http://"+address, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false", "NO_PROXY="+noProxy(s.getenv("NO_PROXY")))
	if s.getenv("AWS_ACCESS_KEY_ID") != "" {
		return env
	}
	ring := &live.KeyRing{Getenv: s.getenv}
	if c, ok := ring.Default(ctx); ok && c.SessionToken != "" {
		env = append(env, "AWS_ACCESS_KEY_ID="+c.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+c.SecretAccessKey, "AWS_SESSION_TOKEN="+c.SessionToken)
	}
	return env
}

func noProxy(set string) string {
	if set == "" {
		return "127.0.0.1"
	}
	return set + ",127.0.0.1"
}

// start runs the program to its end, and returns its status. Signals of the
// terminal reach it as they reach this one, which outlives it.
func start(ctx context.Context, s *System, path string, args, env []string) (int, error) {
	cmd := exec.CommandContext(ctx, path, args[1:]...)
	cmd.Args[0] = args[0]
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, s.Stdin, s.Stdout, s.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, usagef("", "%v", err)
	}
	ended := make(chan struct{})
	go forward(cmd.Process, signals, ended)
	err := cmd.Wait()
	close(ended)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &exit):
		return 0, err
	case exit.ExitCode() >= 0:
		return exit.ExitCode(), nil
	}
	return 128 + signalOf(exit.ProcessState), nil
}

// forward passes on a request to end. An interrupt has reached the program by the
// terminal already.
func forward(p *os.Process, signals <-chan os.Signal, ended <-chan struct{}) {
	for {
		select {
		case sig := <-signals:
			if sig != os.Interrupt {
				_ = p.Signal(sig) // it may have ended
			}
		case <-ended:
			return
		}
	}
}

// tell explains what the program met.
func (f *runFlags) tell(s *System, list []*met) error {
	m := &messageFlags{output: f.output, color: f.color}
	var e *estate.Estate
	if *f.estate != "" && len(list) > 0 {
		var err error
		if e, err = loadEstate(*f.estate); err != nil {
			return err
		}
	}
	for i, r := range list {
		out := explainedMessage{Message: r.message, Reading: r.message.Reading(), Times: r.times}
		if e != nil {
			if err := r.decide(&out, e, f.as); err != nil {
				return err
			}
		}
		if f.output.value == "text" {
			head := fmt.Sprintf("why403: refusal %d of %d", i+1, len(list))
			if r.times > 1 {
				head += fmt.Sprintf(", met %d times", r.times)
			}
			fmt.Fprintln(s.Stderr, head)
		}
		if err := m.show(s, s.Stderr, &out); err != nil {
			return err
		}
	}
	return nil
}
