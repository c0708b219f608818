package replay

import (
	"os"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
)

func BenchmarkReplayDir(b *testing.B) {
	before, _ := estate.Load(benchEstate)
	after, _ := estate.Load(benchEstate)
	after, err := Apply(after, "bucket-policy:lake-raw=../../bench/logspeed/change.json")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, err := (&Replay{Before: before, After: after, Sources: &ingest.Sources{Paths: []string{os.Getenv("DIR")}}, Tally: &ingest.Tally{}}).Run(b.Context())
		if err != nil {
			b.Fatal(err)
		}
	}
}
