package s3op

import (
	"slices"
	"strings"
)

// A Shape is what of an HTTP request tells its operation. Bucket and Key are
// already taken out of host and path: Key is what follows the bucket's slash,
// percent-decoded once. Both are "" for a request to the service.
type Shape struct {
	Method, Bucket, Key string
	Query               []Param
	Header              func(name string) string // "" where it was not sent; nil: no headers
}

// A Param is one query parameter, decoded.
type Param struct {
	Name, Value string
	HasValue    bool // there was a "="
}

// A NotAllowed is S3's answer to a request that is no operation.
type NotAllowed struct {
	Status       int    // 405, except as said at Condition
	Code         string // "MethodNotAllowed"
	Method       string
	ResourceType string // "SERVICE", "BUCKET", "OBJECT", or that of a sub-resource, "ACL"

	// Condition is set for a POST to a bucket that is no form: Status is then 412 and
	// Code "PreconditionFailed".
	Condition string
}

// Error returns the code with the method and the kind of resource.
func (e *NotAllowed) Error() string {
	if e.Condition != "" {
		return e.Code + ": " + e.Condition
	}
	return e.Code + ": " + e.Method + " of " + e.ResourceType
}

// Classify tells which operation a request asks for. Exactly one result is nil.
//
// Parameters that S3 does not know are ignored. A sub-resource that the method does
// not fit is not allowed, rather than taken for an operation on the bucket or the
// object itself; of several sub-resources the first one counts.
//
// S3 Control's paths are known by the header x-amz-account-id, which all its
// operations send; without it "v20180820" is the name of a bucket.
func Classify(s Shape) (*Spec, *NotAllowed) {
	s.Method = strings.ToUpper(s.Method)
	switch {
	case s.Method == "OPTIONS":
		return must("OptionsObject"), nil
	case s.Bucket == controlVersion && s.header("x-amz-account-id") != "":
		return s.control()
	case s.Bucket == "":
		return s.service()
	case s.Bucket == "WriteGetObjectResponse" && s.Key == "" && s.Method == "POST":
		return must("WriteGetObjectResponse"), nil
	case s.Key == "":
		return s.bucket()
	}
	return s.object()
}

// must returns an operation that the table has.
func must(name string) *Spec { return byName[name] }

func (s *Shape) header(name string) string {
	if s.Header == nil {
		return ""
	}
	return s.Header(name)
}

func (s *Shape) has(name string) bool {
	return slices.ContainsFunc(s.Query, func(p Param) bool { return p.Name == name })
}

func (s *Shape) notAllowed(resourceType string) (*Spec, *NotAllowed) {
	return nil, &NotAllowed{Status: 405, Code: "MethodNotAllowed", Method: s.Method, ResourceType: resourceType}
}

func (s *Shape) service() (*Spec, *NotAllowed) {
	switch {
	case s.Method != "GET", s.Key != "": // "//key" names no bucket, and is no list of them
		return s.notAllowed(Service.String())
	case strings.HasPrefix(s.header("Host"), "s3express-control."):
		return must("ListDirectoryBuckets"), nil
	}
	return must("ListBuckets"), nil
}

func (s *Shape) bucket() (*Spec, *NotAllowed) {
	if s.Method == "HEAD" {
		return must("HeadBucket"), nil
	}
	if spec, subresource := s.bySubresource(Bucket); spec != nil {
		return spec, nil
	} else if subresource != "" {
		return s.notAllowed(resourceTypeOf(subresource))
	}
	switch s.Method {
	case "GET":
		return must("ListObjects"), nil
	case "PUT":
		return must("CreateBucket"), nil
	case "DELETE":
		return must("DeleteBucket"), nil
	case "POST":
		if strings.HasPrefix(strings.ToLower(s.header("Content-Type")), "multipart/form-data") {
			return must("PostObject"), nil
		}
		return nil, &NotAllowed{Status: 412, Code: "PreconditionFailed", Method: s.Method, ResourceType: Bucket.String(),
			Condition: "Bucket POST must be of the enclosure-type multipart/form-data"}
	}
	return s.notAllowed(Bucket.String())
}

func (s *Shape) object() (*Spec, *NotAllowed) {
	if s.Method == "HEAD" {
		return must("HeadObject"), nil
	}
	if spec := s.upload(); spec != nil {
		return spec, nil
	}
	if spec, subresource := s.bySubresource(Object); spec != nil {
		return spec, nil
	} else if subresource != "" {
		return s.notAllowed(resourceTypeOf(subresource))
	}
	switch s.Method {
	case "GET":
		return must("GetObject"), nil
	case "PUT":
		if s.copies() {
			return must("CopyObject"), nil
		}
		return must("PutObject"), nil
	case "DELETE":
		return must("DeleteObject"), nil
	}
	return s.notAllowed(Object.String())
}

