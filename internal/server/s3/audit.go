package s3

import (
	"time"

	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/request"
)

// tell tells the audit of a request that was done, or refused with an error; what
// was answered is filled in when that is known.
func (x *exchange) tell(err error, received time.Time) {
	operation := ""
	if x.spec != nil {
		operation = x.spec.Name
	}
	if x.s.Audit == nil || !x.s.Audit.Wanted(operation, x.bucket, x.caller) {
		return
	}
	a := &audit.Access{
		IDs: x.ids, Received: received, Operation: operation, Estate: x.estate, Bucket: x.bucket, Name: x.bucketName, Key: x.key, VersionID: x.versionID(),
		Region: x.s.Region, Request: x.r, Point: x.accessPoint, Caller: x.caller, Auth: x.auth, Size: -1,
	}
	switch {
	case x.bucket != nil:
		a.Region = x.bucket.RegionOrDefault()
	case x.auth != nil:
		a.Region = x.endpointRegion()
	}
	a.Parts = x.parts
	if err == nil && (operation == "CopyObject" || operation == "UploadPartCopy") {
		a.Parts = append(a.Parts, x.copied(operation)...)
	}
	if x.object.Key != "" && x.objectErr == nil {
		a.Size = x.object.Size
	}
	var r request.Request
	x.s.connection(x.r, x.target.VPCEndpoint, &r, &network{})
	if r.SourceIP != nil {
		a.Remote = *r.SourceIP
	}
	a.Secure = r.SecureTransport == nil || *r.SecureTransport
	if r.VPCEndpoint != nil {
		a.Endpoint = *r.VPCEndpoint
	}
	if err != nil {
		e := x.wireError(err)
		a.Code, a.Message = e.Code, e.Message
		if x.cause != nil {
			a.Gate = x.cause.Gate
		}
	}
	x.s.Done(x.w, a)
}

// copied is the reading of a copy's source.
func (x *exchange) copied(operation string) []audit.Part {
	src, err := x.source()
	if err != nil {
		return nil
	}
	b, ok := x.estate.Bucket(src.bucket)
	if !ok {
		return nil
	}
	name := map[string]string{"CopyObject": "REST.COPY.OBJECT_GET", "UploadPartCopy": "REST.COPY.PART_GET"}[operation]
	return []audit.Part{{Operation: name, Bucket: b, Key: src.key, VersionID: src.versionID, Status: 200}}
}
