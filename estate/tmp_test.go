package estate_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
)

func TestTmpScale(t *testing.T) {
	for _, n := range []int{250, 500, 1000} {
		e, err := estate.Parse("estate.json", inlineEstate(n))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		start := time.Now()
		e.Encode(&b)
		enc := time.Since(start)
		start = time.Now()
		_, err = estate.Parse("estate.yaml", b.Bytes())
		fmt.Println(n, b.Len(), "encode", enc, "parse yaml", time.Since(start), err)
	}
	var b bytes.Buffer
	b.WriteString(`{"version":1,"accounts":{"111122223333":{"buckets":{"b":{"objects":{`)
	for i := range 200000 {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `"data/%d.csv":{"storageClass":"GLACIER","owner":"111122223333"}`, i)
	}
	b.WriteString(`}}}}}}`)
	start := time.Now()
	_, err := estate.Parse("estate.json", b.Bytes())
	fmt.Println("200000 objects", time.Since(start), err)
}

func TestTmpDeep(t *testing.T) {
	what := os.Getenv("DEEP")
	if what == "" {
		t.Skip()
	}
	for _, n := range []int{1000, 10000, 100000, 1000000} {
		start := time.Now()
		_, err := estate.Parse("estate.yaml", []byte(what[:0]+strings.Repeat(what, n)))
		s := fmt.Sprint(err)
		fmt.Println(n, time.Since(start), s[:min(len(s), 100)])
		if time.Since(start) > 10*time.Second {
			break
		}
	}
}