// upload returns the operation on a multipart upload that is named by its id, nil
// where the request is none.
func (s *Shape) upload() *Spec {
	if !s.has("uploadId") {
		return nil
	}
	switch s.Method {
	case "GET":
		return must("ListParts")
	case "PUT":
		switch {
		case !s.has("partNumber"):
			return nil
		case s.copies():
			return must("UploadPartCopy")
		}
		return must("UploadPart")
	case "POST":
		if s.has("uploads") {
			return nil
		}
		return must("CompleteMultipartUpload")
	case "DELETE":
		return must("AbortMultipartUpload")
	}
	return nil
}

// copies reports whether the request names a copy source, which on presigned
// requests may stand in the query.
func (s *Shape) copies() bool {
	return s.header("x-amz-copy-source") != "" ||
		slices.ContainsFunc(s.Query, func(p Param) bool { return strings.EqualFold(p.Name, "x-amz-copy-source") && p.Value != "" })
}

// bySubresource returns the operation of the first sub-resource in the query. Where
// the method does not fit that, spec is nil and subresource its name.
func (s *Shape) bySubresource(scope Scope) (spec *Spec, subresource string) {
	for _, p := range s.Query {
		if p.Name == "list-type" && p.Value != "2" || parameterOnly[p.Name] {
			continue
		}
		choices, ok := bySubresource[subresourceKey{scope, p.Name}]
		if !ok {
			continue
		}
		for _, c := range choices {
			if c.Method == s.Method && !(c.Subresource == "select" && !s.has("select-type")) && s.fits(c, choices) {
				return c, p.Name
			}
		}
		return nil, p.Name
	}
	return nil, ""
}

// fits tells operations of one method and sub-resource apart by their parameters:
// GetBucketInventoryConfiguration has an id, ListBucketInventoryConfigurations none.
func (s *Shape) fits(spec *Spec, choices []*Spec) bool {
	if len(spec.Parameters) == 0 || s.has(spec.Parameters[0]) {
		return true
	}
	return !slices.ContainsFunc(choices, func(o *Spec) bool { return o.Method == spec.Method && o != spec })
}

type subresourceKey struct {
	scope Scope
	name  string
}

// parameterOnly are sub-resources that a switch of their own tells.
var parameterOnly = map[string]bool{"uploadId": true}

var bySubresource = func() map[subresourceKey][]*Spec {
	m := map[subresourceKey][]*Spec{}
	for _, s := range specs {
		if s.Subresource != "" {
			k := subresourceKey{s.Scope, s.Subresource}
			m[k] = append(m[k], s)
		}
	}
	return m
}()

// resourceTypeOf is the ResourceType of a sub-resource: S3 names it as in the
// operations of its access logs.
func resourceTypeOf(subresource string) string {
	if name, ok := resourceTypes[subresource]; ok {
		return name
	}
	return strings.ToUpper(strings.ReplaceAll(subresource, "-", "_"))
}

var resourceTypes = map[string]string{
	"policy": "BUCKETPOLICY", "policyStatus": "POLICY_STATUS", "publicAccessBlock": "PUBLIC_ACCESS_BLOCK", "ownershipControls": "OWNERSHIP_CONTROLS",
	"versions": "BUCKETVERSIONS", "logging": "LOGGING_STATUS", "requestPayment": "REQUEST_PAYMENT", "delete": "MULTI_OBJECT_DELETE",
	"object-lock": "OBJECT_LOCK_CONFIGURATION", "attributes": "OBJECT_ATTRIBUTES", "list-type": "BUCKET",
}

// control finds the operation of S3 Control by method and path.
func (s *Shape) control() (*Spec, *NotAllowed) {
	path := strings.Split(strings.TrimSuffix(s.Key, "/"), "/")
	for i := range controlRoutes {
		if r := &controlRoutes[i]; r.spec.Method == s.Method && r.match(path) {
			return r.spec, nil
		}
	}
	return s.notAllowed(Account.String())
}

type controlRoute struct {
	spec     *Spec
	segments []string // "{name}" is any one, "{name+}" all that follow
}

var controlRoutes = func() []controlRoute {
	routes := make([]controlRoute, len(controlSpecs))
	for i, s := range controlSpecs {
		routes[i] = controlRoute{s, strings.Split(strings.TrimPrefix(s.Path, "/"+controlVersion+"/"), "/")}
	}
	return routes
}()

func (r *controlRoute) match(path []string) bool {
	for i, want := range r.segments {
		switch {
		case i >= len(path) || path[i] == "":
			return false
		case strings.HasSuffix(want, "+}"):
			return true
		case strings.HasPrefix(want, "{"):
		case want != path[i]:
			return false
		}
	}
	return len(path) == len(r.segments)
}
