// Logspeed measures how fast logs are read, against taking their compression off
// and nothing else, in one run:
//
//	go run ./bench/logspeed -n 400000
//
// It writes logs of that many requests with loggen, and reads them in turns, round
// after round, so that a busy machine disturbs all alike. Rates are of CPU time,
// which neighbours disturb least; the last column is of wall time. On a machine with
// nothing else to do
//
//	go run ./bench/logspeed -n 60000 -repeat 8 -rounds 5 -threads 1,2
//
// tells what a second thread brings, by wall time, and with -single that of logs which
// are one file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/loggen"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/logs"
	"github.com/why403/why403/internal/replay"
)

func main() {
	path := flag.String("e", "bench/loggen/estate.yaml", "estate")
	with := flag.String("with", "bucket-policy:lake-raw=bench/logspeed/change.json", "change to replay")
	n := flag.Int("n", 200_000, "requests")
	rounds := flag.Int("rounds", 5, "rounds")
	threads := flag.String("threads", "1", "threads, such as 2; or several counts such as 1,2, to be compared")
	dir := flag.String("dir", "", "folder of logs made by an earlier run; empty: make them")
	repeat := flag.Int("repeat", 1, "read the files this many times over, as if there were more of them")
	single := flag.Bool("single", false, "put all files of a kind into one")
	keep := flag.Bool("keep", false, "do not delete the logs")
	only := flag.String("only", "", "workloads to run, separated by commas; empty: all. The first is what the others are compared with")
	kinds := flag.String("kinds", "AWSLogs,access", "folders of logs to read, separated by commas")
	profile := flag.String("cpuprofile", "", "file for a CPU profile of all rounds")
	flag.Parse()
	debug.SetGCPercent(400) // as the commands do
	debug.SetMemoryLimit(200 << 20)
	if *profile != "" {
		stop, err := profiled(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, "logspeed:", err)
			os.Exit(1)
		}
		defer stop()
	}
	counts, err := numbers(*threads)
	if err == nil {
		err = run(*path, *with, *dir, *only, strings.Split(*kinds, ","), counts, *n, *rounds, *repeat, *single, *keep)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "logspeed:", err)
		os.Exit(1)
	}
}

// numbers reads a list such as 1,2.
func numbers(list string) (out []int, err error) {
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-threads %s: write a number such as 1, or several such as 1,2", list)
		}
		out = append(out, n)
	}
	return out, nil
}

// profiled writes a CPU profile until stop is called.
func profiled(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}

// a workload is one way to read the logs.
type workload struct {
	name    string
	threads int
	run     func(paths []string) (records int64, err error)
	cpu     []time.Duration
	wall    []time.Duration
	seen    int64
}

func run(path, with, dir, only string, kinds []string, threads []int, n, rounds, repeat int, single, keep bool) error {
	before, err := estate.Load(path)
	if err != nil {
		return err
	}
	after, err := estate.Load(path)
	if err != nil {
		return err
	}
	if after, err = replay.Apply(after, with); err != nil {
		return err
	}
	if dir == "" {
		if dir, err = made(before, n); err != nil {
			return err
		}
		if keep {
			fmt.Println("logs in", dir)
		} else {
			defer os.RemoveAll(dir)
		}
	}
	for _, kind := range kinds {
		paths, err := files(filepath.Join(dir, kind))
		if err != nil {
			return err
		}
		paths = slices.Repeat(paths, repeat)
		if single {
			one, err := joined(paths)
			if err != nil {
				return err
			}
			defer os.Remove(one)
			paths = []string{one}
		}
		var all []*workload
		for _, n := range threads {
			all = append(all, workloads(before, after, n)...)
		}
		if only != "" {
			all = slices.DeleteFunc(all, func(w *workload) bool { return !slices.Contains(strings.Split(only, ","), w.name) })
		}
		text, err := measure(all, paths, rounds)
		if err != nil {
			return err
		}
		for per := range slices.Chunk(all, len(all)/len(threads)) {
			show(kind, per, text, len(paths))
		}
		compare(all[:len(all)/len(threads)], all)
	}
	return nil
}

func made(e *estate.Estate, n int) (string, error) {
	g, err := loggen.New(e, 1)
	if err != nil {
		return "", err
	}
	g.Denied = 0.05
	dir, err := os.MkdirTemp("", "logspeed-*")
	if err != nil {
		return "", err
	}
	return dir, (&loggen.Folder{Dir: dir, Trail: true, Access: true, ZipAccess: true, PerFile: 10_000}).Write(g, n)
}

func files(dir string) (paths []string, err error) {
	err = (&ingest.Sources{Paths: []string{dir}}).Each(context.Background(), func(o ingest.Object) error { paths = append(paths, o.Name); return nil })
	return paths, err
}

