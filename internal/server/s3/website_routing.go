package s3

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/document"
)

// routingRule returns the first rule for the key and, where status is not 0, for an
// error of that status: "Configuring advanced conditional redirects". nil: none.
func (x *exchange) routingRule(site *document.Element, status int) *document.Element {
	for _, rule := range site.Child("RoutingRules").All("RoutingRule") {
		want := rule.Get("Condition", "HttpErrorCodeReturnedEquals")
		onError := want != ""
		if onError == (status != 0) && (!onError || want == strconv.Itoa(status)) && strings.HasPrefix(x.target.Key, rule.Get("Condition", "KeyPrefixEquals")) {
			return rule
		}
	}
	return nil
}

// follow redirects by a rule.
func (x *exchange) follow(rule *document.Element) error {
	to, key := rule.Child("Redirect"), x.target.Key
	switch {
	case to.Has("ReplaceKeyWith"):
		key = to.Get("ReplaceKeyWith")
	case to.Has("ReplaceKeyPrefixWith"):
		key = to.Get("ReplaceKeyPrefixWith") + strings.TrimPrefix(key, rule.Get("Condition", "KeyPrefixEquals"))
	}
	status, err := strconv.Atoi(to.Get("HttpRedirectCode"))
	if err != nil {
		status = http.StatusMovedPermanently
	}
	return x.redirect(status, x.redirectLocation(to, key))
}

// redirectLocation is the address of a key on the host and by the protocol that a redirect
// names, those of the request where it names none.
func (x *exchange) redirectLocation(to *document.Element, key string) string {
	protocol, host := to.Get("Protocol"), to.Get("HostName")
	if protocol == "" {
		protocol = "http"
		if x.r.TLS != nil {
			protocol = "https"
		}
	}
	if host == "" {
		host = x.r.Host
	}
	location := protocol + "://" + host + "/" + escapeKey(key)
	if x.target.RawQuery != "" {
		location += "?" + x.target.RawQuery
	}
	return location
}
