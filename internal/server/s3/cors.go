package s3

import (
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
)

// preflight answers OPTIONS by the bucket's CORS rules alone: no policy is asked.
// See "How does Amazon S3 evaluate the CORS configuration on a bucket?".
func (x *exchange) preflight() error {
	origin, method := x.get("Origin"), x.get("Access-Control-Request-Method")
	switch {
	case origin == "":
		return badCORS("Insufficient information. Origin request header needed.")
	case method != "" && !slices.Contains(corsMethods, method):
		return badCORS("Invalid Access-Control-Request-Method: " + method)
	}
	if _, ok := x.estate.Bucket(x.bucketName); !ok {
		return x.corsForbidden("Bucket not found", "BUCKET")
	}
	rules := x.configuration(corsConfiguration)
	switch {
	case rules == nil:
		return x.corsForbidden("CORS is not enabled for this bucket.", "BUCKET")
	case method == "":
		return badCORS("Invalid Access-Control-Request-Method: null")
	}
	kind := "OBJECT"
	if x.key == "" {
		kind = "BUCKET"
	}
	asked := listOf(x.get("Access-Control-Request-Headers"))
	rule := corsRule(rules, origin, method, asked)
	if rule == nil {
		return x.corsForbidden("This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method "+
			"or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.", kind)
	}
	x.corsHeaders(rule, origin)
	x.set("Access-Control-Allow-Headers", strings.ToLower(strings.Join(asked, ", ")))
	return x.empty(http.StatusOK)
}

func badCORS(message string) error {
	return wire.NewError(http.StatusBadRequest, "BadRequest", message)
}

func (x *exchange) corsForbidden(message, kind string) error {
	method := x.get("Access-Control-Request-Method")
	if method == "" {
		method = x.r.Method
	}
	return wire.NewError(http.StatusForbidden, "AccessForbidden", "CORSResponse: "+message).With("Method", method).With("ResourceType", kind)
}

// crossOrigin adds the CORS headers to the answer to a request that names its
// origin, be it a refusal.
func (x *exchange) crossOrigin() {
	origin := x.get("Origin")
	if origin == "" {
		return
	}
	method := x.get("Access-Control-Request-Method")
	if method == "" {
		method = x.r.Method
	}
	if rules := x.configuration(corsConfiguration); rules != nil {
		if rule := corsRule(rules, origin, method, listOf(x.get("Access-Control-Request-Headers"))); rule != nil {
			x.corsHeaders(rule, origin)
		}
	}
}

// corsRule returns the first rule that takes a request, nil where none does.
func corsRule(rules *document.Element, origin, method string, headers []string) *document.Element {
	for _, rule := range rules.All("CORSRule") {
		origins, allowed := rule.Texts("AllowedOrigin"), rule.Texts("AllowedHeader")
		takesOrigin := slices.ContainsFunc(origins, func(o string) bool { return matchesOne(o, origin) })
		refuses := slices.ContainsFunc(headers, func(h string) bool {
			return !slices.ContainsFunc(allowed, func(a string) bool { return matchesOne(strings.ToLower(a), strings.ToLower(h)) })
		})
		if takesOrigin && !refuses && slices.Contains(rule.Texts("AllowedMethod"), method) {
			return rule
		}
	}
	return nil
}

// matchesOne matches a pattern with at most one "*".
func matchesOne(pattern, s string) bool {
	before, after, ok := strings.Cut(pattern, "*")
	if !ok {
		return pattern == s
	}
	return len(s) >= len(before)+len(after) && strings.HasPrefix(s, before) && strings.HasSuffix(s, after)
}

func (x *exchange) corsHeaders(rule *document.Element, origin string) {
	if slices.Contains(rule.Texts("AllowedOrigin"), "*") {
		x.set("Access-Control-Allow-Origin", "*")
	} else {
		x.set("Access-Control-Allow-Origin", origin)
		x.set("Access-Control-Allow-Credentials", "true")
	}
	x.set("Access-Control-Allow-Methods", strings.Join(rule.Texts("AllowedMethod"), ", "))
	x.set("Access-Control-Expose-Headers", strings.Join(rule.Texts("ExposeHeader"), ", "))
	x.set("Access-Control-Max-Age", rule.Get("MaxAgeSeconds"))
	x.set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
}

// listOf splits a header's list.
func listOf(header string) []string {
	var list []string
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one != "" {
			list = append(list, one)
		}
	}
	return list
}
