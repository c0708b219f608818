package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// options are the flags.
type options struct {
	endpoint, region, bucket string
	credential               sigv4.Credential
	concurrency, count, keys int
	large                    int // distinct objects of 8 MiB
	duration                 time.Duration
	pid                      int
	phases                   string
	unsigned, clean          bool
	output                   string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Stdout, os.Args[1:])
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	if errors.Is(err, errFailed) {
		os.Exit(1)
	}
	os.Exit(2)
}

// errFailed says that requests failed, as the report tells.
var errFailed = errors.New("requests failed")

func run(ctx context.Context, out io.Writer, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	names, err := o.chosen()
	if err != nil {
		return err
	}
	b, err := newBench(o)
	if err != nil {
		return err
	}
	if err := b.makeBucket(); err != nil {
		return err
	}
	report := report{Endpoint: o.endpoint, Concurrency: o.concurrency, Payload: o.payloadWord()}
	for _, p := range names {
		res, err := b.phase(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		report.Phases = append(report.Phases, res)
	}
	if o.clean {
		if err := b.remove(ctx); err != nil {
			return err
		}
	}
	if err := report.write(out, o.output); err != nil {
		return err
	}
	if n := report.errors(); n > 0 {
		return fmt.Errorf("%d %w", n, errFailed)
	}
	return ctx.Err()
}

func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.endpoint, "endpoint", env("AWS_ENDPOINT_URL", "http://127.0.0.1:4033"), "`URL` of the server")
	f.StringVar(&o.credential.AccessKeyID, "access-key", os.Getenv("AWS_ACCESS_KEY_ID"), "access key `ID`")
	f.StringVar(&o.credential.Secret, "secret-key", os.Getenv("AWS_SECRET_ACCESS_KEY"), "its `SECRET`")
	f.StringVar(&o.credential.SessionToken, "session-token", os.Getenv("AWS_SESSION_TOKEN"), "`TOKEN` of temporary credentials")
	f.StringVar(&o.region, "region", env("AWS_REGION", "us-east-1"), "`REGION` that requests are signed for")
	f.StringVar(&o.bucket, "bucket", "bench", "`BUCKET` to use; made where it is missing")
	f.IntVar(&o.concurrency, "c", 8, "connections, each with one request at a time")
	f.IntVar(&o.count, "n", 100_000, "requests of a phase, at most")
	f.DurationVar(&o.duration, "t", 5*time.Second, "time of a phase, at most")
	f.IntVar(&o.keys, "keys", 10_000, "distinct small objects")
	f.IntVar(&o.large, "large", 16, "distinct large objects")
	f.IntVar(&o.pid, "pid", 0, "process `ID` of the server, whose processor time is to be measured (Linux)")
	f.StringVar(&o.phases, "phases", "put4k,get4k,list,put8m,get8m", "phases to run, by comma")
	f.BoolVar(&o.unsigned, "unsigned", false, "send UNSIGNED-PAYLOAD in place of the body's SHA-256")
	f.BoolVar(&o.clean, "clean", false, "delete the objects at the end")
	f.StringVar(&o.output, "o", "text", "`FORMAT`: text or json")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case f.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.credential.AccessKeyID == "" || o.credential.Secret == "":
		return nil, errors.New("-access-key and -secret-key (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) are needed")
	case o.concurrency < 1 || o.count < 1 || o.keys < 1 || o.large < 1 || o.duration <= 0:
		return nil, errors.New("-c, -n, -t, -keys and -large must be greater than 0")
	case o.output != "text" && o.output != "json":
		return nil, fmt.Errorf("-o %s: want text or json", o.output)
	}
	return o, nil
}

func env(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// chosen returns the phases that -phases names.
func (o *options) chosen() ([]phase, error) {
	var list []phase
	for name := range strings.SplitSeq(o.phases, ",") {
		p, ok := phaseOf(strings.TrimSpace(name))
		if !ok {
			return nil, fmt.Errorf("-phases: no phase %q; want put4k, get4k, list, put8m or get8m", name)
		}
		list = append(list, p)
	}
	return list, nil
}

func (o *options) payloadWord() string {
	if o.unsigned {
		return "unsigned"
	}
	return "signed"
}
