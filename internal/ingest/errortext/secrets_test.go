package errortext_test

import (
	"strings"
	"testing"

	"github.com/why403/why403/internal/ingest/errortext"
)

// What is secret goes, what explains stays.
func TestHide(t *testing.T) {
	const key = "wJalr/XUtn+FEMI"
	for _, text := range []string{
		"aws_secret_access_key = " + key, "AWS_SECRET_ACCESS_KEY=" + key + " aws s3 ls", `"SecretAccessKey": "` + key + `",`, `"SessionToken":"` + key + `"`, "AWS_SESSION_TOKEN='" + key + "'",
		"https://b.s3.amazonaws.com/k?X-Amz-Security-Token=" + key + "&X-Amz-Expires=60", "x-amz-security-token: " + key, "X-Amz-Signature=" + key,
		"x-amz-server-side-encryption-customer-key: " + key, "--sse-customer-key " + key, "secret_key: " + key,
	} {
		if got := errortext.Hide(text); strings.Contains(got, key) || !strings.Contains(got, "(hidden)") {
			t.Errorf("%s: %s", text, got)
		}
	}
	for _, text := range []string{
		"An error occurred (SignatureDoesNotMatch) when calling the GetObject operation: The request signature we calculated does not match the signature you provided. Check your key and signing method.",
		"An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.",
		"An error occurred (InvalidToken): The security token included in the request is invalid",
	} {
		if got := errortext.Hide(text); got != text {
			t.Errorf("%s: %s", text, got)
		}
	}
	m, ok := errortext.Parse("An error occurred (InvalidToken) when calling the GetObject operation: The provided token is malformed. aws_session_token=" + key)
	if !ok || strings.Contains(m.Text, key) {
		t.Errorf("%+v", m)
	}
}
