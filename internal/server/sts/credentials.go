package sts

import (
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// newSession returns a session of the caller's account with credentials that
// nothing ever had.
func newSession(c *awsapi.Call, duration time.Duration) *world.Session {
	now := c.Now().Truncate(time.Second)
	random := make([]byte, 30+180)
	rand.Read(random) // never fails
	return &world.Session{
		AccessKeyID: world.NewID("ASIA"), Secret: base64.StdEncoding.EncodeToString(random[:30]), Token: base64.StdEncoding.EncodeToString(random[30:]),
		Issued: now, Expires: now.Add(duration), Account: c.AccountID(), Tags: map[string]string{},
	}
}

// credentials keeps a session, and returns what its holder gets.
func credentials(c *awsapi.Call, s *world.Session) (*types.Credentials, error) {
	if err := c.World().AddSession(c.Context(), s); err != nil {
		return nil, err
	}
	return &types.Credentials{AccessKeyId: aws.String(s.AccessKeyID), SecretAccessKey: aws.String(s.Secret), SessionToken: aws.String(s.Token), Expiration: aws.Time(s.Expires)}, nil
}

func seconds(n *int32, otherwise int32) time.Duration {
	if n != nil {
		otherwise = *n
	}
	return time.Duration(otherwise) * time.Second
}
