package parity

import (
	"encoding/xml"
	"fmt"
	"testing"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/report"
)

// onWire checks the answer against the decisions.
func (q *question) onWire(t *testing.T, name string, a answer, list []*report.Decision, n *tally) {
	t.Helper()
	d := list[len(list)-1] // that refuses all of a DeleteObjects, where any does
	if q.spec.Name == "DeleteObjects" && a.status == 200 {
		q.onWireEach(t, name, a, list)
		return
	}
	status, code, message := d.Status, d.Code, d.Message
	switch {
	case d.Verdict == iam.Unknown:
		status, code, message = 403, "AccessDenied", "Access Denied"
	case d.Verdict == iam.Allowed && d.Code == "":
		if a.status >= 400 {
			q.passedOver(t, name, a, n)
			return
		}
	}
	if q.spec.Method == "HEAD" {
		code, message = "", ""
	}
	if a.status != status || a.code != code || d.Verdict != iam.Allowed && a.message != message {
		t.Errorf("%s: on the wire %d %s %q, decided %d %s %q", name, a.status, a.code, a.message, status, code, message)
	}
}

// undecided are the errors of requests that the engine lets pass, and that cannot
// be done all the same: the contract leaves them out of decisions.
var undecided = map[string]bool{
	"InvalidBucketName": true, "InvalidRequest": true, "MissingRequestBodyError": true, "MalformedXML": true, "NoSuchConfiguration": true,
	"NoSuchCORSConfiguration": true, "NoSuchLifecycleConfiguration": true, "NoSuchWebsiteConfiguration": true, "ReplicationConfigurationNotFoundError": true,
	"NoSuchTagSet": true, "PreconditionFailed": true,
	"NoSuchObjectLockConfiguration": true, "ObjectLockConfigurationNotFoundError": true, "InvalidBucketState": true,
	"MethodNotAllowed": true, // SelectObjectContent, which is closed to new customers
}

// passedOver checks the error of a request that the engine lets pass.
func (q *question) passedOver(t *testing.T, name string, a answer, n *tally) {
	t.Helper()
	n.count(n.wire, fmt.Sprintf("let pass, answered by %d %s", a.status, a.code))
	if s3.Implemented(q.spec.Name) && !undecided[a.code] || !s3.Implemented(q.spec.Name) && a.code != "NotImplemented" {
		t.Errorf("%s: %s was let pass, and answered by %d %s %q", name, q.spec.Name, a.status, a.code, a.message)
	}
}

// onWireEach checks the outcome of each object of DeleteObjects.
func (q *question) onWireEach(t *testing.T, name string, a answer, list []*report.Decision) {
	t.Helper()
	var result struct {
		Deleted []struct{ Key, VersionId string }
		Error   []struct{ Key, VersionId, Code, Message string }
	}
	if err := xml.Unmarshal([]byte(a.body), &result); err != nil {
		t.Errorf("%s: %v\n%s", name, err, a.body)
		return
	}
	var deleted, refused int
	for _, d := range list {
		if d.Verdict == iam.Allowed {
			deleted++
			continue
		}
		if refused < len(result.Error) && (result.Error[refused].Code != d.Code || result.Error[refused].Message != d.Message) {
			t.Errorf("%s: object %d answered %+v, decided %s %q", name, refused, result.Error[refused], d.Code, d.Message)
		}
		refused++
	}
	if deleted != len(result.Deleted) || refused != len(result.Error) {
		t.Errorf("%s: %d deleted and %d refused, answered\n%s", name, deleted, refused, a.body)
	}
}

// errorOf reads an error body.
func errorOf(body []byte) (code, message string) {
	var e struct {
		XMLName       xml.Name
		Code, Message string
	}
	if xml.Unmarshal(body, &e) != nil || e.XMLName.Local != "Error" {
		return "", ""
	}
	return e.Code, e.Message
}
