package iam

import (
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/oidc"
	"github.com/why403/why403/internal/server/world"
)

const (
	maxProviders   = 100
	maxClients     = 100
	maxThumbprints = 5
)

func providerARN(c *awsapi.Call, issuer string) string {
	return oidc.ARN(c.Partition(), c.AccountID(), oidc.Issuer(issuer))
}

// issuerOf is the issuer that an ARN of the caller's account names.
func issuerOf(c *awsapi.Call, arn string) string {
	issuer, ok := strings.CutPrefix(arn, providerARN(c, ""))
	if !ok {
		return ""
	}
	return issuer
}

func noProvider(c *awsapi.Call, arn string) error {
	return c.Errorf("NoSuchEntity", "OpenIDConnect Provider not found for arn %s", arn)
}

func createOpenIDConnectProvider(c *awsapi.Call, in *sdk.CreateOpenIDConnectProviderInput) (*sdk.CreateOpenIDConnectProviderOutput, error) {
	if err := checkIssuer(c, *in.Url); err != nil {
		return nil, err
	}
	var err error
	p := oidc.Provider{URL: *in.Url, ClientIDs: in.ClientIDList, Thumbprints: in.ThumbprintList, Created: c.Now()}
	if p.Tags, err = exact.add(c, nil, in.Tags); err != nil {
		return nil, err
	}
	if err := checkProvider(c, &p); err != nil {
		return nil, err
	}
	issuer := oidc.Issuer(*in.Url)
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, ok := oidc.Providers.Get(ch, c.AccountID(), issuer); ok {
			return c.Errorf("EntityAlreadyExists", "Provider with url %s already exists.", *in.Url)
		}
		n := 0
		for range oidc.Providers.All(ch, c.AccountID()) {
			n++
		}
		if n >= maxProviders {
			return quota(c, "OpenIdConnectProvidersPerAccount", maxProviders)
		}
		oidc.Providers.Put(ch, c.AccountID(), issuer, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &sdk.CreateOpenIDConnectProviderOutput{OpenIDConnectProviderArn: aws.String(providerARN(c, issuer))}
	if len(p.Tags) > 0 {
		out.Tags = tagList(p.Tags)
	}
	return out, nil
}

// checkIssuer refuses URLs that are not those of an issuer. A port AWS refuses as
// well; here it is let pass, for issuers on this machine.
func checkIssuer(c *awsapi.Call, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "":
		return c.Errorf("ValidationError", "Invalid Open ID Connect Provider URL")
	case u.Scheme != "https":
		return c.Errorf("InvalidInput", "Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsFunc(u.Hostname(), notOfHost):
		return c.Errorf("InvalidInput", "Invalid Open ID Connect Provider URL.")
	}
	return nil
}

func notOfHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != ':'
}

func checkProvider(c *awsapi.Call, p *oidc.Provider) error {
	switch {
	case len(p.ClientIDs) > maxClients:
		return quota(c, "ClientIdsPerOpenIdConnectProvider", maxClients)
	case len(p.Thumbprints) > maxThumbprints:
		return c.Errorf("InvalidInput", "Thumbprint list must contain fewer than 5 entries.")
	}
	for i, t := range p.Thumbprints {
		p.Thumbprints[i] = strings.ToLower(t)
	}
	return nil
}

// getProvider returns the provider that an input names.
func getProvider(c *awsapi.Call, in any) (oidc.Provider, error) {
	arn := text(in, "OpenIDConnectProviderArn")
	p, ok := oidc.Providers.Get(c.World(), c.AccountID(), issuerOf(c, arn))
	if !ok {
		return p, noProvider(c, arn)
	}
	return p, nil
}

