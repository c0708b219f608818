package s3

import (
	"slices"
	"strings"

	"github.com/why403/why403/internal/server/document"
)

var corsMethods = []string{"GET", "PUT", "POST", "DELETE", "HEAD"}

// checkCORS is what PutBucketCors refuses: "Elements of a CORS configuration".
func checkCORS(_ *exchange, d *document.Element) error {
	for _, rule := range d.All("CORSRule") {
		for _, m := range rule.Texts("AllowedMethod") {
			if !slices.Contains(corsMethods, m) {
				return invalidRequest("Found unsupported HTTP method in CORS config. Unsupported method is " + m)
			}
		}
		for _, name := range []string{"AllowedOrigin", "AllowedHeader"} {
			for _, v := range rule.Texts(name) {
				if strings.Count(v, "*") > 1 {
					return invalidRequest(name + ` "` + v + `" can not have more than one wildcard.`)
				}
			}
		}
		for _, v := range rule.Texts("ExposeHeader") {
			if strings.Contains(v, "*") {
				return invalidRequest(`ExposeHeader "` + v + `" contains wildcard. We currently do not support wildcard for ExposeHeader.`)
			}
		}
		if len(rule.Get("ID")) > 255 {
			return malformedXML()
		}
	}
	return nil
}
