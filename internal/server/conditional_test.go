package server

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// race has n requests made at once, and counts the answers.
func (g *rig) race(n int, send func(i int) answer) map[string]int {
	g.t.Helper()
	var made sync.WaitGroup
	var mu sync.Mutex
	start, got := make(chan struct{}), map[string]int{}
	for i := range n {
		made.Go(func() {
			<-start
			a := send(i)
			mu.Lock()
			defer mu.Unlock()
			got[strings.TrimSpace(fmt.Sprint(a.StatusCode, " ", a.code()))]++
		})
	}
	close(start)
	made.Wait()
	return got
}

// Of any number of conditional writes at once one succeeds: "How to prevent object
// overwrites with conditional writes".
func TestOneConditionalWriteWins(t *testing.T) {
	const writers = 50
	g := newRig(t, nil)
	for _, bucket := range []string{"/reports", "/versioned"} {
		wins := func(what string, send func(i int) answer) {
			t.Helper()
			if got := g.race(writers, send); got["200"] != 1 || got["412 PreconditionFailed"] != writers-1 {
				t.Errorf("%s in %s: %v", what, bucket, got)
			}
		}
		wins("PutObject if there is none", func(i int) answer { return g.do(admin, "PUT", bucket+"/k1", fmt.Sprint(i), "If-None-Match", "*") })
		etag := g.do(admin, "HEAD", bucket+"/k1", "").Header.Get("ETag")
		wins("PutObject over one", func(i int) answer { return g.do(admin, "PUT", bucket+"/k1", fmt.Sprint("new ", i), "If-Match", etag) })
		wins("CopyObject", func(int) answer {
			return g.do(admin, "PUT", bucket+"/k2", "", "X-Amz-Copy-Source", bucket+"/k1", "If-None-Match", "*")
		})
		complete := make([]func() answer, writers)
		for i := range complete {
			a := g.want(g.do(admin, "POST", bucket+"/k3?uploads", ""), 200, "")
			_, id, _ := strings.Cut(a.body, "<UploadId>")
			id, _, _ = strings.Cut(id, "<")
			tag := g.want(g.do(admin, "PUT", bucket+"/k3?partNumber=1&uploadId="+id, fmt.Sprint(i)), 200, "").Header.Get("ETag")
			complete[i] = func() answer {
				return g.do(admin, "POST", bucket+"/k3?uploadId="+id, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"+tag+"</ETag></Part></CompleteMultipartUpload>", "If-None-Match", "*")
			}
		}
		wins("CompleteMultipartUpload", func(i int) answer { return complete[i]() })
	}
}
