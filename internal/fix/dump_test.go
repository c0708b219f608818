package fix

import (
	"fmt"
	"os"
	"testing"

	"github.com/why403/why403/iam"
)

func TestDump(t *testing.T) {
	want := os.Getenv("DUMP")
	if want == "" {
		t.Skip()
	}
	seen := map[string]int{}
	for _, c := range corpus(t) {
		f := New(c.estate, corpusTime)
		for i, r := range c.requests {
			s, err := decided(f.gatherer, f.estate, r, f.now)
			if err != nil || s.verdict() != iam.Denied {
				continue
			}
			k := string(s.decision.Refusals[0].Reason)
			seen[k]++
			if want != "all" && want != c.name && want != k || seen[k] > 4 {
				continue
			}
			plans, _ := f.Plans(r, 0)
			fmt.Printf("== %s#%d %s %s %s/%s: %s\n", c.name, i, r.Principal, r.Operation+r.Action, r.Bucket, r.Key, k)
			for _, p := range plans {
				fmt.Printf("   plan verified=%v widens %v\n", p.Verified, p.Widens)
				for _, st := range p.steps {
					fmt.Printf("      [%d] %s\n", st.cost, st.title)
					fmt.Print("            " + changeKey(st.estate) + changeKey(st.request))
				}
			}
		}
	}
}
