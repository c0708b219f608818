// Package sdktest is the AWS SDK for Go as tests of the endpoint use it.
package sdktest

import (
	"bytes"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/why403/why403/internal/sigv4"
)

// Config is for clients of the endpoint at a URL that sign with a credential; the
// zero one does not sign. They try once.
func Config(url string, who sigv4.Credential) aws.Config {
	c := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1, HTTPClient: wholly{&http.Client{Transport: &http.Transport{}}}}
	if who.AccessKeyID != "" {
		c.Credentials = credentials.NewStaticCredentialsProvider(who.AccessKeyID, who.Secret, who.SessionToken)
	}
	return c
}

// wholly reads answers to their end before it hands them on. smithy-go closes the
// request's body as soon as there is an answer; on a busy machine net/http may only
// then look whether the body is at its end, takes that for a failure, and cuts the
// answer off.
type wholly struct{ client *http.Client }

// Do implements aws.HTTPClient.
func (w wholly) Do(r *http.Request) (*http.Response, error) {
	res, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, err
}