// joined writes files into one, as gzip allows.
func joined(paths []string) (string, error) {
	f, err := os.CreateTemp("", "logspeed-*.gz")
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		part, err := os.ReadFile(path)
		if err == nil {
			_, err = f.Write(part)
		}
		if err != nil {
			return "", errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}
	return f.Name(), f.Close()
}

func workloads(before, after *estate.Estate, threads int) []*workload {
	options := ingest.Options{Workers: threads}
	list := []*workload{
		{name: "inflate", run: func(paths []string) (int64, error) { return inflate(paths, threads) }},
		{name: "read", run: func(paths []string) (int64, error) {
			t := &ingest.Tally{}
			err := ingest.Run(context.Background(), &ingest.Sources{Paths: paths}, options, t, func(int) func(*record.Record) error {
				return func(*record.Record) error { return nil }
			})
			return t.Records.Load(), err
		}},
		{name: "logs", run: func(paths []string) (int64, error) {
			t := &ingest.Tally{}
			_, err := (&logs.Analysis{Sources: &ingest.Sources{Paths: paths}, Options: options, Tally: t}).Run(context.Background())
			return t.Records.Load(), err
		}},
		{name: "logs -e", run: func(paths []string) (int64, error) {
			t := &ingest.Tally{}
			_, err := (&logs.Analysis{Estate: before, Sources: &ingest.Sources{Paths: paths}, Options: options, Tally: t}).Run(context.Background())
			return t.Records.Load(), err
		}},
		{name: "replay", run: func(paths []string) (int64, error) { return replayed(before, after, paths, options) }},
		{name: "unchanged", run: func(paths []string) (int64, error) { return replayed(before, nil, paths, options) }},
	}
	for _, w := range list {
		w.threads = threads
	}
	return list
}

// replayed replays a change, or none: what replay costs where it finds nothing.
func replayed(before, after *estate.Estate, paths []string, options ingest.Options) (int64, error) {
	t := &ingest.Tally{}
	_, err := (&replay.Replay{Before: before, After: after, Sources: &ingest.Sources{Paths: paths}, Options: options, Tally: t}).Run(context.Background())
	return t.Records.Load(), err
}

// inflate takes the compression off, with as many threads.
func inflate(paths []string, threads int) (int64, error) {
	work, done := make(chan string), make(chan error, threads)
	for range threads {
		go func() {
			z := new(gzip.Reader)
			var failed error
			for path := range work {
				failed = errors.Join(failed, inflateOne(z, path))
			}
			done <- failed
		}()
	}
	for _, p := range paths {
		work <- p
	}
	close(work)
	var failed error
	for range threads {
		failed = errors.Join(failed, <-done)
	}
	return 0, failed
}

func inflateOne(z *gzip.Reader, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := z.Reset(f); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, z)
	return err
}

// measure runs the workloads in turns, and returns how long the text is.
func measure(all []*workload, paths []string, rounds int) (text int64, err error) {
	for _, p := range paths {
		n, err := sizeOf(p)
		if err != nil {
			return 0, err
		}
		text += n
	}
	for range rounds {
		for _, w := range all {
			cpu, wall := cpuTime(), time.Now()
			if w.seen, err = w.run(paths); err != nil {
				return 0, err
			}
			w.cpu, w.wall = append(w.cpu, cpuTime()-cpu), append(w.wall, time.Since(wall))
		}
	}
	return text, nil
}

func sizeOf(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, z)
}

// best is the shortest time: what the machine's neighbours disturbed least.
func best(times []time.Duration) time.Duration { return slices.Min(times) }

// show prints a table.
func show(kind string, all []*workload, text int64, n int) {
	fmt.Printf("\n%s: %d files, %.1f MB of text, %d threads\n", kind, n, float64(text)/1e6, all[0].threads)
	fmt.Printf("%-10s %12s %12s %16s %14s\n", "", "MB/s of CPU", "of inflate", "records/s of CPU", "MB/s of wall")
	whole := best(all[0].cpu).Seconds()
	for _, w := range all {
		cpu := best(w.cpu).Seconds()
		records := strings.Repeat(" ", 16)
		if w.seen > 0 {
			records = fmt.Sprintf("%16.0f", float64(w.seen)/cpu)
		}
		fmt.Printf("%-10s %12.0f %11.0f%% %s %14.0f\n", w.name, float64(text)/1e6/cpu, 100*whole/cpu, records, float64(text)/1e6/best(w.wall).Seconds())
	}
	fmt.Printf("peak memory %d MiB\n", peakMemory()>>20)
}

// compare prints how much less time passes with more threads than with the first
// count of them. It says nothing on a machine that others use too.
func compare(first, all []*workload) {
	for _, w := range all[len(first):] {
		i := slices.IndexFunc(first, func(f *workload) bool { return f.name == w.name })
		fmt.Printf("%-10s %d threads: %.2f times as fast as %d\n", w.name, w.threads, best(first[i].wall).Seconds()/best(w.wall).Seconds(), first[i].threads)
	}
}
