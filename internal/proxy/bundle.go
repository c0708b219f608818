package proxy

import (
	"encoding/pem"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// systemBundles are where systems keep their authorities in one file: those that
// crypto/x509 looks at on Linux, the BSDs and Solaris, and macOS's copy.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", "/usr/local/etc/ssl/cert.pem", "/etc/certs/ca-certificates.crt",
}

// SystemBundle is the file of the system's certificate authorities, "" for none.
func SystemBundle() string {
	for _, file := range systemBundles {
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}

// WellKnownAuthorities are Mozilla's, in PEM form, for systems that have no such file.
func WellKnownAuthorities() []byte {
	var out []byte
	for root := range bundle.Roots() {
		if root.Constraint != nil { // which PEM cannot state
			continue
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})...)
	}
	return out
}
