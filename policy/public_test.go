package policy_test

import (
	"testing"

	"github.com/why403/why403/policy"
)

// The rows are those of the S3 User Guide, Blocking public access, "The meaning
// of public": a policy is not public where each Allow is limited to fixed values.
func TestPublic(t *testing.T) {
	tests := []struct {
		name, statement string
		want            bool
	}{
		{"everyone", `"Principal": "*"`, true},
		{"everyone, in the other form", `"Principal": {"AWS": "*"}`, true},
		{"everyone besides an account", `"Principal": {"AWS": ["111122223333", "*"]}`, true},
		{"an account", `"Principal": {"AWS": "111122223333"}`, false},
		{"a service", `"Principal": {"Service": "logging.s3.amazonaws.com"}`, false},
		{"a canonical user", `"Principal": {"CanonicalUser": "` + canonical + `"}`, false},
		{"a provider", `"Principal": {"Federated": "accounts.google.com"}`, false},
		{"all but one", `"NotPrincipal": {"AWS": "111122223333"}`, true},

		{"organization", `"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg01"}}`, false},
		{"organization, case of the key", `"Principal": "*", "Condition": {"stringequals": {"AWS:principalorgid": "o-exampleorg01"}}`, false},
		{"principal's account", `"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}`, false},
		{"principal's ARN", `"Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}}`, false},
		{"principal's ARN with a wildcard", `"Principal": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}`, true},
		{"organization's path", `"Principal": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-a/r-b/"}}`, false},

		{"range", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, false},
		{"range of /8", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "54.0.0.0/8"}}`, false},
		{"range broader than /8", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "54.0.0.0/7"}}`, true},
		{"half of all", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}`, true},
		{"one of two ranges is broad", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}}`, true},
		{"private ranges", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]}}`, false},
		{"IPv6 of /32", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}`, false},
		{"IPv6 broader than /32", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/31"}}`, true},
		{"not from a range", `"Principal": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, true},
		{"an address that is none", `"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "here"}}`, true},

		{"source", `"Principal": "*", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}`, false},
		{"VPC", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}`, false},
		{"any VPC", `"Principal": "*", "Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}`, true},
		{"endpoint", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d", "vpce-2"]}}`, false},
		{"source owner", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceOwner": "111122223333"}}`, false},
		{"source account", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}`, false},
		{"user id", `"Principal": "*", "Condition": {"StringLike": {"aws:userid": "AIDAEXAMPLE0000ALICE"}}`, false},
		{"role id", `"Principal": "*", "Condition": {"StringLike": {"aws:userid": "AROAEXAMPLE000000APP:*"}}`, true},
		{"access point account", `"Principal": "*", "Condition": {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}`, false},

		{"a variable is not fixed", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}}`, true},
		{"a negated operator", `"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-91237329"}}`, true},
		{"IfExists", `"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-91237329"}}`, true},
		{"ForAllValues", `"Principal": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a/r-b/"}}`, true},
		{"no values", `"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": []}}`, true},
		{"a key that does not count", `"Principal": "*", "Condition": {"StringEquals": {"aws:Referer": "x"}}`, true},
		{"TLS", `"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}`, true},
		{"an action that does not exist", `"Principal": "*", "Action": "s3:Frobnicate"`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := policy.Parse("", []byte(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", `+tt.statement+`}}`))
			if err != nil {
				t.Fatal(err)
			}
			got, st := policy.Public(d, false)
			if got != tt.want {
				t.Errorf("%s: public %v, want %v", tt.statement, got, tt.want)
			}
			if (st != nil) != got {
				t.Errorf("%s: public %v, and statement %v", tt.statement, got, st)
			}
		})
	}
}

// In a bucket policy the access point may be any of a fixed account; in an
// access point's policy the key does not count at all.
func TestPublicThroughAccessPoints(t *testing.T) {
	for _, tt := range []struct {
		arn                 string
		bucket, accessPoint bool
	}{
		{"arn:aws:s3:us-east-1:111122223333:accesspoint/*", false, true},
		{"arn:aws:s3:us-east-1:111122223333:accesspoint/ap", false, true},
		{"arn:aws:s3:us-east-1:*:accesspoint/ap", true, true},
		{"arn:aws:s3:*", true, true},
	} {
		d, err := policy.Parse("", []byte(`{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
			"Condition": {"StringLike": {"s3:DataAccessPointArn": "`+tt.arn+`"}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := policy.Public(d, false); got != tt.bucket {
			t.Errorf("bucket policy with %s: public %v, want %v", tt.arn, got, tt.bucket)
		}
		if got, _ := policy.Public(d, true); got != tt.accessPoint {
			t.Errorf("access point policy with %s: public %v, want %v", tt.arn, got, tt.accessPoint)
		}
	}
}

// The policy is public as soon as one Allow is, whatever it denies besides.
func TestPublicIsOfTheWholePolicy(t *testing.T) {
	d, err := policy.Parse("", []byte(`{"Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
		{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
		{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if public, st := policy.Public(d, false); !public || st.Index != 2 {
		t.Errorf("public %v by %+v, want true by statement 2", public, st)
	}
	d.Statements = d.Statements[:2]
	if public, _ := policy.Public(d, false); public {
		t.Error("public without its public statement")
	}
}
