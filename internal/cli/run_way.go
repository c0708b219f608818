package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/internal/proxy"
	"github.com/why403/why403/internal/source/live"
)

// A way is how run stands between a program and S3. Each returns the environment that
// leads the program through it.
type way struct {
	*System
	args   []string // the program and its arguments
	met    *refusals
	opened []func()
}

func (w *way) close() {
	for _, end := range w.opened {
		end()
	}
	w.opened = nil
}

// patience is how long answers are told of that were under way when the program ended.
const patience = time.Second

// serve opens a port of the loopback interface.
func (w *way) serve() (net.Listener, func(http.Handler), error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("open the proxy: %w", err)
	}
	return l, func(h http.Handler) {
		server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, ErrorLog: log.New(io.Discard, "", 0), DisableGeneralOptionsHandler: true}
		done := make(chan struct{})
		go func() {
			_ = server.Serve(l) // ends with Close
			close(done)
		}()
		w.opened = append(w.opened, func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_ = server.Shutdown(ctx) // or what is left is closed
			_ = server.Close()
			<-done
		})
	}, nil
}

// settings are those of the profile that the program will most likely take.
func (w *way) settings() *live.Settings {
	profile := ""
	if w.program() == "aws" {
		for i, a := range w.args {
			if name, ok := strings.CutPrefix(a, "--profile="); ok {
				profile = name
			}
			if a == "--profile" && i+1 < len(w.args) {
				profile = w.args[i+1]
			}
		}
	}
	return live.ReadSettings(w.getenv, profile)
}

// program is the name of the program.
func (w *way) program() string { return strings.TrimSuffix(filepath.Base(w.args[0]), ".exe") }

func (w *way) network(settings *live.Settings) (*proxy.Network, error) {
	n, err := proxy.NewNetwork(w.getenv, settings.Bundle(), w.getenv("REQUESTS_CA_BUNDLE"), w.getenv("CURL_CA_BUNDLE"), w.getenv("NODE_EXTRA_CA_CERTS"))
	if err != nil {
		return nil, usagef("why403 doctor looks at the environment", "%v", err)
	}
	return n, nil
}

const byMITM = "why403 run --mitm -- PROGRAM leaves its requests as they are"

// prefixing are programs that put the bucket before the host of any endpoint, also of
// an address, where that leads nowhere.
var prefixing = []string{"terraform", "tofu", "terragrunt"}

// endpoint is the way by the variables of endpoints.
func (w *way) endpoint() ([]string, error) {
	settings := w.settings()
	if err := w.fits(settings); err != nil {
		return nil, err
	}
	w.warn()
	network, err := w.network(settings)
	if err != nil {
		return nil, err
	}
	env := w.direct(settings)
	ring, transport := &live.KeyRing{Getenv: w.getenv}, network.Transport()
	named := func(service, key string) string { return ring.Settings(key, settings).Endpoint(service) }
	for _, service := range []string{"s3", "sts", "sso"} {
		e := &proxy.Endpoints{Named: named, Region: settings.Region(), Transport: transport}
		o := proxy.Options{Upstream: e.Upstream(service), Keys: ring, Watch: proxy.Watch{Service: service, Transport: transport, Refused: w.met.add}}
		if service == "s3" {
			o.Passed = w.met.passed
		} else {
			o.Learned = ring.Learn
		}
		if service == "sso" {
			if e.Region = settings.LoginRegion(); e.Region == "" && settings.Endpoint("sso") == "" {
				continue // nobody logs in, or in several Regions, which requests do not tell
			}
		}
		l, serve, err := w.serve()
		if err != nil {
			return nil, err
		}
		o.Address = l.Addr().String()
		serve(proxy.New(o))
		env = append(env, "AWS_ENDPOINT_URL_"+strings.ToUpper(service)+"=http://"+o.Address)
	}
	return env, nil
}

// fits says why a program cannot go by variables of endpoints; nil where it can.
func (w *way) fits(settings *live.Settings) error {
	if slices.Contains(prefixing, w.program()) {
		return usagef("why403 run --mitm -- "+w.program()+" …", "%s makes host names of buckets that lead nowhere at the proxy's address", w.program())
	}
	if special := settings.Special(); special != "" && settings.Endpoint("s3") == "" {
		return usagef(byMITM, "%s asks for endpoints with which AWS SDKs take no other one", special)
	}
	if settings.IgnoresEndpoints() && settings.EndpointOfProfile("s3") != "" {
		return usagef(byMITM, "the profile names an endpoint that is to be ignored, and the program's own would be with it")
	}
	return nil
}

// direct is an environment in which variables of endpoints count, and lead past other
// proxies.
func (w *way) direct(settings *live.Settings) []string {
	env := w.Env
	if settings.IgnoresEndpoints() {
		env = without(env, "AWS_ENDPOINT_URL")
	}
	env = append(env[:len(env):len(env)], "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false")
	upper, lower := w.getenv("NO_PROXY"), w.getenv("no_proxy") // programs differ in which they look at first
	for name, set := range map[string]string{"NO_PROXY": cmp.Or(upper, lower), "no_proxy": cmp.Or(lower, upper)} {
		env = append(env, name+"="+strings.TrimPrefix(set+",127.0.0.1", ","))
	}
	return env
}

// without leaves variables out whose names begin so.
func without(env []string, prefix string) []string {
	var rest []string
	for _, entry := range env {
		if !strings.HasPrefix(entry, prefix) {
			rest = append(rest, entry)
		}
	}
	return rest
}

// warn says what will not work as the command line means it.
func (w *way) warn() {
	line := strings.Join(w.args[1:], " ")
	switch {
	case strings.Contains(line, ":accesspoint/"), strings.Contains(line, ":accesspoint:"):
		fmt.Fprintln(w.Stderr, "why403: warning: SDKs make a host name of an access point's ARN, which leads nowhere at the proxy's address; its alias does, or why403 run --mitm")
	case w.program() == "aws" && strings.Contains(" "+line+" ", " presign "):
		fmt.Fprintln(w.Stderr, "why403: warning: the URL will be for the proxy, which ends with this command; why403 run --mitm makes one for S3")
	}
}

// note says what passed unseen: where a program failed and no request came by, or it
// brought its own authorities.
func (w *way) note(mitm bool, status int) {
	for _, host := range w.met.strangers {
		fmt.Fprintf(w.Stderr, "why403: warning: the program does not take this run's authority for %s, and what it sent there passed unseen; it may look at AWS_ENDPOINT_URL_S3: try without --mitm\n", host)
	}
	switch {
	case status == 0, w.met.any():
	case mitm:
		fmt.Fprintln(w.Stderr, "why403: note: no request to AWS came by; if the program made any, it looks at no HTTPS_PROXY")
	default:
		fmt.Fprintln(w.Stderr, "why403: note: no request to S3 came by; if the program made any, it looks at no AWS_ENDPOINT_URL_S3: try why403 run --mitm")
	}
}
