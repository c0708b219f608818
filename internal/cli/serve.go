package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/server"
	"github.com/why403/why403/internal/server/oidc"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
	"github.com/why403/why403/report"
)

const serveHelp = `serve runs Amazon S3 on a local port, and beside it IAM, STS, KMS, Organizations,
CloudTrail and the VPC endpoints of EC2, with every gate enforced and every refusal
explained. AWS SDKs and the AWS CLI work on it unchanged: path and virtual-host
style, presigned URLs, browser forms, websites, role sessions. What IAM, KMS or
Organizations is told decides the next request.

The estate says which accounts, users, policies and buckets there are. Without -e
there is one account, 111122223333, with one administrator, whose new access key
is printed. Standard output is lines for a shell: why403 serve > env & then . ./env

Objects and changes are kept in the folder of --data, and survive a crash; what is
kept there wins over the estate. Without --data they are kept in a temporary
folder, which is removed at the end.

AssumeRoleWithWebIdentity takes tokens of the issuers that --oidc names, whose keys
are read from files and never fetched; which of them an account trusts, it says
itself (aws iam create-open-id-connect-provider).

A request through a VPC endpoint is one to the host vpce-ID.localhost (or
BUCKET.vpce-ID.localhost). With --simulate-network the header x-why403-source-ip
states the source address of a request, and x-why403-secure-transport: false that
it came without TLS; all requests count as made over TLS otherwise.

Each refusal is explained on standard error, or with -o json as a line of JSON on
standard output, and to callers of the resource's own account in the headers
x-why403-gate, -reason and -cause. http://ADDRESS/_why403/ shows the latest
decisions; why403 export prints the present state as an estate. Browsers are sent to
http://_why403.localhost:PORT/, which serves no object: pages that are objects cannot
read there what was decided.

Anybody who reaches the port can try to sign as any user of the estate. So it is
opened on other than loopback addresses only where every access key of the estate has
a secret that nobody can guess, and --simulate-network is not given; use --tls-cert
and --tls-key there. Certificates are read once, at start.

/_why403/healthz says whether the endpoint works, and /_why403/metrics holds figures
for Prometheus, both for peers on loopback addresses, as is all under /_why403/. The
paths /metrics and /healthz may be buckets; --metrics-listen answers them on an
address of its own, which Prometheus may reach from elsewhere.

Exit status: 0 when interrupted, 2 for wrong usage or what cannot be served.`

const serveExamples = `  why403 serve
  why403 serve -e estate.yaml --data ./s3
  why403 serve -e estate.yaml --simulate-network --show-keys
  why403 serve -e estate.yaml -o json | jq -r '[.principal, .cause.gate, .cause.reason] | @tsv'`

type serveFlags struct {
	estate                    *string
	listen, data, region      string
	oidc                      []string
	simulate, soft, reveal    bool
	explain                   bool // to all callers
	output, color, log        *choice
	metrics, certificate, key string // --metrics-listen, --tls-cert, --tls-key
}

