// Command estategen writes a large estate as JSON, for benchmarks:
//
//	go run ./bench/estategen -principals 10000 -buckets 1000 > estate.json
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/why403/why403/internal/estategen"
)

func main() {
	var o estategen.Options
	flag.IntVar(&o.Principals, "principals", 10_000, "users and roles")
	flag.IntVar(&o.Buckets, "buckets", 1000, "buckets")
	flag.IntVar(&o.Accounts, "accounts", 20, "accounts")
	flag.Uint64Var(&o.Seed, "seed", 1, "of the random choices")
	flag.Parse()
	if err := estategen.Write(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "estategen:", err)
		os.Exit(1)
	}
}
