package fix

import (
	"fmt"
	"strings"
	"testing"

	"github.com/why403/why403/request"
)

// filler is statements of about so many bytes, none of which matters.
func filler(bytes int, principal string) string {
	var list []string
	for size := 0; size < bytes; {
		s := fmt.Sprintf(`{"Sid": "Filler%04d", "Effect": "Allow"%s, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::elsewhere/%04d"}`, len(list), principal, len(list))
		size += len(strings.ReplaceAll(s, ": ", ":")) - 5
		list = append(list, s)
	}
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(list, ", ") + `]}`
}

// A policy that would pass its quota is not offered; another place is, and the
// fix says why. The quotas are those of the IAM and S3 user guides.
func TestPolicySizes(t *testing.T) {
	named := `, "Principal": {"AWS": "arn:aws:iam::111122223333:user/other"}`
	for _, c := range []struct {
		name, user, bucket string
		want, full         string // the first step, and what had no room
	}{
		{"room everywhere", `{}`, `{}`, "in the inline policy AllowGetObject of user ann", ""},
		{"a user's inline policies take 2,048 characters together", `{"inline": {"p": ` + filler(1900, "") + `}}`, `{}`, "in the bucket policy of one", "of the 2048 characters of all inline policies of a user"},
		{"a bucket policy takes 20 KB", `{}`, `{"document": ` + filler(20300, named) + `}`, "in the inline policy AllowGetObject of user ann", "of the 20480 bytes of a bucket policy"},
		{"neither has room: a managed policy is made", `{"inline": {"p": ` + filler(1900, "") + `}}`, `{"document": ` + filler(20300, named) + `}`, "make the managed policy AllowGetObject", "of the 20480 bytes of a bucket policy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := parsed(t, `{"version": 1, "accounts": {"111122223333": {"users": {"ann": `+c.user+`, "other": {}}, "buckets": {"one": `+c.bucket+`}}}}`)
			r := &request.Request{Principal: "arn:aws:iam::111122223333:user/ann", Operation: "GetObject", Bucket: "one", Key: "k"}
			plans, err := New(e, corpusTime).Plans(r, 0)
			if err != nil || len(plans) == 0 || !plans[0].Verified {
				t.Fatalf("%d plans: %v", len(plans), err)
			}
			fix := plans[0].Report()
			if !strings.Contains(fix.Title, c.want) {
				t.Errorf("the first fix is %q, and is to be %q", fix.Title, c.want)
			}
			if c.full != "" && !strings.Contains(fix.Note, c.full) || c.full == "" && fix.Note != "" {
				t.Errorf("the note is %q, and is to name %q", fix.Note, c.full)
			}
		})
	}
}
