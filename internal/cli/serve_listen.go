package cli

import (
	"crypto/tls"
	"net"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/why403/why403/estate"
)

// check finds what is wrong with the flags and the estate, before anything is made.
func (f *serveFlags) check() error {
	open, err := checkListen("--listen", f.listen)
	if err != nil {
		return err
	}
	if f.metrics != "" {
		if _, err := checkListen("--metrics-listen", f.metrics); err != nil {
			return err
		}
	}
	var e *estate.Estate // nil: one of our making, with keys of our making
	if *f.estate != "" {
		if e, err = loadEstate(*f.estate); err != nil {
			return err
		}
	}
	if !open {
		return nil
	}
	if f.simulate {
		return usagef("leave out --simulate-network, or listen on a loopback address", "--listen %q could be reached from other machines, and with --simulate-network anybody there could state any source address", f.listen)
	}
	return f.checkKeys(e)
}

// checkListen checks an address, and tells whether others could reach it.
func checkListen(flag, address string) (open bool, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return false, usagef("such as "+flag+" 127.0.0.1:4033", "%s %q is not ADDRESS:PORT", flag, address)
	}
	if host == "localhost" {
		return false, nil
	}
	ip := net.ParseIP(host)
	if ip == nil && host != "" {
		return false, usagef("such as "+flag+" 127.0.0.1:4033", "%s %q names a host, and takes an IP address or localhost", flag, address)
	}
	return ip == nil || !ip.IsLoopback(), nil
}

// loopback reports whether an address to which the endpoint listens is for this
// machine alone.
func loopback(address string) bool {
	open, err := checkListen("", address)
	return err == nil && !open
}

// checkKeys demands that no access key of an estate can be guessed, now that others
// can try.
func (f *serveFlags) checkKeys(e *estate.Estate) error {
	if e == nil {
		return nil
	}
	keys := activeKeys(e)
	if len(keys) == 0 {
		return usagef("give a user accessKeys, or listen on a loopback address", "--listen %q could be reached from other machines, and the estate holds no access key", f.listen)
	}
	for _, k := range keys {
		if why := weakness(k); why != "" {
			return usagef("give it a secret of 40 random characters, such as openssl rand -base64 30 prints; or listen on a loopback address",
				"--listen %q could be reached from other machines, and the secret of access key %s %s", f.listen, k.id, why)
		}
	}
	return nil
}

// leastSecret is how long the secrets of AWS are; leastVariety how many different
// characters 40 random ones of an alphabet of 64 have, but for one in billions.
const (
	leastSecret  = 40
	leastVariety = 16
)

// weakness says why a secret could be guessed, "" for one that could not.
func weakness(k activeKey) string {
	seen := map[rune]bool{}
	for _, c := range k.secret {
		seen[c] = true
	}
	switch {
	case k.secret == "":
		return "is not stated"
	case strings.Contains(strings.ToUpper(k.secret), "EXAMPLE"), strings.HasSuffix(k.id, "EXAMPLE"):
		return "is an example's"
	case len(k.secret) < leastSecret:
		return "is shorter than 40 characters"
	case len(seen) < leastVariety, strings.Contains(k.secret, "00000000"):
		return "is not random"
	}
	return ""
}

// certificates reads those of --tls-cert; nil where the flag is not given.
func (f *serveFlags) certificates() (*tls.Config, error) {
	if f.certificate == "" && f.key == "" {
		return nil, nil
	}
	if f.certificate == "" || f.key == "" {
		return nil, usagef("", "--tls-cert and --tls-key come together")
	}
	pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
	if err != nil {
		return nil, usagef("both are PEM files, the certificate's own first", "--tls-cert %s and --tls-key %s: %v", f.certificate, f.key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func (f *serveFlags) scheme() string {
	if f.certificate != "" {
		return "https"
	}
	return "http"
}

// An endpoint keeps little, and makes much garbage. So the heap may grow to five times
// what is in use before it is collected, in place of twice, as long as it does not come
// to more than this above what the estate takes.
const (
	collectorPercent = 400
	roomAboveEstate  = 160 << 20
)

// tuneCollector sets the garbage collector once the estate is loaded, unless the
// environment does.
func tuneCollector(s *System) {
	if s.getenv("GOGC") != "" || s.getenv("GOMEMLIMIT") != "" {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(collectorPercent)
	debug.SetMemoryLimit(int64(m.HeapAlloc) + roomAboveEstate)
}
