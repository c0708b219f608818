// Package why403 decides Amazon S3 requests exactly as AWS does, names the gate
// and the statement that refuse, and explains why.
//
//	e, err := why403.Load("estate.yaml")
//	…
//	d, err := e.Explain(&why403.Request{
//		Principal: "arn:aws:iam::111122223333:user/alice",
//		Operation: "GetObject", Bucket: "my-bucket", Key: "data/report.csv",
//	})
//	fmt.Println(d.Verdict, d.Cause.Gate, d.Cause.Summary)
//
// An estate is all that decides a request: organizations, accounts, identities,
// buckets, keys, VPC endpoints, access points. Its file format, that of requests
// and that of decisions are the project's contract; `why403 schema` prints the
// estate's.
//
// A verdict is allowed, denied or unknown. It is unknown only where something
// that could not be read or was not stated could change it.
package why403