func newServe(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run S3, IAM, STS, KMS and more locally, and explain each refusal",
		Long:    serveHelp,
		Example: serveExamples,
		GroupID: groupServe,
		Args:    noArgs,
	}
	f := &serveFlags{estate: estateFlag(cmd), output: outputFlag(cmd), color: colorFlag(cmd)}
	cmd.Flags().StringVar(&f.listen, "listen", server.DefaultListen, "`ADDRESS` to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&f.metrics, "metrics-listen", "", "`ADDRESS` on which to answer /metrics and /healthz besides (default: none)")
	cmd.Flags().StringVar(&f.certificate, "tls-cert", "", "`FILE` of the certificate, and those that signed it, to serve over TLS (PEM)")
	cmd.Flags().StringVar(&f.key, "tls-key", "", "`FILE` of the certificate's private key (PEM)")
	f.log = choiceFlag(cmd, "log-format", "", "text", "form of the log on standard error", "text", "json")
	cmd.Flags().StringVar(&f.data, "data", "", "`FOLDER` for objects and changes (default: a temporary one)")
	cmd.Flags().StringVar(&f.region, "region", estate.DefaultRegion, "`REGION` of requests that name none")
	cmd.Flags().BoolVar(&f.simulate, "simulate-network", false, "let requests state their source address and transport")
	cmd.Flags().BoolVar(&f.soft, "soft", false, "log what would be refused, and let it pass; bad signatures are refused all the same")
	cmd.Flags().BoolVar(&f.explain, "explain-to-callers", false, "tell every caller why it is refused, in response headers; without it only those of the resource's account")
	cmd.Flags().StringArrayVar(&f.oidc, "oidc", nil, "take web identity tokens of an issuer: `ISSUER=FILE`, with its keys (JWKS)")
	cmd.Flags().BoolVar(&f.reveal, "show-keys", false, "print the secrets of the estate's access keys")
	must(cmd.RegisterFlagCompletionFunc("data", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}))
	must(cmd.RegisterFlagCompletionFunc("listen", cobra.NoFileCompletions))
	must(cmd.RegisterFlagCompletionFunc("metrics-listen", cobra.NoFileCompletions))
	must(cmd.RegisterFlagCompletionFunc("region", cobra.NoFileCompletions))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return runServe(cmd.Context(), s, f) }
	return cmd
}

func runServe(ctx context.Context, s *System, f *serveFlags) error {
	if err := f.check(); err != nil { // before anything is made
		return err
	}
	certificates, err := f.certificates()
	if err != nil {
		return err
	}
	ctx, stop := stoppable(ctx)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	dir, remove, err := f.folder()
	if err != nil {
		return err
	}
	return errors.Join(f.serve(ctx, s, dir, certificates), remove())
}

