package live

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// An instance's role gives credentials, although a session sends reads alone: the
// metadata service (EC2 User Guide, Use IMDSv2) has no operations of an API.
func TestInstanceRole(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
			_, _ = w.Write([]byte("token"))
		case "/latest/meta-data/iam/security-credentials/":
			_, _ = w.Write([]byte("node"))
		case "/latest/meta-data/iam/security-credentials/node":
			_, _ = w.Write([]byte(`{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIANODE000000000001","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z","LastUpdated":"2026-01-01T00:00:00Z"}`))
		case "/":
			w.Header().Set("Content-Type", "text/xml")
			_, _ = w.Write([]byte(`<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/node/i-1</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer h.Close()
	for name, value := range map[string]string{"HOME": t.TempDir(), "AWS_EC2_METADATA_SERVICE_ENDPOINT": h.URL, "AWS_ENDPOINT_URL_STS": h.URL, "AWS_EC2_METADATA_DISABLED": "", "NO_PROXY": "127.0.0.1",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_REGION": "us-east-1", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": ""} {
		t.Setenv(name, value)
	}
	id, err := Identify(context.Background(), Options{})
	if err != nil || id.AccessKeyID != "ASIANODE000000000001" || id.ARN != "arn:aws:sts::111122223333:assumed-role/node/i-1" || id.Provider != "EC2RoleProvider" || id.Date.IsZero() {
		t.Errorf("%+v %v", id, err)
	}
}
