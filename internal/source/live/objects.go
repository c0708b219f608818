package live

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/estate"
)

// object reads the settings of one object, as far as that is possible without
// reading the object itself. Where S3 says that it is not there (404, which it says
// to those who may list the bucket alone), the bucket counts as listed: the scope
// names all objects that the estate is to speak of.
func (c *collector) object(client *s3.Client, b *estate.Bucket, o Object) {
	c.progress("object " + o.Bucket + "/" + o.Key)
	out := &estate.Object{}
	head, err := client.HeadObject(c.ctx, &s3.HeadObjectInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: o.version()})
	switch {
	case statusOf(err) == http.StatusNotFound:
		b.Listed = true
		return
	case err != nil:
		unread(&out.Unknown, "HeadObject", o.need("s3:GetObject"), err)
	default:
		describe(out, head)
	}
	c.settings(&out.Unknown, c.objectSettings(client, b, o, out))
	if why, refused := out.Unknown.Why("acl"); refused && b.Ownership != "BucketOwnerEnforced" && out.Owner == "" { // the answer that names the owner
		out.Unknown = append(out.Unknown, estate.UnknownItem{What: "owner", Why: why})
	}
	familiar(out, func(o *estate.Object) *estate.Unknowns { return &o.Unknown })
	c.put(b, o, out)
}

func (o Object) version() *string {
	if o.VersionID == "" {
		return nil
	}
	return &o.VersionID
}

// need is the permission to read something of the object, or of its version.
func (o Object) need(action string) string {
	if o.VersionID == "" {
		return action
	}
	return strings.Replace(action, "Object", "ObjectVersion", 1)
}

// objectSettings are the calls that read an object. HeadObject tells its lock only
// to those who may read retention and legal hold (S3 API Reference, HeadObject), so
// that these are asked for by calls of their own.
func (c *collector) objectSettings(client *s3.Client, b *estate.Bucket, o Object, out *estate.Object) []setting {
	list := []setting{
		{"acl", o.need("s3:GetObjectAcl"), "", func() error {
			a, err := client.GetObjectAcl(c.ctx, &s3.GetObjectAclInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: o.version()})
			if err != nil {
				return err
			}
			if out.ACL, err = acl(a.Owner, a.Grants); err == nil {
				out.Owner = out.ACL.Owner
			}
			return err
		}, nil},
		{"tags", o.need("s3:GetObjectTagging"), "", func() error {
			t, err := client.GetObjectTagging(c.ctx, &s3.GetObjectTaggingInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: o.version()})
			if err == nil {
				out.Tags, err = tagSet(t.TagSet)
			}
			return err
		}, nil},
	}
	if _, unread := b.Unknown.Why("objectLock"); !b.ObjectLock.Enabled && !unread {
		return list
	}
	return append(list,
		setting{"lock", "s3:GetObjectRetention", "NoSuchObjectLockConfiguration", func() error {
			r, err := client.GetObjectRetention(c.ctx, &s3.GetObjectRetentionInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: o.version()})
			switch {
			case err != nil:
				return err
			case r.Retention == nil || r.Retention.Mode == "":
				return errEmpty
			}
			lockOf(out).Mode, lockOf(out).Until = string(r.Retention.Mode), r.Retention.RetainUntilDate
			return nil
		}, nil},
		setting{"lock", "s3:GetObjectLegalHold", "NoSuchObjectLockConfiguration", func() error {
			h, err := client.GetObjectLegalHold(c.ctx, &s3.GetObjectLegalHoldInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: o.version()})
			switch {
			case err != nil:
				return err
			case h.LegalHold == nil || h.LegalHold.Status == "":
				return errEmpty
			}
			if h.LegalHold.Status == types.ObjectLockLegalHoldStatusOn {
				lockOf(out).LegalHold = true
			}
			return nil
		}, nil})
}

func lockOf(o *estate.Object) *estate.Lock {
	if o.Lock == nil {
		o.Lock = &estate.Lock{}
	}
	return o.Lock
}

const versionsAlone = "versions were read one by one"

func (c *collector) put(b *estate.Bucket, o Object, out *estate.Object) {
	if out.Encryption != nil && out.Encryption.Key != "" {
		c.locked(func() { c.keys[out.Encryption.Key] = true })
	}
	if b.Objects == nil {
		b.Objects = map[string]*estate.Object{}
	}
	current := b.Objects[o.Key]
	switch {
	case o.VersionID == "" && current == nil:
		b.Objects[o.Key] = out
		return
	case o.VersionID == "":
		out.Versions, out.Unknown = current.Versions, append(out.Unknown, estate.UnknownItem{What: "versions", Why: versionsAlone})
		b.Objects[o.Key] = out
		return
	case current == nil:
		current = &estate.Object{Unknown: estate.Unknowns{{What: "*", Why: versionsAlone}}}
	case current.Versions == nil:
		current.Unknown = append(current.Unknown, estate.UnknownItem{What: "versions", Why: versionsAlone})
	}
	if current.Versions == nil {
		current.Versions = map[string]*estate.Object{}
	}
	current.Versions[o.VersionID], b.Objects[o.Key] = out, current
}

// describe takes what HeadObject says. An object without encryption needs no key,
// as one under SSE-S3.
func describe(out *estate.Object, head *s3.HeadObjectOutput) {
	out.StorageClass, out.ArchiveStatus = string(head.StorageClass), string(head.ArchiveStatus)
	if _, date, ok := strings.Cut(aws.ToString(head.Restore), `expiry-date="`); ok { // x-amz-restore of HeadObject
		date, _, _ = strings.Cut(date, `"`)
		if until, err := http.ParseTime(date); err == nil {
			out.RestoredUntil = &until
		}
	}
	switch {
	case head.SSECustomerAlgorithm != nil:
		out.Encryption = &estate.Encryption{Algorithm: "SSE-C", KeyMD5: aws.ToString(head.SSECustomerKeyMD5)}
	case head.ServerSideEncryption != "":
		out.Encryption = &estate.Encryption{Algorithm: string(head.ServerSideEncryption), Key: aws.ToString(head.SSEKMSKeyId), BucketKey: aws.ToBool(head.BucketKeyEnabled)}
		if head.SSEKMSKeyId != nil {
			out.Unknown = append(out.Unknown, estate.UnknownItem{What: estate.EncryptionContext, Why: notTold})
		}
	default:
		out.Encryption = &estate.Encryption{Algorithm: "AES256"}
	}
	if head.ObjectLockMode != "" || head.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn {
		out.Lock = &estate.Lock{Mode: string(head.ObjectLockMode), Until: head.ObjectLockRetainUntilDate, LegalHold: head.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn}
	}
}