// folder returns where objects are kept, and what to do about it at the end.
func (f *serveFlags) folder() (dir string, remove func() error, err error) {
	if f.data != "" {
		return f.data, func() error { return nil }, nil
	}
	dir, err = os.MkdirTemp("", "why403-serve-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

func (f *serveFlags) serve(ctx context.Context, s *System, dir string, certificates *tls.Config) error {
	objects, err := embedded.Open(dir, embedded.Options{})
	if errors.Is(err, store.ErrInUse) {
		return usagef("stop it, or name another folder with --data", "another why403 serves the folder %s", dir)
	}
	if err != nil {
		return err
	}
	defer func() { _ = objects.Close() }() // what was acknowledged is on disk already
	e, created, err := f.estateOf(dir)
	if err != nil {
		return err
	}
	keys, err := f.keySets()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	srv, err := server.New(server.Config{
		Estate: e, Store: objects, Listen: f.listen, Region: f.region, Log: &heard{s.Stderr, stop}, Render: f.refusals(s, e),
		TLS: certificates, MetricsListen: f.metrics, LogJSON: f.log.value == "json",
		SimulateNetwork: f.simulate, Soft: f.soft, ExplainToCallers: f.explain, OIDC: keys,
	})
	if err != nil {
		return err
	}
	tuneCollector(s)
	err = srv.Run(ctx, func(addr net.Addr) { f.welcome(s, e, addr.String(), created) })
	if errors.Is(err, syscall.EADDRINUSE) {
		return usagef("choose another with --listen, such as --listen 127.0.0.1:0", "%s is in use", f.listen)
	}
	if err == nil && f.data == "" {
		fmt.Fprintln(s.Stderr, "why403: stopped; objects and changes are removed")
	} else if err == nil {
		fmt.Fprintf(s.Stderr, "why403: stopped; objects and changes stay in %s\n", render.Clean(dir))
	}
	return err
}

// keySets reads the keys of the issuers that --oidc names.
func (f *serveFlags) keySets() (oidc.KeySets, error) {
	sets := oidc.KeySets{}
	for _, arg := range f.oidc {
		issuer, name, ok := strings.Cut(arg, "=")
		if !ok || issuer == "" || name == "" {
			return nil, usagef("such as --oidc https://token.actions.githubusercontent.com=jwks.json", "--oidc %q is not ISSUER=FILE", arg)
		}
		set, err := os.ReadFile(name)
		if err != nil {
			return nil, usagef("FILE holds what the issuer has at its jwks_uri", "%v", err)
		}
		if err := sets.Add(issuer, set); err != nil {
			return nil, usagef("FILE holds what the issuer has at its jwks_uri", "%v", err)
		}
	}
	return sets, nil
}

// welcome says how to use the endpoint, as lines that a shell can read, on standard
// output, and then where it is, on standard error. With -o json standard output
// belongs to decisions, and all goes to standard error.
func (f *serveFlags) welcome(s *System, e *estate.Estate, addr string, created bool) {
	use := s.Stdout
	if f.output.value == "json" {
		use = s.Stderr
	}
	_, _ = use.Write([]byte(f.environment(e, addr, created))) // nowhere to complain
	var b strings.Builder
	fmt.Fprintf(&b, "why403: AWS on %s://%s\n", f.scheme(), addr)
	if !loopback(addr) && f.certificate == "" {
		fmt.Fprintln(&b, "why403: warning: requests come in the clear; --tls-cert and --tls-key encrypt them")
	}
	if f.data == "" {
		fmt.Fprintln(&b, "why403: objects and changes are kept in a temporary folder until the end; --data keeps them")
	}
	if f.soft {
		fmt.Fprintln(&b, "why403: warning: --soft lets pass what policies refuse")
	}
	if f.simulate {
		fmt.Fprintln(&b, "why403: requests may state x-why403-source-ip and x-why403-secure-transport")
	}
	_, _ = s.Stderr.Write([]byte(b.String())) // nor here
}

// environment returns the export lines for clients, with the rest as comments.
func (f *serveFlags) environment(e *estate.Estate, addr string, created bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  export AWS_ENDPOINT_URL=%s://%s AWS_REGION=%[3]s AWS_DEFAULT_REGION=%[3]s\n", f.scheme(), addr, f.region)
	writeKeys(&b, e, f.reveal || created)
	_, port, _ := net.SplitHostPort(addr)
	fmt.Fprintf(&b, "\n  # the latest decisions, explained: %s://%s:%s/\n", f.scheme(), server.ConsoleHost, port)
	for i, v := range e.VPCEndpoints() {
		if i == 0 {
			b.WriteByte('\n')
		}
		if i == fewKeys {
			fmt.Fprintf(&b, "  # and %d more VPC endpoints\n", len(e.VPCEndpoints())-i)
			break
		}
		fmt.Fprintf(&b, "  # through %[1]s: %[2]s://%[1]s.localhost:%[3]s\n", render.Clean(v.ID), f.scheme(), port)
	}
	b.WriteByte('\n')
	return b.String()
}

// refusals returns what the log says of a refusal: its explanation, or with -o
// json nothing, as it goes to standard output.
func (f *serveFlags) refusals(s *System, e *estate.Estate) func(*report.Decision) string {
	if f.output.value != "json" {
		return explainer(s, f.color.value, render.Options{Dir: e.Dir})
	}
	var mu sync.Mutex
	return func(d *report.Decision) string {
		mu.Lock()
		defer mu.Unlock()
		_ = render.JSON(s.Stdout, d, nil) // the reader may be gone, the endpoint stays
		return ""
	}
}

// explainer returns a function that writes explanations for standard error.
func explainer(s *System, color string, o render.Options) func(*report.Decision) string {
	o.Width, o.Color = s.width(s.Stderr), s.color(color, s.Stderr)
	return func(d *report.Decision) string {
		var b strings.Builder
		_ = render.Text(&b, d, nil, o) // a Builder does not fail
		return b.String() + "\n"
	}
}

// ownEstate is the file of a data folder that holds the estate made for it.
const ownEstate = "generated-estate.yaml"

// estateOf returns the estate to serve: that of -e, else that of a data folder,
// which is made where it is missing. created says that its keys are new, or were
// made by an earlier run.
func (f *serveFlags) estateOf(dir string) (e *estate.Estate, created bool, err error) {
	if *f.estate != "" {
		e, err = estate.Load(*f.estate)
		return e, false, err
	}
	path := filepath.Join(dir, ownEstate)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(path, newEstate(), 0o600); err != nil {
			return nil, false, err
		}
	}
	e, err = estate.Load(path)
	return e, true, err
}
