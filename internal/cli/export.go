package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
)

const exportHelp = `export prints the present state of a running why403 serve as an estate: what it
was started with, and all that API calls have changed since. Policy documents
stand inside, and why403 explain -e and why403 serve -e read it.

The endpoint is that of --endpoint, else of AWS_ENDPOINT_URL, else
http://127.0.0.1:4033; it answers on this machine alone. With --data the folder of
an endpoint that does not run is read; -e names the estate that it was started with,
if it was.

Objects are left out unless --objects says how many to include. A bucket whose
objects are not all included is not marked as listed.

The secrets of access keys and the seeds of MFA devices are left out unless
--secrets is given. A key without its secret cannot sign; of a device without its
seed every code counts as right.

Exit status: 0, or 2 for wrong usage or where there is no endpoint.`

const exportExamples = `  why403 export > estate.yaml
  why403 export --objects 1000 | why403 explain -e /dev/stdin --as arn:aws:iam::111122223333:user/alice s3://reports/q1.csv
  why403 export --data ./s3 --secrets > estate.yaml`

type exportFlags struct {
	estate         *string
	endpoint, data string
	options        world.ExportOptions
}

func newExport(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Print the present state of an endpoint as an estate",
		Long:    exportHelp,
		Example: exportExamples,
		GroupID: groupServe,
		Args:    noArgs,
	}
	f := &exportFlags{estate: estateFlag(cmd)}
	cmd.Flags().StringVar(&f.endpoint, "endpoint", "", "`URL` of the endpoint (default: AWS_ENDPOINT_URL, else http://"+server.DefaultListen+")")
	cmd.Flags().StringVar(&f.data, "data", "", "`FOLDER` of an endpoint that does not run")
	cmd.Flags().IntVar(&f.options.Objects, "objects", 0, "include at most `N` objects and versions")
	cmd.Flags().BoolVar(&f.options.Secrets, "secrets", false, "include the secrets of access keys and the seeds of MFA devices")
	must(cmd.RegisterFlagCompletionFunc("endpoint", cobra.NoFileCompletions))
	must(cmd.RegisterFlagCompletionFunc("objects", cobra.NoFileCompletions))
	must(cmd.RegisterFlagCompletionFunc("data", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), s) }
	return cmd
}

func (f *exportFlags) run(ctx context.Context, s *System) error {
	switch {
	case f.options.Objects < 0:
		return usagef("such as --objects 1000", "--objects %d is no number of objects", f.options.Objects)
	case f.data != "" && f.endpoint != "":
		return usagef("the folder is read where no endpoint serves it", "--data and --endpoint are given; one of them is enough")
	case f.data == "" && *f.estate != "":
		return usagef("it is the estate that the folder's endpoint was started with", "-e goes with --data")
	case f.data != "":
		return f.fromFolder(ctx, s.Stdout)
	}
	return f.fromEndpoint(ctx, s.Stdout)
}

// address is the URL to ask.
func (f *exportFlags) address() (string, error) {
	base := f.endpoint
	if base == "" {
		base = os.Getenv("AWS_ENDPOINT_URL")
	}
	if base == "" {
		base = "http://" + server.DefaultListen
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", usagef("such as http://127.0.0.1:4033", "%q is not the URL of an endpoint", base)
	}
	u.Path, u.RawQuery = server.EstatePath, url.Values{
		"objects": {strconv.Itoa(f.options.Objects)}, "secrets": {strconv.FormatBool(f.options.Secrets)},
	}.Encode()
	return u.String(), nil
}

func (f *exportFlags) fromEndpoint(ctx context.Context, out io.Writer) error {
	address, err := f.address()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return usagef("start it with why403 serve, name it with --endpoint, or read its folder with --data", "nothing listens at %s", r.URL.Host)
	}
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/yaml" {
		why, _ := io.ReadAll(io.LimitReader(res.Body, 200))
		return usagef("name an endpoint of why403 serve on this machine with --endpoint", "%s answers %s: %s", r.URL.Host, res.Status, strings.TrimSpace(string(why)))
	}
	_, err = io.Copy(out, res.Body)
	return err
}

func (f *exportFlags) fromFolder(ctx context.Context, out io.Writer) (err error) {
	if _, err := os.Stat(f.data); err != nil {
		return usagef("name the folder of why403 serve --data", "%s", err)
	}
	seed, err := f.seed()
	if err != nil {
		return err
	}
	objects, err := embedded.Open(f.data, embedded.Options{})
	if errors.Is(err, store.ErrInUse) {
		return usagef("ask that one, with --endpoint", "a why403 serves the folder %s", f.data)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, objects.Close()) }()
	w, err := world.Read(ctx, objects, seed, nil)
	if err != nil {
		return err
	}
	e, err := w.Export(ctx, f.options)
	if err != nil {
		return err
	}
	return e.Encode(out)
}

// seed is the estate that the folder's endpoint was started with.
func (f *exportFlags) seed() (*estate.Estate, error) {
	if *f.estate != "" {
		return estate.Load(*f.estate)
	}
	e, err := estate.Load(filepath.Join(f.data, ownEstate))
	if errors.Is(err, os.ErrNotExist) {
		return nil, usagef("name it with -e", "the folder %s does not hold an estate of its own: its endpoint was started with one", f.data)
	}
	return e, err
}
