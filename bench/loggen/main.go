// Loggen writes logs of an estate's traffic, CloudTrail files and S3 server access
// logs, in AWS's folder layout:
//
//	go run ./bench/loggen -n 1000000 -o /tmp/logs
//
// The same estate, number and seed give the same files.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest/loggen"
)

func main() {
	path := flag.String("e", "bench/loggen/estate.yaml", "estate")
	n := flag.Int("n", 100_000, "requests")
	denied := flag.Float64("denied", 0.05, "share of refused requests; 0: as many as the estate refuses")
	seed := flag.Uint64("seed", 1, "seed")
	folder := &loggen.Folder{}
	flag.StringVar(&folder.Dir, "o", "logs", "folder to write to")
	flag.IntVar(&folder.PerFile, "per-file", 5000, "records a file")
	flag.BoolVar(&folder.Trail, "cloudtrail", true, "write CloudTrail files")
	flag.BoolVar(&folder.Access, "access", true, "write access logs")
	flag.BoolVar(&folder.ZipAccess, "zip-access", false, "compress the access logs")
	flag.Parse()
	if err := run(*path, *n, *seed, *denied, folder); err != nil {
		fmt.Fprintln(os.Stderr, "loggen:", err)
		os.Exit(1)
	}
	fmt.Printf("%d requests, %d of them denied\n", folder.Records, folder.Denied)
}

func run(path string, n int, seed uint64, denied float64, folder *loggen.Folder) error {
	e, err := estate.Load(path)
	if err != nil {
		return err
	}
	g, err := loggen.New(e, seed)
	if err != nil {
		return err
	}
	g.Denied = denied
	return folder.Write(g, n)
}
