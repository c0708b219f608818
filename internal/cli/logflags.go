package cli

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/replay"
	"github.com/why403/why403/internal/source/live"
)

// logFlags are the flags of the commands that read logs.
type logFlags struct {
	since, until, principal, bucket, where string
	strict                                 bool
	workers                                int
}

func addLogFlags(cmd *cobra.Command) *logFlags {
	f := &logFlags{}
	flags := cmd.Flags()
	flags.StringVar(&f.since, "since", "", "leave out requests before `TIME`: 2026-11-22, 2026-11-22T10:00:00Z, or 36h for as long ago")
	flags.StringVar(&f.until, "until", "", "leave out requests at `TIME` and later")
	flags.StringVar(&f.principal, "principal", "", "only requests of callers whose `ARN` holds this, or fits it where it has a *")
	flags.StringVar(&f.bucket, "bucket", "", "only requests on the bucket `NAME`, or on those that fit it where it has a *")
	flags.StringVar(&f.where, "where", "", "only requests for which `EXPR` holds: comparisons FIELD=VALUE, !=, ~PATTERN, !~, joined by \"and\"; fields: operation, key, error, sourceIp, …")
	flags.BoolVar(&f.strict, "strict", false, "stop at the first record that cannot be read")
	flags.IntVar(&f.workers, "threads", runtime.GOMAXPROCS(0), "read `N` files at once")
	return f
}

// filter reads what the flags choose.
func (f *logFlags) filter(now time.Time) (replay.Filter, error) {
	out := replay.Filter{Principal: f.principal, Bucket: f.bucket}
	var err error
	if out.Since, err = moment("since", f.since, now); err != nil {
		return out, err
	}
	if out.Until, err = moment("until", f.until, now); err != nil {
		return out, err
	}
	if out.Where, err = replay.ParseWhere(f.where); err != nil {
		return out, usagef("such as --where 'operation=GetObject and key~reports/*'", "--where: %v", err)
	}
	if f.workers < 1 {
		return out, usagef("", "--threads %d; one thread at least has to read", f.workers)
	}
	return out, nil
}

// moment reads a time, a date, or a duration that ends now.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return now.Add(-d), nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	t, err := node.ParseTime(text)
	if err != nil {
		return t, usagef("such as --"+flag+" 2026-11-22, --"+flag+" 2026-11-22T10:00:00Z or --"+flag+" 36h", "--%s: %v", flag, err)
	}
	return t, nil
}

// memoryAim is how much memory the reading of logs is to stay within; collecting
// garbage costs most where little is in use, so it is put off until then.
const memoryAim = 200 << 20

// sources are where the logs of a command line are.
func (f *logFlags) sources(ctx context.Context, s *System, paths []string) (*ingest.Sources, ingest.Options, error) {
	options := ingest.Options{Strict: f.strict, Workers: f.workers}
	if len(paths) == 0 {
		return nil, options, usagef("files or folders of CloudTrail or S3 server access logs, s3://BUCKET/PREFIX, or - for standard input", "no logs are given")
	}
	if s.getenv("GOGC") == "" && s.getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(memoryAim)
	}
	src := &ingest.Sources{Paths: paths, Stdin: s.Stdin}
	if slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(p, s3Scheme) }) {
		logs, err := live.NewLogs(ctx)
		if err != nil {
			return nil, options, err
		}
		src.S3 = logs
	}
	return src, options, nil
}

// watch shows on a terminal how far the reading is, until the function that it
// returns is called.
func watch(s *System, src *ingest.Sources, t *ingest.Tally) func() {
	if s.width(s.Stderr) == 0 {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		total := src.Size()
		begin, tick := time.Now(), time.NewTicker(500*time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				fmt.Fprint(s.Stderr, "\r\x1b[K")
				return
			case now := <-tick.C:
				fmt.Fprint(s.Stderr, "\r\x1b[K", progress(now.Sub(begin), total, t))
			}
		}
	}()
	return func() { close(done); <-ended }
}

// progress says how much is read, how fast, and how long the rest will take.
func progress(took time.Duration, total int64, t *ingest.Tally) string {
	read := t.Bytes.Load()
	rate := float64(read) / took.Seconds()
	text := fmt.Sprintf("%d files, %s", t.Files.Load(), byteCount(read))
	if total > 0 {
		text += " of " + byteCount(total)
	}
	text += fmt.Sprintf(", %s/s", byteCount(int64(rate)))
	if left := float64(total - read); total > 0 && rate > 0 && left > 0 {
		text += fmt.Sprintf(", %s left", time.Duration(left/rate*float64(time.Second)).Round(time.Second))
	}
	return text
}

func byteCount(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", (n+1023)>>10)
}

// complainOfBad warns of records that could not be read.
func complainOfBad(w io.Writer, t *ingest.Tally) {
	shown := t.Shown()
	for _, text := range shown {
		fmt.Fprintf(w, "why403: warning: %s\n", render.Clean(oneLine(text)))
	}
	if n := t.Bad.Load(); n > 0 {
		more := ""
		if n > int64(len(shown)) {
			more = fmt.Sprintf("; the first %d are shown", len(shown))
		}
		fmt.Fprintf(w, "why403: warning: records that could not be read and are left out: %d%s\n", n, more)
	}
}
