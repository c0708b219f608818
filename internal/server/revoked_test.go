package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/why403/why403/internal/sigv4"
)

// Who keeps a request open while its permission is taken away does not keep it.
func TestRevokedWhileTheBodyComes(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	who := g.limited("slow", `{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}`)
	const body = "Action=ListUsers&Version=2010-05-08"
	begin := func() (finish func() int) {
		r := g.request("POST", "/", body, "Content-Type", "application/x-www-form-urlencoded")
		sigv4.Signer{Credential: who, Region: "us-east-1", Service: "iam"}.Sign(r, g.now(), hashOf(body))
		c, err := net.Dial("tcp", g.http.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", r.URL.Host, len(body))
		if err := r.Header.Write(c); err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "\r\n"+body[:10])
		return func() int {
			io.WriteString(c, body[10:])
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			return res.StatusCode
		}
	}
	if status := begin()(); status != 200 {
		t.Fatalf("got %d", status)
	}
	finish := begin()
	time.Sleep(100 * time.Millisecond) // the header is read
	_, err := iam.NewFromConfig(g.aws(root)).DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("slow"), PolicyName: aws.String("own")})
	g.wantCode("DeleteUserPolicy", err, "", "")
	if status := finish(); status != 403 {
		t.Errorf("got %d", status)
	}
}
