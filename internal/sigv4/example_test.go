package sigv4_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

func ExampleVerifier_Verify() {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	alice := sigv4.Credential{AccessKeyID: "AKIAEXAMPLE0000ALICE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	v := &sigv4.Verifier{Keys: sigv4.KeyMap{alice.AccessKeyID: alice}, Now: func() time.Time { return now }}

	// A secret pasted with its newline is the most common mistake.
	pasted := alice
	pasted.Secret += "\n"
	r, _ := http.NewRequest("GET", "https://reports.s3.amazonaws.com/2026/q1.csv", nil)
	sigv4.Signer{Credential: pasted, Region: "us-east-1"}.Sign(r, now, sigv4.EmptyPayload)

	if _, err := v.Verify(r); err != nil {
		fmt.Println(err.Status, err.Code, err.Gate, err.Reason)
		fmt.Println(err.Hint())
	}
	// Output:
	// 403 SignatureDoesNotMatch signature signature-mismatch
	// the signer's secret access key ends in a newline
}
