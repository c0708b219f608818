package policy

import (
	"slices"
	"testing"
)

func TestAllowsOn(t *testing.T) {
	for _, c := range []struct {
		resource string
		buckets  []string
		others   bool
	}{
		{"arn:aws:s3:::data/x", []string{"data"}, false},
		{"arn:aws:s3:::data", []string{"data"}, false},
		{"arn:aws:s3:::data/*", []string{"data"}, false},
		{"arn:aws:s3:::data/${aws:username}/*", []string{"data"}, false},
		{"arn:aws-cn:s3:::data/*", []string{"data"}, false},
		{"arn:aws:s3:::data*", nil, true},
		{"arn:aws:s3:::${aws:username}", nil, true},
		{"*", nil, true},
		{"arn:aws:s3*", nil, true},
		{"arn:aws:s3:us-east-1:111122223333:accesspoint/ap", nil, true},
		{"arn:aws:sqs:us-east-1:111122223333:queue", []string{""}, false},
		{"data", []string{""}, false},
	} {
		d, err := Parse("p.json", []byte(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "`+c.resource+`"}, {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "Resource": "*"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if buckets, others := d.AllowsOn(); !slices.Equal(buckets, c.buckets) || others != c.others {
			t.Errorf("%s: %q %v, want %q %v", c.resource, buckets, others, c.buckets, c.others)
		}
	}
}
