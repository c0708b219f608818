package server

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/why403/why403/internal/sigv4"
)

// Reads, writes and changes of settings at once: every answer is one that some
// order of them gives.
func TestConcurrency(t *testing.T) {
	g := newRig(t, nil)
	const deny = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:user/reader"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]}`
	g.want(g.do(admin, "PUT", "/reports/k", "one"), 200, "")
	var wg sync.WaitGroup
	work := func(who sigv4.Credential, method, target, body string, fine ...int) {
		wg.Go(func() {
			for i := range 15 {
				a := g.do(who, method, target, strings.ReplaceAll(body, "#", strconv.Itoa(i)))
				ok := false
				for _, status := range fine {
					ok = ok || a.StatusCode == status
				}
				if !ok {
					t.Errorf("%s %s: %d %s", method, target, a.StatusCode, a.body)
				}
			}
		})
	}
	work(reader, "GET", "/reports/k", "", 200, 403)
	work(admin, "PUT", "/reports/k", "body #", 200)
	work(admin, "PUT", "/reports?policy", deny, 204)
	work(admin, "DELETE", "/reports?policy", "", 204)
	work(admin, "PUT", "/reports/k?tagging", "<Tagging><TagSet><Tag><Key>n</Key><Value>#</Value></Tag></TagSet></Tagging>", 200)
	work(admin, "PUT", "/another-bucket", "", 200)
	work(admin, "DELETE", "/another-bucket", "", 204, 404)
	work(admin, "GET", "/", "", 200)
	wg.Wait()
}
