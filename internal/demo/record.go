package demo

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// An Exchange is one HTTP request, and the answer to it.
type Exchange struct {
	Method    string   `json:"method"`
	URL       string   `json:"url"`               // signatures and tokens left out
	Signed    string   `json:"signed,omitempty"`  // credential and scope of the Authorization header
	Headers   []Header `json:"headers,omitempty"` // those that a decision can hang on
	Service   string   `json:"service"`           // s3 or sts
	Status    int      `json:"status"`
	Code      string   `json:"code,omitempty"`    // of an error body
	Message   string   `json:"message,omitempty"` // of an error body
	RequestID string   `json:"requestId"`
}

// A Header is one header of a request.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A recorder sends requests, and keeps what was sent and answered.
type recorder struct {
	client    aws.HTTPClient
	header    http.Header // added to every request, unsigned
	service   string
	exchanges *[]Exchange
}

// Do implements aws.HTTPClient.
func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	for name, values := range r.header {
		req.Header[name] = values
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	e := Exchange{
		Method: req.Method, URL: shown(req.URL.String()), Signed: credential(req.Header), Headers: telling(req), Status: res.StatusCode,
		RequestID: res.Header.Get("X-Amz-Request-Id"), Service: r.service,
	}
	if res.StatusCode >= 300 {
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return nil, err
		}
		res.Body = io.NopCloser(bytes.NewReader(body))
		e.Code, e.Message = errorOf(body)
	}
	*r.exchanges = append(*r.exchanges, e)
	return res, nil
}

// errorOf reads the error of S3, or that of a query service.
func errorOf(body []byte) (code, message string) {
	type text struct{ Code, Message string }
	var s3 text
	var query struct{ Error text }
	if xml.Unmarshal(body, &s3) == nil && s3.Code != "" {
		return s3.Code, s3.Message
	}
	if xml.Unmarshal(body, &query) == nil {
		return query.Error.Code, query.Error.Message
	}
	return "", ""
}

var secretParam = regexp.MustCompile(`(X-Amz-(?:Signature|Security-Token)=)[^&]*`)

func shown(url string) string { return secretParam.ReplaceAllString(url, "$1…") }

// credential returns access key, date, Region and service of a signed request.
func credential(h http.Header) string {
	_, rest, _ := strings.Cut(h.Get("Authorization"), "Credential=")
	text, _, _ := strings.Cut(rest, ",")
	return text
}

// ordinary reports whether the time of a request is one that needs no telling.
func ordinary(stamp string) bool {
	at, err := time.Parse("20060102T150405Z", stamp)
	return err == nil && time.Since(at).Abs() < 5*time.Minute
}

// telling keeps the headers of a request that a decision can hang on.
func telling(req *http.Request) []Header {
	var list []Header
	for name, values := range req.Header {
		lower := strings.ToLower(name)
		switch {
		case lower == "content-type" && strings.Contains(req.URL.RawQuery, "content-type"): // signed in a presigned URL
			list = append(list, Header{lower, values[0]})
		case !strings.HasPrefix(lower, "x-amz-") && !strings.HasPrefix(lower, "x-why403-"):
		case lower == "x-amz-content-sha256", lower == "x-amz-user-agent", lower == "x-amz-security-token", lower == "x-amz-checksum-mode",
			lower == "x-amz-decoded-content-length", strings.HasPrefix(lower, "x-amz-checksum-"), strings.HasPrefix(lower, "x-amz-sdk-"),
			lower == "x-amz-trailer", strings.HasSuffix(lower, "-customer-key"):
		case lower == "x-amz-date" && ordinary(values[0]):
		default:
			list = append(list, Header{lower, strings.Join(values, ", ")})
		}
	}
	slices.SortFunc(list, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return list
}
