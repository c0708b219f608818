package why403_test

import (
	"fmt"
	"log"

	"github.com/why403/why403"
	"github.com/why403/why403/estate"
)

func Example() {
	parsed, err := estate.Parse("estate.yaml", []byte(`
version: 1
accounts:
  "111122223333":
    users:
      alice:
        inline:
          reports:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports"}
    buckets:
      reports: {}
`))
	if err != nil {
		log.Fatal(err)
	}
	d, err := why403.Over(parsed).Explain(&why403.Request{
		Principal: "arn:aws:iam::111122223333:user/alice",
		Operation: "GetObject", Bucket: "reports", Key: "2026/q1.csv",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Verdict, d.Status, d.Code)
	fmt.Println(d.Cause.Gate, d.Cause.Kind)
	fmt.Println(d.Cause.NearMisses[0].Reason)
	fmt.Println(d.Cause.NearMisses[0].Summary)
	// Output:
	// denied 403 AccessDenied
	// identity implicit-deny
	// object-action-on-bucket-arn
	// its resource is the bucket, arn:aws:s3:::reports; s3:GetObject acts on objects, and needs arn:aws:s3:::reports/*
}
