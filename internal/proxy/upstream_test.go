package proxy

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestUpstream(t *testing.T) {
	none := func(_, _ string) string { return "" }
	named := func(service, _ string) string { return map[string]string{"s3": "http://localhost:9000/base"}[service] }
	for _, test := range []struct {
		e       *Endpoints
		service string
		d       Destination
		want    string
	}{
		{&Endpoints{Named: none}, "s3", Destination{Service: "s3", Region: "eu-west-1"}, "https://s3.eu-west-1.amazonaws.com"},
		{&Endpoints{Named: none}, "s3", Destination{Service: "s3", Region: "cn-north-1"}, "https://s3.cn-north-1.amazonaws.com.cn"},
		{&Endpoints{Named: none}, "s3", Destination{Service: "s3", Region: "eusc-de-east-1"}, "https://s3.eusc-de-east-1.amazonaws.eu"},
		{&Endpoints{Named: none}, "s3", Destination{Service: "s3", Region: "us-isob-east-1"}, "https://s3.us-isob-east-1.sc2s.sgov.gov"},
		{&Endpoints{Named: none}, "s3", Destination{Service: "s3", Region: "us-gov-west-1"}, "https://s3.us-gov-west-1.amazonaws.com"},
		{&Endpoints{Named: none}, "s3", Destination{}, "https://s3.us-east-1.amazonaws.com"},
		{&Endpoints{Named: none, Region: "eu-west-3"}, "s3", Destination{Bucket: "b"}, "https://s3.eu-west-3.amazonaws.com"},
		{&Endpoints{Named: none, Region: "eu-west-3"}, "sts", Destination{}, "https://sts.eu-west-3.amazonaws.com"},
		{&Endpoints{Named: none, Region: "eu-west-3"}, "sso", Destination{}, "https://portal.sso.eu-west-3.amazonaws.com"},
		{&Endpoints{Named: named}, "s3", Destination{Service: "s3", Region: "eu-west-1"}, "http://localhost:9000/base"},
		{&Endpoints{Named: named}, "sts", Destination{Service: "sts", Region: "eu-west-1"}, "https://sts.eu-west-1.amazonaws.com"},
		{&Endpoints{Named: none}, "s3", Destination{Service: "s3", Region: "evil.example/"}, `"evil.example/" is no Region`},
		{&Endpoints{Named: none}, "s3", Destination{Service: "s3express", Region: "eu-west-1"}, `a request to the service "s3express", which came to the proxy for s3, cannot be signed anew`},
	} {
		u, err := test.e.Upstream(test.service)(test.d)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = u.String()
		}
		if got != test.want {
			t.Errorf("%s %+v: %s, want %s", test.service, test.d, got, test.want)
		}
		if strings.Contains(got, "anew") && !errors.Is(err, ErrForward) {
			t.Errorf("%v is no ErrForward", err)
		}
	}
}

// tripper answers as S3 does to a stranger's HeadBucket.
type tripper struct {
	region string
	asked  []string
}

func (r *tripper) RoundTrip(q *http.Request) (*http.Response, error) {
	r.asked = append(r.asked, q.Method+" "+q.URL.String())
	if r.region == "" {
		return nil, errors.New("offline")
	}
	return &http.Response{StatusCode: 403, Header: http.Header{"X-Amz-Bucket-Region": {r.region}}, Body: http.NoBody}, nil
}

// An unsigned request says no Region: it goes to that of its bucket, which is asked for
// once.
func TestUpstreamOfAnonymous(t *testing.T) {
	r := &tripper{region: "ap-south-1"}
	e := Endpoints{Named: func(_, _ string) string { return "" }, Region: "eu-west-1", Transport: r}
	for range 3 {
		if u, err := e.Upstream("s3")(Destination{Bucket: "b"}); err != nil || u.Host != "s3.ap-south-1.amazonaws.com" {
			t.Errorf("%v, %v", u, err)
		}
	}
	if len(r.asked) != 1 || r.asked[0] != "HEAD https://s3.eu-west-1.amazonaws.com/b" {
		t.Errorf("asked %v", r.asked)
	}
	for _, region := range []string{"", "evil.example"} {
		e := Endpoints{Named: e.Named, Region: "eu-west-1", Transport: &tripper{region: region}}
		if u, err := e.Upstream("s3")(Destination{Bucket: "b"}); err != nil || u.Host != "s3.eu-west-1.amazonaws.com" {
			t.Errorf("%v, %v", u, err)
		}
	}
}

// Answers that refuse behind a status of success are told of; others are not kept.
func TestHiddenRefusals(t *testing.T) {
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code></Error></DeleteResult>`))
	}, func(t *testing.T, s *stand) {
		for text, want := range map[string]int{
			"POST /b?delete HTTP/1.1\nHost: $HOST\nContent-Length: 0\n\n":                   1,
			"POST /b/k?uploadId=1 HTTP/1.1\nHost: $HOST\nContent-Length: 0\n\n":             1,
			"PUT /b/k HTTP/1.1\nHost: $HOST\nContent-Length: 0\nX-Amz-Copy-Source: a/b\n\n": 1,
			"GET /b/k HTTP/1.1\nHost: $HOST\n\n":                                            0,
			"PUT /b/k HTTP/1.1\nHost: $HOST\nContent-Length: 0\n\n":                         0,
		} {
			s.mu.Lock()
			s.refused, s.passed = nil, 0
			s.mu.Unlock()
			c := s.dial()
			res := s.ask(c, text, "GET")
			s.until(func() bool { return len(s.refused)+s.passed > 0 }) // which is after the answer
			if got := s.told(); len(got) != want || res.StatusCode != 200 {
				t.Errorf("%q: told %v", text, got)
			}
		}
	})
}

// What is told of a request is read from its host by either way, in any partition and
// before a configured endpoint.
func TestTargets(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer origin.Close()
	s := byMITM(t, origin)
	s.forward.Hosts = NewHosts("http://store.example:9000")
	for host, want := range map[string]string{
		"b.s3.eu-west-1.amazonaws.com": "s3 b k", "s3.amazonaws.com": "s3 k ", "b.s3.cn-north-1.amazonaws.com.cn": "s3 b k", "b.s3.us-iso-east-1.c2s.ic.gov": "s3 b k",
		"b.store.example:9000": "s3 b k", "store.example": "s3 k ", "sts.eu-west-1.amazonaws.com": "sts k ", "kms.eu-west-1.amazonaws.com": "kms k ",
	} {
		s.refused = nil
		s.ask(dial(t, s.address), "GET http://"+host+"/k HTTP/1.1\nHost: "+host+"\nProxy-Authorization: "+basic("why403", s.forward.secret)+"\n\n", "GET")
		s.until(func() bool { return len(s.refused) > 0 }) // which is after the answer
		if f := s.refused[0]; f.Service+" "+f.Target.Bucket+" "+f.Target.Key != want || f.Upstream != host {
			t.Errorf("%s: %s %q %q of %s, want %q", host, f.Service, f.Target.Bucket, f.Target.Key, f.Upstream, want)
		}
	}
}
