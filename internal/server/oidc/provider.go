package oidc

import (
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/world"
)

// A Provider is an OpenID Connect provider that an account trusts.
type Provider struct {
	URL         string            `json:"url"` // as it was given
	ClientIDs   []string          `json:"clientIds,omitempty"`
	Thumbprints []string          `json:"thumbprints,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Created     time.Time         `json:"created,omitzero"`
}

// Providers are the providers of an account by issuer.
var Providers = world.NewKind[Provider]("oidc-provider")

// ARN returns a provider's ARN.
func ARN(partition string, account iam.AccountID, issuer string) string {
	return "arn:" + partition + ":iam::" + string(account) + ":oidc-provider/" + issuer
}
