package server

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/s3"
)

//go:generate go test . -run TestCompatibilityPage -update

const compatibilityHead = `# What the endpoint does

Generated from the tables that route requests; do not edit (go generate ./internal/server).

Every operation is authenticated and decided by all gates. What is not implemented
is then answered as Amazon S3 answers: 501 NotImplemented to callers who may, 403
to those who may not.

## Addresses

| what | host, with the endpoint at localhost:4033 |
|---|---|
| a bucket, path style | localhost:4033/BUCKET/KEY |
| a bucket, virtual-hosted | BUCKET.localhost:4033, BUCKET.s3.REGION.amazonaws.com |
| an access point | NAME-ACCOUNT.localhost:4033, NAME-ACCOUNT.s3-accesspoint.REGION.amazonaws.com, or its alias in a bucket's place |
| a website | BUCKET.s3-website.localhost:4033, BUCKET.s3-website-REGION.amazonaws.com |
| S3 Control | any; clients make it ACCOUNT.localhost:4033 |
| through a VPC endpoint | vpce-ID.localhost:4033, BUCKET.vpce-ID.localhost:4033 |

The AWS CLI and the SDKs put bucket, access point and account before the host of the
endpoint that they are given. Where names below localhost do not resolve, the endpoint
serves as an HTTP proxy to itself, and to nothing else:

` + "```sh\nexport AWS_ENDPOINT_URL=http://localhost:4033 HTTP_PROXY=http://127.0.0.1:4033 NO_PROXY=\naws s3control list-access-points --account-id 111122223333\n```\n"

const compatibilityChecks = `
## Checked against

What others wrote and tests of this repository run (go test):

| what | count | in |
|---|---|---|
| AWS's Signature Version 4 test suite, as @aws-sdk/signature-v4 3.0.0 has it: the requests whose path needs no encoding, signed in headers | 23 requests | internal/sigv4/testdata/awssuite |
| requests and forms that botocore 1.43.11 signed | 96: 50 by headers, 28 presigned, 16 by Signature Version 2, 2 forms | internal/sigv4/testdata/botocore.json |
| botocore's models: names on the wire, required members, constraints, errors | 6 services | internal/server/awsapi/model |
| the AWS CLI, boto3, the AWS SDKs for Go and JavaScript, rclone, s3cmd, s3fs | scripted sessions | internal/server/clienttest |

Suites that others wrote for a running server are not run here. They were read, and what they
ask was tried with scripts of our own that are not kept; what differed became tests of this
repository (internal/server/observed_test.go above all):

| what | read | tried |
|---|---|---|
| localstack/localstack, tests/aws/services/s3: what S3 was recorded to answer from 2023 to November 2025 | all but what went to Lambda functions; events are not delivered here | about 850 behaviours |
| ceph/s3-tests, functional tests of S3 | in part, of several years' editions | about 1190 behaviours |
| versity/versitygw, tests/integration: forms, bucket policies, copies, uploads, ranges, websites | 9 of some 60 files, in whole or in part | about 420 behaviours |
| ceph/s3-tests, IAM by accounts and their root users | all | |
| localstack/localstack, what IAM, STS and KMS were recorded to answer in 2026 | in part | |

The known differences:

- Expect with another value than 100-continue is 417 Expectation Failed; S3 ignores it.
- A GET of the service without a signature is 403 AccessDenied; S3 redirects browsers.
- The queues, topics and functions of notifications are not looked for; S3 refuses those that it cannot reach.
- Buckets begin as those of S3 do today: ACLs disabled, Block Public Access on, SSE-C blocked. Owners have no
  DisplayName. Suites of before 2023, 2025 and 2026 expect otherwise, and have to ask for what they expect.
`

// WriteCompatibility writes which operations of each service the endpoint does.
func (s *Server) WriteCompatibility(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString(compatibilityHead)
	part := ""
	for _, op := range s3.Supported() {
		if title := titleOf(op.Spec); title != part {
			part = title
			fmt.Fprintf(b, "\n## %s\n\n| Operation | Request | State | |\n|---|---|---|---|\n", part)
		}
		fmt.Fprintf(b, "| [%s](%s) | `%s` | %s | %s |\n", op.Spec.Name, op.Spec.Doc, op.Spec.RequestLine(), state(op.Done), op.Note)
	}
	for _, name := range slices.Sorted(maps.Keys(s.services)) {
		listed, ok := s.services[name].(interface{ Supported() []awsapi.Support })
		if !ok {
			continue
		}
		var done, other []string
		for _, op := range listed.Supported() {
			if op.Done {
				done = append(done, op.Name)
			} else {
				other = append(other, op.Name)
			}
		}
		fmt.Fprintf(b, "\n## %s\n\n%d of %d operations: %s.\n\nNot implemented: %s.\n", name, len(done), len(done)+len(other), strings.Join(done, ", "), orNone(strings.Join(other, ", ")))
	}
	b.WriteString(compatibilityChecks)
	return b.Flush()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func state(done bool) string {
	if done {
		return "yes"
	}
	return "501"
}

func titleOf(spec *s3op.Spec) string {
	return map[s3op.Scope]string{s3op.Service: "Amazon S3: the service", s3op.Bucket: "Amazon S3: buckets", s3op.Object: "Amazon S3: objects", s3op.Account: "Amazon S3 Control"}[spec.Scope]
}