func getOpenIDConnectProvider(c *awsapi.Call, in *sdk.GetOpenIDConnectProviderInput) (*sdk.GetOpenIDConnectProviderOutput, error) {
	p, err := getProvider(c, in)
	if err != nil {
		return nil, err
	}
	list := func(s []string) []string { return append([]string{}, s...) }
	return &sdk.GetOpenIDConnectProviderOutput{
		Url: aws.String(oidc.Issuer(p.URL)), ClientIDList: list(p.ClientIDs), ThumbprintList: list(p.Thumbprints), CreateDate: date(p.Created), Tags: tagList(p.Tags),
	}, nil
}

func listOpenIDConnectProviders(c *awsapi.Call, _ *sdk.ListOpenIDConnectProvidersInput) (*sdk.ListOpenIDConnectProvidersOutput, error) {
	out := &sdk.ListOpenIDConnectProvidersOutput{OpenIDConnectProviderList: []types.OpenIDConnectProviderListEntry{}}
	for issuer := range oidc.Providers.All(c.World(), c.AccountID()) {
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, types.OpenIDConnectProviderListEntry{Arn: aws.String(providerARN(c, issuer))})
	}
	return out, nil
}

// changeProvider is an operation that changes the provider that its input names.
func changeProvider[In, Out any](do func(c *awsapi.Call, in *In, p *oidc.Provider) error) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		arn := text(in, "OpenIDConnectProviderArn")
		return new(Out), c.World().Change(c.Context(), func(ch *world.Change) error {
			p, ok := oidc.Providers.Get(ch, c.AccountID(), issuerOf(c, arn))
			if !ok {
				return noProvider(c, arn)
			}
			if err := do(c, in, &p); err != nil {
				return err
			}
			if err := checkProvider(c, &p); err != nil {
				return err
			}
			oidc.Providers.Put(ch, c.AccountID(), issuerOf(c, arn), p)
			return nil
		})
	}
}

func addClientID(_ *awsapi.Call, in *sdk.AddClientIDToOpenIDConnectProviderInput, p *oidc.Provider) error {
	if !slices.Contains(p.ClientIDs, *in.ClientID) {
		p.ClientIDs = append(p.ClientIDs, *in.ClientID)
	}
	return nil
}

func removeClientID(_ *awsapi.Call, in *sdk.RemoveClientIDFromOpenIDConnectProviderInput, p *oidc.Provider) error {
	p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(id string) bool { return id == *in.ClientID })
	return nil
}

func updateThumbprints(_ *awsapi.Call, in *sdk.UpdateOpenIDConnectProviderThumbprintInput, p *oidc.Provider) error {
	p.Thumbprints = in.ThumbprintList
	return nil
}

// tagProvider is TagOpenIDConnectProvider and UntagOpenIDConnectProvider.
func tagProvider[In any](c *awsapi.Call, in *In, p *oidc.Provider) (err error) {
	p.Tags, err = exact.change(c, in, p.Tags)
	return err
}

func listProviderTags(c *awsapi.Call, in *sdk.ListOpenIDConnectProviderTagsInput) (*sdk.ListOpenIDConnectProviderTagsOutput, error) {
	p, err := getProvider(c, in)
	if err != nil {
		return nil, err
	}
	return pageOfTags[sdk.ListOpenIDConnectProviderTagsOutput](c, in, p.Tags)
}

// deleteOpenIDConnectProvider fails where there is none, which the manual denies
// ("This operation is idempotent") and AWS does (observed in 2026).
func deleteOpenIDConnectProvider(c *awsapi.Call, in *sdk.DeleteOpenIDConnectProviderInput) (*sdk.DeleteOpenIDConnectProviderOutput, error) {
	return &sdk.DeleteOpenIDConnectProviderOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		issuer := issuerOf(c, *in.OpenIDConnectProviderArn)
		if _, ok := oidc.Providers.Get(ch, c.AccountID(), issuer); !ok {
			return c.Errorf("NoSuchEntity", "OpenId connect Provider %s cannot be found.", *in.OpenIDConnectProviderArn)
		}
		oidc.Providers.Delete(ch, c.AccountID(), issuer)
		return nil
	})
}
