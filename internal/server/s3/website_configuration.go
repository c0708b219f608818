package s3

import (
	"strconv"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/document"
)

// checkWebsite is what PutBucketWebsite refuses: "Hosting a static website using
// Amazon S3".
func checkWebsite(_ *exchange, d *document.Element) error {
	index, all := d.Child("IndexDocument"), d.Child("RedirectAllRequestsTo")
	suffix := index.Get("Suffix")
	switch {
	case all == nil && index == nil:
		return invalidArgument("A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty", "IndexDocument", "null")
	case all != nil && (index != nil || d.Has("ErrorDocument") || d.Has("RoutingRules")):
		return invalidArgument("RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.", "RedirectAllRequestsTo", "not null")
	case all != nil:
		return checkProtocol(all)
	case suffix == "" || strings.Contains(suffix, "/"):
		return invalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix)
	case d.Has("ErrorDocument") && d.Get("ErrorDocument", "Key") == "":
		return invalidArgument("The ErrorDocument Key is not well formed", "ErrorDocument", "")
	}
	for _, rule := range d.Child("RoutingRules").All("RoutingRule") {
		if err := checkRoutingRule(rule); err != nil {
			return err
		}
	}
	return nil
}

func checkProtocol(e *document.Element) error {
	if p := e.Get("Protocol"); p != "" && p != "http" && p != "https" {
		return invalidRequest("Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.")
	}
	return nil
}

func checkRoutingRule(rule *document.Element) error {
	redirect := rule.Child("Redirect")
	if condition := rule.Child("Condition"); condition != nil {
		if len(condition.Children) == 0 {
			return invalidRequest("Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.")
		}
		if v := condition.Get("HttpErrorCodeReturnedEquals"); condition.Has("HttpErrorCodeReturnedEquals") && !statusBetween(v, 400, 599) {
			return invalidRequest("The provided HTTP error code (" + v + ") is not valid. Valid codes are 4XX or 5XX.")
		}
	}
	switch code := redirect.Get("HttpRedirectCode"); {
	case len(redirect.Children) == 0:
		return malformedXML()
	case redirect.Has("ReplaceKeyPrefixWith") && redirect.Has("ReplaceKeyWith"):
		return invalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
	case redirect.Has("HttpRedirectCode") && !statusBetween(code, 301, 399):
		return invalidRequest("The provided HTTP redirect code (" + code + ") is not valid. Valid codes are 3XX except 300.")
	}
	return checkProtocol(redirect)
}

func statusBetween(text string, low, high int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= low && n <= high
}

// keepWebsite tells the engine that there is a website.
func keepWebsite(b *estate.Bucket, d *document.Element) { b.Website = d != nil }

// seededWebsite is what a bucket has of which the estate says "website: true".
func seededWebsite(x *exchange) *document.Element {
	if !x.bucket.Website {
		return nil
	}
	d := document.New(websiteSchema.Name())
	d.Add("IndexDocument", "").Add("Suffix", "index.html")
	return d
}
