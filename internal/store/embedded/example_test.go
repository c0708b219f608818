package embedded_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
)

// A bucket comes into being together with its document; then objects go in and out.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	ctx := context.Background()
	err = s.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.CreateBucket("reports"); err != nil {
			return err
		}
		ref := store.Ref{Kind: "bucket", Account: "111122223333", Name: "reports"}
		return tx.PutDocument(ref, []byte(`{"region":"us-east-1"}`))
	})
	if err != nil {
		log.Fatal(err)
	}
	meta := store.ObjectMeta{Bucket: "reports", Key: "2026/q1.csv"}
	if _, err := s.Put(ctx, meta, strings.NewReader("month,sum\n")); err != nil {
		log.Fatal(err)
	}
	object, body, err := s.Get(ctx, "reports", "2026/q1.csv", "")
	if err != nil {
		log.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s is %d bytes: %q\n", object.Key, object.Size, text)
	// Output: 2026/q1.csv is 10 bytes: "month,sum\n"
}
