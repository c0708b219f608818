package parity

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/request"
)

// bodies write what an operation carries, as S3's API Reference has it.
var bodies = map[string]func(*request.Body) string{
	"CreateBucket":               createBucketXML,
	"DeleteObjects":              deleteXML,
	"PutBucketAcl":               aclXML,
	"PutBucketOwnershipControls": ownershipXML,
	"PutBucketPolicy":            policyJSON,
	"PutBucketTagging":           taggingXML,
	"PutBucketVersioning":        versioningXML,
	"PutObjectAcl":               aclXML,
	"PutObjectTagging":           taggingXML,
	"PutPublicAccessBlock":       publicAccessBlockXML,
}

// body returns the bytes of the request's body.
func (q *question) body() string {
	write := bodies[q.spec.Name]
	if q.asked.Body == nil || write == nil {
		return ""
	}
	b := *q.asked.Body
	if b.Owner == "" {
		b.Owner = q.owner
	}
	return write(&b)
}

func policyJSON(b *request.Body) string {
	if b.Policy == nil {
		return ""
	}
	return estate.PrintPolicy(b.Policy)
}

const namespace = `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`

func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a builder does not fail
	return b.String()
}

// element writes <name>text</name>, and nothing for no text.
func element(name, text string) string {
	if text == "" {
		return ""
	}
	return "<" + name + ">" + escaped(text) + "</" + name + ">"
}

func createBucketXML(b *request.Body) string {
	return "<CreateBucketConfiguration " + namespace + ">" + element("LocationConstraint", b.LocationConstraint) +
		strings.NewReplacer("<TagSet>", "<Tags>", "</TagSet>", "</Tags>").Replace(tagSet(b.Tags)) + "</CreateBucketConfiguration>"
}

func tagSet(tags map[string]string) string {
	text := "<TagSet>"
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		text += "<Tag><Key>" + escaped(k) + "</Key><Value>" + escaped(tags[k]) + "</Value></Tag>"
	}
	return text + "</TagSet>"
}

func taggingXML(b *request.Body) string {
	return "<Tagging " + namespace + ">" + tagSet(b.Tags) + "</Tagging>"
}

func deleteXML(b *request.Body) string {
	text := "<Delete " + namespace + ">"
	for _, o := range b.Objects {
		text += "<Object><Key>" + escaped(o.Key) + "</Key>" + element("VersionId", o.VersionID) + "</Object>"
	}
	return text + "</Delete>"
}

func ownershipXML(b *request.Body) string {
	return "<OwnershipControls " + namespace + "><Rule>" + element("ObjectOwnership", b.Ownership) + "</Rule></OwnershipControls>"
}

func versioningXML(b *request.Body) string {
	v := b.Versioning
	if v == nil {
		v = &estate.Versioning{}
	}
	return "<VersioningConfiguration " + namespace + ">" + element("Status", v.Status) + element("MfaDelete", v.MFADelete) + "</VersioningConfiguration>"
}

func publicAccessBlockXML(b *request.Body) string {
	p := b.PublicAccessBlock
	if p == nil {
		return ""
	}
	return fmt.Sprintf("<PublicAccessBlockConfiguration %s><BlockPublicAcls>%t</BlockPublicAcls><IgnorePublicAcls>%t</IgnorePublicAcls>"+
		"<BlockPublicPolicy>%t</BlockPublicPolicy><RestrictPublicBuckets>%t</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
		namespace, p.BlockPublicAcls, p.IgnorePublicAcls, p.BlockPublicPolicy, p.RestrictPublicBuckets)
}

func aclXML(b *request.Body) string {
	if !b.HasGrants {
		return ""
	}
	text := "<AccessControlPolicy " + namespace + "><Owner>" + element("ID", b.Owner) + "</Owner><AccessControlList>"
	for _, g := range b.Grants {
		text += `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="` + escaped(g.Grantee.Type) + `">` +
			element("ID", g.Grantee.ID) + element("URI", g.Grantee.URI) + element("EmailAddress", g.Grantee.Email) +
			"</Grantee>" + element("Permission", g.Permission) + "</Grant>"
	}
	return text + "</AccessControlList></AccessControlPolicy>"
}
