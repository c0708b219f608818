package s3

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/request"
)

// productPage is where the website endpoint without a bucket sends to.
const productPage = "https://aws.amazon.com/s3/"

// website answers a request to a bucket's website: "Website endpoints" in the
// Amazon S3 User Guide. Its callers are anonymous, whatever they sign, and its
// errors are pages.
func (x *exchange) website() {
	x.estate = x.s.World.Estate()
	x.bucketName, x.key, x.query = x.target.Bucket, x.target.Key, nil
	x.auth, x.header = &sigv4.Result{DecodedLength: -1}, pageHeader(x.r.Header)
	x.op = operation{act: (*exchange).page}
	site, err := x.site()
	if err == nil && !x.wrote {
		err = x.visit(site)
	}
	if err != nil {
		x.failPage(site, err)
	}
}

// pageHeader keeps of a request's headers what a website looks at.
func pageHeader(sent http.Header) http.Header {
	h := http.Header{}
	for _, name := range []string{"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Origin",
		"Access-Control-Request-Method", "Access-Control-Request-Headers"} {
		if v, ok := sent[name]; ok {
			h[name] = v
		}
	}
	return h
}

// site returns the website's configuration, unless the request is answered without
// looking for an object.
func (x *exchange) site() (*document.Element, error) {
	switch {
	case x.bucketName == "":
		return nil, x.redirect(http.StatusMovedPermanently, productPage)
	case x.r.Method == http.MethodOptions:
		return nil, x.preflight()
	case x.r.Method != http.MethodGet && x.r.Method != http.MethodHead:
		return nil, wire.NewError(http.StatusMethodNotAllowed, "MethodNotAllowed", methodNotAllowed).With("Method", x.r.Method).With("ResourceType", "OBJECT")
	}
	b, ok := x.estate.Bucket(x.bucketName)
	if !ok {
		return nil, x.noSuchBucket()
	}
	if region := b.RegionOrDefault(); x.target.Region != "" && x.target.Region != region {
		return nil, wire.NewError(http.StatusBadRequest, "IncorrectEndpoint", "The specified bucket exists in another region. Please direct requests to the specified endpoint.").
			With("Endpoint", x.websiteHost(region))
	}
	x.bucket = b
	x.crossOrigin()
	site, err := websiteConfiguration.of(x)
	if err != nil {
		return nil, err
	}
	if all := site.Child("RedirectAllRequestsTo"); all != nil {
		return site, x.redirect(http.StatusMovedPermanently, x.redirectLocation(all, x.key))
	}
	if rule := x.routingRule(site, 0); rule != nil {
		return site, x.follow(rule)
	}
	return site, nil
}

func (x *exchange) websiteHost(region string) string {
	return x.bucketName + ".s3-website." + region + ".amazonaws.com"
}

// atWebsite states to the engine that a request came to a website, over plain HTTP
// as all do.
func (x *exchange) atWebsite(r *request.Request) {
	insecure := false
	r.SecureTransport = &insecure
	r.Auth = &request.Auth{Type: "anonymous", Host: x.websiteHost(x.bucket.RegionOrDefault())}
}

// visit answers with the object of the key, or with the index document where the
// key is that of a folder.
func (x *exchange) visit(site *document.Element) error {
	asked, index := x.key, site.Get("IndexDocument", "Suffix")
	if asked == "" || strings.HasSuffix(asked, "/") {
		x.key += index
	}
	err := x.serveObject()
	if err == nil || asked == "" || strings.HasSuffix(asked, "/") || x.wireError(err).Code != "NoSuchKey" {
		return err
	}
	if x.at(asked + "/" + index).readable() {
		return x.redirect(http.StatusFound, "/"+escapeKey(asked)+"/")
	}
	return err
}

// at is the exchange about another key of the website.
func (x *exchange) at(key string) *exchange {
	y := *x
	y.key, y.header = key, http.Header{}
	return &y
}

// serveObject has the object decided on, and sends it.
func (x *exchange) serveObject() error {
	name := "GetObject"
	if x.r.Method == http.MethodHead {
		name = "HeadObject"
	}
	x.spec, _ = s3op.Lookup(name)
	return x.attempt()
}

// readable reports whether an object is there, and may be read.
func (x *exchange) readable() bool {
	x.spec, _ = s3op.Lookup("GetObject")
	if x.gather() != nil || x.objectErr != nil {
		return false
	}
	r := x.request()
	r.Object = x.facts()
	return x.refused(x.s.Decide(x.estate, r)) == nil
}

// page sends the object, or to where its metadata redirects.
func (x *exchange) page() error {
	if to := x.object.Header["x-amz-website-redirect-location"]; to != "" && x.objectErr == nil {
		return x.redirect(http.StatusMovedPermanently, to)
	}
	return x.getObject()
}

func (x *exchange) redirect(status int, to string) error {
	x.set("Location", to)
	return x.empty(status)
}

// escapeKey writes a key as the path of a URL.
func escapeKey(key string) string {
	return strings.TrimPrefix((&url.URL{Path: "/" + key}).EscapedPath(), "/")
}
