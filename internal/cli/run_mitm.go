package cli

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/why403/why403/internal/proxy"
)

// bundles are the variables by which programs find certificate authorities. All but
// the last name those that take the place of the system's. Programs with the SDK for
// Go, v1, may fail for AWS_CA_BUNDLE alone, and SDKs find what the others name where
// it is not set; but Go programs look at no SSL_CERT_FILE on macOS and Windows.
var bundles = []string{"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}

// intercept is the way by HTTPS_PROXY.
func (w *way) intercept() ([]string, error) {
	settings := w.settings()
	network, err := w.network(settings)
	if err != nil {
		return nil, err
	}
	hosts := proxy.NewHosts(settings.Endpoint("s3"), settings.Endpoint("s3-control"), settings.Endpoint("sts"), settings.Endpoint("kms"))
	authority, err := proxy.NewAuthority(hosts.Domains())
	if err != nil {
		return nil, fmt.Errorf("make an authority: %w", err)
	}
	trust, err := w.trust(authority.PEM, settings.Bundle())
	if err != nil {
		return nil, err
	}
	forward := proxy.NewForward(&proxy.Forward{
		Hosts: hosts, Authority: authority, Network: network, Distrusted: w.met.distrusted,
		Watch: proxy.Watch{Refused: w.met.add, Passed: w.met.passed},
	})
	l, serve, err := w.serve()
	if err != nil {
		return nil, err
	}
	serve(forward)
	w.opened = append(w.opened, func() { _ = forward.Close() })
	env := append(w.Env[:len(w.Env):len(w.Env)], trust...)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		env = append(env, name+"="+forward.URL(l.Addr().String()))
	}
	direct := hosts.Direct(cmp.Or(w.getenv("NO_PROXY"), w.getenv("no_proxy")))
	return append(env, "NO_PROXY="+direct, "no_proxy="+direct, "NODE_USE_ENV_PROXY=1"), nil
}

// trust writes the certificate of this run's authority behind those that each
// variable names, or that it stands for where it is not set.
func (w *way) trust(certificate []byte, configured string) ([]string, error) {
	dir, err := os.MkdirTemp("", "why403-")
	if err != nil {
		return nil, err
	}
	w.opened = append(w.opened, func() { _ = os.RemoveAll(dir) })
	system := cmp.Or(w.getenv("SSL_CERT_FILE"), proxy.SystemBundle())
	var env []string
	for _, name := range bundles {
		base := cmp.Or(w.getenv(name), system)
		switch {
		case name == "AWS_CA_BUNDLE" && configured == "" && runtime.GOOS != "darwin" && runtime.GOOS != "windows":
			continue
		case name == "AWS_CA_BUNDLE": // botocore's order
			base = cmp.Or(configured, w.getenv("REQUESTS_CA_BUNDLE"), system)
		case name == "NODE_EXTRA_CA_CERTS":
			base = w.getenv(name)
		}
		var data []byte
		if base != "" {
			if data, err = os.ReadFile(base); err != nil {
				return nil, usagef("why403 doctor looks at the environment", "%s: %v", name, err)
			}
		} else if name != "NODE_EXTRA_CA_CERTS" {
			data = proxy.WellKnownAuthorities()
		}
		file := filepath.Join(dir, strings.ToLower(name)+".pem")
		if err := os.WriteFile(file, append(append(data, '\n'), certificate...), 0o600); err != nil {
			return nil, err
		}
		env = append(env, name+"="+file)
	}
	return env, nil
}
