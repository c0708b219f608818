// Why403 says why Amazon S3 answers 403: it decides a request as AWS does and
// names the gate that refuses it, with the statement's file and line.
//
// Run why403 help for its commands.
package main

import (
	"context"
	"os"

	"github.com/why403/why403/internal/cli"
)

func main() {
	system := &cli.System{Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	os.Exit(cli.Main(context.Background(), system, os.Args[1:]))
}
